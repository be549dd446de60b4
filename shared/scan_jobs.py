"""The state machine of a scan job.

::

    PENDING ──take──▶ IN_PROGRESS ──complete──▶ COMPLETED
     ▲ │                   │
     │ └───────fail────────┴─────────────────▶ FAILED ──┐
     └──────────────resume (scan_control)───────────────┘

From PENDING to the end is one run of the job; each run is ended by one ``scan:complete`` or ``scan:error``.

A state changes by one UPDATE that names the state it believes in; no row updated means that another process was first.
"""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, func, select, true, update
from sqlalchemy.orm import Session

from shared.models import Enrichment, Failure, Library, ScanFolder, ScanJob
from shared.models.base import new_id, now
from shared.scan_counts import Counts
from shared.scan_options import ScanOptions

#: How long a worker holds what it took before others may take it.
LEASE = timedelta(seconds=60)


class JobStatus(StrEnum):
    """What a scan job is doing."""

    #: Waits for a worker.
    PENDING = "PENDING"
    #: Its folders are listed, or its titles worked on.
    IN_PROGRESS = "IN_PROGRESS"
    #: Everything settled; single items may have failed.
    COMPLETED = "COMPLETED"
    #: It could not be done.
    FAILED = "FAILED"


ACTIVE = (JobStatus.PENDING, JobStatus.IN_PROGRESS)
ENDED = (JobStatus.COMPLETED, JobStatus.FAILED)


class FolderStatus(StrEnum):
    """How far a folder is within its scan job."""

    #: Listed; its files are not in the catalogue as they are now.
    PENDING = "PENDING"
    #: Its files are named and browsable; nobody has looked into them yet.
    REGISTERED = "REGISTERED"
    #: Done.
    SETTLED = "SETTLED"
    #: Given up, with a failure that says why.
    FAILED = "FAILED"


class EnrichmentStatus(StrEnum):
    """How far a title is on its way from a name to metadata and colours."""

    #: The providers are to be asked.
    METADATA = "METADATA"
    #: It can be shown by what a search said of it; the rest is to be asked for, after all that nobody knows yet.
    DETAILS = "DETAILS"
    #: Its pictures are to be cached and its colours taken.
    ARTWORK = "ARTWORK"
    #: Done.
    SETTLED = "SETTLED"
    #: Given up for now, with a failure that says why; the next scan tries again.
    FAILED = "FAILED"


#: For each status, what of a folder's and a title's way is behind it.
FOLDER_OPEN = (FolderStatus.PENDING, FolderStatus.REGISTERED)
_UNFETCHED = (EnrichmentStatus.METADATA, EnrichmentStatus.DETAILS)
#: A title on its way.
ENRICHMENT_OPEN = (*_UNFETCHED, EnrichmentStatus.ARTWORK)


def request(session: Session, library: Library, path: str, options: ScanOptions) -> tuple[ScanJob, bool]:
    """Return the job that scans this path: the one under way, or a new one (then True)."""
    running = session.scalar(
        select(ScanJob)
        .where(ScanJob.library_id == library.id, ScanJob.path == path, ScanJob.status.in_(ACTIVE))
        .order_by(ScanJob.created_at)
        .limit(1)
    )
    if running is not None:
        return running, False
    scan_job = ScanJob(
        id=new_id(), library_id=library.id, path=path, options=options.to_json(), status=JobStatus.PENDING, fence=0
    )
    session.add(scan_job)
    session.flush()
    return scan_job, True


def take(session: Session, scan_job_id: str) -> ScanJob | None:
    """Take a job whose folders are to be listed; None when it is done or another worker has it.

    1. Only a job that is not yet listed, and whose lease is free or ran out, can be taken.
    2. The fence goes up, so that an earlier holder can't write any more.
    """
    instant = now()
    taken = session.execute(
        update(ScanJob)
        .where(
            ScanJob.id == scan_job_id,
            ScanJob.status.in_(ACTIVE),
            ScanJob.discovered_at.is_(None),
            (ScanJob.lease_until.is_(None)) | (ScanJob.lease_until < instant),
        )
        .values(
            status=JobStatus.IN_PROGRESS,
            lease_until=instant + LEASE,
            fence=ScanJob.fence + 1,
            started_at=func.coalesce(ScanJob.started_at, instant),
            moved_at=instant,
        )
        .returning(ScanJob.id)
    ).scalar_one_or_none()
    return session.get(ScanJob, taken, populate_existing=True) if taken else None


def is_first_listing(scan_job: ScanJob) -> bool:
    """Whether a job that was just taken had never been taken before."""
    return scan_job.started_at == scan_job.moved_at


def renew(session: Session, scan_job: ScanJob) -> bool:
    """Hold a taken job for another lease; False when another worker has taken it over."""
    instant = now()
    renewed = session.execute(
        update(ScanJob)
        .where(is_held(scan_job))
        .values(lease_until=instant + LEASE, moved_at=instant)
        .returning(ScanJob.id)
    ).scalar_one_or_none()
    return renewed is not None


def discovered(session: Session, scan_job: ScanJob) -> bool:
    """Note that all folders are listed, and how far the job is by now; False when another worker has taken it over."""
    instant = now()
    begun = asdict(count(session, scan_job.id))
    noted = session.execute(
        update(ScanJob)
        .where(is_held(scan_job))
        .values(discovered_at=instant, lease_until=None, moved_at=instant, totals=begun)
        .returning(ScanJob.id)
    ).scalar_one_or_none()
    return noted is not None


