"""Scans that nobody asked for in particular: of touched folders, and of libraries whose time has come.

They are done as the library was last scanned, and never do again what did not change.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from shared import scan_jobs, settings
from shared.kinds import MediaType
from shared.models import Library, LibraryWatch, ScanFolder, ScanJob
from shared.models.base import new_id, now
from shared.scan_jobs import FOLDER_OPEN, JobStatus
from shared.scan_options import ScanOptions
from shared.scan_scope import Scope, Touched
from shared.watches import WatchState

#: How often a library whose file system can't tell of changes is scanned, where its user says nothing else.
POLL_EVERY = timedelta(minutes=15)


def as_before(session: Session, library: Library) -> ScanOptions:
    """Return how a library was last scanned; one that never was is scanned as the user's settings say."""
    last = session.scalar(select(ScanJob).where(*_at_its_path(library)).order_by(ScanJob.created_at.desc()).limit(1))
    if last is not None:
        return replace(ScanOptions.from_json(last.options), rescan=False, only=None)
    media_type = MediaType(library.library_type) if library.library_type else None
    return settings.for_scan(session, media_type, {"rescan": False})[1]


def is_listing(session: Session, library_id: str) -> bool:
    """Whether folders of a library are being worked on: a scan of touched ones would take them from that scan."""
    job = (ScanJob.library_id == library_id, ScanJob.status == JobStatus.IN_PROGRESS)
    has_open = exists().where(ScanFolder.scan_job_id == ScanJob.id, ScanFolder.status.in_(FOLDER_OPEN))
    return bool(session.scalar(select(exists().where(*job, ScanJob.discovered_at.is_(None) | has_open))))


def of_touched(session: Session, library_id: str, touched: Touched) -> tuple[ScanJob, bool] | None:
    """Return the job that looks at touched folders: one that has not begun, or a new one (then True).

    None when the library is gone, or nothing that is gone was a folder of it and nothing else was touched.

    1. The library is locked: nobody else asks for a scan of it at the same moment.
    2. A waiting scan of the whole library sees them anyway; a waiting one of touched folders gets these, too.
    """
    library = _locked(session, library_id)
    if library is None or library.library_path is None:
        return None
    folders_gone = _folders_among(session, library, touched.gone) if touched.gone else set()
    scope = Scope.of(touched.folders, touched.trees | folders_gone)
    if scope == Scope():
        return None
    waiting = session.scalar(
        select(ScanJob)
        .where(*_at_its_path(library), ScanJob.status == JobStatus.PENDING, ScanJob.started_at.is_(None))
        .order_by(ScanJob.created_at)
        .limit(1)
        .with_for_update()
    )
    if waiting is not None and _widened(session, waiting, scope):
        return waiting, False
    options = replace(as_before(session, library), only=None if scope.is_all else scope)
    scan_job = ScanJob(
        id=new_id(),
        library_id=library.id,
        path=library.library_path,
        options=options.to_json(),
        status=JobStatus.PENDING,
        fence=0,
    )
    session.add(scan_job)
    session.flush()
    return scan_job, True


def interval_of(library: Library, row: LibraryWatch) -> timedelta | None:
    """Return how often a library is to be scanned; None where it need not be."""
    if library.scan_interval_minutes is not None:
        return timedelta(minutes=library.scan_interval_minutes)
    return POLL_EVERY if library.watch and row.state == WatchState.POLLING else None


def is_planned(library: Library, row: LibraryWatch) -> bool:
    """Whether a library's next scan is where it belongs, and not due: then there is nothing to do."""
    interval, instant = interval_of(library, row), now()
    if interval is None or row.next_scan_at is None:
        return interval is None and row.next_scan_at is None
    return instant < row.next_scan_at <= instant + interval


def plan(session: Session, library_id: str) -> tuple[ScanJob, bool] | None:
    """Put a library's next scan where it belongs, and ask for the one that is due; None when none is.

    Of several that find it due, one moves it on, and only that one asks.
    """
    library = _locked(session, library_id)
    row = session.get(LibraryWatch, library_id, populate_existing=True)
    if library is None or library.library_path is None or row is None:
        return None
    interval, instant, seen = interval_of(library, row), now(), row.next_scan_at
    if is_planned(library, row):
        return None
    moved = session.execute(
        update(LibraryWatch)
        .where(LibraryWatch.library_id == library_id, LibraryWatch.next_scan_at.is_not_distinct_from(seen))
        .values(next_scan_at=None if interval is None else instant + interval)
        .returning(LibraryWatch.library_id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None or interval is None or seen is None or seen > instant:
        return None
    return scan_jobs.request(session, library, library.library_path, as_before(session, library))


def poll_soon(session: Session, library_id: str) -> None:
    """Have a library scanned at once: what happened until now nobody noticed."""
    session.execute(
        update(LibraryWatch)
        .where(LibraryWatch.library_id == library_id)
        .values(next_scan_at=now())
        .execution_options(synchronize_session=False)
    )


def _locked(session: Session, library_id: str) -> Library | None:
    return session.scalar(
        select(Library)
        .where(Library.id == library_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _at_its_path(library: Library) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ScanJob.library_id == library.id, ScanJob.path == library.library_path


def _widened(session: Session, waiting: ScanJob, scope: Scope) -> bool:
    """Have a waiting job look at these folders, too; False when it has begun."""
    options = ScanOptions.from_json(waiting.options)
    if options.only is None:
        return True
    wider = options.only | scope
    widened = session.execute(
        update(ScanJob)
        .where(ScanJob.id == waiting.id, ScanJob.status == JobStatus.PENDING, ScanJob.started_at.is_(None))
        .values(options=replace(options, only=None if wider.is_all else wider).to_json())
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    )
    return widened.scalar_one_or_none() is not None


def _folders_among(session: Session, library: Library, gone: Collection[str]) -> set[str]:
    """Return those of these paths at or below which the catalogue has folders."""
    root = PurePosixPath(library.library_path or "/")
    paths = session.scalars(
        select(ScanFolder.path).where(ScanFolder.library_id == library.id).execution_options(yield_per=1000)
    )
    return {lies for path in paths for lies in _at_and_around(path, root) if lies in gone}


def _at_and_around(path: str, root: PurePosixPath) -> Iterator[str]:
    relative = PurePosixPath(path).relative_to(root) if PurePosixPath(path).is_relative_to(root) else PurePosixPath()
    yield str(relative)
    yield from (str(parent) for parent in relative.parents)
