"""When a worker last answered on each queue: whoever begins a task notes it in Redis, by Redis's own clock.

A queue that works tells so by its own tasks. To one on which nothing happens the sweeper sends a canary, a task of
which nothing is wanted but that it begins; and only while nothing waits there, so that they can't pile up.
"""

from collections.abc import Iterable
from typing import Any

from redis import Redis

_KEY = "dester:queues:answered"
_NOTE = """
local instant = redis.call('TIME')
for place = 1, #ARGV do redis.call('HSET', KEYS[1], ARGV[place], instant[1]) end
"""


def note(redis: Redis, queues: Iterable[str]) -> None:
    """Note that these queues are answered.

    Raises:
        RedisError: Redis can't be reached.

    """
    redis.eval(_NOTE, 1, _KEY, *queues)


def ages(redis: Redis) -> dict[str, float]:
    """Return how many seconds ago each queue was answered; one of which Redis does not know it is not there.

    Raises:
        RedisError: Redis can't be reached.

    """
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.time()
        pipeline.hgetall(_KEY)
        answers: list[Any] = pipeline.execute()
    (seconds, _), kept = answers
    # What lies ahead is from before the clock was set back.
    return {queue.decode(): float(seconds - int(instant)) for queue, instant in kept.items() if int(instant) <= seconds}
