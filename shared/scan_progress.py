"""How far a scan is, as clients are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from shared import scan_jobs
from shared.events import BatchItem, Phase, ScanProgress
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_counts import Counts, eta_seconds
from shared.scan_jobs import JobStatus
from shared.scan_waiting import Surroundings, next_tries, waiting_for

#: The folder or title that was just saved, and how many titles came with it.
Saved = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a scan is, how many seconds it will still take, and what it waits for; None where nobody knows."""

    counts: Counts
    eta_seconds: int | None
    waiting_for: str | None


def standings(session: Session, jobs: Sequence[ScanJob], around: Surroundings) -> dict[str, Standing]:
    """Return how each of these jobs stands, by their ids, in as many queries as for one."""
    ids = [scan_job.id for scan_job in jobs]
    counted, tries = scan_jobs.count_each(session, ids), next_tries(session, ids)
    found = {}
    for scan_job in jobs:
        counts = scan_jobs.counts_of(scan_job, counted[scan_job.id])
        waits = waiting_for(scan_job, counts, around, tries.get(scan_job.id))
        found[scan_job.id] = Standing(counts, None if waits else _eta(scan_job, counts), waits)
    return found


def progress_of(session: Session, scan_job: ScanJob, around: Surroundings, saved: Saved | None = None) -> ScanProgress:
    """Return the event that tells how far a running scan is."""
    standing = standings(session, [scan_job], around)[scan_job.id]
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


def _eta(scan_job: ScanJob, counts: Counts) -> int | None:
    if scan_job.status != JobStatus.IN_PROGRESS or scan_job.discovered_at is None or not scan_job.totals:
        return None
    return eta_seconds(Counts(**scan_job.totals), counts, (now() - scan_job.discovered_at).total_seconds())


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
