"""Who holds rows: a process of a worker; and how others learn that it can't hold them any more.

A holder is spelled ``scan@nas/1f3a9c40/4711``: the worker's name, which run of it, which of its processes. A worker
knows which of its processes are gone, and which runs of its name were before it. It says so by a task, and whoever does
that task lets their rows go, long before the leases end.
"""

import os
from secrets import token_hex
from typing import Any

from celery.signals import heartbeat_sent, worker_ready, worker_shutdown, worker_shutting_down

from shared import tasks
from worker.app import app

#: Made before the worker's processes fork off: they share it, and no other run has it.
_RUN = token_hex(4)


def this_process() -> str:
    """Return how this process is called as a holder."""
    return f"{_this_run()}{os.getpid()}"


def _this_run() -> str:
    return f"{_this_worker()}{_RUN}/"


def _this_worker() -> str:
    return f"{app.conf.get('worker_name', 'alone')}/"


class _Processes:
    """The processes of this worker, as it was when it last looked."""

    def __init__(self) -> None:
        self._pool: Any = None
        self._known: set[int] = set()
        #: Whether the worker is told to stop: its processes end one by one then, and the pool with them.
        self.are_ending = False

    def begin(self, pool: Any) -> None:
        self._pool = pool
        self._known = self._there()

    def gone(self) -> set[int]:
        """Return those that are gone since the last time."""
        there = self._there()
        gone, self._known = self._known - there, there
        return gone

    def _there(self) -> set[int]:
        # Other kinds of pools than the one that forks have no processes.
        return set(self._pool.info.get("processes", ())) if self._pool is not None else set()


_processes = _Processes()


@worker_ready.connect
def _begin(sender: Any, **_: object) -> None:
    _processes.begin(sender.pool)
    tasks.release.send(_this_worker(), _this_run())


@heartbeat_sent.connect
def _look_after(**_: object) -> None:
    if _processes.are_ending:
        return
    for process in _processes.gone():
        tasks.release.send(f"{_this_run()}{process}", None)


@worker_shutting_down.connect
def _look_away(**_: object) -> None:
    # Called within the handler of the operating system's signal, which may have come in the middle of a heartbeat.
    _processes.are_ending = True


@worker_shutdown.connect
def _end(**_: object) -> None:
    tasks.release.send(_this_run(), None)
