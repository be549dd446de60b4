"""The threads in which gunicorn handles requests; one that waits for a disk or a client makes room for another.

A pool of a fixed size would be used up by as many players that are paused, or by as many requests for files on a disk
that answers nothing, and then nobody would be served.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from shared.errors import UnavailableError

P = ParamSpec("P")
R = TypeVar("R")

#: How much less urgent what a thread does aside is, in steps of `nice`: a request is answered within a few milliseconds
#: of work, and a stream takes all the time that there is. On Linux each thread has a priority of its own. It is lowered
#: when the next request is handed to a thread: until then nobody is held up for long, and whoever seeks is sent the
#: first bytes at once.
_LESS_URGENT = 10

_here = threading.local()


class Threads(Executor):
    """At most ``size`` threads that are in their places, started when needed, and ``most_aside`` that are not."""

    def __init__(self, size: int, most_aside: int) -> None:
        self._size = size
        self._most_aside = most_aside
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_open = True
        self._waiting = 0
        self._in_place = 0
        self._idle = 0
        self._aside = 0
        #: Threads that have stepped aside and are as urgent as before.
        self._urgent: list[int] = []

    @property
    def aside(self) -> int:
        """How many threads stand aside."""
        return self._aside

    def submit(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        with self._lock:
            if not self._is_open:
                raise RuntimeError("No work is taken any more.")
            self._waiting += 1
            self._work.put(partial(_fulfil, future, partial(function, *args, **kwargs)))
            self._start_one_if_needed()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002
        """Take no more work. Nobody is waited for: the threads end with the process, whatever they wait for."""
        with self._lock:
            self._is_open = False

    def step_aside(self) -> None:
        """Take the thread that calls this out of its place for good: it ends when it has done its present work.

        Raises:
            UnavailableError: too many stand aside already.

        """
        with self._lock:
            if self._aside >= self._most_aside:
                raise UnavailableError("Too many streams wait for their clients or for a disk; try again in a moment.")
            self._in_place -= 1
            self._aside += 1
            _here.is_aside = True
            self._urgent.append(threading.get_native_id())
            self._start_one_if_needed()

    def _start_one_if_needed(self) -> None:
        if self._waiting > self._idle and self._in_place < self._size:
            self._in_place += 1
            self._idle += 1
            threading.Thread(target=self._run, name="request", daemon=True).start()

    def _run(self) -> None:
        _here.pool, _here.is_aside = self, False
        while True:
            work = self._work.get()
            with self._lock:
                self._idle -= 1
                self._waiting -= 1
                while self._urgent:
                    _make_less_urgent(self._urgent.pop())
            work()
            # What it worked on is not kept until there is something new.
            del work
            with self._lock:
                if _here.is_aside:
                    self._aside -= 1
                    if (own := threading.get_native_id()) in self._urgent:
                        self._urgent.remove(own)
                    return
                self._idle += 1


def step_aside() -> None:
    """Say that this thread is about to wait for a disk or a client; outside such a pool it changes nothing.

    Raises:
        UnavailableError: too many do so already.

    """
    pool: Threads | None = getattr(_here, "pool", None)
    if pool is not None and not _here.is_aside:
        pool.step_aside()


def is_aside() -> bool:
    """Whether this thread has stepped aside."""
    return bool(getattr(_here, "is_aside", False))


def _make_less_urgent(thread: int) -> None:
    """For good: only root could raise it again, and the server may not be urgent itself."""
    os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _LESS_URGENT)


def _fulfil(future: Future[Any], function: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)
