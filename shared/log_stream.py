"""The log of all processes on all machines, in one stream in Redis of about the last 5,000 lines.

Whoever logs waits for nothing: a line goes into a bounded queue in memory, and one thread of the process carries what
has gathered there to Redis. While Redis is away the thread waits, and the oldest lines make room for new ones; how many
were lost stands in the stream when Redis is back. All of them stand on standard output anyway.

Lines from ``info`` upwards are also told to clients, as ``log:message``. These have numbers like all events, but aren't
kept for clients that missed them: `/logs` has them, and a talkative night would push the end of a scan out.
"""

import contextlib
import json
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared import events

STREAM = "dester:logs"
#: How many lines are kept, or a few more: Redis cuts in whole blocks.
KEPT = 5_000
#: Lines that a process holds back while Redis is away.
LONGEST_QUEUE = 1_000
#: Lines that go out in one go, and how many seconds the first of them waits for others.
_BATCH, _GATHER = 200, 0.05
#: How soon Redis is tried again, in seconds: twice as long each time, at most the latter.
_AGAIN_AFTER, _AGAIN_AT_MOST = 0.5, 5.0
#: Seconds that Redis may take to answer the thread, and that the end of a process waits for the last lines.
_TIMEOUT, _LAST_WORDS = 2.0, 1.0
#: Lines that a process tells clients within a second. More are only kept: a flood would have every client dropped.
TOLD_A_SECOND = 50
#: What the relay says about its sockets isn't told over them: a line about a line would have no end.
_NEVER_TOLD = ("api.relay", "api.hub", "api.sockets")
#: Lines that one command reads.
_CHUNK = 500
#: How many seconds the clocks of two machines may be apart.
_SKEW_SECONDS = 60
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: A line as it is kept and told.
Entry = dict[str, Any]
#: Its level, its logger's name, itself, and how it is kept.
_Line = tuple[int, str, Entry, str]


