"""How the queues are: what waits in them, and who works on it. Redis knows."""

import json
import time
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared import queue_answers
from shared.tasks import QUEUES, SENT_AT, lists_of
from shared.worker_heartbeats import Load, loads, workers_by_queue


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: how many tasks wait, for how many seconds the oldest has (None: nobody knows), and its workers.

    ``workers`` has what each is at, by its name. ``answered_seconds`` is how long ago one of them last began a task of
    this queue; None: nobody knows.
    """

    waiting: int
    oldest_seconds: float | None
    workers: dict[str, Load]
    answered_seconds: float | None

    @property
    def is_busy(self) -> bool:
        """Whether every process that could begin a task of this queue is at another."""
        return bool(self.workers) and all(load.running >= load.concurrency for load in self.workers.values())


def seen(redis: Redis) -> dict[str, QueueState]:
    """Look at every queue.

    Raises:
        RedisError: Redis can't be reached.

    """
    workers, load_of, answered = workers_by_queue(redis), loads(redis), queue_answers.ages(redis)
    return {
        queue: QueueState(
            *_waiting(redis, queue),
            # Who is there has said what it is at in the same breath.
            {name: load_of[name] for name in sorted(workers[queue]) if name in load_of},
            answered.get(queue),
        )
        for queue in QUEUES
    }


def _waiting(redis: Redis, queue: str) -> tuple[int, float | None]:
    with redis.pipeline(transaction=False) as pipeline:
        for name in lists_of(queue):
            pipeline.llen(name)
            # Tasks are put in at the head and taken from the tail.
            pipeline.lindex(name, -1)
        answers: list[Any] = pipeline.execute()
    sent = [instant for message in answers[1::2] if (instant := _sent_at(message)) is not None]
    return sum(answers[::2]), max(time.time() - min(sent), 0.0) if sent else None


def _sent_at(message: bytes | None) -> float | None:
    headers = json.loads(message)["headers"] if message else {}
    return headers.get(SENT_AT)
