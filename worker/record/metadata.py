"""Record what the providers said of a title; titles that turn out to be the same become one."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.catalogue.normal import normalised
from shared.dialects import insert_new
from shared.kinds import MatchStatus, MediaType
from shared.models import (
    Episode,
    ExternalId,
    LibraryMedia,
    Media,
    MediaFile,
    MediaGenre,
    MediaName,
    Movie,
    Season,
    TVShow,
    episode_files,
)
from shared.models.base import now
from worker.providers.base import EpisodeMetadata, Metadata, Problem, SeasonMetadata
from worker.record import credits as record_credits
from worker.record.files import add_episodes
from worker.record.search import index_episodes, index_titles


def identified(session: Session, media_id: str, metadata: Metadata) -> str:
    """Record an answer, and return the title's id: another one when the answer says that we knew the title already.

    1. The provider's ids say whose title it is; when it is another one's, this title's files go there.
    2. The answer fills the title, its credits, and the seasons and episodes of which there are files.
    """
    media = session.get_one(Media, media_id)
    owner_id = _owner(session, media, metadata)
    if owner_id != media_id:
        _merge(session, media, owner_id)
        media = session.get_one(Media, owner_id)
    _fill(media, metadata)
    _index_genres(session, media)
    index_titles(session, [media.id])
    record_credits.record(session, media.id, metadata.credits)
    if media.type == MediaType.MOVIE:
        session.execute(
            update(Movie)
            .where(Movie.media_id == media.id)
            .values(duration=metadata.duration, trailer_url=metadata.trailer_url)
        )
    else:
        session.execute(
            update(TVShow).where(TVShow.media_id == media.id).values(creator=metadata.creator, network=metadata.network)
        )
        _fill_seasons(session, media.id, metadata)
    session.flush()
    return media.id


def unidentified(session: Session, media_id: str, reason: Problem) -> None:
    """Record that nobody knew the title, and why; it stays browsable under the name that its files have."""
    session.execute(
        update(Media)
        .where(Media.id == media_id, Media.match_status != MatchStatus.MATCHED)
        .values(
            match_status=MatchStatus.UNMATCHED,
            match_score=None,
            match_detail={"cause": reason.cause, "reason": reason.message},
            fetched_at=now(),
        )
    )


def _owner(session: Session, media: Media, metadata: Metadata) -> str:
    """Claim the answer's ids for this title; the first that another title has makes that one the owner."""
    for source, external_id in sorted(metadata.ids.items()):
        row = {"type": media.type, "source": source, "external_id": external_id}
        insert_new(session, ExternalId, [row | {"media_id": media.id}])
        owner = session.scalar(select(ExternalId.media_id).filter_by(**row))
        if owner is not None and owner != media.id:
            return owner
    return media.id


def _fill(media: Media, metadata: Metadata) -> None:
    media.title = metadata.title or media.guessed_title
    media.original_title = metadata.original_title
    media.search_title = normalised(f"{media.title} {media.original_title or ''}")
    media.description = metadata.description
    media.release_date = metadata.release_date
    media.rating = metadata.rating
    media.genres = list(metadata.genres)
    if metadata.poster != media.poster_source:
        media.poster_source, media.poster_image, media.palette, media.poster_failed_at = metadata.poster, None, [], None
    if metadata.backdrop != media.backdrop_source:
        media.backdrop_source, media.backdrop_image = metadata.backdrop, None
    known = metadata.title is not None
    media.match_status = MatchStatus.MATCHED if known else MatchStatus.UNMATCHED
    media.match_score = metadata.match.score if known else None
    media.match_detail = _detail(metadata)
    media.fetched_at = now()


def _index_genres(session: Session, media: Media) -> None:
    session.execute(delete(MediaGenre).where(MediaGenre.media_id == media.id))
    genres = sorted({normalised(genre) for genre in media.genres})
    insert_new(session, MediaGenre, [{"media_id": media.id, "genre": genre} for genre in genres])


def _detail(metadata: Metadata) -> dict[str, Any]:
    return {
        "provider": metadata.provider,
        "parts": dict(metadata.match.parts),
        "runnersUp": [dict(runner_up) for runner_up in metadata.match.runners_up],
    }


def _fill_seasons(session: Session, media_id: str, metadata: Metadata) -> None:
    seasons = {
        season.season_number: season
        for season in session.scalars(select(Season).join(TVShow).where(TVShow.media_id == media_id))
    }
    for answer in metadata.seasons:
        if season := seasons.get(answer.number):
            _fill_season(season, answer)
    by_number = {
        (season_number, episode.episode_number): episode
        for season_number, episode in session.execute(
            select(Season.season_number, Episode)
            .join(Season, Episode.season_id == Season.id)
            .where(Season.id.in_([season.id for season in seasons.values()]))
        )
    }
    for told in metadata.episodes:
        if episode := by_number.get((told.season, told.episode)):
            _fill_episode(episode, told)
    index_episodes(session, [episode.id for episode in by_number.values()])


def _fill_season(season: Season, answer: SeasonMetadata) -> None:
    season.name, season.overview, season.air_date = answer.name, answer.overview, answer.air_date
    if answer.poster != season.poster_source:
        season.poster_source, season.poster_image = answer.poster, None


def _fill_episode(episode: Episode, answer: EpisodeMetadata) -> None:
    episode.title = answer.title or episode.title
    episode.overview, episode.air_date, episode.runtime = answer.overview, answer.air_date, answer.runtime
    if answer.still != episode.still_source:
        episode.still_source, episode.still_image = answer.still, None


def _merge(session: Session, media: Media, owner_id: str) -> None:
    """Give everything that a title has to its other self, and remove it."""
    if media.type == MediaType.MOVIE:
        ours, theirs = (
            session.scalars(select(Movie.id).where(Movie.media_id == media_id)).one()
            for media_id in (media.id, owner_id)
        )
        session.execute(update(MediaFile).where(MediaFile.movie_id == ours).values(movie_id=theirs))
    else:
        _merge_episodes(session, media.id, owner_id)
    libraries = session.scalars(select(LibraryMedia.library_id).where(LibraryMedia.media_id == media.id)).all()
    insert_new(session, LibraryMedia, [{"library_id": library, "media_id": owner_id} for library in libraries])
    for table in (MediaName, ExternalId):
        session.execute(update(table).where(table.media_id == media.id).values(media_id=owner_id))
    session.flush()
    session.expunge(media)
    session.execute(delete(Media).where(Media.id == media.id).execution_options(synchronize_session=False))


def _merge_episodes(session: Session, media_id: str, owner_id: str) -> None:
    theirs = session.scalars(select(TVShow.id).where(TVShow.media_id == owner_id)).one()
    held = session.execute(
        select(Season.season_number, Episode.episode_number, Episode.title, episode_files.c.file_id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .join(TVShow, TVShow.id == Season.tv_show_id)
        .where(TVShow.media_id == media_id)
    ).all()
    ids = add_episodes(session, {(theirs, season, number): title for season, number, title, _ in held})
    insert_new(
        session,
        episode_files,
        [{"episode_id": ids[theirs, season, number], "file_id": file_id} for season, number, _, file_id in held],
    )
