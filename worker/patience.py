"""What a task does while the database is away: it waits, longer each time, and begins again."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.database import is_outage

log = logging.getLogger(__name__)

T = TypeVar("T")

#: How soon the database is tried again, in seconds: twice as long each time, at most the latter.
_FIRST, _LONGEST = 0.25, 4.0


def patiently(attempt: Callable[[], T], within: float) -> T:
    """Do what needs the database; while that is away, wait and begin again, for so many seconds at most.

    ``attempt`` must be safe to begin again wherever it was interrupted.
    """
    until = time.monotonic() + within
    for wait in _waits():
        try:
            return attempt()
        except (DBAPIError, PoolTimeoutError) as error:
            if not is_outage(error) or time.monotonic() + wait > until:
                raise
            log.warning("The database does not answer; it is tried again in %.2f s.", wait)
            time.sleep(wait)
    raise AssertionError("waits have no end")


def _waits() -> Iterator[float]:
    wait = _FIRST
    while True:
        yield wait
        wait = min(2 * wait, _LONGEST)
