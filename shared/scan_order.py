"""Which scans may run at once: those that share no folder. A scan of files that another one is at waits behind it.

Of two scans whose paths are the same, or one above the other, whatever their libraries, the one goes first that runs or
is paused, and of two that wait the one that was asked for first. So no two wait for each other.
"""

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shared.models import ScanJob
from shared.scan_options import ScanOptions
from shared.scan_states import UNENDED, JobStatus

_Jobs = type[ScanJob]
#: Jobs that hold their folders, also while nothing of them is worked on.
_UNDER_WAY = (JobStatus.IN_PROGRESS, JobStatus.PAUSED)


def is_behind() -> ColumnElement[bool]:
    """Whether a job has to wait for another one to end."""
    other = aliased(ScanJob)
    return exists().where(_goes_before(other))


def ahead_of(session: Session, scan_job_ids: Collection[str]) -> dict[str, str]:
    """Return for each of these jobs that has to wait for another one the id of the foremost that it waits for."""
    other = aliased(ScanJob)
    rows = session.execute(
        select(ScanJob.id, other.id)
        .join(other, _goes_before(other))
        .where(ScanJob.id.in_(scan_job_ids))
        .order_by(other.status == JobStatus.IN_PROGRESS, other.created_at.desc(), other.id.desc())
    )
    # The last one of each is kept.
    return dict(rows.all())


def next_after(session: Session, scan_job_id: str) -> Sequence[str]:
    """Return the ids of the jobs that waited for this one, which has ended, and wait for none now."""
    ended = aliased(ScanJob)
    return session.scalars(
        select(ScanJob.id)
        .join(ended, _overlaps(ended))
        .where(ended.id == scan_job_id, ScanJob.status == JobStatus.PENDING, ~is_behind())
    ).all()


def at_same_files(session: Session, scan_job: ScanJob) -> str | None:
    """Return the id of another job at the files of this one that has not ended, if there is one."""
    other = aliased(ScanJob)
    return session.scalar(
        select(other.id)
        .join(ScanJob, _overlaps(other))
        .where(ScanJob.id == scan_job.id, other.id != ScanJob.id, other.status.in_(UNENDED))
        .limit(1)
    )


def joinable(session: Session, library_id: str, path: str, options: ScanOptions) -> ScanJob | None:
    """Return the job of a library that does all that a scan of ``path`` with these options would do."""
    here = PurePosixPath(path)
    above = [str(here), *map(str, here.parents)]
    jobs = session.scalars(
        select(ScanJob)
        .where(ScanJob.library_id == library_id, ScanJob.path.in_(above), ScanJob.status.in_(UNENDED))
        .order_by(ScanJob.created_at, ScanJob.id)
    )
    return next((scan_job for scan_job in jobs if _does(scan_job, here, options)), None)


def _does(scan_job: ScanJob, path: PurePosixPath, options: ScanOptions) -> bool:
    below = path.relative_to(scan_job.path).parts
    # One that tries failures again lists only theirs; hidden folders no scan enters by itself.
    if scan_job.relisted is not None or any(part.startswith(".") for part in below):
        return False
    return ScanOptions.from_json(scan_job.options).covers(options, levels=len(below))


def _goes_before(other: _Jobs) -> ColumnElement[bool]:
    is_older = or_(
        other.created_at < ScanJob.created_at, and_(other.created_at == ScanJob.created_at, other.id < ScanJob.id)
    )
    is_first = or_(other.status.in_(_UNDER_WAY), and_(other.status == JobStatus.PENDING, is_older))
    return and_(ScanJob.status == JobStatus.PENDING, other.id != ScanJob.id, is_first, _overlaps(other))


def _overlaps(other: _Jobs) -> ColumnElement[bool]:
    return or_(other.path == ScanJob.path, _is_below(other, ScanJob), _is_below(ScanJob, other))


def _is_below(inner: _Jobs, outer: _Jobs) -> ColumnElement[bool]:
    # Not by LIKE: a path may hold what LIKE takes for a wildcard.
    return func.substr(inner.path, 1, func.length(outer.path) + 1) == outer.path + "/"
