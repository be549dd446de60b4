"""Scans of the folders of a library in which something changed."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from shared import own_scans
from shared.models import Library, ScanFolder, ScanJob
from shared.models.base import new_id
from shared.scan_options import ScanOptions
from shared.scan_scope import Scope, Touched
from shared.scan_states import FOLDER_OPEN, JobStatus


def is_listing(session: Session, library_id: str) -> bool:
    """Whether folders of a library are being worked on: a scan of touched ones would take them from that scan."""
    job = (ScanJob.library_id == library_id, ScanJob.status == JobStatus.IN_PROGRESS)
    has_open = exists().where(ScanFolder.scan_job_id == ScanJob.id, ScanFolder.status.in_(FOLDER_OPEN))
    return bool(session.scalar(select(exists().where(*job, ScanJob.discovered_at.is_(None) | has_open))))


def request(session: Session, library_id: str, touched: Touched) -> tuple[ScanJob, bool] | None:
    """Return the job that looks at touched folders: one that has not begun, or a new one (then True).

    None when the library is gone, or nothing that is gone was a folder of it and nothing else was touched.

    1. The library is locked: nobody else asks for a scan of it at the same moment.
    2. A waiting scan of the whole library sees them anyway, unless somebody asked for one that passes some over; a
       waiting one of touched folders gets these, too.
    """
    library = own_scans.locked(session, library_id)
    if library is None or library.library_path is None:
        return None
    folders_gone = _folders_among(session, library, touched.gone) if touched.gone else set()
    scope = Scope.of(touched.folders, touched.trees | folders_gone)
    if scope == Scope():
        return None
    options = own_scans.options(session, library)
    waiting = session.scalars(
        select(ScanJob)
        .where(*own_scans.at_its_path(library), ScanJob.status == JobStatus.PENDING, ScanJob.started_at.is_(None))
        .order_by(ScanJob.created_at)
        .with_for_update()
    )
    for scan_job in waiting:
        if _widened(session, scan_job, options, scope):
            return scan_job, False
    options = replace(options, only=None if scope.is_all else scope)
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


def _widened(session: Session, waiting: ScanJob, wanted: ScanOptions, scope: Scope) -> bool:
    """Have a waiting job look at these folders, too; False when it has begun, or does not look as it is wanted."""
    options = ScanOptions.from_json(waiting.options)
    if not replace(options, only=None).covers(wanted):
        return False
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
