"""Titles that somebody should look at: nobody knew them, or another title was as near."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from shared.catalogue.hidden import hidden_before, title_is_shown
from shared.kinds import MatchStatus, MediaType
from shared.models import Episode, LibraryMedia, Media, MediaFile, Movie, Season, TVShow, episode_files


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """Which part of the list, of which titles."""

    page: int = 1
    limit: int = 10
    #: ``unmatched``, ``doubtful``, or ``all`` of these.
    status: str = "all"
    type: MediaType | None = None
    library_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A title to look at: the id of its film or show, and one of its files."""

    id: str
    media: Media
    path: str | None


def review(session: Session, page: ReviewPage) -> tuple[list[Reviewed], int]:
    """Return a page of the list by title, and how many titles are on it in all.

    A title that the user unmatched is not on it.
    """
    conditions = [*_conditions(page), title_is_shown(hidden_before(session))]
    total = session.scalar(select(func.count()).select_from(Media).where(*conditions)) or 0
    titles = (
        select(Media, func.coalesce(Movie.id, TVShow.id))
        .outerjoin(Movie, Movie.media_id == Media.id)
        .outerjoin(TVShow, TVShow.media_id == Media.id)
        .where(*conditions)
        .order_by(Media.search_title, Media.id)
        .offset((page.page - 1) * page.limit)
        .limit(page.limit)
    )
    rows = session.execute(titles).all()
    paths = _first_paths(session, [media.id for media, _ in rows])
    return [Reviewed(row_id, media, paths.get(media.id)) for media, row_id in rows], total


def _conditions(page: ReviewPage) -> list[ColumnElement[bool]]:
    is_unmatched = (Media.match_status == MatchStatus.UNMATCHED) & cast(Media.chosen, String).not_like('%"unmatch"%')
    is_doubtful = Media.is_doubtful.is_(True)
    conditions = {"unmatched": is_unmatched, "doubtful": is_doubtful}
    wanted = [conditions.get(page.status, or_(is_unmatched, is_doubtful))]
    if page.type is not None:
        wanted.append(Media.type == page.type)
    if page.library_id is not None:
        wanted.append(exists().where(LibraryMedia.media_id == Media.id, LibraryMedia.library_id == page.library_id))
    return wanted


def _first_paths(session: Session, media_ids: Sequence[str]) -> dict[str, str]:
    """Return for each title the first of its files by path, of those that are there before those that are missing."""
    films = select(Movie.media_id, MediaFile.path, MediaFile.missing_since.is_not(None).label("is_missing"))
    films = films.join(MediaFile, MediaFile.movie_id == Movie.id).where(Movie.media_id.in_(media_ids))
    shows = select(TVShow.media_id, MediaFile.path, MediaFile.missing_since.is_not(None).label("is_missing"))
    shows = (
        shows.join(Season, Season.tv_show_id == TVShow.id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id)
        .where(TVShow.media_id.in_(media_ids))
    )
    files = films.union_all(shows).subquery()
    first = select(files.c.media_id, func.min(files.c.path)).group_by(files.c.media_id, files.c.is_missing)
    # Those that are there come last, and stay.
    rows = session.execute(first.order_by(files.c.is_missing.desc()))
    return {media_id: path for media_id, path in rows}  # noqa: C416 - dict() loses the types of rows
