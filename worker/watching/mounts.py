"""Whether a file system tells of changes, by its kind: what other machines do on a shared one, it never tells."""

import re
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/self/mountinfo")

#: Kinds of file systems whose files others may change: of networks, of clusters, and of the host of a virtual machine.
#: Also all of FUSE but for block devices (``fuseblk``): what lies beneath those is another program's business.
SHARED = frozenset(
    [
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fakeowner",
        "fuse",
        "gfs2",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "prl_fs",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    ]
)


def table() -> str:
    """Return the system's table of what is mounted; empty where it has none. Paths in it may be of any bytes."""
    return MOUNTS.read_text(errors="surrogateescape") if MOUNTS.exists() else ""


def shared_kind(root: PurePosixPath, mountinfo: str) -> str | None:
    """Return the kind of the file system that keeps a folder from being watched; None where nothing does.

    ``mountinfo``: a text as proc(5) has it under ``/proc/pid/mountinfo``. Counts what the folder lies on, and what is
    mounted below it; of several mounts at one place the last one is seen.
    """
    mounted: dict[PurePosixPath, str] = {}
    for line in mountinfo.splitlines():
        about, _, source = line.partition(" - ")
        mounted[_unescaped(about.split(" ")[4])] = source.split(" ")[0]
    around = max((place for place in mounted if root.is_relative_to(place)), key=_depth, default=None)
    places = [place for place in mounted if place == around or place.is_relative_to(root)]
    return next((mounted[place] for place in sorted(places) if _is_shared(mounted[place])), None)


def _is_shared(kind: str) -> bool:
    return kind in SHARED or kind.startswith("fuse.")


def _depth(place: PurePosixPath) -> int:
    return len(place.parts)


def _unescaped(text: str) -> PurePosixPath:
    return PurePosixPath(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text))
