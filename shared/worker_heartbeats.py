"""Which workers are alive, by queue: they say so in Redis every few seconds, and whoever wants to know reads it there.

So do the timer and the process that watches libraries, each as if a queue had its name.

A sorted set for each queue holds the name of each worker and when it last said so, by Redis's own clock. A worker that
stops takes its name away; one that dies is forgotten after ``ALIVE_FOR``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.tasks import QUEUES

#: A worker that was silent for so long is taken for dead, in seconds. Workers speak every two.
ALIVE_FOR = 20
#: Who speaks, and drains no queue.
TIMER, WATCH = "beat", "watch"

#: What each worker is at, by its name.
_LOADS = "dester:workers:loads"

#: Notes ARGV[1] in each of KEYS but the first, and there what it is at.
_BEAT = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
local instant = redis.call('TIME')
for place = 2, #KEYS do
    local key = KEYS[place]
    redis.call('ZADD', key, instant[1] + instant[2] / 1000000, ARGV[1])
    redis.call('ZREMRANGEBYSCORE', key, '-inf', instant[1] - ARGV[2])
    redis.call('EXPIRE', key, ARGV[2])
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """How many tasks a worker does at once, and how many it is at."""

    concurrency: int
    running: int


def beat(redis: Redis, worker: str, queues: Iterable[str], concurrency: int, running: int = 0) -> None:
    """Note that a worker, by its name, is alive, drains these queues with so many tasks at once, and is at so many.

    Raises:
        RedisError: Redis can't be reached.

    """
    keys = [_key(queue) for queue in queues]
    redis.eval(_BEAT, 1 + len(keys), _LOADS, *keys, worker, ALIVE_FOR, f"{concurrency} {running}")


def leave(redis: Redis, worker: str) -> None:
    """Note that a worker has stopped.

    Raises:
        RedisError: Redis can't be reached.

    """
    with redis.pipeline(transaction=False) as pipeline:
        for queue in QUEUES:
            pipeline.zrem(_key(queue), worker)
        pipeline.hdel(_LOADS, worker)
        pipeline.execute()


def workers_by_queue(redis: Redis) -> dict[str, dict[str, float]]:
    """Return the workers that drain each queue, by their names, with how long ago each last spoke, in seconds.

    Every queue of ``shared.tasks.QUEUES`` is there; one that nobody drains has no workers:
    ``{"scan": {"scan@host": 1.2}, "metadata": {}, …}``. One round trip to Redis.

    Raises:
        RedisError: Redis can't be reached.

    """
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.time()
        for queue in QUEUES:
            pipeline.zrange(_key(queue), 0, -1, withscores=True)
        answers: list[Any] = pipeline.execute()
    (seconds, microseconds), *found = answers
    instant = seconds + microseconds / 1e6
    return {
        queue: {worker.decode(): max(instant - spoke, 0.0) for worker, spoke in workers if instant - spoke <= ALIVE_FOR}
        for queue, workers in zip(QUEUES, found, strict=True)
    }


def loads(redis: Redis) -> dict[str, Load]:
    """Return what each worker is at, by its name; ones that died long ago may be among them.

    Raises:
        RedisError: Redis can't be reached.

    """
    kept: Any = redis.hgetall(_LOADS)
    return {worker.decode(): Load(*map(int, load.split())) for worker, load in kept.items()}


def _key(queue: str) -> str:
    return f"dester:workers:{queue}"


def is_alive(redis: Redis, kind: str, name: str) -> bool:
    """Return whether a process was heard of lately; ``kind`` is a queue, ``TIMER`` or ``WATCH``.

    Raises:
        RedisError: Redis can't be reached.

    """
    spoke: Any = redis.zscore(_key(kind), name)
    seconds, _ = redis.time()
    return spoke is not None and seconds - spoke <= ALIVE_FOR
