"""How far a scan is, as clients are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from redis import Redis
from sqlalchemy import case, update
from sqlalchemy.orm import Session

from shared import queue_controls, scan_counting, scan_floor, scan_jobs, scan_order
from shared.events import BatchItem, Phase, ScanProgress
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_counts import Counts, Rate, eta_seconds, rate
from shared.scan_states import JobStatus
from shared.scan_waiting import Surroundings, next_looks, next_tries, waiting_for

#: The folder or title that was just saved, and how many titles came with it.
Saved = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a scan is, at which rate it goes, how many seconds it will still take, and what it waits for.

    None where nobody knows.
    """

    counts: Counts
    rate: Rate | None
    eta_seconds: int | None
    waiting_for: str | None


def standings(session: Session, jobs: Sequence[ScanJob], around: Surroundings) -> dict[str, Standing]:
    """Return how each of these jobs stands by its rows, by their ids, in as many queries as for one."""
    ids = [scan_job.id for scan_job in jobs]
    counted, tries, looks = scan_counting.count_each(session, ids), next_tries(session, ids), next_looks(session, ids)
    around = replace(around, paused=queue_controls.paused(session))
    ahead = scan_order.ahead_of(session, ids)
    found = {}
    for scan_job in jobs:
        counts = scan_counting.counts_of(scan_job, counted[scan_job.id])
        next_try, next_look = tries.get(scan_job.id), looks.get(scan_job.id)
        waits = waiting_for(scan_job, counts, around, next_try, next_look=next_look, behind=ahead.get(scan_job.id))
        pace, eta = (None, None) if waits else _measured(scan_job, counts)
        found[scan_job.id] = Standing(counts, pace, eta, waits)
    return found


def never_back(redis: Redis, jobs: Sequence[ScanJob], standing: Mapping[str, Standing]) -> dict[str, Standing]:
    """Return how these jobs stand as clients are told: with counts that were never higher."""
    highest = scan_floor.raised(redis, jobs, {id_: each.counts for id_, each in standing.items()})
    return {id_: replace(each, counts=highest[id_]) for id_, each in standing.items()}


def progress_of(scan_job: ScanJob, standing: Standing, saved: Saved | None = None) -> ScanProgress:
    """Return the event that tells how far a running scan is."""
    counts = standing.counts
    phase, current, total, message = phase_of(scan_job, counts)
    # While folders are still being found, a share of them says nothing.
    percent = counts.percent if scan_job.discovered_at else 0
    return ScanProgress(
        phase=phase,
        progress=max(percent, scan_job.percent),
        current=current,
        total=total,
        message=message,
        library_id=scan_job.library_id,
        scan_job_id=scan_job.id,
        eta_seconds=standing.eta_seconds,
        folders_per_second=standing.rate.folders if standing.rate else None,
        titles_per_second=standing.rate.titles if standing.rate else None,
        waiting_for=standing.waiting_for,
        batch_item_complete=saved and BatchItem(folderName=saved[0], itemsSaved=saved[1], totalItems=counts.titles),
    )


def raise_percent(session: Session, scan_job: ScanJob, percent: int, *, has_moved: bool = False) -> int | None:
    """Keep the highest percentage of a run, and return it; None when the run that was read has ended meanwhile."""
    highest = case((ScanJob.percent < percent, percent), else_=ScanJob.percent)
    moved = {"moved_at": now()} if has_moved else {}
    return session.execute(
        update(ScanJob)
        .where(scan_jobs.is_held(scan_job))
        .values(percent=highest, **moved)
        .returning(ScanJob.percent)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()


def _measured(scan_job: ScanJob, counts: Counts) -> tuple[Rate | None, int | None]:
    if scan_job.status != JobStatus.IN_PROGRESS or scan_job.measured_at is None:
        return None, None
    begun, elapsed = Counts(**scan_job.totals), (now() - scan_job.measured_at).total_seconds()
    return rate(begun, counts, elapsed), eta_seconds(begun, counts, elapsed)


def phase_of(scan_job: ScanJob, counts: Counts) -> tuple[Phase, int, int, str]:
    """Name what a scan is at: the first of its steps that isn't done, how much of it is, of how many, and in words."""
    if scan_job.status == JobStatus.COMPLETED:
        return "batch-complete", counts.folders_settled, counts.folders, "The scan is complete"
    if scan_job.discovered_at is None:
        return "discovering", counts.folders_named, counts.folders, f"Folders found: {counts.folders}"
    if counts.folders_named < counts.folders:
        return "scanning", counts.folders_named, counts.folders, "Naming the files"
    if counts.titles_fetched < counts.titles:
        return "fetching-metadata", counts.titles_fetched, counts.titles, "Asking the metadata providers"
    if counts.titles_settled < counts.titles:
        return "saving", counts.titles_settled, counts.titles, "Saving pictures and colours"
    return "batching", counts.folders_settled, counts.folders, "Looking into the files"
