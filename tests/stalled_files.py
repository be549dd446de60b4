"""Files that can't be read for now: `python -m tests.stalled_files FOLDER` mounts them by FUSE, until it is ended.

There is one, `film.mkv`. Whoever opens it waits until the folder's name with `.go` behind it is a file. A module of its
own, because FUSE can only be imported where the system has its library.
"""

import errno
import stat
import sys
import time
from pathlib import Path
from typing import Any

from fuse import FUSE, FuseOSError, Operations

from tests.stalled_disk import FILM


class _Stalled(Operations):  # type: ignore[misc]  # fusepy carries no type information
    def __init__(self, go: Path) -> None:
        self._go = go

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:  # noqa: ARG002
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        if path == "/film.mkv":
            return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": len(FILM), "st_mtime": 1e9}
        raise FuseOSError(errno.ENOENT)

    def readdir(self, path: str, fh: int) -> list[str]:  # noqa: ARG002
        return [".", "..", "film.mkv"]

    def open(self, path: str, flags: int) -> int:  # noqa: ARG002
        while not self._go.exists():
            time.sleep(0.05)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:  # noqa: ARG002
        return FILM[offset : offset + size]


if __name__ == "__main__":
    FUSE(_Stalled(Path(f"{sys.argv[1]}.go")), sys.argv[1], foreground=True)
