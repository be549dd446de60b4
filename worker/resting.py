"""A worker that has nothing to do keeps one process (``--autoscale 2,1``): an idle one holds 30 MB that nobody uses."""

from contextlib import suppress
from typing import Any

from celery.worker import state
from celery.worker.autoscale import Autoscaler
from celery.worker.request import Request

from shared import tasks

#: What comes every few seconds also when nothing is to be done; one process is enough for all of that.
_NO_WORK = frozenset(spec.name for spec in (tasks.sweep, tasks.release, *tasks.CANARIES))


class Resting(Autoscaler):
    """Celery's own autoscaler: a process more when a task has none, and fewer half a minute after the last task."""

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
        # One that was told to end takes a second to, and would be told in the place of another if it is asked for
        # again meanwhile: it is no longer counted. It is told again, as one that has just started hears no signal.
        ending = [process for process in pool._pool._pool if process._controlled_termination]  # noqa: SLF001
        for process in ending:
            process.terminate()
        if not ending:
            # As Celery's does, which says so each time, also where all are busy and none can go.
            with suppress(ValueError):
                pool.shrink(n)

    def _update_consumer_prefetch_count(self, new_max: int) -> None:
        """Have a consumer that connects anew, too, reserve a task for each process that may be started."""
        super()._update_consumer_prefetch_count(new_max)  # type: ignore[misc]  # celery-types lacks it
        consumer = self.worker.consumer
        consumer.initial_prefetch_count = new_max * consumer.prefetch_multiplier
