"""A worker that has nothing to do keeps one process (``--autoscale 2,1``): an idle one holds 30 MB that nobody uses."""

from contextlib import suppress

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
        # As Celery's does, which says so each time, also where all are busy and none can go.
        with suppress(ValueError):
            self.pool.shrink(n)  # type: ignore[attr-defined]  # celery-types lacks it

    def _update_consumer_prefetch_count(self, new_max: int) -> None:
        """Have a consumer that connects anew, too, reserve a task for each process that may be started."""
        super()._update_consumer_prefetch_count(new_max)  # type: ignore[misc]  # celery-types lacks it
        consumer = self.worker.consumer
        consumer.initial_prefetch_count = new_max * consumer.prefetch_multiplier
