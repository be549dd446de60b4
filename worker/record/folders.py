"""Record how far the folders of a scan are."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from shared import scan_control, scan_jobs
from shared.dialects import insert_for, insert_rows
from shared.lease_time import from_now
from shared.models import (
    Enrichment,
    Episode,
    LibraryMedia,
    MediaFile,
    Movie,
    ScanFolder,
    ScanJob,
    Season,
    TVShow,
    episode_files,
)
from shared.models.base import new_id
from shared.scan_states import ENRICHMENT_UNDONE, EnrichmentStatus, FolderStatus, JobStatus
from worker.probe import UNREADABLE
from worker.walk import WalkedFolder

#: How long a scan waits, in seconds, before it looks again at a folder in which a file grows; then it goes on.
LOOK_AGAIN_AFTER = (2, 4, 8, 16, 30)


def begin_listing(session: Session, scan_job: ScanJob, *, again: bool) -> None:
    """Prepare for a walk: what an earlier walk of this job found is let go, and found anew if it is still there.

    ``again``: nothing that other jobs did counts. That is said once, when the job begins; what it has finished itself
    by the time that it is resumed stays finished.
    """
    scan_control.let_go(session, scan_job.id)
    if again and scan_jobs.is_first_listing(scan_job):
        below = ScanFolder.path.startswith(f"{scan_job.path.rstrip('/')}/", autoescape=True)
        session.execute(
            update(ScanFolder)
            .where(ScanFolder.library_id == scan_job.library_id, (ScanFolder.path == scan_job.path) | below)
            .values(signature="", settled_signature=None)
            .execution_options(synchronize_session=False)
        )


def open_paths(session: Session, scan_job: ScanJob) -> set[str]:
    """Return the paths of a job's folders whose files are to be named."""
    named = select(ScanFolder.path).where(
        ScanFolder.scan_job_id == scan_job.id, ScanFolder.status == FolderStatus.PENDING
    )
    return set(session.scalars(named))


def walked(session: Session, scan_job: ScanJob, folders: Sequence[WalkedFolder]) -> tuple[int, int]:
    """Record folders that the walk came past; return how many are to be named, and how many to be looked into.

    One that did not change since it was settled is settled; one that did not change since it was named keeps its name.
    """
    if not folders:
        return 0, 0
    # Of two files that are tried again, the folder that both are in is walked twice.
    once = {folder.path: folder for folder in folders}
    insert = insert_for(session, ScanFolder)
    is_settled = ScanFolder.settled_signature == insert.excluded.signature
    is_named = (ScanFolder.status == FolderStatus.REGISTERED) & (ScanFolder.signature == insert.excluded.signature)
    status = case(
        (is_settled, FolderStatus.SETTLED.value),
        (is_named, FolderStatus.REGISTERED.value),
        else_=FolderStatus.PENDING.value,
    )
    insert_rows(
        session,
        insert.on_conflict_do_update(
            index_elements=[ScanFolder.library_id, ScanFolder.path],
            set_={
                "scan_job_id": insert.excluded.scan_job_id,
                "signature": insert.excluded.signature,
                "files": insert.excluded.files,
                "status": status,
                "lease_until": None,
                "fence": ScanFolder.fence + 1,
                "attempts": 0,
                "not_before": None,
                "looks": 0,
            },
        ),
        [
            {
                "id": new_id(),
                "library_id": scan_job.library_id,
                "scan_job_id": scan_job.id,
                "path": folder.path,
                "signature": folder.signature,
                "files": folder.files,
                "status": FolderStatus.PENDING,
                "fence": 0,
                "attempts": 0,
            }
            for folder in once.values()
        ],
    )
    recorded = select(ScanFolder.status).where(ScanFolder.library_id == scan_job.library_id, ScanFolder.path.in_(once))
    statuses = Counter(session.scalars(recorded))
    return statuses[FolderStatus.PENDING], statuses[FolderStatus.REGISTERED]


