"""Removing a library, and what only it held, from the catalogue. Files on disk stay as they are."""

from dataclasses import dataclass

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.orm import Session, aliased

from shared import scan_jobs
from shared.errors import NotFoundError
from shared.models import (
    Enrichment,
    Episode,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    ScanJob,
    Season,
    TitleCount,
    TVShow,
    episode_files,
)
from shared.scan_states import UNENDED

#: Why a scan of the library ended.
DELETED = "The library was deleted."

_UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Removed:
    """A library that is gone, the titles that went with it, and its scans that were under way."""

    library_id: str
    library_name: str
    media_ids: list[str]
    scan_job_ids: list[str]


def remove(session: Session, library_id: str) -> Removed:
    """Remove a library. Whatever it held goes by as few statements as there are kinds of it.

    1. The library is locked: nobody asks for a scan of it any more. Its scans end.
    2. The workers wait: none of them records anything while the library goes.
    3. Titles that no other library holds go, with everything of theirs.
    4. Of the shows that stay, episodes of which only this library had files go, as only files make episodes.
    5. Titles that stay and were on their way in a scan of this library go on by themselves.
    6. The library goes, with its files, names, folders and scans.

    Raises:
        NotFoundError: there is no such library.

    """
    library = session.scalar(select(Library).where(Library.id == library_id).with_for_update(key_share=True))
    if library is None:
        raise NotFoundError("There is no library by this id.")
    ended = _end_scans(session, library_id)
    _hold_workers(session)
    media_ids = _remove_titles(session, library_id)
    _remove_episodes(session, library_id)
    _let_go(session, library_id)
    session.execute(delete(Library).where(Library.id == library_id), execution_options=_UNSYNCHRONISED)
    session.execute(delete(TitleCount).where(TitleCount.counted == library_id), execution_options=_UNSYNCHRONISED)
    return Removed(library_id, library.name, media_ids, ended)


def _end_scans(session: Session, library_id: str) -> list[str]:
    running = session.scalars(
        select(ScanJob.id).where(ScanJob.library_id == library_id, ScanJob.status.in_(UNENDED))
    ).all()
    return [scan_job_id for scan_job_id in running if scan_jobs.fail(session, scan_job_id, DELETED)]


def _hold_workers(session: Session) -> None:
    """Keep everybody from writing folders and titles' ways until the transaction ends, as SQLite does anyway.

    Workers lock rows of these tables first of all and in this order, so that nobody waits for us who holds what we
    need. Locking the library's own rows would not do: a title of another library may become one of ours meanwhile.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE scan_folders, enrichments IN EXCLUSIVE MODE"))


def _remove_titles(session: Session, library_id: str) -> list[str]:
    held = select(LibraryMedia.media_id).where(LibraryMedia.library_id == library_id)
    held_elsewhere = exists().where(LibraryMedia.media_id == Media.id, LibraryMedia.library_id != library_id)
    gone = delete(Media).where(Media.id.in_(held), ~held_elsewhere).returning(Media.id)
    return list(session.scalars(gone, execution_options=_UNSYNCHRONISED))


def _remove_episodes(session: Session, library_id: str) -> None:
    ours = (
        select(episode_files.c.episode_id)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id)
        .where(MediaFile.library_id == library_id)
    )
    file, link = aliased(MediaFile), aliased(episode_files)
    elsewhere = exists().where(
        link.c.episode_id == Episode.id, link.c.file_id == file.id, file.library_id != library_id
    )
    session.execute(delete(Episode).where(Episode.id.in_(ours), ~elsewhere), execution_options=_UNSYNCHRONISED)
    shows = (
        select(TVShow.id)
        .join(LibraryMedia, LibraryMedia.media_id == TVShow.media_id)
        .where(LibraryMedia.library_id == library_id)
    )
    empty = ~exists().where(Episode.season_id == Season.id)
    session.execute(delete(Season).where(Season.tv_show_id.in_(shows), empty), execution_options=_UNSYNCHRONISED)


def _let_go(session: Session, library_id: str) -> None:
    """Take titles from the library's scans, and from whoever holds them: that one would name a scan that is gone."""
    scans = select(ScanJob.id).where(ScanJob.library_id == library_id)
    session.execute(
        update(Enrichment)
        .where(Enrichment.scan_job_id.in_(scans))
        .values(scan_job_id=None, lease_until=None, fence=Enrichment.fence + 1),
        execution_options=_UNSYNCHRONISED,
    )
