"""A disk that answers nothing, mounted by `tests.stalled_files`."""

import ctypes.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.installation import wait_until

FILM = b"film " * 1000


def why_not() -> str | None:
    """Say why no such disk can be had here; None when it can."""
    if os.geteuid() != 0 or not Path("/dev/fuse").exists():
        return "only root may mount, and only where there is /dev/fuse"
    return None if ctypes.util.find_library("fuse") else "Debian's package libfuse2 is missing"


@contextmanager
def stalled_disk(folder: Path) -> Iterator[Path]:
    """Mount such a disk on a folder; yield the file whose being there makes it answer."""
    folder.mkdir()
    go = Path(f"{folder}.go")
    mounted = subprocess.Popen([sys.executable, "-m", "tests.stalled_files", folder])
    try:
        wait_until(folder.is_mount, 20, "the disk is mounted")
        yield go
    finally:
        go.touch()
        subprocess.run(["umount", "--lazy", folder], check=True)
        mounted.wait(60)
