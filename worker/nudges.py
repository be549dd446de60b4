"""Nudges: each says that there may be something to do at one step. One that waits is enough, however much there is.

Who takes a batch passes the nudge on before it works on it, until one finds nothing. So as many work as there are
processes, and a queue is as short for a library of a million files as for one of ten.
"""

import json
import logging
from typing import Any

from redis.exceptions import RedisError

from shared import tasks
from shared.scan_states import EnrichmentStatus, FolderStatus
from shared.tasks import TaskSpec
from worker.app import resources

log = logging.getLogger(__name__)

#: The task of the step that a folder or title is at.
OF_FOLDERS = {FolderStatus.PENDING: tasks.register, FolderStatus.REGISTERED: tasks.probe}
OF_TITLES = {
    EnrichmentStatus.METADATA: tasks.fetch,
    EnrichmentStatus.DETAILS: tasks.fetch,
    EnrichmentStatus.ARTWORK: tasks.paint,
    EnrichmentStatus.PICTURES: tasks.paint,
}


def nudge(spec: TaskSpec, scan_job_id: str | None, *, when: bool = True) -> None:
    """Send a task of a step at which each task works for any scan, unless one waits already, or there is no reason.

    To be called after the commit: the one that waits then finds what was committed.
    """
    if when and not waits(spec):
        spec.send(scan_job_id)


def nudge_for(spec: TaskSpec, scan_job_id: str) -> None:
    """Send a task that works for this scan alone, unless it waits already."""
    if not waits(spec, repr((scan_job_id,))):
        spec.send(scan_job_id)


def waits(spec: TaskSpec, arguments: str | None = None) -> bool:
    """Return whether a task waits in its queue, with these arguments if it matters; yes where Redis can't be asked."""
    try:
        waiting: Any = resources.redis.lrange(spec.list, 0, -1)
    except RedisError:
        log.warning("Redis can't be reached; %s will be sent when it can.", spec.name)
        return True
    headers = (json.loads(message)["headers"] for message in waiting)
    return any(each["task"] == spec.name and (arguments is None or each["argsrepr"] == arguments) for each in headers)
