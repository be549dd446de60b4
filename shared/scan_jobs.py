"""The state machine of a scan job.

::

    PENDING ──take──▶ IN_PROGRESS ──complete──▶ COMPLETED ──┐
     ▲ │ ▲                 │ ▲                              │
     │ │ └──pause, resume──┼─┴──▶ PAUSED                    │
     │ └───fail, cancel────┴───────┴──▶ FAILED, CANCELLED ──┤
     └──────────resume (scan_control), retry (scan_retry)───┘

From PENDING to the end is one run of the job; each run is ended by one ``scan:complete`` or ``scan:error``. A pause
ends none: the job goes on where it was. One that stands behind another job at the same files (``scan_order``) is not
taken.

A state changes by one UPDATE that names the state it believes in; no row updated means that another process was first.
"""

from dataclasses import asdict, replace

from sqlalchemy import ColumnElement, and_, case, exists, func, select, true, update
from sqlalchemy.orm import Session

from shared import scan_counting
from shared.dialects import one_at_a_time
from shared.lease_time import a_lease, is_over
from shared.models import Enrichment, Failure, Library, ScanFolder, ScanJob
from shared.models.base import new_id, now
from shared.scan_counts import Counts
from shared.scan_options import ScanOptions
from shared.scan_order import is_behind, joinable
from shared.scan_states import (
    ACTIVE,
    ENDED,
    ENRICHMENT_OPEN,
    FOLDER_OPEN,
    UNENDED,
    EnrichmentStatus,
    FolderStatus,
    JobStatus,
)

__all__ = ["ACTIVE", "ENDED", "ENRICHMENT_OPEN", "EnrichmentStatus", "FolderStatus", "JobStatus"]


def request(session: Session, library: Library, path: str, options: ScanOptions) -> tuple[ScanJob, bool]:
    """Return the job that scans this path: one under way that does all this and more, or a new one.

    And whether its folders are to be listed now: those of a new one are, and those of one that has listed them already,
    for what changed since is asked for, too. One that is listing them lists them once more when it is done.
    """
    # Of two that ask at the same moment, the second sees what the first made.
    one_at_a_time(session)
    running = joinable(session, library.id, path, options)
    if running is not None:
        is_relisted = _list_again(session, running.id)
        session.refresh(running)
        if running.status in UNENDED:
            return running, is_relisted
    scan_job = ScanJob(
        id=new_id(), library_id=library.id, path=path, options=options.to_json(), status=JobStatus.PENDING, fence=0
    )
    session.add(scan_job)
    session.flush()
    return scan_job, True


def _list_again(session: Session, scan_job_id: str) -> bool:
    """Have a job that has listed its folders list them again within its run; False when it has not, or has ended.

    The fence goes up, so that nobody judges by the old listing what it did not see. One that lists them at this moment
    may have passed what changed since, and is not stopped: who asks again and again would keep it from its end.
    """
    session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job_id, ScanJob.status == JobStatus.IN_PROGRESS, ScanJob.discovered_at.is_(None))
        .values(is_asked_again=True)
        .execution_options(synchronize_session=False)
    )
    listed = update(ScanJob).where(
        ScanJob.id == scan_job_id, ScanJob.status.in_(UNENDED), ScanJob.discovered_at.is_not(None)
    )
    again = session.execute(
        listed.values(
            discovered_at=None,
            measured_at=None,
            reconciled_at=None,
            reconciliation={},
            lease_until=None,
            fence=ScanJob.fence + 1,
            moved_at=now(),
        )
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    )
    return again.scalar_one_or_none() is not None


