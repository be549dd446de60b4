"""How a run of a scan job ended, told to clients after it is committed, and again until it was.

Whoever ends a run holds the job for a lease (``scan_jobs``), tells, and notes that. A word that got lost, with the
process that was to tell it or because Redis was away, is told by the sweeper when that lease is over. It is told twice
only where a process died between telling and noting.
"""

from redis import Redis
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from shared import events
from shared.catalogue import libraries
from shared.database import Database
from shared.events import ScanComplete, ScanError
from shared.lease_time import a_lease, is_over
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_states import ENDED, JobStatus


def completion_of(session: Session, scan_job: ScanJob) -> ScanComplete:
    """Return the event that tells that a job is complete."""
    titles, failures = libraries.titles_in(session, scan_job.library_id), scan_job.totals["failures"]
    problems = f", {failures} problem{'s' * (failures != 1)}" if failures else ""
    message = f"Scan complete: {titles} title{'s' * (titles != 1)} in the library{problems}."
    return ScanComplete(library_id=scan_job.library_id, total_items=titles, message=message, scan_job_id=scan_job.id)


def tell(database: Database, redis: Redis, scan_job_id: str) -> None:
    """Tell clients how a job ended, to be called by whoever ended it; nothing is told if they know, or it goes on."""
    with database.read() as session:
        scan_job = session.scalar(select(ScanJob).where(ScanJob.id == scan_job_id, _is_untold()))
        if scan_job is None:
            return
        event = _word_of(session, scan_job)
    told_at = now() if events.tell_end(redis, event, scan_job_id) else None
    with database.begin() as session:
        session.execute(
            update(ScanJob)
            .where(ScanJob.id == scan_job_id, ScanJob.fence == scan_job.fence, _is_untold())
            .values(told_at=told_at, lease_until=None)
            .execution_options(synchronize_session=False)
        )


def overdue(session: Session) -> list[str]:
    """Return the jobs whose ends nobody was told of, though whoever ended them should have."""
    return list(session.scalars(select(ScanJob.id).where(_is_untold(), is_over(ScanJob.lease_until))))


def tell_again(database: Database, redis: Redis, scan_job_id: str) -> None:
    """Tell clients how a job ended whose end is overdue; of several that try at once, one does."""
    with database.begin() as session:
        taken = session.execute(
            update(ScanJob)
            .where(ScanJob.id == scan_job_id, _is_untold(), is_over(ScanJob.lease_until))
            .values(lease_until=a_lease())
            .returning(ScanJob.id)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
    if taken is not None:
        tell(database, redis, scan_job_id)


def _word_of(session: Session, scan_job: ScanJob) -> ScanComplete | ScanError:
    if scan_job.status == JobStatus.COMPLETED:
        return completion_of(session, scan_job)
    return ScanError(library_id=scan_job.library_id, scan_job_id=scan_job.id, error=scan_job.error or "")


def _is_untold() -> ColumnElement[bool]:
    return and_(ScanJob.status.in_(ENDED), ScanJob.told_at.is_(None))
