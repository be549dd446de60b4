"""What a scan job lists: its whole folder, or, where it tries failures again, only what could not be listed."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from shared.models import ScanJob
from shared.opening import Allowed
from shared.scan_options import ScanOptions
from worker.walk import Passed, WalkedFolder, walk

Listed = Iterator[WalkedFolder | Passed]


def listing(scan_job: ScanJob, known: Collection[str], allowed: Allowed) -> Listed:
    """Walk what a job is to list. ``known`` are the paths of folders whose files are named again without being listed.

    Raises:
        OSError: the job's own folder can't be read, and is to be.

    """
    options = ScanOptions.from_json(scan_job.options)
    if scan_job.relisted is None or scan_job.path in scan_job.relisted:
        return walk(Path(scan_job.path), options, allowed)
    # The scope is told by paths below the job's own folder. What failed was in it.
    anywhere = replace(options, only=None)
    return _again(Path(scan_job.path), [Path(path) for path in scan_job.relisted], known, anywhere, allowed)


def _again(root: Path, places: list[Path], known: Collection[str], options: ScanOptions, allowed: Allowed) -> Listed:
    """Walk the folders that failed; of a file that failed, the folder it is in, and no further."""
    for place in places:
        is_folder = place.is_dir()
        folder = place if is_folder else place.parent
        if not is_folder and str(folder) in known:
            continue
        try:
            yield from walk(folder, _options_at(root, folder, options, deeper=is_folder), allowed)
        except OSError as error:
            why = f"The server can't read this: {error.strerror or error}."
            yield Passed(str(place), "folder-unreadable" if is_folder else "folder-gone", why)


def _options_at(root: Path, folder: Path, options: ScanOptions, *, deeper: bool) -> ScanOptions:
    if not deeper:
        return replace(options, max_depth=0)
    if options.max_depth is None:
        return options
    return replace(options, max_depth=max(options.max_depth - len(folder.relative_to(root).parts), 0))
