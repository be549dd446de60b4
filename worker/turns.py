"""Whose turn it is: for which scan a task works now.

A task names the scan that sent it, and a huge one sends hundreds at once. Were each to work for its own, a small scan
would stand behind all of them; so each draws by lot among the scans that have something to do at its step, and as many
tasks are left for the others as were sent for them. Before all goes a title that somebody looks at.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, func, null, select, union_all
from sqlalchemy.orm import Session

from shared.models import Enrichment, ScanFolder, ScanJob
from shared.scan_states import UNFETCHED, EnrichmentStatus, FolderStatus, JobStatus
from worker import leases


def of_folders(session: Session, scan_job_id: str, status: FolderStatus) -> str:
    """Return the running scan whose folders at ``status`` are worked on now; this one if none has any."""
    has_some = exists().where(
        ScanFolder.scan_job_id == ScanJob.id,
        ScanFolder.status == status,
        leases.free(ScanFolder),
        leases.due(ScanFolder),
    )
    running = select(ScanJob.id).where(ScanJob.status == JobStatus.IN_PROGRESS, has_some)
    return session.scalar(running.order_by(func.random()).limit(1)) or scan_job_id


def of_titles(session: Session, scan_job_id: str | None, *statuses: EnrichmentStatus) -> str | None:
    """Return the running scan whose titles at one of these steps are worked on now; this one if none has any.

    Titles that no scan waits for (None) are drawn as those of one scan are, and keep the tasks that were sent for them.
    """
    waits = (Enrichment.status.in_(statuses), leases.free(Enrichment), leases.due(Enrichment))
    has_some = exists().where(Enrichment.scan_job_id == ScanJob.id, *waits)
    running = select(ScanJob.id).where(ScanJob.status == JobStatus.IN_PROGRESS, has_some)
    of_none = select(null()).where(exists().where(Enrichment.scan_job_id.is_(None), *waits))
    lots = union_all(running, of_none).subquery()
    drawn = session.scalars(select(lots).order_by(func.random())).all()
    keeps_its_own = scan_job_id is None and None in drawn
    return scan_job_id if keeps_its_own or not drawn else drawn[0]


def claim_opened(
    session: Session, statuses: Collection[EnrichmentStatus], limit: int
) -> tuple[str | None, list[Enrichment]]:
    """Take titles that somebody looks at, of one scan or of none, at the first of these steps that has any."""
    for status in statuses:
        opened = session.execute(
            select(Enrichment.scan_job_id)
            .where(Enrichment.is_opened, Enrichment.status == status, leases.free(Enrichment), leases.due(Enrichment))
            .limit(1)
        ).one_or_none()
        if opened is not None:
            return opened[0], leases.claim_enrichments(session, opened[0], status, limit, only=Enrichment.is_opened)
    return None, []


def claim_unfetched(session: Session, scan_job_id: str | None, limit: int) -> tuple[str | None, list[Enrichment]]:
    """Take titles of one scan or of none: of which nothing is known, or, where it has no such, of which details lack.

    Another scan has its turn all the same while it has only details to ask for.
    """
    turn = of_titles(session, scan_job_id, *UNFETCHED)
    for status in UNFETCHED:
        if claimed := leases.claim_enrichments(session, turn, status, limit):
            return turn, claimed
    return turn, []


def claim_pictures(session: Session, limit: int) -> list[Enrichment]:
    """Take titles of which all but some pictures is there, whichever scan they are of; none while a scan runs."""
    if session.scalar(select(is_scanning())):
        return []
    return leases.claim_titles(session, Enrichment.status == EnrichmentStatus.PICTURES, limit)


def is_scanning() -> ColumnElement[bool]:
    """Whether any scan runs: what nobody waits for would slow it down."""
    return exists().where(ScanJob.status == JobStatus.IN_PROGRESS)
