"""From a picture's source to the image cache, and from the poster to four colours."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import events, scan_jobs, tasks
from shared.kinds import PictureKind
from shared.models import Enrichment, Media
from shared.scan_jobs import EnrichmentStatus
from worker import leases, progress, turns
from worker.app import body_of, resources
from worker.keeping import kept
from worker.nudges import nudge
from worker.pictures import PictureError, fetch, is_away, prepare
from worker.record import enrichments as record_enrichments
from worker.record import folders as record_folders
from worker.record import pictures as record
from worker.record.pictures import Painted
from worker.resources import TITLES_AT_ONCE

#: Pictures are fetched many at a time and decoded one at a time: a huge one takes hundreds of MB while it is.
_DECODING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a title is to get."""

    media_id: str
    source: str
    kind: PictureKind
    is_title_poster: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a picture: its id in the image cache and its colours, or why not."""

    picture: Picture
    image: str | None = None
    palette: tuple[str, ...] = ()
    error: PictureError | None = None


@body_of(tasks.paint)
def paint(scan_job_id: str | None) -> None:
    """Cache the pictures of a batch of titles and take the colours of their posters."""
    sent_for = scan_job_id
    with resources.database.begin() as session:
        scan_job_id, claimed = turns.claim_opened(session, [EnrichmentStatus.ARTWORK], TITLES_AT_ONCE)
        if not claimed:
            scan_job_id = turns.of_titles(session, sent_for, EnrichmentStatus.ARTWORK)
            claimed = leases.claim_enrichments(session, scan_job_id, EnrichmentStatus.ARTWORK, TITLES_AT_ONCE)
        claimed = leases.without_hopeless(session, leases.isolate(claimed, leases.TITLE_SUSPECT_AFTER))
    if claimed:
        nudge(tasks.paint, sent_for)
        with kept(resources.database, claimed):
            _paint(scan_job_id, claimed)


def _paint(scan_job_id: str | None, claimed: Sequence[Enrichment]) -> None:
    with resources.database.read() as session:
        pictures = list(_pictures(session, [enrichment.media_id for enrichment in claimed]))
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in resources.threads.map(_cache, pictures):
        outcomes[outcome.picture.media_id].append(outcome)

    away = {media_id for media_id, ends in outcomes.items() if any(map(_is_away, ends))}
    if away:
        with resources.database.begin() as session:
            record_folders.see_again(session, away)
    with resources.database.begin() as session:
        held = leases.still_held_enrichments(session, claimed)
        for enrichment in claimed:
            if enrichment.media_id in held:
                _settle(session, enrichment, outcomes[enrichment.media_id])
    painted = sorted(media_id for media_id in held if outcomes[media_id])
    if painted:
        events.tell(resources.redis, events.MediaUpdated(media_ids=painted))
    progress.moved(resources, scan_job_id)


def _pictures(session: Session, media_ids: Sequence[str]) -> Iterator[Picture]:
    """Name the pictures that these titles are to have and that are not in the image cache."""
    for media in session.scalars(select(Media).where(Media.id.in_(media_ids))):
        if media.poster_source and not (_is_cached(media.poster_image) and media.palette):
            yield Picture(media.id, media.poster_source, PictureKind.POSTER, is_title_poster=True)
        if media.backdrop_source and not _is_cached(media.backdrop_image):
            yield Picture(media.id, media.backdrop_source, PictureKind.BACKDROP)
        for season in record.seasons_with_poster(session, media.id):
            if not _is_cached(season.poster_image):
                yield Picture(media.id, season.poster_source or "", PictureKind.POSTER)
        for episode in record.episodes_with_still(session, media.id):
            if not _is_cached(episode.still_image):
                yield Picture(media.id, episode.still_source or "", PictureKind.STILL)


def _is_cached(image: str | None) -> bool:
    """Whether a picture is in the image cache; somebody may have cleared it."""
    return image is not None and resources.images.find(image, None) is not None


def _cache(picture: Picture) -> Outcome:
    try:
        data = fetch(picture.source, resources.session, resources.may_read)
        with _DECODING:
            prepared = prepare(data, picture.kind)
        image = resources.images.put(prepared.master, prepared.suffix, prepared.renditions)
    except PictureError as error:
        return Outcome(picture, error=error)
    except OSError as error:
        why = f"The picture can't be kept in DATA_DIR: {error.strerror}."
        return Outcome(picture, error=PictureError("picture-not-kept", why, permanent=False))
    return Outcome(picture, image, prepared.palette or ())


def _is_away(outcome: Outcome) -> bool:
    return outcome.error is not None and is_away(outcome.picture.source, outcome.error)


def _settle(session: Session, enrichment: Enrichment, outcomes: Sequence[Outcome]) -> None:
    """Record what became of one title's pictures; those that may be had later are tried later."""
    poster = next((outcome for outcome in outcomes if outcome.picture.is_title_poster), None)
    record.painted(
        session,
        Painted(
            media_id=enrichment.media_id,
            images={outcome.picture.source: outcome.image for outcome in outcomes if outcome.image},
            palette=poster.palette if poster else (),
            poster_failed=poster is not None and poster.error is not None,
        ),
    )
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if any(not error.permanent for error in errors) and record_enrichments.put_off(session, enrichment, None):
        return
    media = session.get(Media, enrichment.media_id)
    if enrichment.scan_job_id and media is not None:
        for error in errors:
            scan_jobs.note_failure(
                session,
                enrichment.scan_job_id,
                cause=error.cause,
                path=media.title,
                message=error.message,
                media_id=media.id,
            )
    record_enrichments.move(session, [enrichment.media_id], EnrichmentStatus.SETTLED)
