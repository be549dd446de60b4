"""Record how far titles are on their way from a name to metadata and colours."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import and_, case, literal, update
from sqlalchemy.orm import Session

from shared import scan_jobs
from shared.lease_time import from_now
from shared.models import Enrichment, Media
from shared.scan_states import ENRICHMENT_OPEN, ENRICHMENT_UNDONE, EnrichmentStatus

#: How often a provider that fails is tried for one title before the title is given up until the next scan.
ATTEMPTS = 5
#: How long a scan waits for a title that a provider puts off, in seconds.
SCAN_WAITS = 60.0


def move(session: Session, media_ids: Collection[str], status: EnrichmentStatus) -> None:
    """Move titles that the caller holds to the next status, and let go of them."""
    if not media_ids:
        return
    # Who looks at a title waits for all of it.
    is_opened = and_(Enrichment.is_opened, literal(status in ENRICHMENT_UNDONE))
    session.execute(
        update(Enrichment)
        .where(Enrichment.media_id.in_(media_ids))
        .values(status=status, lease_until=None, not_before=None, attempts=0, is_asked=False, is_opened=is_opened)
        .execution_options(synchronize_session=False)
    )


def give_up(session: Session, enrichment: Enrichment) -> None:
    """Give up a title that ended each worker that held it; the next scan tries again."""
    move(session, [enrichment.media_id], EnrichmentStatus.FAILED)
    media = session.get(Media, enrichment.media_id)
    if enrichment.scan_job_id and media is not None:
        why = "A worker ended each time it worked on this title; it is given up until the next scan."
        scan_jobs.note_failure(
            session,
            enrichment.scan_job_id,
            cause="title-given-up",
            path=media.title,
            message=why,
            media_id=media.id,
        )


def put_off(
    session: Session,
    enrichment: Enrichment,
    retry_after: float | None,
    *,
    may_wait: bool = False,
    was_tried: bool = True,
) -> bool:
    """Try a title that the caller holds again later, each time twice as late; False when it was tried often enough.

    A scan does not wait for one that ``may_wait``, or that is put off for long: it goes on by itself.
    """
    attempts = enrichment.attempts if was_tried else enrichment.attempts - 1
    if attempts >= ATTEMPTS:
        return False
    wait = retry_after if retry_after is not None else 2.0 ** (enrichment.attempts - 1)
    instant = from_now(timedelta(seconds=wait))
    scan_job_id = enrichment.scan_job_id if wait <= SCAN_WAITS and not may_wait else None
    session.execute(
        update(Enrichment)
        .where(Enrichment.media_id == enrichment.media_id)
        .values(scan_job_id=scan_job_id, lease_until=None, not_before=instant, attempts=attempts)
        .execution_options(synchronize_session=False)
    )
    return True


def repaint(session: Session, media_id: str, scan_job_id: str | None) -> None:
    """Have the pictures of a title looked at again, which just became what two titles were; unless it is on its way."""
    session.execute(
        update(Enrichment)
        .where(
            Enrichment.media_id == media_id,
            Enrichment.status.not_in(ENRICHMENT_OPEN),
        )
        .values(status=EnrichmentStatus.ARTWORK, scan_job_id=scan_job_id, attempts=0, fence=Enrichment.fence + 1)
        .execution_options(synchronize_session=False)
    )


def ask_again(session: Session, media_ids: Collection[str], scan_job_id: str | None) -> None:
    """Have the details of titles asked for again, which have just become what two titles were.

    Whoever asks about one at this moment knows only some of its files, and loses it.
    """
    if not media_ids:
        return
    session.execute(
        update(Enrichment)
        .where(Enrichment.media_id.in_(media_ids))
        .values(
            status=case(
                (Enrichment.status == EnrichmentStatus.METADATA, EnrichmentStatus.METADATA.value),
                else_=EnrichmentStatus.DETAILS.value,
            ),
            scan_job_id=case((Enrichment.status.in_(ENRICHMENT_OPEN), Enrichment.scan_job_id), else_=scan_job_id),
            lease_until=None,
            attempts=0,
            fence=Enrichment.fence + 1,
        )
        .execution_options(synchronize_session=False)
    )
