"""Titles that are to get metadata and pictures: the rows that workers claim, and that both sides may ask for."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import func, literal, null, or_, select
from sqlalchemy.orm import Session

from shared.dialects import insert_for
from shared.kinds import MatchStatus
from shared.models import Enrichment, Media
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus

#: A poster that could not be read is looked at again, when somebody looks at its title, after this time.
POSTER_AGAIN = timedelta(hours=1)


def fetch(session: Session, media_ids: Iterable[str], scan_job_id: str | None) -> None:
    """Have the providers asked about these titles; who is on the way already starts again."""
    _want(session, sorted(media_ids), scan_job_id, EnrichmentStatus.METADATA)


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
    ).where(incomplete)
    insert = insert_for(session, Enrichment).from_select(
        ["media_id", "scan_job_id", "status", "fence", "attempts"], wanted
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[Enrichment.media_id], set_=_anew(insert.excluded.scan_job_id, EnrichmentStatus.METADATA)
        )
    )
    return session.scalar(select(func.count()).where(incomplete)) or 0


def colourless(session: Session, titles: Sequence[Media]) -> list[str]:
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
            Enrichment.status.in_((EnrichmentStatus.METADATA, EnrichmentStatus.ARTWORK)),
        )
    )
    return sorted(set(wanted) - set(under_way))


def paint(session: Session, media_ids: Sequence[str]) -> None:
    """Have the pictures of these titles cached and their colours made."""
    _want(session, media_ids, None, EnrichmentStatus.ARTWORK)


def _want(session: Session, media_ids: Sequence[str], scan_job_id: str | None, status: EnrichmentStatus) -> None:
    if not media_ids:
        return
    insert = insert_for(session, Enrichment)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[Enrichment.media_id], set_=_anew(insert.excluded.scan_job_id, status)
        ),
        [
            {"media_id": media_id, "scan_job_id": scan_job_id, "status": status, "fence": 0, "attempts": 0}
            for media_id in media_ids
        ],
    )


def _anew(scan_job_id: object, status: EnrichmentStatus) -> dict[str, object]:
    """Whoever holds the row at this moment loses it."""
    return {
        "scan_job_id": scan_job_id,
        "status": status,
        "lease_until": None,
        "not_before": None,
        "attempts": 0,
        "fence": Enrichment.fence + 1,
    }
