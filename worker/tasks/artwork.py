"""From a picture's source to the image cache, and from the poster to four colours.

The poster comes first, since a scan waits for its colours. The other pictures follow when no scan runs: until then
clients are shown where they come from. Smaller ones are made when somebody asks for them.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from shared import events, scan_jobs, tasks
from shared.models import Enrichment, Media
from shared.scan_states import UNPAINTED, EnrichmentStatus
from worker import leases, progress, turns
from worker.app import body_of, resources
from worker.keeping import kept
from worker.nudges import nudge
from worker.pictures import PictureError, fetch, is_away, prepare, scaled
from worker.record import enrichments as record_enrichments
from worker.record import folders as record_folders
from worker.record import pictures as record
from worker.record.pictures import POSTER, Painted, Picture
from worker.resources import PICTURED_AT_ONCE, TITLES_AT_ONCE

#: Pictures are fetched many at a time and decoded one at a time: a huge one takes hundreds of MB while it is.
_DECODING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a picture: where it lies now and its colours, or why it can't be had."""

    picture: Picture
    painted: Painted | None = None
    error: PictureError | None = None


@body_of(tasks.paint)
def paint(scan_job_id: str | None) -> None:
    """Cache pictures of a batch of titles, and take the colours of their posters."""
    sent_for = scan_job_id
    with resources.database.begin() as session:
        scan_job_id, claimed = _claim(session, scan_job_id)
    if claimed:
        nudge(tasks.paint, sent_for)
        with kept(resources.database, claimed):
            _paint(scan_job_id, claimed)


@body_of(tasks.scale)
def scale(image_id: str, width: str) -> None:
    """Make a picture of the cache so wide, unless somebody has."""
    wanted = resources.images.lacking(image_id, int(width))
    master = resources.images.find(image_id, None)
    if wanted is not None and master is not None:
        with _DECODING:
            rendition = scaled(master.read_bytes(), wanted)
        resources.images.put_rendition(image_id, wanted, rendition)


def _claim(session: Session, scan_job_id: str | None) -> tuple[str | None, list[Enrichment]]:
    """Take titles: first those that somebody looks at, then those without colours of one scan or of none."""
    turn, claimed = turns.claim_opened(session, UNPAINTED, TITLES_AT_ONCE)
    if not claimed:
        turn = turns.of_titles(session, scan_job_id, EnrichmentStatus.ARTWORK)
        claimed = leases.claim_enrichments(session, turn, EnrichmentStatus.ARTWORK, TITLES_AT_ONCE)
    if not claimed:
        turn, claimed = None, turns.claim_pictures(session, PICTURED_AT_ONCE)
    return turn, leases.without_hopeless(session, leases.isolate(claimed, leases.TITLE_SUSPECT_AFTER))


def _paint(scan_job_id: str | None, claimed: Sequence[Enrichment]) -> None:
    status = EnrichmentStatus(claimed[0].status)
    with resources.database.read() as session:
        pictures = list(record.pictures_of(session, [enrichment.media_id for enrichment in claimed]))
    wanted = [picture for picture in pictures if _is_next(picture, status)]
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in resources.threads.map(_cache, [picture for picture in wanted if not _is_cached(picture)]):
        outcomes[outcome.picture.media_id].append(outcome)
    is_first = status is EnrichmentStatus.ARTWORK
    others = {picture.media_id for picture in pictures if is_first and not _is_next(picture, status)}
    away = {media_id for media_id, ends in outcomes.items() if any(map(_is_away, ends))}
    if away:
        with resources.database.begin() as session:
            record_folders.see_again(session, away)
    with resources.database.begin() as session:
        held = leases.still_held_enrichments(session, claimed)
        done = _settle(session, [enrichment for enrichment in claimed if enrichment.media_id in held], outcomes)
        record_enrichments.move(session, done & others, EnrichmentStatus.PICTURES)
        record_enrichments.move(session, done - others, EnrichmentStatus.SETTLED)
    painted = sorted(media_id for media_id in held if outcomes[media_id])
    if painted:
        events.tell(resources.redis, events.MediaUpdated(media_ids=painted))
    progress.moved(resources, scan_job_id)


def _is_next(picture: Picture, status: EnrichmentStatus) -> bool:
    """Whether a picture is to be had at this step: first posters, and what clients can't be shown from elsewhere."""
    is_urgent = picture.place is POSTER or picture.source.startswith("file:")
    return is_urgent == (status is EnrichmentStatus.ARTWORK)


def _is_cached(picture: Picture) -> bool:
    """Whether a picture is in the image cache; somebody may have cleared it."""
    is_complete = picture.image is not None and (picture.place is not POSTER or picture.has_palette)
    return is_complete and resources.images.find(picture.image or "", None) is not None


def _cache(picture: Picture) -> Outcome:
    try:
        data = fetch(picture.source, resources.pictures_session, resources.may_read)
        with _DECODING:
            prepared = prepare(data, picture.place.kind)
        image = resources.images.put(prepared.master, prepared.suffix)
    except PictureError as error:
        return Outcome(picture, error=error)
    except OSError as error:
        why = f"The picture can't be kept in DATA_DIR: {error.strerror}."
        return Outcome(picture, error=PictureError("picture-not-kept", why, permanent=False))
    return Outcome(picture, Painted(picture, image, prepared.palette or ()))


def _is_away(outcome: Outcome) -> bool:
    return outcome.error is not None and is_away(outcome.picture.source, outcome.error)


def _settle(session: Session, enrichments: Sequence[Enrichment], outcomes: Mapping[str, Sequence[Outcome]]) -> set[str]:
    """Record what became of titles' pictures, and return the titles that are done with this step.

    Those of which a picture may be had later are tried later.
    """
    all_outcomes = [outcome for enrichment in enrichments for outcome in outcomes[enrichment.media_id]]
    record.painted(session, [outcome.painted for outcome in all_outcomes if outcome.painted])
    failed = [outcome.picture for outcome in all_outcomes if outcome.error]
    record.poster_failed(session, [picture for picture in failed if picture.place is POSTER])
    done = set()
    for enrichment in enrichments:
        errors = [outcome.error for outcome in outcomes[enrichment.media_id] if outcome.error]
        may_be_had = any(not error.permanent for error in errors)
        if not (may_be_had and record_enrichments.put_off(session, enrichment, None)):
            _note(session, enrichment, errors)
            done.add(enrichment.media_id)
    return done


def _note(session: Session, enrichment: Enrichment, errors: Sequence[PictureError]) -> None:
    media = session.get(Media, enrichment.media_id) if errors and enrichment.scan_job_id else None
    if media is None:
        return
    for error in errors:
        scan_jobs.note_failure(
            session,
            enrichment.scan_job_id or "",
            cause=error.cause,
            path=media.title,
            message=error.message,
            media_id=media.id,
        )
