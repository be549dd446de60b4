"""Pausing, cancelling and going on, on both databases: what each state allows, and what of a scan stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from shared import enrichments, scan_control, scan_jobs
from shared.database import Database
from shared.errors import ConflictError, NotFoundError
from shared.models import Enrichment, ScanJob
from shared.models.base import now
from shared.scan_states import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import a_scan_folder, a_scan_job, an_enrichment
from worker import leases

Control = Callable[[Session, str], Any]


def state(database: Database, scan_job: ScanJob) -> ScanJob:
    with database.read() as session:
        return session.get_one(ScanJob, scan_job.id)


def a_listed_scan(database: Database) -> ScanJob:
    """Return a scan with an open folder and an open title, at 40 per cent."""
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, started_at=now(), moved_at=now(), percent=40)
        a_scan_folder(session, scan_job)
        a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
        an_enrichment(session, scan_job)
        assert scan_jobs.discovered(session, scan_job)
        return scan_job


def claimed(database: Database, scan_job: ScanJob) -> tuple[int, int]:
    """Claim what there is of a scan, and return how many folders and titles that was."""
    with database.begin() as session:
        folders = leases.claim_folders(session, scan_job.id, FolderStatus.PENDING, 10)
        titles = leases.claim_enrichments(session, scan_job.id, EnrichmentStatus.METADATA, 10)
        return len(folders), len(titles)


def test_of_a_paused_scan_nothing_is_taken_until_it_is_resumed(database: Database) -> None:
    scan_job = a_listed_scan(database)

    with database.begin() as session:
        word = scan_control.pause(session, scan_job.id)
    while_paused = claimed(database, scan_job)
    paused = state(database, scan_job)
    with database.begin() as session:
        resumed = scan_control.resume(session, scan_job.id)

    assert (word.type, word.scan_job_id) == ("scan:paused", scan_job.id)
    assert while_paused == (0, 0)
    assert (paused.status, paused.percent) == (JobStatus.PAUSED, 40)
    assert (resumed.status, resumed.stopped) == (JobStatus.IN_PROGRESS, None)
    gone_on = state(database, scan_job)
    assert (gone_on.status, gone_on.percent, gone_on.paused_from) == (JobStatus.IN_PROGRESS, 40, None)
    assert gone_on.discovered_at is not None
    assert claimed(database, scan_job) == (1, 1)


def test_who_walks_a_scan_that_is_paused_has_lost_it_and_the_next_may_walk_at_once(database: Database) -> None:
    with database.begin() as session:
        scan_job_id = a_scan_job(session).id
    with database.begin() as session:
        walker = scan_jobs.take(session, scan_job_id)
    assert walker is not None

    with database.begin() as session:
        scan_control.pause(session, scan_job_id)
    with database.begin() as session:
        assert not scan_jobs.renew(session, walker)
        assert not scan_jobs.discovered(session, walker)
        assert scan_jobs.take(session, scan_job_id) is None
        scan_control.resume(session, scan_job_id)
        assert not scan_jobs.begins(session, scan_job_id)
        assert not scan_jobs.renew(session, walker)
        assert scan_jobs.take(session, scan_job_id)


def test_a_scan_that_waits_is_paused_and_waits_again(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        scan_control.pause(session, scan_job.id)
        assert scan_jobs.take(session, scan_job.id) is None

    with database.begin() as session:
        assert scan_control.resume(session, scan_job.id).status == JobStatus.PENDING


def test_the_rate_of_a_scan_is_measured_anew_after_a_pause(database: Database) -> None:
    scan_job = a_listed_scan(database)
    before = state(database, scan_job)
    with database.begin() as session:
        scan_control.pause(session, scan_job.id)

    with database.begin() as session:
        scan_control.resume(session, scan_job.id)

    after = state(database, scan_job)
    assert before.measured_at is not None
    assert after.measured_at is not None
    assert after.measured_at > before.measured_at
    assert after.discovered_at == before.discovered_at


def test_a_paused_scan_completes_only_when_it_is_resumed(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())
        scan_control.pause(session, scan_job.id)
        assert scan_jobs.complete(session, scan_job.id) is None
        scan_control.resume(session, scan_job.id)
        assert scan_jobs.complete(session, scan_job.id)


@pytest.mark.parametrize("status", [JobStatus.PENDING, JobStatus.IN_PROGRESS, JobStatus.PAUSED])
def test_a_scan_is_cancelled_once_and_what_it_recorded_stays(database: Database, status: JobStatus) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=status)
        a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
        title = an_enrichment(session, scan_job)
    together = Barrier(4)

    def cancel() -> bool:
        together.wait()
        try:
            with database.begin() as session:
                scan_control.cancel(session, scan_job.id)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: cancel(), range(4)))

    assert sum(done) == 1
    cancelled = state(database, scan_job)
    assert (cancelled.status, cancelled.totals["folders_settled"]) == (JobStatus.CANCELLED, 1)
    assert cancelled.error
    assert cancelled.completed_at
    assert claimed(database, scan_job) == (0, 0)
    with database.read() as session:
        assert session.get_one(Enrichment, title.media_id).status == EnrichmentStatus.METADATA


def test_a_cancelled_scan_is_resumed_from_its_beginning_and_its_titles_are_taken_again(database: Database) -> None:
    scan_job = a_listed_scan(database)
    with database.begin() as session:
        scan_control.cancel(session, scan_job.id)

    with database.begin() as session:
        assert scan_control.resume(session, scan_job.id).status == JobStatus.PENDING

    assert (state(database, scan_job).percent, state(database, scan_job).error) == (0, None)
    assert claimed(database, scan_job)[1] == 1


def test_a_title_that_a_cancelled_scan_left_goes_on_when_somebody_looks_at_it(database: Database) -> None:
    scan_job = a_listed_scan(database)
    with database.begin() as session:
        title = an_enrichment(session, scan_job)
        scan_control.cancel(session, scan_job.id)

    with database.begin() as session:
        assert enrichments.go_first(session, title.media_id) == (EnrichmentStatus.METADATA, None)
        assert enrichments.go_first(session, title.media_id) is None

    with database.begin() as session:
        (taken,) = leases.claim_enrichments(session, None, EnrichmentStatus.METADATA, 10)
    assert taken.media_id == title.media_id


@pytest.mark.parametrize(
    ("control", "status", "remedy"),
    [
        (scan_control.pause, JobStatus.PAUSED, "Resume it"),
        (scan_control.pause, JobStatus.COMPLETED, "Scan the folder again"),
        (scan_control.pause, JobStatus.CANCELLED, "Scan the folder again"),
        (scan_control.cancel, JobStatus.COMPLETED, "nothing to cancel"),
        (scan_control.cancel, JobStatus.FAILED, "nothing to cancel"),
        (scan_control.cancel, JobStatus.CANCELLED, "nothing to cancel"),
        (scan_control.resume, JobStatus.IN_PROGRESS, "Follow it"),
        (scan_control.resume, JobStatus.COMPLETED, "Scan the folder again"),
    ],
)
def test_in_a_wrong_state_the_answer_says_what_to_do(
    database: Database, control: Control, status: JobStatus, remedy: str
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=status)

    with database.begin() as session, pytest.raises(ConflictError, match=remedy):
        control(session, scan_job.id)


@pytest.mark.parametrize("control", [scan_control.pause, scan_control.cancel, scan_control.resume])
def test_an_unknown_scan_is_not_found(database: Database, control: Control) -> None:
    with database.begin() as session, pytest.raises(NotFoundError):
        control(session, str(uuid4()))
