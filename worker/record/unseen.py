"""Record which files scans do not see, and which of them are missing. Nothing is deleted by that.

A file that is not where it was is first noted as unseen, by whoever notices. Only when all folders of a job are done,
and what was moved is found again, those that are left are judged together.
"""

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, exists, func, or_, select, true, update
from sqlalchemy.orm import Session

from shared import scan_jobs
from shared.lease_time import a_lease, is_over
from shared.models import Library, MediaFile, ScanFolder, ScanJob
from shared.models.base import now
from shared.reconciliation import Outcome, Reconciliation
from shared.scan_options import ScanOptions
from shared.scan_scope import Scope
from shared.scan_states import FOLDER_OPEN

_UNSYNCHRONISED = {"synchronize_session": False}


def take(session: Session, scan_job_id: str, holder: str) -> ScanJob | None:
    """Take a job whose files are to be judged, for a process; None where that is not due, done, or in other hands."""
    taken = session.scalar(
        update(ScanJob)
        .where(ScanJob.id == scan_job_id, due())
        .values(lease_until=a_lease(), holder=holder, fence=ScanJob.fence + 1)
        .returning(ScanJob.id),
        execution_options=_UNSYNCHRONISED,
    )
    return session.get(ScanJob, taken, populate_existing=True) if taken else None


def is_due(session: Session, scan_job_id: str) -> bool:
    """Whether ``take`` would take a job."""
    return session.scalar(select(ScanJob.id).where(ScanJob.id == scan_job_id, due())) is not None


def due() -> ColumnElement[bool]:
    """Whether all folders of a running job are done, nobody has judged what it did not see, and nobody is at it."""
    return (
        (ScanJob.status == scan_jobs.JobStatus.IN_PROGRESS)
        & ScanJob.discovered_at.is_not(None)
        & ScanJob.reconciled_at.is_(None)
        & is_over(ScanJob.lease_until)
        & ~exists().where(ScanFolder.scan_job_id == ScanJob.id, ScanFolder.status.in_(FOLDER_OPEN))
    )


def folders_passed_by(session: Session, scan_job: ScanJob, after: str, limit: int) -> Sequence[str]:
    """Return the next folders, by their ids, that have files and that the job's walk should have come past.

    One that looks at some folders comes past those alone. One that tries failures again may have walked all before, or
    nothing: folders that it never was to come past are among these, and it is the disk that says whether they are gone.
    """
    only = ScanOptions.from_json(scan_job.options).only
    below = ScanFolder.path.startswith(f"{scan_job.path.rstrip('/')}/", autoescape=True)
    folders = select(ScanFolder.id).where(
        ScanFolder.library_id == scan_job.library_id,
        ScanFolder.scan_job_id.is_distinct_from(scan_job.id),
        ScanFolder.id > after,
        (ScanFolder.path == scan_job.path) | below,
        true() if only is None else _is_covered(PurePosixPath(scan_job.path), only),
        exists().where(
            MediaFile.folder_id == ScanFolder.id, MediaFile.missing_since.is_(None), MediaFile.is_unseen.is_(False)
        ),
    )
    return session.scalars(folders.order_by(ScanFolder.id).limit(limit)).all()


def files_in(session: Session, folder_ids: Collection[str]) -> list[tuple[str, str]]:
    """Return ids and paths of the files in these folders that nobody misses yet."""
    files = select(MediaFile.id, MediaFile.path).where(
        MediaFile.folder_id.in_(folder_ids), MediaFile.missing_since.is_(None), MediaFile.is_unseen.is_(False)
    )
    return [(file_id, path) for file_id, path in session.execute(files)]


def unseen_files(session: Session, scan_job: ScanJob, after: str, limit: int) -> list[tuple[str, str]]:
    """Return ids and paths of the next files, by their ids, that some scan did not see."""
    files = select(MediaFile.id, MediaFile.path).where(_is_unseen(scan_job), MediaFile.id > after)
    rows = session.execute(files.order_by(MediaFile.id).limit(limit))
    return [(file_id, path) for file_id, path in rows]


def note(session: Session, file_ids: Collection[str], *, is_unseen: bool) -> None:
    """Note that files were not seen, or that they are there after all."""
    if file_ids:
        session.execute(
            update(MediaFile)
            .where(MediaFile.id.in_(file_ids), MediaFile.missing_since.is_(None))
            .values(is_unseen=is_unseen),
            execution_options=_UNSYNCHRONISED,
        )


def counts(session: Session, library_id: str) -> tuple[int, int]:
    """Count the files of a library that are not missing, and those of them that some scan did not see."""
    files = select(func.count()).where(MediaFile.library_id == library_id, MediaFile.missing_since.is_(None))
    return session.scalar(files) or 0, session.scalar(files.where(MediaFile.is_unseen.is_(True))) or 0


def settle(session: Session, scan_job: ScanJob, judged: Reconciliation, disk: str | None) -> bool:
    """Note how it went, and mark what is gone as missing; False when another worker has the job by now.

    Folders of what is gone are no longer settled or named: should they come back as they were, their files are looked
    for.
    """
    noted = session.scalar(
        update(ScanJob)
        .where(scan_jobs.is_held(scan_job), ScanJob.reconciled_at.is_(None))
        .values(reconciled_at=now(), reconciliation=judged.to_json(), lease_until=None, moved_at=now())
        .returning(ScanJob.id),
        execution_options=_UNSYNCHRONISED,
    )
    if noted is None:
        return False
    if judged.status is Outcome.STOPPED:
        cause, message = judged.reason or judged.status, judged.message or ""
        scan_jobs.note_failure(session, scan_job.id, cause=cause, path="", message=message)
    else:
        folders = select(MediaFile.folder_id).where(_is_unseen(scan_job))
        # The signature as well: one that was only named would count as named when it comes back.
        unsettle = update(ScanFolder).where(ScanFolder.id.in_(folders)).values(signature="", settled_signature=None)
        session.execute(unsettle, execution_options=_UNSYNCHRONISED)
        missing = update(MediaFile).where(_is_unseen(scan_job)).values(missing_since=now(), is_unseen=False)
        session.execute(missing, execution_options=_UNSYNCHRONISED)
        session.execute(update(Library).where(Library.id == scan_job.library_id).values(disk=disk))
    return True


def _is_covered(root: PurePosixPath, only: Scope) -> ColumnElement[bool]:
    trees = [str(root / tree) for tree in only.trees]
    named = [*(str(root / folder) for folder in only.folders), *trees]
    return or_(ScanFolder.path.in_(named), *(ScanFolder.path.startswith(f"{tree}/", autoescape=True) for tree in trees))


def _is_unseen(scan_job: ScanJob) -> ColumnElement[bool]:
    return (
        (MediaFile.library_id == scan_job.library_id)
        & MediaFile.is_unseen.is_(True)
        & MediaFile.missing_since.is_(None)
    )
