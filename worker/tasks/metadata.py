"""From a guess to metadata: a batch of titles is asked about at once, and recorded in one transaction.

Where TMDB's requests are limited, a title is asked about twice: what a search says is enough to show it, and the rest
follows when all titles of the scan can be shown.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from shared import events, scan_jobs, settings, tasks
from shared.kinds import MatchStatus, MediaType
from shared.models import Enrichment, ScanJob
from shared.models.base import now
from shared.scan_states import UNFETCHED, EnrichmentStatus
from worker import leases, progress, turns
from worker.app import body_of, resources
from worker.keeping import kept
from worker.nudges import nudge
from worker.probe import ProbeError, probe
from worker.providers.base import Problem, Provider, Wanted
from worker.providers.chain import Answer, ask, in_force, ordered, signature
from worker.providers.nfo import UNREADABLE
from worker.record import credits as record_credits
from worker.record import enrichments as record_enrichments
from worker.record import folders as record_folders
from worker.record import metadata as record
from worker.record.metadata import Told
from worker.resources import TITLES_AT_ONCE
from worker.wanted import Question, minutes, questions

log = logging.getLogger(__name__)

#: For so long an answer to the same question is as good as a new one.
FRESH_FOR = timedelta(days=3)
#: What an answer that can't be stored ends in.
_NOT_RECORDED = (DataError, IntegrityError, ValueError)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What became of the question about a title that this task holds."""

    enrichment: Enrichment
    question: Question
    #: None where nobody was asked: the user said that nobody knows it, or it was asked lately.
    answer: Answer | None
    #: A digest of the question and of who was asked how.
    asked_with: str

    @property
    def is_unread(self) -> bool:
        """Whether nobody could look at what lies beside the title."""
        metadata = self.answer.metadata if self.answer else None
        return metadata is not None and any(problem.cause == UNREADABLE for problem in metadata.problems)


@body_of(tasks.fetch)
def fetch(scan_job_id: str | None) -> None:
    """Ask the providers about a batch of titles; their pictures go to ``artwork.paint``."""
    sent_for = scan_job_id
    with resources.database.begin() as session:
        scan_job_id, claimed = _claim(session, scan_job_id)
    if claimed:
        nudge(tasks.fetch, sent_for)
        with kept(resources.database, claimed):
            _fetch(scan_job_id, claimed)


def _fetch(scan_job_id: str | None, claimed: Sequence[Enrichment]) -> None:
    with resources.database.read() as session:
        providers = in_force(session, resources)
        local_artwork_wins = settings.read(session)["prefer_local_artwork"]
        wanted = questions(session, [enrichment.media_id for enrichment in claimed])
    asked = list(
        resources.threads.map(
            lambda row: _ask(row, wanted[row.media_id], providers, local_artwork_wins=local_artwork_wins),
            [enrichment for enrichment in claimed if enrichment.media_id in wanted],
        )
    )

    _add_people(claimed, asked)
    unread = [each.enrichment.media_id for each in asked if each.is_unread]
    if unread:
        with resources.database.begin() as session:
            record_folders.see_again(session, unread)
    with resources.database.begin() as session:
        held = leases.still_held_enrichments(session, claimed)
        settled = _settle_held(session, [each for each in asked if each.enrichment.media_id in held])
        merged = {media_id: owner_id for media_id, owner_id in settled.items() if media_id != owner_id}
        _go_on_as_one(session, scan_job_id, merged, wanted)
    _tell(scan_job_id, set(settled.values()) - merged.keys(), merged)
    progress.moved(resources, scan_job_id, asked[-1].question.wanted.title if asked else "", len(settled))


def _add_people(claimed: Sequence[Enrichment], asked: Sequence[_Asked]) -> None:
    """Make sure of the people who are credited, on their own and first: ``record_credits.people`` says why."""
    told = [each for each in asked if each.answer and each.answer.metadata and each.answer.metadata.credits]
    if not told:
        return
    with resources.database.begin() as session:
        ours = leases.seem_ours(session, claimed)
        answers = [each.answer.metadata for each in told if each.answer and each.enrichment.media_id in ours]
        record_credits.people(session, [credit for metadata in answers if metadata for credit in metadata.credits])


def _claim(session: Session, scan_job_id: str | None) -> tuple[str | None, list[Enrichment]]:
    """Take titles of one scan or of none: first those that somebody looks at."""
    turn, claimed = turns.claim_opened(session, UNFETCHED, TITLES_AT_ONCE)
    if not claimed:
        turn, claimed = turns.claim_unfetched(session, scan_job_id, TITLES_AT_ONCE)
    return turn, leases.without_hopeless(session, leases.isolate(claimed, leases.TITLE_SUSPECT_AFTER))


def _ask(
    enrichment: Enrichment, question: Question, in_order: Sequence[Provider], *, local_artwork_wins: bool
) -> _Asked:
    if question.media.chosen.get("unmatch"):
        return _Asked(enrichment, question, None, "")
    providers = ordered(in_order, question.order)
    asked_with = signature(providers, question.wanted)
    is_first = enrichment.status == EnrichmentStatus.METADATA
    if is_first and not enrichment.is_asked and _is_fresh(question, asked_with):
        return _Asked(enrichment, question, None, asked_with)
    wanted = _timed(question.wanted) if is_first else question.for_details()
    # Where requests are not counted, a title that is asked about twice only costs more.
    is_brief = is_first and resources.tmdb_budget.is_limited
    answer = ask(providers, wanted, brief=is_brief, local_artwork_wins=local_artwork_wins, order=question.order)
    return _Asked(enrichment, question, answer, asked_with)


def _timed(wanted: Wanted) -> Wanted:
    """See how long a film is whose name has no year, where no scan has looked yet: length tells namesakes apart."""
    if wanted.year is not None or wanted.ids or wanted.duration is not None or len(wanted.files) != 1:
        return wanted
    try:
        return replace(wanted, duration=minutes(probe(wanted.files[0], resources.opener).duration))
    except ProbeError:
        # The scan that looks into the file says so.
        return wanted


def _is_fresh(question: Question, asked_with: str) -> bool:
    media = question.media
    is_known = media.match_status == MatchStatus.MATCHED and media.asked_with == asked_with
    return is_known and media.fetched_at is not None and now() - media.fetched_at < FRESH_FOR


def _settle_held(session: Session, asked: Sequence[_Asked]) -> dict[str, str]:
    """Record the answers for a batch of titles; return the ids under which they go on.

    All go in one; where that can't be, each goes on its own, so that one that can't be recorded costs only itself.
    """
    # In the order of their ids: two workers whose titles turn out to be the same then never wait for each other.
    in_order = sorted(asked, key=_ids)
    try:
        with session.begin_nested():
            return _settle(session, in_order)
    except _NOT_RECORDED:
        return {each.enrichment.media_id: _settle_alone(session, each) for each in in_order}


def _settle_alone(session: Session, asked: _Asked) -> str:
    media_id = asked.enrichment.media_id
    try:
        with session.begin_nested():
            return _settle(session, [asked])[media_id]
    except _NOT_RECORDED:
        log.exception("The metadata of %s can't be recorded.", media_id)
        why = "What the providers said of this title can't be stored; the log says why."
        _note(session, asked, Problem("metadata-not-recorded", why))
        record_enrichments.move(session, [media_id], EnrichmentStatus.FAILED)
        return media_id


def _settle(session: Session, asked: Sequence[_Asked]) -> dict[str, str]:
    """Record the answers for titles, and return the ids under which the titles go on.

    1. What is known is recorded, also when a provider could not be asked.
    2. A provider that may answer later is asked later.
    3. Otherwise a title goes on to its details or its pictures, under the id of whoever it turned out to be.
    """
    settled = _record(session, asked)
    moved: dict[EnrichmentStatus, list[str]] = defaultdict(list)
    for each in asked:
        media_id = each.enrichment.media_id
        if settled[media_id] == media_id and not _is_put_off(session, each):
            moved[_next(each.answer)].append(media_id)
    for status, media_ids in moved.items():
        record_enrichments.move(session, media_ids, status)
    return settled


