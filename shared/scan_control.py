"""What users do to scan jobs: pause, cancel, go on with one that stopped, clear up after those that did."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from shared import scan_counting, scan_jobs
from shared.dialects import one_at_a_time
from shared.errors import ConflictError, NotFoundError
from shared.events import ScanError, ScanPaused
from shared.lease_time import is_over
from shared.models import Enrichment, Failure, Library, QueueControl, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_order import is_behind
from shared.scan_states import ACTIVE, ENDED, UNENDED, EnrichmentStatus, FolderStatus, JobStatus

#: A job of which nobody held or settled anything for so long has stopped moving.
STALE_AFTER = timedelta(minutes=10)
_STOPPED = "The scan stopped moving: nobody worked on it for ten minutes. Resume it to go on with it."
_CANCELLED = "The scan was cancelled. What it recorded stays; resume it to go on with it."
_PAUSED = "The scan is paused. Resume it to go on with it."
#: From where a job may begin its next run.
_RESUMABLE = (JobStatus.FAILED, JobStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a cleanup did: how many jobs it removed, and the word of each that had stopped and has now failed."""

    removed: int
    stopped: tuple[ScanError, ...]


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a resuming did: the state that the job is in, and the word of a run that had stopped, to be told."""

    status: JobStatus
    stopped: ScanError | None = None


def pause(session: Session, scan_job_id: str) -> ScanPaused:
    """Have nothing of a job be worked on until it is resumed; return the word of it, to be told after the commit.

    1. The job goes from PENDING or IN_PROGRESS to PAUSED, and notes from where.
    2. Its fence goes up: who walks its folders stops at the next renewal.
    3. Batches that a worker holds are finished; no other is claimed.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it is paused already, or has ended.

    """
    scan_job = known(session, scan_job_id)
    paused = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job.id, ScanJob.status.in_(ACTIVE))
        .values(paused_from=ScanJob.status, status=JobStatus.PAUSED, lease_until=None, fence=ScanJob.fence + 1)
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if paused is None:
        session.refresh(scan_job)
        if scan_job.status == JobStatus.PAUSED:
            raise ConflictError("This scan is paused already. Resume it to go on with it.")
        raise ConflictError(
            f"This scan has ended ({scan_job.status}); there is nothing to pause. Scan the folder again."
        )
    return ScanPaused(library_id=scan_job.library_id, scan_job_id=scan_job.id, message=_PAUSED)


def cancel(session: Session, scan_job_id: str) -> None:
    """End a job that the user wants no more; clients are to be told after the commit.

    What it recorded stays. Titles that are not fetched yet are left to the next scan, or to who opens one.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has ended already.

    """
    scan_job = known(session, scan_job_id)
    if not scan_jobs.cancel(session, scan_job.id, _CANCELLED):
        session.refresh(scan_job)
        raise ConflictError(f"This scan has ended already ({scan_job.status}); there is nothing to cancel.")


def resume(session: Session, scan_job_id: str) -> Resumed:
    """Go on with a job that is paused, or begin the next run of one that failed, stopped or was cancelled.

    One that is paused goes on where it was. Otherwise:

    1. A job that stopped moving has failed: the answer has the word of it, which is to be told after the commit.
    2. The job goes to PENDING, with the options that it had; of several that resume it, one does. Its fence goes up.
    3. Its folders are let go, to be found again: those that are finished are then recognised.
    4. Its titles that are not finished, or failed, have all attempts before them. Who holds one loses it.
    5. Its failures go; they come again if they happen again.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it is complete or moving, or its path is under scan by another job.

    """
    scan_job = known(session, scan_job_id)
    # No other scan of this library is asked for at the same moment, and none of its files is begun.
    session.execute(select(Library.id).where(Library.id == scan_job.library_id).with_for_update(key_share=True))
    one_at_a_time(session)
    if (goes_on := _end_pause(session, scan_job)) is not None:
        return Resumed(goes_on)
    stopped = _fail_if_stale(session, scan_job)
    scan_job = known(session, scan_job_id)
    _refuse_unless_resumable(session, scan_job)
    _begin_again(session, scan_job)
    let_go(session, scan_job.id)
    _try_titles_again(session, scan_job.id)
    session.execute(delete(Failure).where(Failure.scan_job_id == scan_job.id))
    return Resumed(JobStatus.PENDING, stopped)


def known(session: Session, scan_job_id: str) -> ScanJob:
    """Return a scan job.

    Raises:
        NotFoundError: there is none by this id.

    """
    scan_job = session.get(ScanJob, scan_job_id, populate_existing=True)
    if scan_job is None:
        raise NotFoundError("There is no scan job by this id.")
    return scan_job


def let_go(session: Session, scan_job_id: str) -> None:
    """Take a job's folders from it, and from whoever holds them; one that failed has everything before it again."""
    session.execute(
        update(ScanFolder)
        .where(ScanFolder.scan_job_id == scan_job_id)
        .values(
            scan_job_id=None,
            status=case(
                (ScanFolder.status == FolderStatus.FAILED, FolderStatus.PENDING.value), else_=ScanFolder.status
            ),
            lease_until=None,
            attempts=0,
            fence=ScanFolder.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )


def clean_up(session: Session, days: int | None) -> Cleaned:
    """Fail the jobs that stopped moving; remove those that ended more than so many days ago, if any are named.

    What has just failed can be resumed, and is not removed at once. The catalogue stays as it is.
    """
    removed = 0
    if days is not None:
        ended = func.coalesce(ScanJob.completed_at, ScanJob.updated_at)
        old = select(ScanJob.id).where(ScanJob.status.in_(ENDED), ended < now() - timedelta(days=days))
        removed = _remove(session, session.scalars(old).all())
    stale = session.scalars(select(ScanJob).where(is_stale())).all()
    stopped = [_fail_if_stale(session, scan_job) for scan_job in stale]
    return Cleaned(removed, tuple(event for event in stopped if event is not None))


def _remove(session: Session, scan_job_ids: Sequence[str]) -> int:
    """Remove ended jobs, and take from its holder what is still held of them: it would name a job that is gone."""
    # One that is resumed at this moment stays.
    still_ended = select(ScanJob.id).where(ScanJob.id.in_(scan_job_ids), ScanJob.status.in_(ENDED))
    for table in (ScanFolder, Enrichment):
        session.execute(
            update(table)
            .where(table.scan_job_id.in_(still_ended))
            .values(scan_job_id=None, lease_until=None, fence=table.fence + 1)
            .execution_options(synchronize_session=False)
        )
    gone = delete(ScanJob).where(ScanJob.id.in_(scan_job_ids), ScanJob.status.in_(ENDED)).returning(ScanJob.id)
    return len(session.scalars(gone).all())


def is_stale() -> ColumnElement[bool]:
    """Whether a job is active though it stopped moving.

    None has while another one moves: its folders or titles may wait their turn behind those. None has that stands
    behind another one, or while the user has a queue paused.
    """
    limit = now() - STALE_AFTER
    other = aliased(ScanJob)
    another_moves = exists().where(
        other.id != ScanJob.id, other.status == JobStatus.IN_PROGRESS, other.moved_at >= limit
    )
    return and_(
        ScanJob.status.in_(ACTIVE),
        func.coalesce(ScanJob.moved_at, ScanJob.created_at) < limit,
        is_over(ScanJob.lease_until),
        ~exists().where(ScanFolder.scan_job_id == ScanJob.id, ~is_over(ScanFolder.lease_until)),
        ~exists().where(Enrichment.scan_job_id == ScanJob.id, ~is_over(Enrichment.lease_until)),
        ~another_moves,
        ~is_behind(),
        ~exists().where(QueueControl.is_paused),
    )


def _fail_if_stale(session: Session, scan_job: ScanJob) -> ScanError | None:
    if not scan_jobs.fail(session, scan_job.id, _STOPPED, only_if=is_stale()):
        return None
    return ScanError(library_id=scan_job.library_id, scan_job_id=scan_job.id, error=_STOPPED)


def _end_pause(session: Session, scan_job: ScanJob) -> JobStatus | None:
    """Have a paused job go on where it was; its rate is measured anew. None when it is not paused."""
    instant = now()
    measured = {"measured_at": instant, "totals": asdict(scan_counting.count(session, scan_job.id))}
    status = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job.id, ScanJob.status == JobStatus.PAUSED)
        .values(
            status=ScanJob.paused_from,
            paused_from=None,
            moved_at=instant,
            **(measured if scan_job.discovered_at else {}),
        )
        .returning(ScanJob.status)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return JobStatus(status) if status else None


