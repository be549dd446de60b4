"""The sweeper: what stopped moving is sent again. The rows are the truth; whatever Redis forgot, they still know."""

import logging
from collections.abc import Sequence

from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import queue_answers, queue_controls, scan_endings, scan_jobs, scan_order, tasks
from shared.lease_time import is_over
from shared.models import Enrichment, ScanFolder, ScanJob
from shared.scan_jobs import EnrichmentStatus, FolderStatus
from shared.tasks import TaskSpec
from worker import keeping, leases, progress, turns
from worker.app import SWEEP_EVERY, body_of, resources
from worker.nudges import OF_FOLDERS, OF_TITLES, nudge, nudge_for, waits
from worker.record import unseen

log = logging.getLogger(__name__)

#: A queue that nobody answered on for so many seconds is sent a canary.
CANARY_AFTER = 10.0
#: Where in Redis stands when the last sweep began.
SWEPT = "dester:swept"
#: Whether a sweep may begin, ARGV[1] seconds after the last one did; KEYS[1] holds when that was. By Redis's clock: one
#: that was set back must not keep sweeps from beginning.
_MAY_BEGIN = """
local instant = redis.call('TIME')
local now = instant[1] + instant[2] / 1000000
local last = tonumber(redis.call('GET', KEYS[1]) or '0')
if last <= now and now - last < tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], string.format('%.6f', now))
return 1
"""
#: As often as the timer asks for it, or a little more; a second timer brings no more sweeps.
_APART = SWEEP_EVERY * 0.8


@body_of(tasks.sweep)
def sweep() -> None:
    """Send again what nobody holds and no queue carries, and complete what has settled."""
    if may_begin(resources.redis):
        _send_again()


def may_begin(redis: Redis) -> bool:
    """Whether a sweep may begin now; not when another one just did."""
    return bool(redis.eval(_MAY_BEGIN, 1, SWEPT, _APART))


@body_of(tasks.release)
def release(holder: str, besides: str | None) -> None:
    """Free what a holder that is gone held, and send it again."""
    with resources.database.begin() as session:
        freed = keeping.release(session, holder, besides)
    if freed:
        log.warning("%s left %d pieces of work; they are sent again.", holder.rstrip("/"), freed)
        _send_again()


def _send_again() -> None:
    with resources.database.read() as session:
        unlisted = session.scalars(
            select(ScanJob.id).where(
                ScanJob.status.in_(scan_jobs.ACTIVE),
                ScanJob.discovered_at.is_(None),
                is_over(ScanJob.lease_until),
                ~scan_order.is_behind(),
            )
        ).all()
        running = session.scalars(select(ScanJob.id).where(ScanJob.status == scan_jobs.JobStatus.IN_PROGRESS)).all()
        unjudged = session.scalars(select(ScanJob.id).where(unseen.due())).all()
        stalled = {**_stalled_folders(session), **_stalled_titles(session)}
        untold = scan_endings.overdue(session)
        controls = queue_controls.read(session)
    queue_controls.carry(resources.redis, controls)
    _send_canaries([queue for queue, control in controls.items() if control.is_paused])
    for scan_job_id in unlisted:
        nudge_for(tasks.discover, scan_job_id)
    for scan_job_id in unjudged:
        nudge_for(tasks.reconcile, scan_job_id)
    for spec, of_job in stalled.items():
        nudge(spec, of_job)
    for scan_job_id in untold:
        scan_endings.tell_again(resources.database, resources.redis, scan_job_id)
    for running_id in running:
        progress.stands(resources, running_id)


def _send_canaries(paused: Sequence[str]) -> None:
    """See to it that every queue is answered; of one that is paused that is not wanted."""
    if paused:
        queue_answers.note(resources.redis, paused)
    ages = queue_answers.ages(resources.redis)
    for canary in tasks.CANARIES:
        if ages.get(canary.queue, CANARY_AFTER) >= CANARY_AFTER and not waits(canary):
            canary.send()


def _stalled_folders(session: Session) -> dict[TaskSpec, str | None]:
    """Return the tasks at whose step a folder waits that nobody holds, and for which scan."""
    rows = session.execute(
        select(ScanFolder.status, func.min(ScanFolder.scan_job_id))
        .join(ScanJob, ScanJob.id == ScanFolder.scan_job_id)
        .where(
            ScanJob.status == scan_jobs.JobStatus.IN_PROGRESS,
            ScanFolder.status.in_(OF_FOLDERS),
            leases.free(ScanFolder),
            leases.due(ScanFolder),
        )
        .group_by(ScanFolder.status)
    )
    return {OF_FOLDERS[FolderStatus(status)]: scan_job_id for status, scan_job_id in rows}


def _stalled_titles(session: Session) -> dict[TaskSpec, str | None]:
    """Return the tasks at whose step a title waits that nobody holds, and for which scan, or for none."""
    is_its_turn = (Enrichment.status != EnrichmentStatus.PICTURES) | ~turns.is_scanning()
    rows = session.execute(
        select(Enrichment.status, func.min(Enrichment.scan_job_id))
        .where(Enrichment.status.in_(OF_TITLES), leases.free(Enrichment), leases.due(Enrichment), is_its_turn)
        .group_by(Enrichment.status)
    )
    return {OF_TITLES[EnrichmentStatus(status)]: scan_job_id for status, scan_job_id in rows}
