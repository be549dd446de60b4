"""What goes with its last file: episodes, seasons, titles, and that a library holds a title."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, exists, select, tuple_
from sqlalchemy.orm import Session

from shared.models import (
    Enrichment,
    Episode,
    LibraryMedia,
    Media,
    MediaFile,
    Movie,
    Season,
    TVShow,
    episode_files,
)

_UNSYNCHRONISED = {"synchronize_session": False}


def remove_titles(session: Session, media_ids: Collection[str]) -> set[str]:
    """Remove those of these titles that have no file any more, not even a missing one; return which they are.

    Of the others, seasons and episodes go that have none.
    """
    if not media_ids:
        return set()
    # As everybody does: the way of a title is held before the title itself.
    session.execute(select(Enrichment.media_id).where(Enrichment.media_id.in_(media_ids)).with_for_update())
    remove_episodes(session, session.scalars(select(TVShow.id).where(TVShow.media_id.in_(media_ids))).all())
    of_film = exists().where(Movie.media_id == Media.id, MediaFile.movie_id == Movie.id)
    of_show = exists().where(
        TVShow.media_id == Media.id,
        Season.tv_show_id == TVShow.id,
        Episode.season_id == Season.id,
        episode_files.c.episode_id == Episode.id,
    )
    gone = delete(Media).where(Media.id.in_(media_ids), ~of_film, ~of_show).returning(Media.id)
    return set(session.scalars(gone, execution_options=_UNSYNCHRONISED))


def remove_episodes(session: Session, show_ids: Sequence[str]) -> None:
    """Remove episodes that no file is left of, and seasons that no episode is left of."""
    ours = select(Season.id).where(Season.tv_show_id.in_(show_ids))
    without_files = ~exists().where(episode_files.c.episode_id == Episode.id)
    without_episodes = ~exists().where(Episode.season_id == Season.id)
    for gone in (
        delete(Episode).where(Episode.season_id.in_(ours), without_files),
        delete(Season).where(Season.tv_show_id.in_(show_ids), without_episodes),
    ):
        session.execute(gone, execution_options=_UNSYNCHRONISED)


def leave(session: Session, emptied: Collection[tuple[str, str]]) -> None:
    """Have libraries no longer hold titles, named by both ids, that have no file in them any more."""
    of_film = exists().where(
        Movie.media_id == LibraryMedia.media_id,
        MediaFile.movie_id == Movie.id,
        MediaFile.library_id == LibraryMedia.library_id,
    )
    of_show = exists().where(
        TVShow.media_id == LibraryMedia.media_id,
        Season.tv_show_id == TVShow.id,
        Episode.season_id == Season.id,
        episode_files.c.episode_id == Episode.id,
        MediaFile.id == episode_files.c.file_id,
        MediaFile.library_id == LibraryMedia.library_id,
    )
    if emptied:
        held = tuple_(LibraryMedia.library_id, LibraryMedia.media_id).in_(sorted(emptied))
        session.execute(delete(LibraryMedia).where(held, ~of_film, ~of_show), execution_options=_UNSYNCHRONISED)