def _refuse_unless_resumable(session: Session, scan_job: ScanJob) -> None:
    if scan_job.status == JobStatus.COMPLETED:
        raise ConflictError("This scan is complete. Scan the folder again to look for what is new.")
    if scan_job.status in ACTIVE:
        raise ConflictError("This scan is under way. Follow it; resume it only if it fails or stops moving.")
    other = session.scalar(
        select(ScanJob.id)
        .where(ScanJob.library_id == scan_job.library_id, ScanJob.path == scan_job.path, ScanJob.status.in_(UNENDED))
        .limit(1)
    )
    if other is not None:
        raise ConflictError(f"This folder is being scanned by scan job {other}. Follow that one instead.")


def _begin_again(session: Session, scan_job: ScanJob) -> None:
    begun = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job.id, ScanJob.status.in_(_RESUMABLE))
        .values(
            status=JobStatus.PENDING,
            fence=ScanJob.fence + 1,
            lease_until=None,
            relisted=None,
            discovered_at=None,
            measured_at=None,
            reconciled_at=None,
            reconciliation={},
            moved_at=now(),
            completed_at=None,
            percent=0,
            error=None,
            totals={},
        )
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if begun is None and session.scalar(select(ScanJob.id).where(ScanJob.id == scan_job.id)) is None:
        raise NotFoundError("There is no scan job by this id any more.")
    if begun is None:
        raise ConflictError("This scan was resumed a moment ago. Follow it.")


def _try_titles_again(session: Session, scan_job_id: str) -> None:
    failed = Enrichment.status == EnrichmentStatus.FAILED
    session.execute(
        update(Enrichment)
        .where(Enrichment.scan_job_id == scan_job_id, Enrichment.status != EnrichmentStatus.SETTLED)
        .values(
            status=case((failed, EnrichmentStatus.METADATA.value), else_=Enrichment.status),
            attempts=0,
            not_before=None,
            lease_until=None,
            fence=Enrichment.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )
