"""From a guess to metadata: a batch of titles is asked about at once, and recorded in one transaction."""

import logging
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from shared import events, scan_jobs, tasks
from shared.models import Enrichment, ScanJob
from shared.scan_jobs import EnrichmentStatus
from worker import leases, progress
from worker.app import body_of, resources
from worker.providers.base import Problem, Wanted
from worker.providers.chain import Answer, ask, in_force
from worker.record import credits as record_credits
from worker.record import enrichments as record_enrichments
from worker.record import metadata as record
from worker.resources import TITLES_AT_ONCE
from worker.wanted import wanted_for

log = logging.getLogger(__name__)


@body_of(tasks.fetch)
def fetch(scan_job_id: str | None) -> None:
    """Ask the providers about a batch of titles; their pictures go to ``artwork.paint``."""
    with resources.database.begin() as session:
        claimed = _claim(session, scan_job_id)
    if not claimed:
        return
    with resources.database.read() as session:
        providers = in_force(session, resources)
        wanted = wanted_for(session, [enrichment.media_id for enrichment in claimed])
    claimed = [enrichment for enrichment in claimed if enrichment.media_id in wanted]
    answers = list(resources.threads.map(lambda row: ask(providers, wanted[row.media_id]), claimed))

    # On their own and first: ``people`` says why.
    with resources.database.begin() as session:
        told = [answer.metadata for answer in answers if answer.metadata is not None]
        record_credits.people(session, [credit for metadata in told for credit in metadata.credits])

    updated: set[str] = set()
    with resources.database.begin() as session:
        held = leases.still_held_enrichments(session, claimed)
        # In the order of their ids: two workers whose titles turn out to be the same then never wait for each other.
        for enrichment, answer in sorted(zip(claimed, answers, strict=True), key=lambda pair: _ids(pair[1])):
            if enrichment.media_id in held:
                updated.add(_settle_alone(session, enrichment, wanted[enrichment.media_id], answer))
    merged = sorted(held - updated)
    tasks.paint.send(scan_job_id, times=progress.batches(len(updated), TITLES_AT_ONCE))
    if updated:
        events.tell(resources.redis, events.MediaUpdated(media_ids=sorted(updated)))
    if merged:
        events.tell(resources.redis, events.MediaRemoved(media_ids=merged))
    progress.moved(resources, scan_job_id, wanted[claimed[-1].media_id].title if claimed else "", len(updated))


def _claim(session: Session, scan_job_id: str | None) -> list[Enrichment]:
    claimed = leases.claim_enrichments(session, scan_job_id, EnrichmentStatus.METADATA, TITLES_AT_ONCE)
    return leases.without_hopeless(session, leases.isolate(claimed, leases.TITLE_SUSPECT_AFTER))


def _settle_alone(session: Session, enrichment: Enrichment, wanted: Wanted, answer: Answer) -> str:
    """Record the answer for one title so that one that can't be recorded does not cost the others of its batch."""
    try:
        with session.begin_nested():
            return _settle(session, enrichment, wanted, answer)
    except (DataError, IntegrityError, ValueError):
        log.exception("The metadata of %s can't be recorded.", enrichment.media_id)
        why = "What the providers said of this title can't be stored; the log says why."
        _note(session, enrichment, wanted, Problem("metadata-not-recorded", why))
        record_enrichments.move(session, [enrichment.media_id], EnrichmentStatus.FAILED)
        return enrichment.media_id


def _settle(session: Session, enrichment: Enrichment, wanted: Wanted, answer: Answer) -> str:
    """Record the answer for one title, and return the id under which the title goes on.

    1. What is known is recorded, also when a provider could not be asked.
    2. A provider that may answer later is asked later.
    3. Otherwise the title goes on to its pictures, under the id of whoever it turned out to be.
    """
    media_id = enrichment.media_id
    if answer.metadata is not None:
        media_id = record.identified(session, media_id, answer.metadata)
        for problem in answer.metadata.problems:
            _note(session, enrichment, wanted, problem)
    if answer.reason is not None:
        record.unidentified(session, media_id, answer.reason)
    error = answer.error
    if media_id != enrichment.media_id:
        # The title is another one now, which has been asked about itself.
        record_enrichments.repaint(session, media_id, enrichment.scan_job_id)
        return media_id
    if error is not None and not error.permanent and record_enrichments.put_off(session, enrichment, error.retry_after):
        if (error.retry_after or 0) > record_enrichments.SCAN_WAITS:
            _note(session, enrichment, wanted, Problem(error.cause, str(error)))
        return media_id
    if error is not None:
        _note(session, enrichment, wanted, Problem(error.cause, str(error)))
    given_up = error is not None and not error.permanent
    record_enrichments.move(session, [media_id], EnrichmentStatus.FAILED if given_up else EnrichmentStatus.ARTWORK)
    return media_id


def _ids(answer: Answer) -> list[tuple[str, str]]:
    return sorted(answer.metadata.ids.items()) if answer.metadata else []


def _note(session: Session, enrichment: Enrichment, wanted: Wanted, problem: Problem) -> None:
    scan_job = session.get(ScanJob, enrichment.scan_job_id) if enrichment.scan_job_id else None
    if scan_job is None:
        return
    places = (wanted.folder, *wanted.files, *(held.file for held in wanted.episodes))
    place = next((place for place in places if place is not None), Path(scan_job.path))
    path = str(place.relative_to(scan_job.path)) if place.is_relative_to(scan_job.path) else wanted.title
    scan_jobs.note_failure(session, scan_job.id, cause=problem.cause, path=path, message=problem.message)
