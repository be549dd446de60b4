"""Redis, the workers on each queue, what waits there, and the clock that all of them go by."""

import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from api.commands.checks.finding import Finding, broken, well, worth_knowing
from shared import tasks
from shared.config import Config
from shared.redaction import redacted
from shared.worker_heartbeats import workers_by_queue

_ANSWERS_WITHIN = 3.0
#: Leases of 30 s go by the database's clock; heartbeats, schedules and what is put off go by those of the hosts.
_CLOCKS_APART = 5.0


def embedded_redis(folder: Path) -> str:
    """Return the URL of the Redis that `dester up` runs on this folder, as `api.redis_server` wrote it down.

    Raises:
        OSError: nothing is written there, or not for this user.

    """
    lines = (folder / "redis.conf").read_text().splitlines()
    written = dict(line.split(" ", 1) for line in lines if " " in line)
    return f"redis://:{written['requirepass']}@{written['bind']}:{written['port']}/0"


def queues(settings: Config) -> Iterator[Finding]:
    """Check Redis, and by it the workers, their queues and the clock."""
    start = "Start the server by `make up`."
    try:
        url = settings.redis_url or embedded_redis(settings.data_dir / "redis")
    except PermissionError:
        yield broken("redis", "The embedded Redis belongs to another user.", "Run this as the user of the server.")
        return
    except (OSError, KeyError):
        yield broken("redis", "REDIS_URL is empty, and no embedded Redis has been started.", start)
        return
    which = "Redis at REDIS_URL" if settings.redis_url else "The embedded Redis"
    with Redis.from_url(url, socket_timeout=_ANSWERS_WITHIN, socket_connect_timeout=_ANSWERS_WITHIN) as redis:
        try:
            redis.ping()
            yield well("redis", f"{which} answers.")
            yield _clock(redis)
            yield from _workers(redis)
            yield _waiting(redis)
        except RedisError as error:
            remedy = "Start it, or correct REDIS_URL." if settings.redis_url else start
            yield broken("redis", f"{which} does not answer: {redacted(str(error))}.", remedy)


def _clock(redis: Redis) -> Finding:
    seconds, microseconds = redis.time()
    apart = abs(time.time() - seconds - microseconds / 1e6)
    if apart > _CLOCKS_APART:
        return worth_knowing(
            "clock",
            f"This machine's clock and that of Redis are {apart:.0f} s apart.",
            "Keep all clocks in step by NTP.",
        )
    return well("clock", "This machine's clock and that of Redis agree.")


def _workers(redis: Redis) -> Iterator[Finding]:
    for queue, workers in workers_by_queue(redis).items():
        if workers:
            yield well("workers", f"Queue {queue} is drained by {', '.join(sorted(workers))}.")
        else:
            yield broken("workers", f"Queue {queue}: no worker is alive.", "Start the Procfile's line that drains it.")


def _waiting(redis: Redis) -> Finding:
    lengths = {queue: sum(int(redis.llen(name)) for name in tasks.lists_of(queue)) for queue in tasks.QUEUES}
    return well("queues", f"Tasks waiting: {', '.join(f'{queue} {length}' for queue, length in lengths.items())}.")
