"""A worker that has nothing to do keeps one process (``--autoscale 2,1``): an idle one holds 30 MB that nobody uses."""

import time
from contextlib import suppress
from typing import Any

from celery.worker import state
from celery.worker.autoscale import Autoscaler
from celery.worker.request import Request

from shared import tasks

#: What comes every few seconds also when nothing is to be done; one process is enough for all of that.
_NO_WORK = frozenset(spec.name for spec in (tasks.sweep, tasks.release, *tasks.CANARIES))

#: How long a process may take to end that was told to, in seconds.
_ENDS_WITHIN = 5.0


class Resting(Autoscaler):
    """Celery's own autoscaler: a process more when a task has none, and fewer half a minute after the last task."""

    #: When processes were told to end last.
    _told_at = 0.0

    def on_task_received(self, req: Request) -> None:
        """Remember when the last task came that was work."""
        if req.name not in _NO_WORK:
            super().on_task_received(req)  # type: ignore[misc]  # celery-types lacks it

    @property
    def qty(self) -> int:
        """How many processes there is something to do for."""
        reserved = list(state.reserved_requests)
        return len(reserved) if any(request.name not in _NO_WORK for request in reserved) else min(len(reserved), 1)

    def _shrink(self, n: int) -> None:
        pool: Any = self.pool
        # One that was told to end is not counted any more, but is in the pool for another second: it would be told once
        # more, in the place of another one.
        ending = [process for process in pool._pool._pool if process._controlled_termination]  # noqa: SLF001
        if not ending:
            self._told_at = time.monotonic()
            # As Celery's does, which says so each time, also where all are busy and none can go.
            with suppress(ValueError):
                pool.shrink(n)
        elif time.monotonic() - self._told_at > _ENDS_WITHIN:
            # One that had just started did not hear it, and one that hears it twice ends at once.
            self._told_at = time.monotonic()
            for process in ending:
                if not pool._pool._worker_active(process):  # noqa: SLF001
                    process.terminate()

    def _update_consumer_prefetch_count(self, new_max: int) -> None:
        """Have a consumer that connects anew, too, reserve a task for each process that may be started."""
        super()._update_consumer_prefetch_count(new_max)  # type: ignore[misc]  # celery-types lacks it
        consumer = self.worker.consumer
        consumer.initial_prefetch_count = new_max * consumer.prefetch_multiplier