def take(session: Session, scan_job_id: str, holder: str = "") -> ScanJob | None:
    """Take a job whose folders are to be listed, for a process; None when it is done or another one has it.

    1. Only a job that is not yet listed, and whose lease is free or ran out, can be taken.
    2. It stands behind no other; of two that could start at this moment, the second sees that the first did.
    3. The fence goes up, so that an earlier holder can't write any more.
    """
    one_at_a_time(session)
    instant = now()
    taken = session.execute(
        update(ScanJob)
        .where(
            ScanJob.id == scan_job_id,
            ScanJob.status.in_(ACTIVE),
            ScanJob.discovered_at.is_(None),
            is_over(ScanJob.lease_until),
            ~is_behind(),
        )
        .values(
            status=JobStatus.IN_PROGRESS,
            is_asked_again=False,
            lease_until=a_lease(),
            holder=holder,
            fence=ScanJob.fence + 1,
            started_at=func.coalesce(ScanJob.started_at, instant),
            run_began_at=case((ScanJob.status == JobStatus.PENDING, instant), else_=ScanJob.run_began_at),
            moved_at=instant,
        )
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return session.get(ScanJob, taken, populate_existing=True) if taken else None


def begins(session: Session, scan_job_id: str) -> bool:
    """Whether the next who takes a job begins a run of it, and does not go on with one."""
    return session.scalar(select(ScanJob.status).where(ScanJob.id == scan_job_id)) == JobStatus.PENDING


def is_first_listing(scan_job: ScanJob) -> bool:
    """Whether a job that was just taken had never been taken before."""
    return scan_job.started_at == scan_job.moved_at


def renew(session: Session, scan_job: ScanJob) -> bool:
    """Hold a taken job for another lease; False when another worker has taken it over."""
    instant = now()
    renewed = session.execute(
        update(ScanJob)
        .where(is_held(scan_job))
        .values(lease_until=a_lease(), moved_at=instant)
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return renewed is not None


def discovered(session: Session, scan_job: ScanJob) -> bool:
    """Note that all folders are listed, and how far the job is by now.

    False when another worker has taken it over, or when it was asked for again meanwhile: then it may be taken anew.
    """
    instant = now()
    begun = asdict(scan_counting.count(session, scan_job.id))
    noted = session.execute(
        update(ScanJob)
        .where(is_held(scan_job), ScanJob.is_asked_again.is_(False))
        .values(discovered_at=instant, measured_at=instant, lease_until=None, moved_at=instant, totals=begun)
        .returning(ScanJob.id)
    ).scalar_one_or_none()
    if noted is None:
        # Only now: who asks at this moment is waited for by the first statement, and seen by this one.
        session.execute(
            update(ScanJob)
            .where(is_held(scan_job))
            .values(lease_until=None, fence=ScanJob.fence + 1, moved_at=instant)
            .execution_options(synchronize_session=False)
        )
    return noted is not None


def complete(session: Session, scan_job_id: str, told: Counts | None = None, holder: str = "") -> ScanJob | None:
    """Move a job whose every folder and title has settled to COMPLETED; None when it isn't so, or it was done before.

    ``told`` are its last counts as clients know them, where they may know of more; ``holder`` is the process that tells
    them of the end.

    Must be asked in a transaction that began after the last settling was committed: of two workers that settle the last
    two items at once, the later one then sees both.
    """
    instant = now()
    done = session.execute(
        update(ScanJob)
        .where(_is_settled(scan_job_id))
        .values(
            status=JobStatus.COMPLETED,
            completed_at=instant,
            moved_at=instant,
            percent=100,
            told_at=None,
            lease_until=a_lease(),
            holder=holder,
        )
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if done is None:
        return None
    scan_job = session.get_one(ScanJob, done, populate_existing=True)
    counted = scan_counting.count(session, scan_job_id)
    scan_job.totals = asdict(replace(told or counted, failures=counted.failures))
    return scan_job


def is_settled(session: Session, scan_job_id: str) -> bool:
    """Whether a running job has nothing left to do, so that it may be completed."""
    return session.scalar(select(ScanJob.id).where(_is_settled(scan_job_id))) is not None


def fail(session: Session, scan_job_id: str, error: str, only_if: ColumnElement[bool] | None = None) -> bool:
    """Move a job that can't be done to FAILED; False when it had ended already, or is not as ``only_if`` has it."""
    return _end(session, scan_job_id, JobStatus.FAILED, error, true() if only_if is None else only_if)


def cancel(session: Session, scan_job_id: str, why: str) -> bool:
    """Move a job that the user wants no more to CANCELLED; False when it had ended already."""
    return _end(session, scan_job_id, JobStatus.CANCELLED, why, true())


def note_failure(
    session: Session, scan_job_id: str, *, cause: str, path: str, message: str, media_id: str | None = None
) -> None:
    """Note what could not be done, and why; once for each path and cause. ``media_id``: of which title."""
    known = session.scalar(
        select(Failure.id)
        .where(
            Failure.scan_job_id == scan_job_id,
            Failure.cause == cause,
            Failure.path == path,
            Failure.media_id.is_not_distinct_from(media_id),
        )
        .limit(1)
    )
    if known is None:
        session.add(
            Failure(id=new_id(), scan_job_id=scan_job_id, cause=cause, path=path, message=message, media_id=media_id)
        )
        session.flush()


def _end(session: Session, scan_job_id: str, status: JobStatus, error: str, only_if: ColumnElement[bool]) -> bool:
    ended = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job_id, ScanJob.status.in_(UNENDED), only_if)
        .values(
            status=status,
            error=error,
            paused_from=None,
            completed_at=now(),
            told_at=None,
            lease_until=a_lease(),
            fence=ScanJob.fence + 1,
            totals=asdict(scan_counting.count(session, scan_job_id)),
        )
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return ended is not None


def _is_settled(scan_job_id: str) -> ColumnElement[bool]:
    open_folder = exists().where(ScanFolder.scan_job_id == scan_job_id, ScanFolder.status.in_(FOLDER_OPEN))
    open_title = exists().where(Enrichment.scan_job_id == scan_job_id, Enrichment.status.in_(ENRICHMENT_OPEN))
    return and_(
        ScanJob.id == scan_job_id,
        ScanJob.status == JobStatus.IN_PROGRESS,
        ScanJob.reconciled_at.is_not(None),
        ~open_folder,
        ~open_title,
    )


def is_held(scan_job: ScanJob) -> ColumnElement[bool]:
    """Whether a job is still in the hands of the worker that read it, and running."""
    return and_(ScanJob.id == scan_job.id, ScanJob.fence == scan_job.fence, ScanJob.status == JobStatus.IN_PROGRESS)
