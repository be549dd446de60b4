"""Files that are missing from the disk: which there are, and removing them from the catalogue for good."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from shared.catalogue import emptied
from shared.errors import NotFoundError
from shared.models import Episode, Media, MediaFile, Movie, Season, TVShow, episode_files

#: Titles that are looked at in one statement.
_TITLES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A missing file, and the title it is of; an extra is of none."""

    file: MediaFile
    media: Media | None


@dataclass(frozen=True, slots=True)
class Removed:
    """What is no longer in the catalogue: so many files, and the titles that had no other."""

    files: int = 0
    media_ids: list[str] = field(default_factory=list)


def listed(session: Session, library_id: str, page: int, limit: int) -> tuple[list[MissingFile], int]:
    """Return a page of a library's missing files, those that vanished last first, and how many there are."""
    is_missing = (MediaFile.library_id == library_id, MediaFile.missing_since.is_not(None))
    total = session.scalar(select(func.count()).select_from(MediaFile).where(*is_missing)) or 0
    rows = select(MediaFile).where(*is_missing).order_by(MediaFile.missing_since.desc(), MediaFile.path)
    files = session.scalars(rows.offset((page - 1) * limit).limit(limit)).all()
    owners = dict(_titles_of(session, select(MediaFile.id).where(MediaFile.id.in_([row.id for row in files]))))
    titles = {row.id: row for row in session.scalars(select(Media).where(Media.id.in_(owners.values())))}
    return [MissingFile(file, titles.get(owners.get(file.id, ""))) for file in files], total


def remove(session: Session, library_id: str, *, before: datetime | None = None, file_id: str | None = None) -> Removed:
    """Remove a library's missing files from the catalogue: all, those that vanished by then, or this one.

    Titles go that have no other file, and with them what users said of them. Files on disk there are none.

    Raises:
        NotFoundError: there is no missing file of this id in the library.

    """
    doomed = [MediaFile.library_id == library_id, MediaFile.missing_since.is_not(None)]
    if before is not None:
        doomed.append(MediaFile.missing_since <= before)
    if file_id is not None:
        doomed.append(MediaFile.id == file_id)
    media_ids = sorted({media_id for _, media_id in _titles_of(session, select(MediaFile.id).where(*doomed))})
    # Of a row that another transaction holds, PostgreSQL looks at these again, and not into a subquery, once it has it.
    gone = session.execute(delete(MediaFile).where(*doomed).returning(MediaFile.id))
    files = len(gone.all())
    if file_id is not None and not files:
        raise NotFoundError("No file of this id is missing from this library.")
    removed: set[str] = set()
    for start in range(0, len(media_ids), _TITLES_AT_ONCE):
        titles = media_ids[start : start + _TITLES_AT_ONCE]
        emptied.leave(session, [(library_id, media_id) for media_id in titles])
        removed |= emptied.remove_titles(session, titles)
    return Removed(files, sorted(removed))


def _titles_of(session: Session, files: Select[str]) -> list[tuple[str, str]]:
    """Return the ids of these files, each with the media id of its title."""
    films = (
        select(MediaFile.id, Movie.media_id).join(Movie, Movie.id == MediaFile.movie_id).where(MediaFile.id.in_(files))
    )
    shows = (
        select(episode_files.c.file_id, TVShow.media_id)
        .join(Episode, Episode.id == episode_files.c.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .join(TVShow, TVShow.id == Season.tv_show_id)
        .where(episode_files.c.file_id.in_(files))
    )
    return [(file_id, media_id) for file_id, media_id in session.execute(films.union(shows))]
