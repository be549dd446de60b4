"""What clients may ask about scan jobs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from shared import scan_order
from shared.errors import NotFoundError
from shared.models import Failure, Library, ScanJob
from shared.scan_counting import count_each
from shared.scan_counts import Counts
from shared.scan_states import UNENDED, JobStatus

#: A job tells so many of its failures, and of each cause so many.
FAILURES_TOLD, EXAMPLES_TOLD = 200, 5


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Which jobs: all, or those of one status or library; so many, after so many others. Newest first."""

    status: JobStatus | None = None
    library_id: str | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FailuresPage:
    """Which failures of a job: all, or those of one cause; so many, after so many others. In the order they came."""

    cause: str | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures of one cause: how many there are, and the first of them."""

    count: int
    examples: list[Failure]


@dataclass(frozen=True, slots=True)
class RunningScan:
    """A scan that has not ended: of which library, how far in per cent, and how much of what it found is done."""

    library_id: str
    library: str
    status: str
    percent: int
    counts: Counts


def running(session: Session) -> list[RunningScan]:
    """Return every scan that has not ended, the oldest first."""
    jobs = session.execute(
        select(ScanJob, Library.name)
        .join(Library, Library.id == ScanJob.library_id)
        .where(ScanJob.status.in_(UNENDED))
        .order_by(ScanJob.created_at)
    ).all()
    counts = count_each(session, [scan_job.id for scan_job, _ in jobs])
    return [
        RunningScan(scan_job.library_id, name, scan_job.status, scan_job.percent, counts[scan_job.id])
        for scan_job, name in jobs
    ]


def job(session: Session, scan_job_id: str) -> ScanJob:
    """Return a job with its library.

    Raises:
        NotFoundError: there is none by this id.

    """
    scan_job = session.get(ScanJob, scan_job_id, options=[joinedload(ScanJob.library)])
    if scan_job is None:
        raise NotFoundError("There is no scan job by this id.")
    return scan_job


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


def failures(session: Session, scan_job_id: str, page: FailuresPage) -> tuple[Sequence[Failure], int]:
    """Return a part of the failures of a job, and how many there are in all."""
    wanted = select(Failure).where(Failure.scan_job_id == scan_job_id)
    if page.cause is not None:
        wanted = wanted.where(Failure.cause == page.cause)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    in_order = wanted.order_by(Failure.created_at, Failure.id)
    return session.scalars(in_order.limit(page.limit).offset(page.offset)).all(), total


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
        .where(placed.c.place <= EXAMPLES_TOLD)
        .order_by(placed.c.number.desc(), Failure.cause, placed.c.place)
    )
    found: dict[str, Cause] = {}
    for example, count in rows:
        found.setdefault(example.cause, Cause(count, [])).examples.append(example)
    return list(found.values())


def place_in_queue(session: Session, scan_job: ScanJob) -> int | None:
    """Return the place of a job among those that wait, from 1; None when it waits for no other."""
    if scan_job.status != JobStatus.PENDING:
        return None
    older = select(func.count()).where(ScanJob.status == JobStatus.PENDING, ScanJob.created_at < scan_job.created_at)
    waiting = session.scalar(older) or 0
    return waiting + 1 if waiting or scan_order.ahead_of(session, [scan_job.id]) else None
