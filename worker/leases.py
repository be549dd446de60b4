"""Work that a worker holds for a while: claimed by one UPDATE, settled only by whoever holds it still.

A claim says by whom and until when (the lease) and raises a fencing number. A worker that comes late, after its lease
ran out and another worker took over, has an old number and changes nothing. What becomes of a claim while its work goes
on, and when it ends otherwise than it should, is in ``worker.keeping``.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, or_, select, true, tuple_, update
from sqlalchemy.orm import Session

from shared.lease_time import a_lease, from_now, is_over
from shared.models import Enrichment, ScanFolder, ScanJob
from shared.scan_jobs import EnrichmentStatus, FolderStatus
from shared.scan_states import HALTED, JobStatus
from worker.holders import this_process
from worker.record.enrichments import ATTEMPTS, SCAN_WAITS, give_up

Row = TypeVar("Row", ScanFolder, Enrichment)

#: A batch that died so often is taken apart, one row at a time, to find the one that kills its worker. What a provider
#: puts off also counts as an attempt at a title, so only more of them than that point to a death.
FOLDER_SUSPECT_AFTER = 2
TITLE_SUSPECT_AFTER = ATTEMPTS
#: A folder or title whose worker died so often is given up.
GIVEN_UP_AFTER = 10

_UNSYNCHRONISED = {"synchronize_session": False, "populate_existing": True}


def free(table: type[ScanFolder] | type[Enrichment]) -> ColumnElement[bool]:
    """Whether nobody holds a row."""
    return is_over(table.lease_until)


def due(table: type[ScanFolder] | type[Enrichment]) -> ColumnElement[bool]:
    """Whether a row need not wait any longer: neither for its time, nor for a scan that the user stopped.

    One that a scan waits for and that waits longer than a scan does was put off before the clock was set back.
    """
    halted = select(ScanJob.id).where(ScanJob.status.in_(HALTED))
    is_of_another_time = table.not_before > from_now(timedelta(seconds=SCAN_WAITS))
    return and_(
        or_(
            table.not_before.is_(None),
            table.not_before <= from_now(),
            and_(table.scan_job_id.is_not(None), is_of_another_time),
        ),
        or_(table.scan_job_id.is_(None), table.scan_job_id.not_in(halted)),
    )


def claim_folders(session: Session, scan_job_id: str, status: FolderStatus, limit: int) -> list[ScanFolder]:
    """Take up to ``limit`` folders of a running job that are at ``status`` and held by nobody."""
    running = select(ScanJob.id).where(ScanJob.id == scan_job_id, ScanJob.status == JobStatus.IN_PROGRESS)
    waiting = (
        select(ScanFolder.id)
        .where(ScanFolder.scan_job_id.in_(running), ScanFolder.status == status, free(ScanFolder), due(ScanFolder))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(ScanFolder)
        .where(ScanFolder.id.in_(waiting.scalar_subquery()))
        .values(
            lease_until=a_lease(),
            holder=this_process(),
            fence=ScanFolder.fence + 1,
            attempts=ScanFolder.attempts + 1,
        )
        .returning(ScanFolder)
    )
    return list(session.scalars(claimed, execution_options=_UNSYNCHRONISED))


def isolate(claimed: Sequence[Row], suspect_after: int) -> list[Row]:
    """Keep of a claim only the first row whose workers died before, and let go of the others.

    A file can make a decoder end its whole process; alone in its batch it costs only itself. The rows are changed in
    the session that claimed them.
    """
    suspect = next((row for row in claimed if row.attempts > suspect_after), None)
    if suspect is None:
        return list(claimed)
    for row in claimed:
        if row is not suspect:
            row.lease_until = None
            row.attempts -= 1
    return [suspect]


def claim_enrichments(
    session: Session,
    scan_job_id: str | None,
    status: EnrichmentStatus,
    limit: int,
    *,
    only: SQLColumnExpression[bool] | None = None,
) -> list[Enrichment]:
    """Take up to ``limit`` titles of a job, or of none, that are at ``status``, due, and held by nobody.

    ``only``: and of which this is so.
    """
    is_theirs = Enrichment.scan_job_id == scan_job_id if scan_job_id else Enrichment.scan_job_id.is_(None)
    return claim_titles(session, and_(is_theirs, Enrichment.status == status, true() if only is None else only), limit)


def claim_titles(session: Session, which: ColumnElement[bool], limit: int) -> list[Enrichment]:
    """Take up to ``limit`` titles of which this is so, and that are due and held by nobody."""
    waiting = (
        select(Enrichment.media_id)
        .where(which, free(Enrichment), due(Enrichment))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(Enrichment)
        .where(Enrichment.media_id.in_(waiting.scalar_subquery()))
        .values(
            lease_until=a_lease(),
            holder=this_process(),
            fence=Enrichment.fence + 1,
            attempts=Enrichment.attempts + 1,
        )
        .returning(Enrichment)
    )
    return list(session.scalars(claimed, execution_options=_UNSYNCHRONISED))


def without_hopeless(session: Session, enrichments: Sequence[Enrichment]) -> list[Enrichment]:
    """Give up the titles that no worker survives, and return the others."""
    for enrichment in enrichments:
        if enrichment.attempts > GIVEN_UP_AFTER:
            give_up(session, enrichment)
    return [enrichment for enrichment in enrichments if enrichment.attempts <= GIVEN_UP_AFTER]


def still_held_folders(session: Session, folders: Iterable[ScanFolder]) -> set[str]:
    """Return the ids of those folders whose claim is still ours, and lock them until the transaction ends."""
    claims = [(folder.id, folder.fence) for folder in folders]
    held = select(ScanFolder.id).where(tuple_(ScanFolder.id, ScanFolder.fence).in_(claims)).with_for_update()
    return set(session.scalars(held))


def still_held_enrichments(session: Session, enrichments: Iterable[Enrichment]) -> set[str]:
    """Return the ids of those titles whose claim is still ours, and lock them until the transaction ends."""
    return set(session.scalars(select(Enrichment.media_id).where(_is_ours(enrichments)).with_for_update()))


def seem_ours(session: Session, enrichments: Iterable[Enrichment]) -> set[str]:
    """Return the ids of those titles whose claim is ours at this moment, and lock nothing."""
    return set(session.scalars(select(Enrichment.media_id).where(_is_ours(enrichments))))


def _is_ours(enrichments: Iterable[Enrichment]) -> ColumnElement[bool]:
    claims = [(enrichment.media_id, enrichment.fence) for enrichment in enrichments]
    return tuple_(Enrichment.media_id, Enrichment.fence).in_(claims)
