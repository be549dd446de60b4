"""A disk that answers nothing: `python -m tests.stalled_disk FOLDER` mounts one there, by FUSE, until it is ended.

It holds one file, `film.mkv`. Whoever opens it waits until the folder's name with `.go` behind it is a file.
"""

import ctypes.util
import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fuse import FUSE, FuseOSError, Operations

from tests.installation import wait_until

FILM = b"film " * 1000


def why_not() -> str | None:
    """Say why no such disk can be had here; None when it can."""
    if os.geteuid() != 0 or not Path("/dev/fuse").exists():
        return "only root may mount, and only where there is /dev/fuse"
    return None if ctypes.util.find_library("fuse") else "Debian's package libfuse2 is missing"


class _Stalled(Operations):  # type: ignore[misc]  # fusepy carries no type information
    def __init__(self, go: Path) -> None:
        self._go = go

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:  # noqa: ARG002
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        if path == "/film.mkv":
            return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": len(FILM), "st_mtime": 1e9}
        raise FuseOSError(errno.ENOENT)

    def open(self, path: str, flags: int) -> int:  # noqa: ARG002
        while not self._go.exists():
            time.sleep(0.05)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:  # noqa: ARG002
        return FILM[offset : offset + size]


@contextmanager
def stalled_disk(folder: Path) -> Iterator[Path]:
    """Mount such a disk on a folder; yield the file whose being there makes it answer."""
    folder.mkdir()
    go = Path(f"{folder}.go")
    mounted = subprocess.Popen([sys.executable, "-m", "tests.stalled_disk", folder])
    try:
        wait_until(folder.is_mount, 20, "the disk is mounted")
        yield go
    finally:
        go.touch()
        subprocess.run(["umount", "--lazy", folder], check=True)
        mounted.wait(10)


if __name__ == "__main__":
    FUSE(_Stalled(Path(f"{sys.argv[1]}.go")), sys.argv[1], foreground=True)
