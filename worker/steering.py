"""A worker does what is said of its queues: which it takes nothing from for now, and how many tasks it does at once.

It looks with each heartbeat, so that it needs nobody who tells it: also one that has just started, or whose Redis lost
everything, does within seconds what the rows say (``shared.queue_controls``).
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from celery.worker import state

from shared.queue_controls import Control

log = logging.getLogger(__name__)


class Helm:
    """What steers a worker's consumer, which is Celery's own part that takes tasks and hands them to the processes."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.name: str = consumer.hostname
        #: Celery's own part that starts and ends processes, where the worker was started with ``--autoscale``.
        self._autoscaler: Any = consumer.controller.autoscaler
        #: What it was started with: ``-Q``, and ``-c`` or the larger number of ``--autoscale``.
        self.queues: tuple[str, ...] = tuple(consumer.app.amqp.queues.consume_from)
        self._started_with = self.concurrency

    @property
    def concurrency(self) -> int:
        """How many tasks it does at once, if there are so many; an autoscaler starts the processes for them."""
        return int(self._autoscaler.max_concurrency if self._autoscaler else self._consumer.pool.num_processes)

    @property
    def running(self) -> int:
        """How many tasks its processes are at."""
        return len(state.active_requests)

    def steer(self, controls: Mapping[str, Control]) -> None:
        """Do as the controls of its queues say; what is said of none is as it was started."""
        of_mine = {queue: controls[queue] for queue in self.queues if queue in controls}
        for queue in self.queues:
            self._take_from(queue, is_paused=queue in of_mine and of_mine[queue].is_paused)
        self._work_on(_highest(of_mine.values()) or self._started_with)

    def _take_from(self, queue: str, *, is_paused: bool) -> None:
        if self._consumer.task_consumer.consuming_from(queue) is not is_paused:
            return
        if is_paused:
            log.info("Queue %s is paused: nothing more is taken from it.", queue)
            self._consumer.cancel_task_queue(queue)
        else:
            log.info("Queue %s is worked on again.", queue)
            self._consumer.add_task_queue(queue)

    def _work_on(self, wanted: int) -> None:
        """Have so many processes; those that are busy go at one of the next heartbeats."""
        pool, before = self._consumer.pool, self.concurrency
        if self._autoscaler:
            self._autoscaler.update(max=wanted)
        elif wanted > before:
            pool.grow(wanted - before)
        elif wanted < before:
            # Raised when fewer than so many are idle; those that are have gone all the same.
            with suppress(ValueError):
                pool.shrink(before - wanted)
        if (change := self.concurrency - before) != 0:
            log.info("Tasks done at once: %d, before %d.", self.concurrency, before)
            if not self._autoscaler:
                # As Celery's own remote commands do it, and its autoscaler; it has no public name.
                self._consumer._update_prefetch_count(change)  # noqa: SLF001


def _highest(controls: Iterable[Control]) -> int:
    return max((control.concurrency or 0 for control in controls), default=0)