class LogStream(logging.Handler):
    """Carries log lines to Redis; ``entry`` makes of a record what is kept of it.

    A fork leaves the child a queue and a thread of its own: the parent's lines are the parent's to carry.
    """

    def __init__(self, redis_url: str, entry: Callable[[logging.LogRecord], Entry]) -> None:
        super().__init__()
        self._redis_url = redis_url
        self._entry = entry
        self._begin_anew()
        _open.add(self)

    def _begin_anew(self) -> None:
        self._pending: SimpleQueue[_Line | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        # Each is counted by one side alone: what came and what made room by those who log, the others by the thread.
        self._came, self._made_room = 0, 0
        self._carried, self._confessed = 0, 0
        self._second, self._told = 0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass over what the thread itself gives rise to: it would feed itself."""
        return threading.current_thread() is not self._thread and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._hold(record)
        except Exception:  # noqa: BLE001 - as every handler does: a line that can't be written breaks nothing
            self.handleError(record)
            return
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._carry, name="log", daemon=True)
            # A process that is ending starts no more threads.
            with contextlib.suppress(RuntimeError):
                self._thread.start()

    def flush(self) -> None:
        """Wait until everything is in Redis, but not for long."""
        until = time.monotonic() + _LAST_WORDS
        while self._came - self._made_room > self._carried and time.monotonic() < until:
            time.sleep(0.01)

    def close(self) -> None:
        self.flush()
        self._closing.set()
        self._pending.put(None)
        super().close()

    def _hold(self, record: logging.LogRecord) -> None:
        line = self._line(record)
        if self._pending.qsize() >= LONGEST_QUEUE:
            with contextlib.suppress(Empty):
                self._pending.get_nowait()
                self._made_room += 1
        self._came += 1
        self._pending.put(line)

    def _line(self, record: logging.LogRecord) -> _Line:
        entry = self._entry(record)
        return record.levelno, record.name, entry, _encode(entry)

    def _carry(self) -> None:
        redis = _client(self._redis_url)
        while not self._closing.is_set():
            first = self._pending.get()
            self._closing.wait(_GATHER)
            lines = [line for line in [first, *self._gathered()] if line is not None]
            self._send(redis, lines)
            self._carried += len(lines)
        redis.close()

    def _gathered(self) -> Iterator[_Line | None]:
        for _ in range(_BATCH - 1):
            try:
                yield self._pending.get_nowait()
            except Empty:
                return

    def _send(self, redis: Redis, lines: list[_Line]) -> None:
        """Send lines, as often as it takes.

        A Redis that hung does in the end what it was sent meanwhile: to be sent again, they wait until it answers.
        """
        wait = _AGAIN_AFTER
        while lines:
            dropped = self._made_room - self._confessed
            try:
                if wait > _AGAIN_AFTER:
                    redis.ping()
                with redis.pipeline() as pipeline:
                    for level, name, entry, kept in lines + ([self._loss(dropped)] if dropped else []):
                        pipeline.xadd(STREAM, {"entry": kept}, maxlen=KEPT, approximate=True)
                        if self._is_told(level, name):
                            events.tell_unkept(pipeline, events.LogMessage(**entry))
                    pipeline.execute()
            except (RedisError, OSError):
                if self._closing.wait(wait):
                    return
                wait = min(2 * wait, _AGAIN_AT_MOST)
            else:
                self._confessed += dropped
                return

    def _loss(self, dropped: int) -> _Line:
        message = f"Redis was away; {dropped} log lines of this process stand on its standard output alone."
        record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, None, None)
        return self._line(record)

    def _is_told(self, level: int, name: str) -> bool:
        if level < logging.INFO or name.startswith(_NEVER_TOLD):
            return False
        second = int(time.monotonic())
        self._told = self._told + 1 if second == self._second else 1
        self._second = second
        return self._told <= TOLD_A_SECOND


def read(
    redis: Redis, limit: int, levels: frozenset[str], text: str = "", since: datetime | None = None
) -> list[Entry]:
    """Return up to ``limit`` lines of these levels, the newest first.

    ``text`` must stand in the message or in a value of ``meta``, whatever its case; ``since`` is the earliest instant.

    Raises:
        RedisError: Redis can't be reached.

    """
    found: list[Entry] = []
    wanted = text.casefold()
    for entry in _newest_first(redis, since):
        if entry["level"] not in levels or (since is not None and datetime.fromisoformat(entry["timestamp"]) < since):
            continue
        if wanted and wanted not in _searched(entry):
            continue
        found.append(entry)
        if len(found) == limit:
            break
    # Each process brings its lines in batches: their order in the stream is not quite that of time.
    return sorted(found, key=lambda entry: str(entry["timestamp"]), reverse=True)


def clear(redis: Redis) -> None:
    """Forget all lines.

    Raises:
        RedisError: Redis can't be reached.

    """
    redis.delete(STREAM)


def _newest_first(redis: Redis, since: datetime | None) -> Iterator[Entry]:
    earliest = "-" if since is None else str(max(0, int((since.timestamp() - _SKEW_SECONDS) * 1000)))
    latest = "+"
    while True:
        chunk: Any = redis.xrevrange(STREAM, latest, earliest, count=_CHUNK)
        for entry_id, values in chunk:
            yield json.loads(values[b"entry"])
            latest = f"({entry_id.decode()}"
        if len(chunk) < _CHUNK:
            return


def _searched(entry: Entry) -> str:
    return "\n".join([entry["message"], *map(str, entry["meta"].values())]).casefold()


def _client(url: str) -> "Redis":
    return Redis.from_url(
        url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=Retry(NoBackoff(), retries=0)
    )


_open: weakref.WeakSet[LogStream] = weakref.WeakSet()


def _in_child() -> None:
    for stream in list(_open):
        stream._begin_anew()  # noqa: SLF001 - its own module


os.register_at_fork(after_in_child=_in_child)
