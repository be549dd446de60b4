"""Titles that are to get metadata and pictures: the rows that workers claim, and that both sides may ask for."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, false, func, literal, null, or_, select, update
from sqlalchemy.orm import Session

from shared.catalogue.views import MediaView
from shared.dialects import Insert, insert_for, insert_rows
from shared.kinds import MatchStatus
from shared.models import Enrichment, Media, ScanJob
from shared.models.base import now
from shared.scan_states import ENRICHMENT_OPEN, ENRICHMENT_UNDONE, EnrichmentStatus, JobStatus

#: A poster that could not be read is looked at again, when somebody looks at its title, after this time.
POSTER_AGAIN = timedelta(hours=1)


def fetch(session: Session, media_ids: Iterable[str], scan_job_id: str | None, *, is_asked: bool = False) -> None:
    """Have the providers asked about these titles; who is on the way already starts again.

    ``is_asked``: a user asked for it, so that also what was fetched lately is fetched again.
    """
    _want(session, sorted(media_ids), scan_job_id, EnrichmentStatus.METADATA, is_asked=is_asked)


def go_first(session: Session, media_id: str) -> tuple[EnrichmentStatus, str | None] | None:
    """Have a title that somebody looks at worked on before all others; None when it is not on its way any more.

    Returns at which step it is, and for which scan. One that a scan left which was cancelled goes on by itself.
    """
    cancelled = select(ScanJob.id).where(ScanJob.status == JobStatus.CANCELLED)
    opened = session.execute(
        update(Enrichment)
        .where(in_its_turn(media_id))
        .values(
            is_opened=True,
            scan_job_id=case((Enrichment.scan_job_id.in_(cancelled), None), else_=Enrichment.scan_job_id),
        )
        .returning(Enrichment.status, Enrichment.scan_job_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return (EnrichmentStatus(opened.status), opened.scan_job_id) if opened else None


def in_its_turn(media_id: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a title is on its way, and nobody has looked at it yet."""
    # As literals: a list would be spelled out anew each time the statement is executed.
    undone = Enrichment.status.in_([literal(status) for status in ENRICHMENT_UNDONE])
    return and_(Enrichment.media_id == media_id, undone, Enrichment.is_opened.is_(False))


def fetch_incomplete(session: Session) -> int:
    """Have the providers asked about every title that lacks what they may know now; return how many there are."""
    incomplete = or_(
        Media.match_status == MatchStatus.UNMATCHED, Media.poster_source.is_(None), Media.description.is_(None)
    )
    wanted = select(
        Media.id,
        null(),
        literal(EnrichmentStatus.METADATA.value),
        literal(0),
        literal(0),
        false(),
    ).where(incomplete)
    insert = insert_for(session, Enrichment).from_select(
        ["media_id", "scan_job_id", "status", "fence", "attempts", "is_asked"], wanted
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[Enrichment.media_id], set_=_anew(insert, EnrichmentStatus.METADATA)
        )
    )
    return session.scalar(select(func.count()).where(incomplete)) or 0


def colourless(session: Session, titles: Sequence[MediaView]) -> list[str]:
    """Return those titles that have a poster and no colours, and that no worker is to look at anyway."""
    again = now() - POSTER_AGAIN
    wanted = [
        media.id
        for media in titles
        if media.poster_source and not media.palette and (not media.poster_failed_at or media.poster_failed_at < again)
    ]
    if not wanted:
        return []
    under_way = session.scalars(
        select(Enrichment.media_id).where(
            Enrichment.media_id.in_(wanted),
            Enrichment.status.in_(ENRICHMENT_OPEN),
        )
    )
    return sorted(set(wanted) - set(under_way))


def paint(session: Session, media_ids: Sequence[str]) -> None:
    """Have the pictures of these titles, which somebody looks at, cached and their colours made.

    One that a scan has asked about meanwhile gets there by itself, and must not miss what comes before.
    """
    # Not by IN, which can't be asked of many rows at once.
    is_done = and_(*(Enrichment.status != status for status in ENRICHMENT_OPEN))
    _want(session, media_ids, None, EnrichmentStatus.ARTWORK, is_opened=True, only=is_done)


def _want(
    session: Session,
    media_ids: Sequence[str],
    scan_job_id: str | None,
    status: EnrichmentStatus,
    *,
    is_asked: bool = False,
    is_opened: bool = False,
    only: ColumnElement[bool] | None = None,
) -> None:
    insert = insert_for(session, Enrichment)
    insert_rows(
        session,
        insert.on_conflict_do_update(index_elements=[Enrichment.media_id], set_=_anew(insert, status), where=only),
        [
            {
                "media_id": media_id,
                "scan_job_id": scan_job_id,
                "status": status,
                "fence": 0,
                "attempts": 0,
                "is_asked": is_asked,
                "is_opened": is_opened,
            }
            for media_id in media_ids
        ],
    )


def _anew(insert: Insert, status: EnrichmentStatus) -> dict[str, object]:
    """Whoever holds the row at this moment loses it.

    What a user asked for stays asked for until somebody did it, and what one looks at goes first until then.
    """
    return {
        "scan_job_id": insert.excluded.scan_job_id,
        "is_asked": or_(Enrichment.is_asked, insert.excluded.is_asked),
        "is_opened": or_(Enrichment.is_opened, insert.excluded.is_opened),
        "status": status,
        "lease_until": None,
        "not_before": None,
        "attempts": 0,
        "fence": Enrichment.fence + 1,
    }
