"""Titles and their files as clients read them."""

from collections.abc import Sequence
from typing import Any

from api.fields import absolute, day, instant
from shared.catalogue.browse import Details, best_first
from shared.colours import DEFAULT_PALETTE
from shared.models import Credit, Episode, Media, MediaFile, Movie, Season, TVShow

Json = dict[str, Any]


def media(row: Media) -> Json:
    return {
        "id": row.id,
        "title": row.title,
        "originalTitle": row.original_title,
        "type": row.type,
        "description": row.description,
        "posterUrl": picture_url(row.poster_image, row.poster_source),
        "backdropUrl": picture_url(row.backdrop_image, row.backdrop_source),
        "meshGradientColors": _colours(row),
        "releaseDate": day(row.release_date),
        "rating": row.rating,
        "genres": row.genres,
        "externalIds": [{"source": known.source, "externalId": known.external_id} for known in row.external_ids],
        "matchStatus": row.match_status,
        "matchScore": row.match_score,
        "matchReason": row.match_detail.get("reason"),
        "createdAt": instant(row.created_at),
        "updatedAt": instant(row.updated_at),
    }


def movie(row: Movie) -> Json:
    files = best_first(row.files)
    seconds = next((file.probe["duration"] for file in files if file.probe.get("duration")), None)
    return {
        "id": row.id,
        "duration": row.duration or (seconds and max(1, round(seconds / 60))),
        "trailerUrl": row.trailer_url,
        **_first(files),
        "mediaId": row.media_id,
        "media": media(row.media),
        "files": [_file(file) for file in files],
        "streamUrl": _playable_url(row.id, files),
    }


def movie_details(details: Details[Movie]) -> Json:
    return movie(details.row) | {"credits": _credits(details.credits)}


def tv_show(row: TVShow) -> Json:
    return {
        "id": row.id,
        "creator": row.creator,
        "network": row.network,
        "mediaId": row.media_id,
        "media": media(row.media),
    }


def tv_show_details(details: Details[TVShow]) -> Json:
    return tv_show(details.row) | {
        "credits": _credits(details.credits),
        "seasons": [_season(season) for season in details.row.seasons],
    }


def _credits(rows: Sequence[Credit]) -> list[Json]:
    return [
        {"personId": row.person_id, "name": row.person.name, "role": row.role, "character": row.character}
        for row in rows
    ]


def _season(row: Season) -> Json:
    return {
        "id": row.id,
        "seasonNumber": row.season_number,
        "name": row.name or ("Specials" if row.season_number == 0 else f"Season {row.season_number}"),
        "overview": row.overview,
        "airDate": day(row.air_date),
        "posterUrl": picture_url(row.poster_image, row.poster_source),
        "tvShowId": row.tv_show_id,
        "episodes": [_episode(episode, row) for episode in row.episodes],
    }


def _episode(row: Episode, season: Season) -> Json:
    files = best_first(row.files)
    return {
        "id": row.id,
        "episodeNumber": row.episode_number,
        "seasonNumber": season.season_number,
        "title": row.title,
        "overview": row.overview,
        "airDate": day(row.air_date),
        "runtime": row.runtime,
        "stillUrl": picture_url(row.still_image, row.still_source),
        **{name: value for name, value in _first(files).items() if name != "fileModifiedAt"},
        "seasonId": row.season_id,
        "streamUrl": _playable_url(row.id, files),
        "files": [_file(file) for file in files],
    }


def _playable_url(playable_id: str, files: Sequence[MediaFile]) -> str | None:
    """Return where a film or an episode is to be streamed from; None while all of its files are missing."""
    return stream_url(playable_id) if any(file.missing_since is None for file in files) else None


def _first(files: Sequence[MediaFile]) -> Json:
    if not files:
        return {"filePath": None, "fileSize": None, "fileModifiedAt": None}
    best = files[0]
    return {"filePath": best.path, "fileSize": str(best.size), "fileModifiedAt": instant(best.modified_at)}


def _file(row: MediaFile) -> Json:
    return {
        "id": row.id,
        "filePath": row.path,
        "fileSize": str(row.size),
        "fileModifiedAt": instant(row.modified_at),
        "edition": row.edition,
        "part": row.part,
        "container": row.probe.get("container"),
        "duration": row.probe.get("duration"),
        "videoCodec": row.probe.get("video_codec"),
        "audioCodec": row.probe.get("audio_codec"),
        "width": row.probe.get("width"),
        "height": row.probe.get("height"),
        "problem": row.probe.get("error"),
        "missingSince": instant(row.missing_since),
        "streamUrl": stream_url(row.id),
    }


def _colours(row: Media) -> list[str]:
    """Return the poster's colours; a default where they aren't known yet or can't be; none while there is no poster."""
    if row.palette:
        return row.palette
    return list(DEFAULT_PALETTE) if row.poster_image or row.poster_failed_at else []


def picture_url(image: str | None, source: str | None) -> str | None:
    """Return where a picture is to be had: from our cache, else from where it comes from; None while it isn't."""
    if image:
        return absolute(f"/api/v1/image/{image}")
    return source if source and source.startswith(("https://", "http://")) else None


def stream_url(playable_id: str) -> str:
    return absolute(f"/api/v1/stream/{playable_id}")