def move(session: Session, folder_ids: Collection[str], status: FolderStatus) -> None:
    """Move folders that the caller holds to the next status, and let go of them."""
    values: dict[str, Any] = {"status": status, "lease_until": None, "attempts": 0}
    if status is FolderStatus.SETTLED:
        values["settled_signature"] = ScanFolder.signature
    if status is FolderStatus.FAILED:
        values["settled_signature"] = None
    session.execute(
        update(ScanFolder)
        .where(ScanFolder.id.in_(folder_ids))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def look_again(session: Session, folders: Collection[ScanFolder]) -> set[str]:
    """Have folders that the caller holds, in which a file still grows, named and looked into again after a while.

    Those that were looked at often enough are done without being settled, for the next scan; return their ids.
    """
    given_up = {folder.id for folder in folders if folder.looks >= len(LOOK_AGAIN_AFTER)}
    session.execute(
        update(ScanFolder)
        .where(ScanFolder.id.in_(given_up))
        .values(status=FolderStatus.SETTLED, settled_signature=None, lease_until=None, attempts=0)
        .execution_options(synchronize_session=False)
    )
    for folder in folders:
        if folder.id not in given_up:
            wait = timedelta(seconds=LOOK_AGAIN_AFTER[folder.looks])
            session.execute(
                update(ScanFolder)
                .where(ScanFolder.id == folder.id)
                .values(
                    status=FolderStatus.PENDING,
                    lease_until=None,
                    attempts=0,
                    not_before=from_now(wait),
                    looks=folder.looks + 1,
                )
                .execution_options(synchronize_session=False)
            )
    return given_up


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in a file: see ``MediaFile.probe`` and ``MediaFile.fingerprint``."""

    probe: dict[str, Any]
    fingerprint: str | None


def unseen_files(session: Session, folder_ids: Sequence[str]) -> list[MediaFile]:
    """Return the files that nobody has looked into since they last changed; those that could not be read come last."""
    files = select(MediaFile).where(MediaFile.folder_id.in_(folder_ids), MediaFile.missing_since.is_(None))
    unseen = [file for file in session.scalars(files) if not _is_seen(file)]
    return sorted(unseen, key=lambda file: (bool(file.probe), file.path))


def _is_seen(file: MediaFile) -> bool:
    return is_known(file.probe) and file.fingerprint is not None


def is_known(probed: Mapping[str, Any]) -> bool:
    """Whether a probe says something of a file; that it could not be read says something of that moment."""
    return bool(probed) and probed.get("error") != UNREADABLE


def unsettle(session: Session, folder_ids: Collection[str]) -> None:
    """Have the next scan look at settled folders again, though they did not change."""
    folders = update(ScanFolder).where(ScanFolder.id.in_(folder_ids)).values(settled_signature=None)
    session.execute(folders.execution_options(synchronize_session=False))


def see_again(session: Session, media_ids: Collection[str]) -> None:
    """Have the next scan name the files of these titles' folders again, though they did not change.

    What lies beside them could not be read. The signature goes as well: who settles a folder later would settle that.
    Not to be done while titles are locked: who names a folder's files locks the folder first, and then its titles.
    """
    if not media_ids:
        return
    of_film = select(MediaFile.folder_id).join(Movie).where(Movie.media_id.in_(media_ids))
    of_show = (
        select(MediaFile.folder_id)
        .join(episode_files, episode_files.c.file_id == MediaFile.id)
        .join(Episode, Episode.id == episode_files.c.episode_id)
        .join(Season)
        .join(TVShow)
        .where(TVShow.media_id.in_(media_ids))
    )
    folders = update(ScanFolder).where(ScanFolder.id.in_(of_film.union(of_show)))
    session.execute(folders.values(signature="", settled_signature=None).execution_options(synchronize_session=False))


def keep_seen(session: Session, folder_ids: Collection[str], seen: Collection[tuple[MediaFile, Seen]]) -> None:
    """Keep what was found in those of these files that are in folders that the caller holds.

    A folder of which something is known by that is as if it had just been taken: it has not ended its worker, and a
    task that is out of time leaves less to the next.
    """
    kept = [(file, found) for file, found in seen if file.folder_id in folder_ids]
    if not kept:
        return
    is_as_it_was = (MediaFile.id == bindparam("file")) & (MediaFile.folder_id == bindparam("folder"))
    session.connection().execute(
        update(MediaFile).where(is_as_it_was).values(probe=bindparam("found"), fingerprint=bindparam("digest")),
        [
            {"file": file.id, "folder": file.folder_id, "found": found.probe, "digest": found.fingerprint}
            for file, found in kept
        ],
    )
    furthered = {file.folder_id for file, found in kept if is_known(found.probe) and found.fingerprint is not None}
    as_just_taken = update(ScanFolder).where(ScanFolder.id.in_(furthered)).values(attempts=1)
    session.execute(as_just_taken.execution_options(synchronize_session=False))


def retry_failed_titles(session: Session, scan_job: ScanJob) -> int:
    """Send the titles of the library that a provider failed for to it again; return how many there are.

    So are those that a scan which was cancelled left on their way.
    """
    held = select(LibraryMedia.media_id).where(LibraryMedia.library_id == scan_job.library_id)
    cancelled = select(ScanJob.id).where(
        ScanJob.library_id == scan_job.library_id, ScanJob.status == JobStatus.CANCELLED
    )
    has_failed = Enrichment.status == EnrichmentStatus.FAILED
    was_left = Enrichment.status.in_(ENRICHMENT_UNDONE) & Enrichment.scan_job_id.in_(cancelled)
    retried = session.execute(
        update(Enrichment)
        .where(has_failed | was_left, Enrichment.media_id.in_(held))
        .values(
            status=case((has_failed, EnrichmentStatus.METADATA.value), else_=Enrichment.status),
            scan_job_id=scan_job.id,
            attempts=0,
            not_before=None,
            lease_until=None,
            fence=Enrichment.fence + 1,
        )
        .returning(Enrichment.media_id)
        .execution_options(synchronize_session=False)
    )
    return len(retried.all())
