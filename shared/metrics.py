"""What is measured, and how the counts of all processes on all machines come together in Redis.

Whoever counts waits for nothing: it counts in memory, and one thread of its process adds what came together to the
counts in Redis, once a second while there is anything. So one question to any API process has the sums of all, and they
outlive every process. What is only so at the moment, as how many sockets are open, each process says anew every few
seconds; of one that died it is forgotten.
"""

import json
import os
import socket
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.redis_client import connect

#: Seconds that counts gather, and that Redis may take to answer.
_GATHER, _TIMEOUT = 1.0, 2.0
#: How often a process says how things are while they aren't 0, and after how long nobody believes it, in seconds.
_SAY_EVERY, BELIEVED_FOR = 5.0, 20
_COUNTS, _STANDS = "dester:metrics:counts", "dester:metrics:stands"
_SEPARATOR, _SUM = "\x1f", "sum"

#: KEYS[1] holds how things are in each process, by its name ARGV[1], and since when that is known.
_SAY = """
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. ' ' .. ARGV[2])
"""

_REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LONG = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


@dataclass(slots=True)
class Observed:
    """How often something took up to each of its bounds, and longer; and how many seconds in all."""

    within: list[int]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Histogram:
    """Something that takes a time: its name, what it is, what it is told apart by, and its bounds in seconds.

    The values of each label must be few and known beforehand: every combination is kept for good.
    """

    name: str
    help: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]

    def observe(self, seconds: float, *labels: str) -> None:
        """Count that it took so many seconds."""
        key = _SEPARATOR.join((self.name, *labels))
        _here.count(f"{key}{_SEPARATOR}{bisect_left(self.bounds, seconds)}", f"{key}{_SEPARATOR}{_SUM}", seconds)


requests = Histogram(
    "dester_http_request_duration_seconds",
    "Requests to the API, until the answer begins, by the template of their route.",
    ("method", "route", "status"),
    _REQUESTS,
)
tasks = Histogram(
    "dester_task_duration_seconds",
    "Tasks that workers did, by how they ended: succeeded, failed, retried, timed-out.",
    ("task", "outcome"),
    _LONG,
)
provider_requests = Histogram(
    "dester_provider_request_duration_seconds",
    "Requests to metadata providers, without the wait for their turn, by what came of them.",
    ("provider", "outcome"),
    _LONG,
)
budget_waits = Histogram(
    "dester_provider_budget_wait_seconds",
    "How long requests to metadata providers waited for their turn in the budget of all workers.",
    ("provider",),
    _LONG,
)

HISTOGRAMS = (requests, tasks, provider_requests, budget_waits)


class _Process:
    """What this process counted and has not told yet. A fork leaves the child with nothing."""

    def __init__(self) -> None:
        self._redis_url = ""
        self._stands: Mapping[str, Callable[[], int]] = {}
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._counts: defaultdict[str, float] = defaultdict(float)
        self._has_news = threading.Event()
        self._thread: threading.Thread | None = None
        self._said = False

    def begin(self, redis_url: str, stands: Mapping[str, Callable[[], int]]) -> None:
        self._redis_url, self._stands = redis_url, stands

    def count(self, bucket: str, total: str, seconds: float) -> None:
        with self._lock:
            self._counts[bucket] += 1
            self._counts[total] += seconds
            if self._redis_url and self._thread is None:
                self._thread = threading.Thread(target=self._carry, name="metrics", daemon=True)
                self._thread.start()
        if not self._has_news.is_set():
            self._has_news.set()

    def tell(self, redis: Redis) -> None:
        """Add what was counted to what is in Redis, and say how things are.

        Raises:
            RedisError: Redis can't be reached; what was counted is kept.

        """
        self._has_news.clear()
        with self._lock:
            told, self._counts = self._counts, defaultdict(float)
        stands = {name: number for name, read in self._stands.items() if (number := read())}
        try:
            with redis.pipeline() as pipeline:
                for name, amount in told.items():
                    pipeline.hincrbyfloat(_COUNTS, name, amount)
                if stands or self._said:
                    pipeline.eval(_SAY, 1, _STANDS, _name(), json.dumps(stands) if stands else "")
                pipeline.execute()
        except RedisError:
            with self._lock:
                for name, amount in told.items():
                    self._counts[name] += amount
            raise
        self._said = bool(stands)

    def flush(self) -> None:
        """Tell the last, if Redis answers."""
        if self._redis_url and self._counts:
            self._try(connect(self._redis_url, _TIMEOUT))

    def _carry(self) -> None:
        redis = connect(self._redis_url, _TIMEOUT)
        while True:
            self._has_news.wait(_SAY_EVERY if self._said else None)
            time.sleep(_GATHER)
            while not self._try(redis):
                time.sleep(_SAY_EVERY)

    def _try(self, redis: Redis) -> bool:
        try:
            # A Redis that hung does in the end what it was sent: it is sent nothing more before it answers.
            redis.ping()
            self.tell(redis)
        except RedisError:
            return False
        return True


_here = _Process()
os.register_at_fork(after_in_child=_here.forget)

#: Have this process tell a Redis what it counts, and how things stand in it, by functions that say so.
begin = _here.begin
tell = _here.tell
flush = _here.flush


def observed(redis: Redis) -> dict[Histogram, dict[tuple[str, ...], Observed]]:
    """Return what all processes have observed, by labels.

    Raises:
        RedisError: Redis can't be reached.

    """
    counted: Any = redis.hgetall(_COUNTS)
    by_name = {histogram.name: histogram for histogram in HISTOGRAMS}
    found: dict[Histogram, dict[tuple[str, ...], Observed]] = {histogram: {} for histogram in HISTOGRAMS}
    for field, amount in counted.items():
        name, *labels, place = field.decode().split(_SEPARATOR)
        histogram = by_name.get(name)
        # Of an earlier version there may be others.
        if histogram is None or len(labels) != len(histogram.labels):
            continue
        of_labels = found[histogram].setdefault(tuple(labels), Observed([0] * (len(histogram.bounds) + 1)))
        if place == _SUM:
            of_labels.seconds = float(amount)
        elif int(place) < len(of_labels.within):
            of_labels.within[int(place)] = round(float(amount))
    return found


def stands(redis: Redis) -> dict[str, int]:
    """Return how things stand in all processes together, by the names that they gave to `begin`.

    Raises:
        RedisError: Redis can't be reached.

    """
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.time()
        pipeline.hgetall(_STANDS)
        answers: list[Any] = pipeline.execute()
    (seconds, _), said = answers
    sums: defaultdict[str, int] = defaultdict(int)
    for process, text in said.items():
        instant, _, numbers = text.decode().partition(" ")
        if abs(seconds - int(instant)) > BELIEVED_FOR:
            redis.hdel(_STANDS, process)
            continue
        for name, number in json.loads(numbers).items():
            sums[name] += number
    return sums


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
