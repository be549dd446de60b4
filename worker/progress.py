"""What follows each batch: the end of the scan, or word of how far it is."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import events, scan_counting, scan_endings, scan_floor, scan_jobs, scan_order, tasks
from shared.models import Failure, ScanJob
from shared.scan_jobs import JobStatus
from shared.scan_progress import Saved, never_back, progress_of, raise_percent, standings
from shared.scan_waiting import Surroundings
from worker.holders import this_process
from worker.nudges import nudge
from worker.record import replacing
from worker.resources import Resources

log = logging.getLogger(__name__)


def moved(resources: Resources, scan_job_id: str | None, item: str = "", saved: int = 0) -> None:
    """Tell clients that a batch of a scan settled, and complete the scan if it was the last one.

    ``item`` names the folder or title that was just saved, ``saved`` how many came with it.
    """
    if scan_job_id is not None:
        _look_at(resources, scan_job_id, (item, saved) if item else None, has_moved=True)


def stands(resources: Resources, scan_job_id: str) -> None:
    """Tell clients how far a scan is though nothing of it may have moved, and complete it if nothing is left to do."""
    _look_at(resources, scan_job_id, None, has_moved=False)


def failed(resources: Resources, scan_job: ScanJob, error: str, note: Callable[[Session], None]) -> None:
    """End a scan that can't be done, and tell clients why; nothing happens when another worker has it by now.

    ``note`` is what else is recorded of that, by the same transaction.
    """
    with resources.database.begin() as session:
        note(session)
        ended = scan_jobs.fail(session, scan_job.id, error, only_if=scan_jobs.is_held(scan_job))
        following = scan_order.next_after(session, scan_job.id) if ended else []
    if ended:
        log.error("The scan of %s failed: %s", scan_job.path, error, extra={"scanJobId": scan_job.id})
        scan_endings.tell(resources.database, resources.redis, scan_job.id)
    for waiting_id in following:
        tasks.discover.send(waiting_id)


def _look_at(resources: Resources, scan_job_id: str, saved: Saved | None, *, has_moved: bool) -> None:
    with resources.database.read() as session:
        may_have_ended = scan_jobs.is_settled(session, scan_job_id)
    if may_have_ended:
        _complete(resources, scan_job_id)
    elif not events.is_early(resources.redis, scan_job_id):
        _tell_progress(resources, scan_job_id, saved, has_moved=has_moved)


def _complete(resources: Resources, scan_job_id: str) -> None:
    with resources.database.read() as session:
        settled = session.get(ScanJob, scan_job_id)
        counted = scan_counting.count(session, scan_job_id)
    if settled is None:
        return
    told = scan_floor.raised(resources.redis, [settled], {scan_job_id: counted})[scan_job_id]
    with resources.database.begin() as session:
        scan_job = scan_jobs.complete(session, scan_job_id, told, this_process())
        if scan_job is None:
            return
        replacing.settle(session, scan_job)
        following = scan_order.next_after(session, scan_job.id)
        message = scan_endings.completion_of(session, scan_job).message
        by_cause = select(Failure.cause, func.count()).where(Failure.scan_job_id == scan_job_id).group_by(Failure.cause)
        causes = dict(session.execute(by_cause.order_by(Failure.cause)).all())
    _log_end(scan_job, message, causes)
    scan_endings.tell(resources.database, resources.redis, scan_job.id)
    for waiting_id in following:
        tasks.discover.send(waiting_id)
    # With the other pictures of its titles.
    nudge(tasks.paint, None)


def _log_end(scan_job: ScanJob, message: str, causes: Mapping[str, int]) -> None:
    of_scan = {"scanJobId": scan_job.id}
    log.info("%s: %s", scan_job.path, message, extra=of_scan)
    if causes:
        counted = ", ".join(f"{count} {cause}" for cause, count in causes.items())
        log.warning("%s: what the scan could not do: %s.", scan_job.path, counted, extra=of_scan)


def _tell_progress(resources: Resources, scan_job_id: str, saved: Saved | None, *, has_moved: bool) -> None:
    around = Surroundings.seen(resources.redis, [scan_job_id])
    with resources.database.read() as session:
        scan_job = session.get(ScanJob, scan_job_id)
        if scan_job is None or scan_job.status != JobStatus.IN_PROGRESS:
            return
        standing = standings(session, [scan_job], around)
    event = progress_of(scan_job, never_back(resources.redis, [scan_job], standing)[scan_job_id], saved)
    with resources.database.begin() as session:
        percent = raise_percent(session, scan_job, event.progress, has_moved=has_moved)
    if percent is not None:
        events.tell_progress(resources.redis, replace(event, progress=percent))
