"""What clients may ask about scan jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from shared.models import Failure, ScanJob
from shared.scan_jobs import JobStatus

#: A job tells so many of its failures.
FAILURES_TOLD = 200


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Which jobs: all, or those of one status or library; so many, after so many others. Newest first."""

    status: JobStatus | None = None
    library_id: str | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures of one cause: how many there are, and the first of them."""

    count: int
    example: Failure


def jobs(session: Session, page: JobsPage) -> tuple[Sequence[ScanJob], int]:
    """Return a part of the list of jobs, each with its library, and how many there are in all."""
    wanted = select(ScanJob).join(ScanJob.library)
    if page.status is not None:
        wanted = wanted.where(ScanJob.status == page.status)
    if page.library_id is not None:
        wanted = wanted.where(ScanJob.library_id == page.library_id)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    newest_first = wanted.options(contains_eager(ScanJob.library)).order_by(ScanJob.created_at.desc(), ScanJob.id)
    return session.scalars(newest_first.limit(page.limit).offset(page.offset)).all(), total


def failures(session: Session, scan_job_id: str) -> Sequence[Failure]:
    """Return the first failures of a job."""
    of_job = select(Failure).where(Failure.scan_job_id == scan_job_id)
    return session.scalars(of_job.order_by(Failure.created_at, Failure.id).limit(FAILURES_TOLD)).all()


def causes(session: Session, scan_job_id: str) -> list[Cause]:
    """Return the failures of a job by their causes, the most frequent first."""
    place = func.row_number().over(partition_by=Failure.cause, order_by=(Failure.created_at, Failure.id))
    number = func.count().over(partition_by=Failure.cause)
    placed = (
        select(Failure.id, place.label("place"), number.label("number"))
        .where(Failure.scan_job_id == scan_job_id)
        .subquery()
    )
    rows = session.execute(
        select(Failure, placed.c.number)
        .join(placed, placed.c.id == Failure.id)
        .where(placed.c.place == 1)
        .order_by(placed.c.number.desc(), Failure.cause)
    )
    return [Cause(count, example) for example, count in rows]


def waiting_before(session: Session, scan_job: ScanJob) -> int:
    """Count the jobs that wait for a worker longer than this one does; 0 when it does not wait."""
    if scan_job.status != JobStatus.PENDING:
        return 0
    older = select(func.count()).where(ScanJob.status == JobStatus.PENDING, ScanJob.created_at < scan_job.created_at)
    return session.scalar(older) or 0
