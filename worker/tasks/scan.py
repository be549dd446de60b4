"""From a folder to files that can be browsed and played: discover, register, probe.

discover  lists the folders, and settles at once those that did not change
register  names the files of a batch of folders and puts them into the catalogue
probe     looks into the files: container, codecs, resolution, duration
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from shared import events, scan_jobs, tasks
from shared.models import Library, MediaFile, ScanFolder, ScanJob
from shared.scan_jobs import FolderStatus, JobStatus
from shared.scan_options import ScanOptions
from worker import leases, looking, moves, pace, progress, turns
from worker.app import body_of, resources
from worker.disks import is_gone
from worker.found import FoundFile
from worker.holders import this_process
from worker.keeping import kept
from worker.named import named
from worker.nudges import OF_FOLDERS, nudge, nudge_for
from worker.probe import UNREADABLE
from worker.record import files as record
from worker.record import folders as record_folders
from worker.relisting import listing
from worker.resources import PROBE_BATCH, REGISTER_BATCH
from worker.tasks import reconcile
from worker.walk import Passed, WalkedFolder, shown

log = logging.getLogger(__name__)

#: Folders that are written in one go while the walk goes on.
FOLDERS_AT_ONCE = 200
#: Files of those that are kept in one go, or fewer where they take long.
FILES_AT_ONCE = 200


@body_of(tasks.discover)
def discover(scan_job_id: str) -> None:
    """List the folders of a scan job; those that changed go to ``register``."""
    with resources.database.read() as session:
        begins = scan_jobs.begins(session, scan_job_id)
    if begins:
        # Until all folders are listed nothing but 0 is told; an earlier run told more.
        events.forget_progress(resources.redis, scan_job_id)
    with resources.database.begin() as session:
        scan_job = scan_jobs.take(session, scan_job_id, this_process())
        if scan_job is None:
            return
        options = ScanOptions.from_json(scan_job.options)
        is_whole = scan_job.relisted is None
        if is_whole:
            record_folders.begin_listing(session, scan_job, again=options.rescan)
        opened = set() if is_whole else record_folders.open_paths(session, scan_job)
    log.info("Scanning %s.", scan_job.path, extra={"scanJobId": scan_job_id})
    with kept(resources.database, [scan_job]):
        _list(scan_job, options, opened, is_whole=is_whole)


def _list(scan_job: ScanJob, options: ScanOptions, opened: set[str], *, is_whole: bool) -> None:
    scan_job_id = scan_job.id
    try:
        with pace.watched(resources.redis, scan_job_id, listing(scan_job, opened, resources.may_read)) as walked:
            while batch := list(islice(walked, FOLDERS_AT_ONCE)):
                if not _record_walked(scan_job, batch):
                    return
    except OSError as error:
        why = f"The library's folder can't be read: {error.strerror}."
        progress.failed(resources, scan_job, why, partial(reconcile.note_lost_root, scan_job=scan_job, error=error))
        return
    with resources.database.begin() as session:
        is_listed = scan_jobs.discovered(session, scan_job)
        has_failed = is_listed and is_whole and not options.only
        retried = record_folders.retry_failed_titles(session, scan_job) if has_failed else 0
    if not is_listed:
        # Asked for again meanwhile; or another worker has it, which this does not disturb.
        nudge_for(tasks.discover, scan_job_id)
        return
    nudge(tasks.register, scan_job_id, when=bool(opened))
    nudge(tasks.fetch, scan_job_id, when=bool(retried))
    reconcile.if_due(scan_job_id)
    progress.moved(resources, scan_job_id)


@body_of(tasks.register)
def register(scan_job_id: str) -> None:
    """Name the files of a batch of folders: from here on they can be browsed and played."""
    _register_some(scan_job_id)


def _register_some(scan_job_id: str) -> bool:
    """Name the files of a batch of folders; False where there are none to name."""
    batch = _claim(scan_job_id, FolderStatus.PENDING, REGISTER_BATCH)
    if batch is not None:
        with kept(resources.database, batch.folders):
            _register(batch)
    return batch is not None


def _register(batch: "_Batch") -> None:
    scan_job_id = batch.scan_job.id
    found: dict[str, list[FoundFile]] = {}
    passed: dict[str, list[Passed]] = {}
    names = named(batch.library, batch.folders, batch.options, resources.may_read)
    with pace.watched(resources.redis, scan_job_id, names) as listing:
        for folder, files, problems in listing:
            passed[folder.id] = problems
            if files is not None:
                found[folder.id] = files
    gone = _gone(found)
    listed = [file for files in found.values() for file in files]
    moved = moves.find(resources.database, batch.library, listed, resources.opener)
    with resources.database.begin() as session:
        held = leases.still_held_folders(session, batch.folders)
        read = [folder.id for folder in batch.folders if folder.id in held and folder.id in found]
        registered = record.register(
            session,
            batch.scan_job,
            read,
            [file for id_ in read for file in found[id_]],
            gone=gone,
            moved=moved,
            is_asked=batch.options.rescan,
        )
        record_folders.move(session, read, FolderStatus.REGISTERED)
        record_folders.move(session, held - set(read), FolderStatus.FAILED)
        _note(session, batch.scan_job, _of(held, passed))
    nudge(tasks.probe, scan_job_id, when=bool(read))
    nudge(tasks.fetch, scan_job_id, when=bool(registered.media_ids))
    if registered.new_media_ids:
        added = events.MediaAdded(library_id=batch.library.id, media_ids=sorted(registered.new_media_ids))
        events.tell(resources.redis, added)
    if registered.removed_media_ids:
        events.tell(resources.redis, events.MediaRemoved(media_ids=sorted(registered.removed_media_ids)))
    # Where no folder is left to look into, because all failed.
    reconcile.if_due(scan_job_id)
    progress.moved(resources, scan_job_id, PurePosixPath(batch.folders[-1].path).name, len(registered.media_ids))


@body_of(tasks.probe)
def look_into(scan_job_id: str) -> None:
    """Look into the files of a batch of folders; with that they are settled, but for those that still grow.

    Not as long as there are files to name: the task for those may be on its way while this one was taken.
    """
    if _register_some(scan_job_id):
        nudge(tasks.probe, scan_job_id)
        return
    batch = _claim(scan_job_id, FolderStatus.REGISTERED, PROBE_BATCH)
    if batch is not None:
        with kept(resources.database, batch.folders):
            _look_into(batch)


def _look_into(batch: "_Batch") -> None:
    with resources.database.read() as session:
        unseen = record_folders.unseen_files(session, [folder.id for folder in batch.folders])
    grown: list[MediaFile] = []
    unread: dict[str, list[Passed]] = defaultdict(list)
    left = unseen
    while left:
        looked = _look_into_some(batch, left[:FILES_AT_ONCE], unread)
        grown += looked.grown
        left = left[looked.count :]
    with resources.database.begin() as session:
        held = leases.still_held_folders(session, batch.folders)
        waiting = [folder for folder in batch.folders if folder.id in held & {file.folder_id for file in grown}]
        given_up = record_folders.look_again(session, waiting)
        settled = held - {folder.id for folder in waiting}
        record_folders.move(session, settled, FolderStatus.SETTLED)
        record_folders.unsettle(session, settled & unread.keys())
        _note(session, batch.scan_job, _of(settled, unread))
        _note(session, batch.scan_job, [_still_growing(file) for file in grown if file.folder_id in given_up])
    reconcile.if_due(batch.scan_job.id)
    progress.moved(resources, batch.scan_job.id, PurePosixPath(batch.folders[-1].path).name, len(unseen))


def _look_into_some(batch: "_Batch", files: Sequence[MediaFile], unread: dict[str, list[Passed]]) -> looking.Looked:
    """Look into the first of some files, as many as there is time for, and keep what that says of them.

    Those that can't be read are added to ``unread``, by folder: whoever comes next looks into them again.
    """
    looked = looking.look_into(resources, batch.scan_job.id, files)
    said: dict[str, list[Passed]] = defaultdict(list)
    for file, _, problem in looked.seen:
        if problem is not None:
            (unread if problem.cause == UNREADABLE else said)[file.folder_id or ""].append(problem)
    with resources.database.begin() as session:
        held = leases.still_held_folders(session, batch.folders)
        record_folders.keep_seen(session, held, [(file, seen) for file, seen, _ in looked.seen])
        _note(session, batch.scan_job, _of(held, said))
    return looked


@dataclass(frozen=True, slots=True)
class _Batch:
    """Folders that this task holds."""

    scan_job: ScanJob
    library: Library
    options: ScanOptions
    folders: list[ScanFolder]


def _claim(scan_job_id: str, status: FolderStatus, size: int) -> _Batch | None:
    """Take a batch of folders; None when there is none to take. One that no worker survives is given up here."""
    with resources.database.begin() as session:
        scan_job_id = turns.of_folders(session, scan_job_id, status)
        scan_job = session.get(ScanJob, scan_job_id)
        library = session.get(Library, scan_job.library_id) if scan_job else None
        if scan_job is None or library is None or scan_job.status != JobStatus.IN_PROGRESS:
            return None
        folders = leases.isolate(leases.claim_folders(session, scan_job_id, status, size), leases.FOLDER_SUSPECT_AFTER)
        hopeless = [folder for folder in folders if folder.attempts > leases.GIVEN_UP_AFTER]
        record_folders.move(session, [folder.id for folder in hopeless], FolderStatus.FAILED)
        why = "A worker ended each time it looked at this folder; it is given up until the next scan."
        _note(session, scan_job, [Passed(folder.path, "folder-given-up", why) for folder in hopeless])
    nudge(OF_FOLDERS[status], scan_job_id, when=bool(folders))
    if hopeless:
        # They may have been the last.
        reconcile.reconcile(scan_job_id)
    options = ScanOptions.from_json(scan_job.options)
    return _Batch(scan_job, library, options, folders) if folders and not hopeless else None


def _still_growing(file: MediaFile) -> Passed:
    return Passed(file.path, "file-growing", "The file is still being written; the next scan looks at it again.")


def _record_walked(scan_job: ScanJob, batch: list[WalkedFolder | Passed]) -> bool:
    """Record what the walk came past; False when another worker has taken the job over."""
    walked = [item for item in batch if isinstance(item, WalkedFolder)]
    passed = [item for item in batch if isinstance(item, Passed)]
    with resources.database.begin() as session:
        if not scan_jobs.renew(session, scan_job):
            return False
        unnamed, unseen = record_folders.walked(session, scan_job, walked)
        _note(session, scan_job, passed)
    nudge(tasks.register, scan_job.id, when=bool(unnamed))
    nudge(tasks.probe, scan_job.id, when=bool(unseen))
    progress.moved(resources, scan_job.id)
    return True


def _gone(found: Mapping[str, list[FoundFile]]) -> set[str]:
    """Return the paths that the catalogue has in these folders and the disk has not.

    A file that this scan passes over, by its ending or the user's pattern, is there all the same.
    """
    with resources.database.read() as session:
        known = record.paths_in(session, list(found))
    seen = {file.path for files in found.values() for file in files}
    return {path for path in known - seen if is_gone(path)}


def _of(held: Collection[str], passed: Mapping[str, list[Passed]]) -> list[Passed]:
    """Return what was passed in the folders that this task still holds."""
    return [item for folder_id, items in passed.items() if folder_id in held for item in items]


def _note(session: Session, scan_job: ScanJob, passed: Iterable[Passed]) -> None:
    for item in passed:
        shown_path = PurePosixPath(shown(item.path))
        relative = shown_path.relative_to(scan_job.path) if shown_path.is_relative_to(scan_job.path) else shown_path
        scan_jobs.note_failure(session, scan_job.id, cause=item.cause, path=str(relative), message=item.message)
