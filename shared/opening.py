"""Opening what media may be: open first, and then look at where that is which was opened.

A path that was checked before it is opened may lead elsewhere by then: a folder on its way may have become a symbolic
link. A descriptor stays what it is, and the system says where it lies, without links.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Says whether a path without symbolic links lies where media may be.
Allowed = Callable[[str], bool]
#: As ``open`` takes it.
Opener = Callable[[str, int], int]

OUTSIDE = "it lies outside the folders of media that the server may read"


class RefusedError(PermissionError):
    """What was opened is nothing that may be read."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EACCES, why)


def at_once(path: str, flags: int) -> int:
    """Open without waiting, as opening a named pipe else would, for ever; refuse what is no regular file."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RefusedError("not a regular file")
    return descriptor


def only(allowed: Allowed) -> Opener:
    """Make an opener of regular files that lie where they are ``allowed`` to, whatever links lead there.

    It raises ``OSError``: a ``RefusedError`` where what was opened may not be read.
    """

    def opened(path: str, flags: int) -> int:
        descriptor = at_once(path, flags)
        if not allowed(real_path(descriptor)):
            os.close(descriptor)
            raise RefusedError(OUTSIDE)
        return descriptor

    return opened


@contextmanager
def folder(path: str, allowed: Allowed) -> Iterator[int]:
    """Open a folder to list it.

    Raises:
        OSError: it can't be opened; a ``RefusedError`` where it lies elsewhere than it is ``allowed`` to.

    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not allowed(real_path(descriptor)):
            raise RefusedError(OUTSIDE)
        yield descriptor
    finally:
        os.close(descriptor)


def refuse_outside(path: str, allowed: Allowed) -> None:
    """See where a path leads, without opening what is there for reading.

    Raises:
        OSError: it leads nowhere; a ``RefusedError`` where it leads elsewhere than it is ``allowed`` to.

    """
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not allowed(real_path(descriptor)):
            raise RefusedError(OUTSIDE)
    finally:
        os.close(descriptor)


def real_path(descriptor: int) -> str:
    """Return where an open file or folder lies, without links."""
    return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - hot loop