def complete(session: Session, scan_job_id: str) -> ScanJob | None:
    """Move a job whose every folder and title has settled to COMPLETED; None when it isn't so, or it was done before.

    Must be asked in a transaction that began after the last settling was committed: of two workers that settle the last
    two items at once, the later one then sees both.
    """
    instant = now()
    done = session.execute(
        update(ScanJob)
        .where(_is_settled(scan_job_id))
        .values(status=JobStatus.COMPLETED, completed_at=instant, moved_at=instant, percent=100)
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if done is None:
        return None
    scan_job = session.get_one(ScanJob, done, populate_existing=True)
    scan_job.totals = asdict(count(session, scan_job_id))
    return scan_job


def is_settled(session: Session, scan_job_id: str) -> bool:
    """Whether a running job has nothing left to do, so that it may be completed."""
    return session.scalar(select(ScanJob.id).where(_is_settled(scan_job_id))) is not None


def fail(session: Session, scan_job_id: str, error: str, only_if: ColumnElement[bool] | None = None) -> bool:
    """Move a job that can't be done to FAILED; False when it had ended already, or is not as ``only_if`` has it."""
    instant = now()
    failed = session.execute(
        update(ScanJob)
        .where(ScanJob.id == scan_job_id, ScanJob.status.in_(ACTIVE), true() if only_if is None else only_if)
        .values(
            status=JobStatus.FAILED,
            error=error,
            completed_at=instant,
            lease_until=None,
            fence=ScanJob.fence + 1,
            totals=asdict(count(session, scan_job_id)),
        )
        .returning(ScanJob.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return failed is not None


def count(session: Session, scan_job_id: str) -> Counts:
    """Count how far the folders and titles of a job are."""
    return count_each(session, [scan_job_id])[scan_job_id]


def count_each(session: Session, scan_job_ids: Collection[str]) -> dict[str, Counts]:
    """Count how far the folders and titles of each of these jobs are, in as many queries as for one."""
    folders = session.execute(
        select(
            ScanFolder.scan_job_id,
            func.count(),
            _how_many(ScanFolder.status != FolderStatus.PENDING),
            _how_many(ScanFolder.status.in_((FolderStatus.SETTLED, FolderStatus.FAILED))),
            _how_many(ScanFolder.status == FolderStatus.FAILED),
        )
        .where(ScanFolder.scan_job_id.in_(scan_job_ids))
        .group_by(ScanFolder.scan_job_id)
    )
    titles = session.execute(
        select(
            Enrichment.scan_job_id,
            func.count(),
            _how_many(Enrichment.status.not_in(_UNFETCHED)),
            _how_many(Enrichment.status.not_in(ENRICHMENT_OPEN)),
        )
        .where(Enrichment.scan_job_id.in_(scan_job_ids))
        .group_by(Enrichment.scan_job_id)
    )
    failures = session.execute(
        select(Failure.scan_job_id, func.count())
        .where(Failure.scan_job_id.in_(scan_job_ids))
        .group_by(Failure.scan_job_id)
    )
    folders_of = {id_: counts for id_, *counts in folders}
    titles_of = {id_: counts for id_, *counts in titles}
    failures_of = {id_: counts for id_, *counts in failures}
    return {
        id_: Counts(*folders_of.get(id_, [0] * 4), *titles_of.get(id_, [0] * 3), *failures_of.get(id_, [0]))
        for id_ in scan_job_ids
    }


def counts_of(scan_job: ScanJob, counted: Counts) -> Counts:
    """Return how far a job is; of one that ended, how far it came: its rows may belong to a later one by now."""
    ended = scan_job.status in ENDED and scan_job.totals
    return replace(Counts(**scan_job.totals), failures=counted.failures) if ended else counted


def note_failure(session: Session, scan_job_id: str, *, cause: str, path: str, message: str) -> None:
    """Note what could not be done, and why; once for each path and cause."""
    known = session.scalar(
        select(Failure.id)
        .where(Failure.scan_job_id == scan_job_id, Failure.cause == cause, Failure.path == path)
        .limit(1)
    )
    if known is None:
        session.add(Failure(id=new_id(), scan_job_id=scan_job_id, cause=cause, path=path, message=message))
        session.flush()


def _is_settled(scan_job_id: str) -> ColumnElement[bool]:
    open_folder = exists().where(ScanFolder.scan_job_id == scan_job_id, ScanFolder.status.in_(FOLDER_OPEN))
    open_title = exists().where(Enrichment.scan_job_id == scan_job_id, Enrichment.status.in_(ENRICHMENT_OPEN))
    return and_(
        ScanJob.id == scan_job_id,
        ScanJob.status == JobStatus.IN_PROGRESS,
        ScanJob.reconciled_at.is_not(None),
        ~open_folder,
        ~open_title,
    )


def is_held(scan_job: ScanJob) -> ColumnElement[bool]:
    """Whether a job is still in the hands of the worker that read it, and running."""
    return and_(ScanJob.id == scan_job.id, ScanJob.fence == scan_job.fence, ScanJob.status == JobStatus.IN_PROGRESS)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
