"""Whether the disk of a scan answers slowly: noticed while a step waits for it, told where the API sees it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar

from redis import Redis

from shared import slow_mounts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is waited for. Who waits for so many seconds for one, or on average for each, has a slow disk."""

    name: str
    slow: float


#: Of folders a local disk lists thousands in that time, a share in the network dozens.
FOLDERS = Kind("folder", 1.0)
#: A file is looked into in several places; a broken one may take long on any disk.
FILES = Kind("file", 5.0)
#: How often the walk is looked at, in seconds.
_LOOKS_EVERY = 1.0


class Pace:
    """How long a step has waited for its disk, all in all and for its next folder or file."""

    def __init__(self, kind: Kind = FOLDERS) -> None:
        self._slow = kind.slow
        self._lock = threading.Lock()
        self._waits_since: float | None = None
        self._waited, self._folders = 0.0, 0

    def of(self, walk: Iterator[T]) -> Iterator[T]:
        """Pass on what a step comes past, and note for how long it was waited for."""
        while True:
            began = time.monotonic()
            with self._lock:
                self._waits_since = began
            try:
                item = next(walk)
            except StopIteration:
                return
            finally:
                with self._lock:
                    self._waited += time.monotonic() - began
                    self._folders += 1
                    self._waits_since = None
            yield item

    def look(self) -> float | None:
        """Return how many seconds one takes, of those since the last look; None where they come fast enough."""
        instant = time.monotonic()
        with self._lock:
            pending = instant - self._waits_since if self._waits_since is not None else 0.0
            if self._folders == 0:
                return pending if pending >= self._slow else None
            each = self._waited / self._folders
            self._waited, self._folders = 0.0, 0
        return max(each, pending) if max(each, pending) >= self._slow else None


@contextmanager
def watched(redis: Redis, scan_job_id: str, walk: Iterator[T], kind: Kind = FOLDERS) -> Iterator[Iterator[T]]:
    """Lend a walk that is looked at while it goes on; a disk that answers slowly is told for as long as it does."""
    pace, is_over = Pace(kind), threading.Event()

    def look() -> None:
        while not is_over.wait(_LOOKS_EVERY):
            seconds = pace.look()
            if seconds is not None:
                slow_mounts.note(redis, scan_job_id, f"{seconds:.1f} s a {kind.name}")

    watcher = threading.Thread(target=copy_context().run, args=(look,), name="pace", daemon=True)
    watcher.start()
    try:
        yield pace.of(walk)
    finally:
        is_over.set()
        watcher.join()
