"""Trying again what a scan could not do: only those folders and titles, not the whole scan.

A failure that names a title has the providers asked about it again. One that names a folder, or a file in one, has that
folder's files named and looked into again. A path that no scan ever came to, as a folder that could not be read, is
listed again, and nothing beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from shared import enrichments
from shared.dialects import one_at_a_time
from shared.errors import ConflictError, NotFoundError
from shared.models import Enrichment, Failure, MediaFile, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_control import known
from shared.scan_order import at_same_files
from shared.scan_states import FolderStatus, JobStatus

#: Ids that one statement names: both databases take more.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which failures are tried again: all, those at a path or below it, those of a cause, or those of both."""

    path: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Retried:
    """What is tried again: how many failures, in how many folders and titles; and the state that the job is in."""

    status: JobStatus
    failures: int
    folders: int
    titles: int


def retry(session: Session, scan_job_id: str, wanted: Wanted) -> Retried:
    """Try again what a complete or running scan could not do.

    1. A complete job begins its next run, which lists only what must be listed; a running one goes on.
    2. The folders and titles that failed are open again, and belong to this job. Who holds one loses it.
    3. The failures go; they come again if they happen again.

    Raises:
        NotFoundError: there is no such job, or it has no such failure.
        ConflictError: it is in no state to try again; the message says what to do.

    """
    one_at_a_time(session)
    scan_job = known(session, scan_job_id)
    _refuse_unless_ready(session, scan_job)
    failures = session.scalars(select(Failure).where(Failure.scan_job_id == scan_job.id, *_which(wanted))).all()
    if not failures:
        raise NotFoundError("This scan has no such failure. GET its failures to see those that it has.")
    media_ids = _known_titles(session, {failure.media_id for failure in failures if failure.media_id})
    paths = [PurePosixPath(scan_job.path, failure.path) for failure in failures if failure.media_id is None]
    folders = _folders(session, scan_job, paths)
    unlisted = sorted({str(path) for path in paths} - folders.keys())
    status = _go_on(session, scan_job, unlisted)
    for ids in _parts(sorted(folders.values())):
        _open_folders(session, scan_job.id, ids)
    enrichments.fetch(session, media_ids, scan_job.id, is_asked=True)
    for ids in _parts([failure.id for failure in failures]):
        session.execute(delete(Failure).where(Failure.id.in_(ids)))
    return Retried(status, len(failures), len(folders), len(media_ids))


def _refuse_unless_ready(session: Session, scan_job: ScanJob) -> None:
    match scan_job.status:
        case JobStatus.PENDING:
            raise ConflictError("This scan has not begun yet. Follow it.")
        case JobStatus.PAUSED:
            raise ConflictError("This scan is paused. Resume it first.")
        case JobStatus.FAILED | JobStatus.CANCELLED:
            raise ConflictError("This scan did not come to its end. Resume it: that tries again all that failed.")
        case JobStatus.IN_PROGRESS if scan_job.discovered_at is None:
            raise ConflictError("The folders of this scan are still being listed. Try again when they are.")
        case JobStatus.COMPLETED if other := at_same_files(session, scan_job):
            raise ConflictError(f"This folder is being scanned by scan job {other}. Try again when that has ended.")


def _which(wanted: Wanted) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = []
    if wanted.cause is not None:
        which.append(Failure.cause == wanted.cause)
    if wanted.path is not None:
        inner = f"{wanted.path}/"
        which.append(or_(Failure.path == wanted.path, func.substr(Failure.path, 1, len(inner)) == inner))
    return which


def _known_titles(session: Session, media_ids: set[str]) -> list[str]:
    """Return those titles that there still are: one may have become another meanwhile."""
    found: list[str] = []
    for ids in _parts(sorted(media_ids)):
        found += session.scalars(select(Enrichment.media_id).where(Enrichment.media_id.in_(ids)))
    return found


def _folders(session: Session, scan_job: ScanJob, paths: Sequence[PurePosixPath]) -> dict[str, str]:
    """Return the ids of the folders at these paths, or of those that hold the files at them, by path of folder.

    Above the job's own folder is nothing of it.
    """
    parents = {path: path if str(path) == scan_job.path else path.parent for path in paths}
    places = sorted({str(place) for path, parent in parents.items() for place in (path, parent)})
    known_ids: dict[str, str] = {}
    for part in _parts(places):
        rows = session.execute(
            select(ScanFolder.path, ScanFolder.id).where(
                ScanFolder.library_id == scan_job.library_id, ScanFolder.path.in_(part)
            )
        )
        known_ids |= dict(rows.all())
    nearest = {str(path) if str(path) in known_ids else str(parent) for path, parent in parents.items()}
    return {path: id_ for path, id_ in known_ids.items() if path in nearest}


def _go_on(session: Session, scan_job: ScanJob, unlisted: list[str]) -> JobStatus:
    """Begin the next run of a complete job; have a running one list again what must be."""
    instant = now()
    begins = scan_job.status == JobStatus.COMPLETED
    to_be_listed: dict[str, object] = {"relisted": unlisted, "discovered_at": None, "measured_at": None}
    anew: dict[str, object] = {"status": JobStatus.PENDING, "completed_at": None, "percent": 0, "totals": {}}
    moved = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job.id, ScanJob.status == scan_job.status, ScanJob.fence == scan_job.fence)
        .values(
            moved_at=instant,
            reconciled_at=None,
            reconciliation={},
            lease_until=None,
            fence=ScanJob.fence + 1,
            **(to_be_listed if begins or unlisted else {}),
            **(anew if begins else {}),
        )
        .returning(ScanJob.status)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None:
        raise ConflictError("This scan went on a moment ago. Look at it, and try again.")
    return JobStatus(moved)


def _open_folders(session: Session, scan_job_id: str, folder_ids: Sequence[str]) -> None:
    """Have the files of folders named again, and those looked into again that could not be read."""
    session.execute(
        update(ScanFolder)
        .where(ScanFolder.id.in_(folder_ids))
        .values(
            scan_job_id=scan_job_id,
            status=FolderStatus.PENDING,
            settled_signature=None,
            lease_until=None,
            attempts=0,
            not_before=None,
            looks=0,
            fence=ScanFolder.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )
    files = session.scalars(select(MediaFile).where(MediaFile.folder_id.in_(folder_ids)))
    for file in files:
        if "error" in file.probe:
            file.probe = {}


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))