def _is_put_off(session: Session, asked: _Asked) -> bool:
    """Put a title off that a provider asks to try later; note what else a provider failed over."""
    error = asked.answer.error if asked.answer else None
    if error is None or asked.answer is None:
        return False
    if not error.permanent:
        wait, may_wait = error.retry_after, asked.answer.may_wait
        # A request that had no turn, or no Redis to have one by, was never sent.
        was_tried = not error.cause.endswith("-budget")
        if record_enrichments.put_off(session, asked.enrichment, wait, may_wait=may_wait, was_tried=was_tried):
            if (wait or 0) > record_enrichments.SCAN_WAITS and not may_wait:
                _note(session, asked, Problem(error.cause, str(error)))
            return True
    _note(session, asked, Problem(error.cause, str(error)))
    return False


def _record(session: Session, asked: Sequence[_Asked]) -> dict[str, str]:
    told = []
    for each in asked:
        media_id, answer = each.enrichment.media_id, each.answer
        if answer is None:
            if each.question.media.chosen.get("unmatch"):
                record.unmatched_by_user(session, media_id)
            continue
        metadata = answer.metadata
        for problem in metadata.problems if metadata else ():
            _note(session, each, problem)
        if metadata is not None and metadata.title is not None:
            is_partial = metadata.is_brief or answer.error is not None or each.is_unread
            told.append(Told(media_id, metadata, is_partial, None if is_partial else each.asked_with))
        elif answer.reason is not None:
            record.unidentified(session, media_id, answer.reason, metadata)
    return {each.enrichment.media_id: each.enrichment.media_id for each in asked} | record.all_identified(session, told)


def _next(answer: Answer | None) -> EnrichmentStatus:
    if answer is None:
        return EnrichmentStatus.ARTWORK
    if answer.error is not None and not answer.error.permanent and not answer.may_wait:
        return EnrichmentStatus.FAILED
    is_brief = answer.metadata is not None and answer.metadata.title is not None and answer.metadata.is_brief
    return EnrichmentStatus.DETAILS if is_brief else EnrichmentStatus.ARTWORK


def _go_on_as_one(
    session: Session, scan_job_id: str | None, merged: Mapping[str, str], wanted: Mapping[str, Question]
) -> None:
    """Have titles that others turned out to be painted again; shows are asked about with the files of both."""
    shows = {owner for media_id, owner in merged.items() if wanted[media_id].wanted.type is MediaType.TV_SHOW}
    record_enrichments.ask_again(session, shows, scan_job_id)
    for owner_id in sorted(set(merged.values()) - shows):
        record_enrichments.repaint(session, owner_id, scan_job_id)


def _tell(scan_job_id: str | None, updated: Collection[str], merged: Collection[str]) -> None:
    if updated:
        nudge(tasks.paint, scan_job_id)
        nudge(tasks.fetch, scan_job_id)
        events.tell(resources.redis, events.MediaUpdated(media_ids=sorted(updated)))
    if merged:
        events.tell(resources.redis, events.MediaRemoved(media_ids=sorted(merged)))


def _ids(asked: _Asked) -> list[tuple[str, str]]:
    metadata = asked.answer.metadata if asked.answer else None
    return sorted(metadata.ids.items()) if metadata else []


def _note(session: Session, asked: _Asked, problem: Problem) -> None:
    scan_job = session.get(ScanJob, asked.enrichment.scan_job_id) if asked.enrichment.scan_job_id else None
    if scan_job is None:
        return
    wanted = asked.question.wanted
    places = (wanted.folder, *wanted.files, *(held.file for held in wanted.episodes))
    place = next((place for place in places if place is not None), Path(scan_job.path))
    path = str(place.relative_to(scan_job.path)) if place.is_relative_to(scan_job.path) else wanted.title
    scan_jobs.note_failure(
        session,
        scan_job.id,
        cause=problem.cause,
        path=path,
        message=problem.message,
        media_id=asked.enrichment.media_id,
    )
