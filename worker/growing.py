"""Files that somebody is still writing. Only two looks can tell: size and times are compared, some time apart.

A time of change alone proves nothing: tools that copy set the time of the original, and the clock of a server may be
wrong. It only says which files were written to so lately that the second look has to wait.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

#: A file that nobody wrote to for so many seconds is complete.
QUIET_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """A file at one moment: bytes, and in nanoseconds when its content and when anything about it last changed."""

    size: int
    modified_ns: int
    changed_ns: int

    @property
    def modified_at(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)

    @property
    def is_young(self) -> bool:
        """Whether it was written to just now, by either of its times; a copy may have set one of them."""
        instant = time.time()
        return any(abs(instant - when / 1e9) < QUIET_SECONDS for when in (self.modified_ns, self.changed_ns))


def look_at(path: str) -> Look | None:
    """Look at a file; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - hot loop
    except OSError:
        return None
    return Look(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def changed_since(looks: Mapping[str, Look], began: float) -> set[str]:
    """Look again, and return the paths of the files that are no longer as they were.

    Waits until ``QUIET_SECONDS`` after the first look, if any of them was written to just then.

    ``began``: when that was, by the monotonic clock, in seconds.
    """
    if any(look.is_young for look in looks.values()):
        time.sleep(max(0.0, began + QUIET_SECONDS - time.monotonic()))
    return {path for path, look in looks.items() if look_at(path) != look}
