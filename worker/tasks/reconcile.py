"""What a scan did not see: is it gone? Asked once for each run of a job, when all its folders are done."""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from shared import events, scan_jobs, settings, tasks
from shared.catalogue import missing
from shared.models import Library, ScanJob
from shared.models.base import now
from shared.reconciliation import Outcome, Reconciliation, Sight, StopReason, judge, stopped_at_root
from shared.scan_options import ScanOptions
from worker import progress
from worker.app import body_of, resources
from worker.disks import disk_of, is_gone
from worker.holders import this_process
from worker.keeping import kept
from worker.record import unseen

log = logging.getLogger(__name__)

#: Folders, and files, that are looked for in one go.
FOLDERS_AT_ONCE = 100
FILES_AT_ONCE = 1000


@body_of(tasks.reconcile)
def reconcile(scan_job_id: str) -> None:
    """Judge what a job did not see, and go on with it."""
    if_due(scan_job_id)
    progress.moved(resources, scan_job_id)


def if_due(scan_job_id: str) -> None:
    """Judge what a job did not see, if all its folders are done and nobody has.

    1. Files in folders that the walk did not come past are looked for.
    2. What any scan did not see is looked for once more: it may be back.
    3. ``shared.reconciliation`` says whether the rest is gone, or its disk away. Only what is gone is marked missing.
    4. What has been missing for as long as the user set is removed from the catalogue.
    """
    with resources.database.read() as session:
        if not unseen.is_due(session, scan_job_id):
            return
    with resources.database.begin() as session:
        scan_job = unseen.take(session, scan_job_id, this_process())
        if scan_job is None:
            return
        library = session.get_one(Library, scan_job.library_id)
    with kept(resources.database, [scan_job]):
        _judge(scan_job, library)


def _judge(scan_job: ScanJob, library: Library) -> None:
    # The library's own: of a folder below it, that it is empty or gone says nothing about a disk.
    root = Path(library.library_path or scan_job.path)
    is_accepted = ScanOptions.from_json(scan_job.options).accept_missing
    disk = None
    try:
        if is_accepted or _has_entries(root):
            for _ in _looked_for(scan_job):
                with resources.database.begin() as session:
                    if not scan_jobs.renew(session, scan_job):
                        return
        # Only now: the disk may have gone away while its files were looked for.
        disk, is_empty = disk_of(root), not _has_entries(root)
    except OSError as error:
        judged = stopped_at_root(_reason(error))
    else:
        judged = _judged(library, disk, is_empty=is_empty, is_accepted=is_accepted)
    _settle(scan_job, judged, disk)


def note_lost_root(session: Session, scan_job: ScanJob, error: OSError) -> None:
    """Note in a job whose folder can't be listed why nothing of its library is marked missing.

    The job must fail in the same transaction: one that is judged and runs counts as done.
    """
    unseen.settle(session, scan_job, stopped_at_root(_reason(error)), None)


def _reason(error: OSError) -> StopReason:
    is_there = not isinstance(error, FileNotFoundError | NotADirectoryError)
    return StopReason.ROOT_UNREADABLE if is_there else StopReason.ROOT_GONE


def _looked_for(scan_job: ScanJob) -> Iterator[int]:
    """Note what is not there, batch by batch; yield how many files each had."""
    after = ""
    while True:
        with resources.database.read() as session:
            folders = unseen.folders_passed_by(session, scan_job, after, FOLDERS_AT_ONCE)
            files = unseen.files_in(session, folders)
        if not folders:
            break
        after = folders[-1]
        gone = [file_id for file_id, path in files if is_gone(path)]
        with resources.database.begin() as session:
            unseen.note(session, gone, is_unseen=True)
        yield len(files)
    after = ""
    while True:
        with resources.database.read() as session:
            files = unseen.unseen_files(session, scan_job, after, FILES_AT_ONCE)
        if not files:
            break
        after = files[-1][0]
        back = [file_id for file_id, path in files if not is_gone(path)]
        with resources.database.begin() as session:
            unseen.note(session, back, is_unseen=False)
        yield len(files)


def _judged(library: Library, disk: str | None, *, is_empty: bool, is_accepted: bool) -> Reconciliation:
    with resources.database.read() as session:
        known, not_seen = unseen.counts(session, library.id)
        in_force = settings.read(session)
    sight = Sight(known=known, unseen=known if is_empty else not_seen, disk_before=library.disk, disk=disk)
    return judge(sight, max_percent=in_force["max_missing_percent"], is_accepted=is_accepted)


def _settle(scan_job: ScanJob, judged: Reconciliation, disk: str | None) -> None:
    with resources.database.begin() as session:
        if not unseen.settle(session, scan_job, judged, disk):
            return
    if judged.status is Outcome.STOPPED:
        log.warning("%s: %s", scan_job.path, judged.message, extra={"scanJobId": scan_job.id})
    else:
        _remove_by_policy(scan_job.library_id)


def _remove_by_policy(library_id: str) -> None:
    with resources.database.begin() as session:
        days = settings.read(session)["remove_missing_after_days"]
        if not days:
            return
        removed = missing.remove(session, library_id, before=now() - timedelta(days=days))
    events.tell_all(resources.redis, events.removals(removed.media_ids))


def _has_entries(root: Path) -> bool:
    with os.scandir(root) as entries:
        return next(entries, None) is not None
