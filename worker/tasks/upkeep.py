"""The sweeper: what stopped moving is sent again. The rows are the truth; whatever Redis forgot, they still know."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import queue_controls, scan_jobs, scan_order, tasks
from shared.models import Enrichment, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus
from shared.tasks import TaskSpec
from worker import leases, progress
from worker.app import body_of, resources
from worker.resources import PROBE_BATCH, REGISTER_BATCH, TITLES_AT_ONCE

#: Nudges that one sweep sends for one step of one job; the next sweep sends more.
MOST_NUDGES = 50


@body_of(tasks.sweep)
def sweep() -> None:
    """Send again what nobody holds and no queue carries, and complete what has settled."""
    with resources.database.read() as session:
        instant = now()
        waiting = session.scalars(
            select(ScanJob.id).where(
                ScanJob.status.in_(scan_jobs.ACTIVE),
                ScanJob.discovered_at.is_(None),
                (ScanJob.lease_until.is_(None)) | (ScanJob.lease_until < instant),
                ~scan_order.is_behind(),
            )
        ).all()
        running = session.scalars(select(ScanJob.id).where(ScanJob.status == scan_jobs.JobStatus.IN_PROGRESS)).all()
        stalled = [*_stalled_folders(session), *_stalled_titles(session)]
        controls = queue_controls.read(session)
    queue_controls.carry(resources.redis, controls)
    for waiting_id in waiting:
        if not _is_queued(tasks.discover):
            tasks.discover.send(waiting_id)
    # What is on a queue already only waits its turn.
    queued = {spec: _is_queued(spec) for spec in {spec for spec, _, _ in stalled}}
    for spec, scan_job_id, nudges in stalled:
        if not queued[spec]:
            spec.send(scan_job_id, times=min(nudges, MOST_NUDGES))
    for running_id in running:
        progress.stands(resources, running_id)


def _stalled_folders(session: Session) -> list[tuple[TaskSpec, str | None, int]]:
    steps = {
        FolderStatus.PENDING: (tasks.register, REGISTER_BATCH),
        FolderStatus.REGISTERED: (tasks.probe, PROBE_BATCH),
    }
    rows = session.execute(
        select(ScanFolder.status, ScanFolder.scan_job_id, func.count())
        .join(ScanJob, ScanJob.id == ScanFolder.scan_job_id)
        .where(ScanJob.status == scan_jobs.JobStatus.IN_PROGRESS, ScanFolder.status.in_(steps), leases.free(ScanFolder))
        .group_by(ScanFolder.status, ScanFolder.scan_job_id)
    )
    return [
        (steps[FolderStatus(status)][0], scan_job_id, progress.batches(folders, steps[FolderStatus(status)][1]))
        for status, scan_job_id, folders in rows
    ]


def _stalled_titles(session: Session) -> list[tuple[TaskSpec, str | None, int]]:
    steps = {
        EnrichmentStatus.METADATA: tasks.fetch,
        EnrichmentStatus.DETAILS: tasks.fetch,
        EnrichmentStatus.ARTWORK: tasks.paint,
    }
    rows = session.execute(
        select(Enrichment.status, Enrichment.scan_job_id, func.count())
        .where(Enrichment.status.in_(steps), leases.free(Enrichment), leases.due())
        .group_by(Enrichment.status, Enrichment.scan_job_id)
    )
    return [
        (steps[EnrichmentStatus(status)], scan_job_id, progress.batches(titles, TITLES_AT_ONCE))
        for status, scan_job_id, titles in rows
    ]


def _is_queued(spec: TaskSpec) -> bool:
    return bool(resources.redis.llen(spec.list))
