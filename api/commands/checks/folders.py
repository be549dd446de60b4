"""The folders: where the server keeps its data, and where the media are."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from api.commands.checks.finding import Finding, broken, well, worth_knowing

_GIB = 1024**3
#: Less room than this is too little to go on; less than that is soon too little.
_TOO_LITTLE, _LITTLE = _GIB // 10, _GIB


def data_dir(folder: Path) -> Finding:
    """Check whether the data can be written, and how much room is left."""
    if not folder.is_dir():
        return broken("data", f"DATA_DIR {folder} is no folder.", "Start the server by `make up`, which makes it.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return broken(
            "data", f"DATA_DIR {folder} can't be written by this user.", "Make it belong to the user of the server."
        )
    free = shutil.disk_usage(folder).free
    room = f"{free / _GIB:.1f} GiB free"
    if free < _TOO_LITTLE:
        return broken("data", f"The disk of DATA_DIR {folder} is full: {room}.", "Make room.")
    if free < _LITTLE:
        return worth_knowing("data", f"The disk of DATA_DIR {folder} is nearly full: {room}.", "Make room.")
    return well("data", f"DATA_DIR {folder} can be written; {room}.")


def media_roots(roots: Iterable[Path]) -> Iterator[Finding]:
    """Check each of MEDIA_ROOTS."""
    there_are = False
    for root in roots:
        there_are = True
        yield _readable("media", root, f"Media root {root}", "Mount it, or correct MEDIA_ROOTS.")
    if not there_are:
        yield well("media", "MEDIA_ROOTS is empty: any folder but the system's may be scanned.")


def libraries(folders: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Check the folder of each library; ``folders``: names and paths."""
    for name, path in folders:
        yield _readable(
            "library", Path(path), f"Library {name} at {path}", "Mount its disk; nothing is lost meanwhile."
        )


def _readable(check: str, folder: Path, what: str, if_gone: str) -> Finding:
    try:
        with os.scandir(folder) as entries:
            is_empty = next(entries, None) is None
    except FileNotFoundError:
        return broken(check, f"{what} is not there.", if_gone)
    except OSError as error:
        return broken(
            check, f"{what} can't be read: {error.strerror}.", "Let the user of the server read and enter it."
        )
    if is_empty:
        return worth_knowing(check, f"{what} is empty.", "If a disk belongs there, mount it.")
    return well(check, f"{what} can be read.")
