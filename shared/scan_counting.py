"""How far the folders and titles of scan jobs are, counted from the rows."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from shared.models import Enrichment, Failure, ScanFolder, ScanJob
from shared.scan_counts import Counts
from shared.scan_states import ENDED, ENRICHMENT_OPEN, UNFETCHED, FolderStatus


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
            _how_many(Enrichment.status.not_in(UNFETCHED)),
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


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
