"""On which disk a folder is, and what of it is there. Reads; never writes."""

import os
from contextlib import suppress
from pathlib import Path


def disk_of(folder: Path) -> str | None:
    """Name the file system that a folder is on, so that the name is the same after a restart; None: nobody knows.

    The number that the system gives a device is none: network mounts get the next free one each time. Most file
    systems have an id of their own; of one without, such as NFS, the mount table says where it comes from.

    Raises:
        OSError: the folder can't be reached.

    """
    status = os.statvfs(folder)
    if status.f_fsid:
        return f"id:{status.f_fsid:x}"
    return _source(os.path.realpath(folder))


def is_gone(path: str) -> bool:
    """Whether nothing is at a path. What can't be told, as below a folder that can't be read, is not gone."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _source(folder: str) -> str | None:
    """Return what is mounted nearest above a folder, by proc(5)'s mountinfo: ``mount:nfs4 nas:/films``."""
    nearest, source = "", None
    with suppress(OSError), Path("/proc/self/mountinfo").open(encoding="utf-8", errors="replace") as table:
        for line in table:
            before, _, after = line.partition(" - ")
            point = before.split()[4].encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
            if len(point) >= len(nearest) and os.path.commonpath([point, folder]) == point:
                nearest, source = point, "mount:" + " ".join(after.split()[:2])
    return source
