"""What is noted of every task that a worker does: for whom it is done, that its queue is answered, and how it ended."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from celery.exceptions import TimeLimitExceeded
from celery.signals import task_failure, task_postrun, task_prerun
from redis.exceptions import RedisError

from shared import correlation, metrics, queue_answers, tasks
from worker.resources import Resources

_SPECS = {spec.name: spec for spec in tasks.ALL}
#: As Celery calls it, and as it is told.
_OUTCOMES = {"SUCCESS": "succeeded", "FAILURE": "failed", "RETRY": "retried"}


def begin(resources: Resources) -> None:
    """Note it from now on in this process and in those that it forks."""
    began: dict[str, float] = {}

    def begun(task: Any, task_id: str, args: Sequence[str | None], **_: object) -> None:
        spec = _SPECS[task.name]
        of_scan = args[0] if spec.parameters[:1] == ("scan_job_id",) else None
        request_id = task.request.get(correlation.REQUEST_ID)
        correlation.begin(task=task.name, taskId=task_id, scanJobId=of_scan, requestId=request_id)
        began[task_id] = time.monotonic()
        with suppress(RedisError):
            queue_answers.note(resources.heartbeat_redis, [spec.queue])

    def ended(task: Any, task_id: str, state: str | None = None, **_: object) -> None:
        seconds = time.monotonic() - began.pop(task_id, time.monotonic())
        metrics.tasks.observe(seconds, task.name, _OUTCOMES.get(state or "", "failed"))
        correlation.end()

    task_prerun.connect(begun, weak=False)
    task_postrun.connect(ended, weak=False)
    task_failure.connect(_timed_out, weak=False)


def _timed_out(sender: Any, exception: BaseException, **_: object) -> None:
    """Note in the worker's own process what no process of its could: that it was ended."""
    if isinstance(exception, TimeLimitExceeded):
        metrics.tasks.observe(_SPECS[sender.name].time_limit, sender.name, "timed-out")
