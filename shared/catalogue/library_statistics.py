"""What libraries hold, in numbers: a few queries, however many libraries and titles there are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, func, select
from sqlalchemy.orm import Session

from shared.catalogue.hidden import episode_is_shown, hidden_before, title_is_shown
from shared.kinds import MatchStatus, MediaType
from shared.models import Episode, Library, LibraryMedia, Media, MediaFile, episode_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a library holds, or all of them together."""

    movies: int = 0
    tv_shows: int = 0
    #: Those that there are files of. Titles and episodes that are not shown any more are not counted.
    episodes: int = 0
    #: Also those that are missing from the disk.
    files: int = 0
    bytes: int = 0
    #: Seconds, of the files that somebody has looked into.
    duration: float = 0.0
    #: Titles, by ``shared.kinds.MatchStatus``.
    matched: int = 0
    unmatched: int = 0
    pending: int = 0
    #: Files.
    missing: int = 0


def of_library(session: Session, library_id: str) -> Statistics:
    """Count what a library holds."""
    return Statistics(**_counts(session, hidden_before(session), library_id)[library_id])


def of_all(session: Session) -> tuple[Statistics, list[tuple[Library, Statistics]]]:
    """Count what all libraries hold together, and what each one does, by name.

    A title that several of them hold is counted once in all, and once in each.
    """
    before = hidden_before(session)
    counts = _counts(session, before)
    libraries = session.scalars(select(Library).order_by(func.lower(Library.name), Library.id)).all()
    each = [(library, Statistics(**counts[library.id])) for library in libraries]
    shown = select(*_OF_TITLES).select_from(Media).where(title_is_shown(before))
    titles = session.execute(shown).one()._asdict()
    # A file is in one library alone.
    files = {name: sum(getattr(held, name) for _, held in each) for name in ("files", "bytes", "duration", "missing")}
    shown_episodes = select(func.count()).select_from(Episode).where(episode_is_shown(before))
    episodes = session.scalar(shown_episodes) or 0
    return Statistics(episodes=episodes, **titles, **files), each


def _counts(
    session: Session, before: datetime | None, library_id: str | None = None
) -> defaultdict[str, dict[str, Any]]:
    """Count by library: in all of them, or in one."""
    titles = (
        select(LibraryMedia.library_id, *_OF_TITLES)
        .join(Media, Media.id == LibraryMedia.media_id)
        .where(title_is_shown(before))
    )
    files = select(MediaFile.library_id, *_OF_FILES)
    episodes = (
        select(MediaFile.library_id, func.count(episode_files.c.episode_id.distinct()).label("episodes"))
        .join(episode_files, episode_files.c.file_id == MediaFile.id)
        .where(episode_is_shown(before, episode_files.c.episode_id))
    )
    queries: tuple[Select[*tuple[Any, ...]], ...] = (titles, files, episodes)
    counts: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for query in queries:
        library = query.selected_columns[0]
        wanted = query.group_by(library)
        for row in session.execute(wanted if library_id is None else wanted.where(library == library_id)):
            counted = row._asdict()
            counts[counted.pop("library_id")] |= counted
    for counted in counts.values():
        # PostgreSQL adds large integers up to a decimal.
        counted["bytes"] = int(counted.get("bytes", 0))
    return counts


def _how_many(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)


_OF_TITLES = (
    _how_many(Media.type == MediaType.MOVIE, "movies"),
    _how_many(Media.type == MediaType.TV_SHOW, "tv_shows"),
    _how_many(Media.match_status == MatchStatus.MATCHED, "matched"),
    _how_many(Media.match_status == MatchStatus.UNMATCHED, "unmatched"),
    _how_many(Media.match_status == MatchStatus.PENDING, "pending"),
)
_OF_FILES = (
    func.count().label("files"),
    func.sum(MediaFile.size).label("bytes"),
    func.coalesce(func.sum(MediaFile.probe["duration"].as_float(), type_=Float), 0.0).label("duration"),
    func.count(MediaFile.missing_since).label("missing"),
)
