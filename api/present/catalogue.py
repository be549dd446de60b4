"""Titles and their files as clients read them."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from api.fields import day, instant
from api.guards import signed
from shared.catalogue.details import Details, ShowDetails
from shared.catalogue.playing import best_first
from shared.catalogue.views import CreditView, FileView, MediaView, MovieView, TVShowView
from shared.colours import DEFAULT_PALETTE
from shared.kinds import Source
from shared.models import Episode, Media, MediaFile, Season
from shared.wire import camel

Json = dict[str, Any]
File = FileView | MediaFile


def year(row: Media | MediaView) -> int | None:
    """Return the year that a title is of: as a provider has it, or else as its files' names do."""
    return row.release_date.year if row.release_date else row.guessed_year


def media(row: MediaView) -> Json:
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
        "year": year(row),
        "rating": row.rating,
        "genres": row.genres,
        "certification": row.certification,
        "studios": row.studios,
        "collection": row.collection or None,
        "externalIds": [{"source": known.source, "externalId": known.external_id} for known in row.external_ids],
        "matchStatus": row.match_status,
        "matchScore": row.match_score,
        "matchReason": row.match_detail.get("reason"),
        "matchProvider": row.match_detail.get("provider"),
        "isDoubtful": row.is_doubtful,
        "chosen": row.chosen or None,
        "lockedFields": row.locked_fields,
        "createdAt": instant(row.created_at),
        "updatedAt": instant(row.updated_at),
    }


def match(row: MediaView) -> Json:
    return {
        "score": row.match_score,
        "parts": row.match_detail.get("parts", {}),
        "provider": row.match_detail.get("provider"),
        "candidates": candidates(row),
    }


def candidates(row: Media | MediaView) -> list[Json]:
    # Those that were kept before there was a second provider don't say whose they are.
    return [{"source": Source.TMDB} | known for known in row.match_detail.get("runnersUp", ())]


def movie(row: MovieView) -> Json:
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


def movie_details(details: Details[MovieView]) -> Json:
    shown = movie(details.row)
    return shown | _details(details, shown["media"]) | {"files": _files(details.row.files)}


def tv_show(row: TVShowView) -> Json:
    return {
        "id": row.id,
        "creator": row.creator,
        "network": row.network,
        "mediaId": row.media_id,
        "media": media(row.media),
    }


def tv_show_details(details: ShowDetails) -> Json:
    seasons = [_season(season) for season in details.seasons if season.episodes]
    shown = tv_show(details.row)
    return shown | _details(details, shown["media"]) | {"seasons": seasons}


def _details(details: Details[MovieView] | ShowDetails, shown: Json) -> Json:
    return {
        "media": shown | {"match": match(details.media)},
        "credits": _credits(details.credits),
        "extras": [_extra(file) for file in details.extras],
    }


def _credits(rows: Sequence[CreditView]) -> list[Json]:
    return [{"personId": row.person_id, "name": row.name, "role": row.role, "character": row.character} for row in rows]


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
        "files": _files(row.files),
    }


def _extra(row: File) -> Json:
    return {
        "id": row.id,
        "type": row.extra_type,
        "title": row.guess.get("episodeTitle") or PurePosixPath(row.path).stem,
        "seasonNumber": row.guess.get("season"),
        "filePath": row.path,
        "fileSize": str(row.size),
        "duration": row.probe.get("duration"),
        "streamUrl": stream_url(row.id),
    }


def _playable_url(playable_id: str, files: Sequence[File]) -> str | None:
    """Return where a film or an episode is to be streamed from; None while all of its files are missing."""
    return stream_url(playable_id) if any(file.missing_since is None for file in files) else None


def _first(files: Sequence[File]) -> Json:
    if not files:
        return {"filePath": None, "fileSize": None, "fileModifiedAt": None}
    best = files[0]
    return {"filePath": best.path, "fileSize": str(best.size), "fileModifiedAt": instant(best.modified_at)}


def _files(rows: Sequence[File]) -> list[Json]:
    """Present files as details have them: with what their names say."""
    return [_file(row) | {"guess": guess(row.guess) if row.guess else None} for row in best_first(rows)]


def guess(kept: Json) -> Json:
    """Present what a name says; the fields by which workers tell where each part stood are theirs."""
    return kept | {"sources": {camel(name): source for name, source in kept["sources"].items()}}


def _file(row: File) -> Json:
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
        "threeD": row.guess.get("threeD"),
        "subtitles": [_subtitle(row, position) for position in range(len(row.subtitles))],
        "problem": row.probe.get("error"),
        "missingSince": instant(row.missing_since),
        "streamUrl": stream_url(row.id),
    }


def _subtitle(row: File, position: int) -> Json:
    kept = row.subtitles[position]
    shown = {name: kept[name] for name in ("language", "title", "format", "forced", "hearingImpaired", "default")}
    return shown | {"url": signed(f"/api/v1/stream/{row.id}/subtitles/{position}")}


def _colours(row: MediaView) -> list[str]:
    """Return the poster's colours; a default where they aren't known yet or can't be; none while there is no poster."""
    if row.palette:
        return row.palette
    return list(DEFAULT_PALETTE) if row.poster_image or row.poster_failed_at else []


def picture_url(image: str | None, source: str | None) -> str | None:
    """Return where a picture is to be had: from our cache, else from where it comes from; None while it isn't."""
    if image:
        return signed(f"/api/v1/image/{image}")
    return source if source and source.startswith(("https://", "http://")) else None


def stream_url(playable_id: str) -> str:
    return signed(f"/api/v1/stream/{playable_id}")
