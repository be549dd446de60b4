"""The canaries: tasks that do nothing. That they begin is what is noted, as it is of every task."""

from shared import tasks
from worker.app import body_of


@body_of(tasks.scan_canary)
def scan_canary() -> None:
    """Be begun by a worker that drains the queue of scans."""


@body_of(tasks.metadata_canary)
def metadata_canary() -> None:
    """Be begun by a worker that drains the queue of metadata."""


@body_of(tasks.artwork_canary)
def artwork_canary() -> None:
    """Be begun by a worker that drains the queue of pictures."""
