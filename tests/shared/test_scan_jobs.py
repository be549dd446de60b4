"""The state machine of a scan job, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import scan_jobs
from shared.database import Database
from shared.models import Failure, Library, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_counts import Counts
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import a_scan_folder, a_scan_job, an_enrichment

T = TypeVar("T")


def a_job(database: Database, **more: object) -> str:
    with database.begin() as session:
        return a_scan_job(session, **more).id


def taken(database: Database, scan_job_id: str) -> ScanJob | None:
    with database.begin() as session:
        return scan_jobs.take(session, scan_job_id)


def state(database: Database, scan_job_id: str) -> ScanJob:
    with database.read() as session:
        return session.get_one(ScanJob, scan_job_id)


def at_once(database: Database, number: int, act: Callable[[Session], T]) -> list[T]:
    """Do the same in several transactions at once."""
    together = Barrier(number)

    def one(_: int) -> T:
        together.wait()
        with database.begin() as session:
            return act(session)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(one, range(number)))


def let_lease_run_out(database: Database, scan_job_id: str) -> None:
    with database.begin() as session:
        session.get_one(ScanJob, scan_job_id).lease_until = now() - timedelta(seconds=1)


def test_a_job_is_taken_once(database: Database) -> None:
    scan_job_id = a_job(database)

    first, second = taken(database, scan_job_id), taken(database, scan_job_id)

    assert first is not None
    assert (first.status, first.fence) == (JobStatus.IN_PROGRESS, 1)
    assert first.started_at is not None
    assert second is None


def test_of_ten_workers_at_once_one_takes_the_job(database: Database) -> None:
    scan_job_id = a_job(database)

    results = at_once(database, 10, lambda session: scan_jobs.take(session, scan_job_id) is not None)

    assert results.count(True) == 1
    assert state(database, scan_job_id).fence == 1


def test_a_job_whose_lease_ran_out_is_taken_by_another_and_keeps_its_beginning(database: Database) -> None:
    scan_job_id = a_job(database)
    first = taken(database, scan_job_id)
    assert first is not None
    let_lease_run_out(database, scan_job_id)

    second = taken(database, scan_job_id)

    assert second is not None
    assert second.fence == 2
    assert second.started_at == first.started_at


def test_a_late_fence_changes_nothing(database: Database) -> None:
    scan_job_id = a_job(database)
    late = taken(database, scan_job_id)
    let_lease_run_out(database, scan_job_id)
    current = taken(database, scan_job_id)
    assert late is not None
    assert current is not None
    before = state(database, scan_job_id)

    with database.begin() as session:
        assert scan_jobs.renew(session, late) is False
        assert scan_jobs.discovered(session, late) is False

    after = state(database, scan_job_id)
    assert (after.lease_until, after.discovered_at, after.fence) == (before.lease_until, None, 2)
    with database.begin() as session:
        assert scan_jobs.renew(session, current) is True
        assert scan_jobs.discovered(session, current) is True


def test_a_lease_is_renewed(database: Database) -> None:
    scan_job_id = a_job(database)
    held = taken(database, scan_job_id)
    assert held is not None
    let_lease_run_out(database, scan_job_id)

    with database.begin() as session:
        assert scan_jobs.renew(session, held)

    until = state(database, scan_job_id).lease_until
    assert until is not None
    assert until > now() + timedelta(seconds=20)
    assert taken(database, scan_job_id) is None


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED])
def test_a_job_that_has_ended_is_not_taken(database: Database, status: JobStatus) -> None:
    scan_job_id = a_job(database, status=status)

    assert taken(database, scan_job_id) is None
    assert state(database, scan_job_id).status == status


def test_a_job_whose_folders_are_listed_is_not_taken_again(database: Database) -> None:
    assert taken(database, a_job(database, status=JobStatus.IN_PROGRESS, discovered_at=now())) is None


def test_an_unknown_job_is_not_taken_nor_completed_nor_failed(database: Database) -> None:
    with database.begin() as session:
        assert scan_jobs.take(session, "no such job") is None
        assert scan_jobs.complete(session, "no such job") is None
        assert scan_jobs.fail(session, "no such job", "why") is False


@pytest.mark.parametrize(
    ("folders", "titles", "completes"),
    [
        ([], [], True),
        ([FolderStatus.SETTLED], [EnrichmentStatus.SETTLED], True),
        ([FolderStatus.FAILED], [EnrichmentStatus.FAILED], True),
        ([FolderStatus.PENDING], [], False),
        ([FolderStatus.REGISTERED], [], False),
        ([FolderStatus.SETTLED, FolderStatus.REGISTERED], [], False),
        ([FolderStatus.SETTLED], [EnrichmentStatus.METADATA], False),
        ([FolderStatus.SETTLED], [EnrichmentStatus.DETAILS], False),
        ([FolderStatus.SETTLED], [EnrichmentStatus.ARTWORK], False),
        ([FolderStatus.SETTLED], [EnrichmentStatus.SETTLED, EnrichmentStatus.ARTWORK], False),
    ],
)
def test_a_job_completes_only_when_everything_has_settled(
    database: Database, folders: list[FolderStatus], titles: list[EnrichmentStatus], *, completes: bool
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())
        for folder in folders:
            a_scan_folder(session, scan_job, status=folder)
        for title in titles:
            an_enrichment(session, scan_job, status=title)
        # What other scans have still to do is their own business.
        other = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        a_scan_folder(session, other)
        an_enrichment(session, other)

    with database.begin() as session:
        completed = scan_jobs.complete(session, scan_job.id)

    assert (completed is not None) is completes
    after = state(database, scan_job.id)
    if completes:
        assert (after.status, after.percent) == (JobStatus.COMPLETED, 100)
        assert after.completed_at is not None
        assert Counts(**after.totals).folders == len(folders)
    else:
        assert (after.status, after.completed_at, after.totals) == (JobStatus.IN_PROGRESS, None, {})


def test_a_job_is_not_complete_while_its_folders_are_being_listed(database: Database) -> None:
    scan_job_id = a_job(database)
    taken(database, scan_job_id)

    with database.begin() as session:
        assert scan_jobs.complete(session, scan_job_id) is None


def test_of_ten_that_complete_a_job_at_once_one_wins(database: Database) -> None:
    scan_job_id = a_job(database, status=JobStatus.IN_PROGRESS, discovered_at=now())

    results = at_once(database, 10, lambda session: scan_jobs.complete(session, scan_job_id) is not None)

    assert results.count(True) == 1


def test_of_workers_that_settle_the_last_folders_at_once_one_completes_the_job(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())
        folders = [a_scan_folder(session, scan_job).id for _ in range(8)]
    together = Barrier(len(folders))

    def settle(folder_id: str) -> bool:
        together.wait()
        with database.begin() as session:
            session.get_one(ScanFolder, folder_id).status = FolderStatus.SETTLED
        with database.begin() as session:
            return scan_jobs.complete(session, scan_job.id) is not None

    with ThreadPoolExecutor(len(folders)) as threads:
        results = list(threads.map(settle, folders))

    assert results.count(True) == 1


def test_a_job_fails_once_and_with_a_reason(database: Database) -> None:
    scan_job_id = a_job(database)
    held = taken(database, scan_job_id)
    assert held is not None

    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job_id, "The disk is gone.") is True
        assert scan_jobs.fail(session, scan_job_id, "Again.") is False
        assert scan_jobs.renew(session, held) is False
        assert scan_jobs.discovered(session, held) is False
        assert scan_jobs.complete(session, scan_job_id) is None

    after = state(database, scan_job_id)
    assert (after.status, after.error) == (JobStatus.FAILED, "The disk is gone.")


def test_a_job_that_is_complete_does_not_fail(database: Database) -> None:
    scan_job_id = a_job(database, status=JobStatus.COMPLETED)

    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job_id, "Too late.") is False

    assert state(database, scan_job_id).error is None


def test_counting_says_how_far_everything_is(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        for status in FolderStatus:
            a_scan_folder(session, scan_job, status=status)
        for title in EnrichmentStatus:
            an_enrichment(session, scan_job, status=title)
        scan_jobs.note_failure(session, scan_job.id, cause="x", path="y", message="z")

    with database.read() as session:
        counts = scan_jobs.count(session, scan_job.id)

    assert counts == Counts(
        folders=4,
        folders_named=3,
        folders_settled=2,
        folders_failed=1,
        titles=6,
        titles_fetched=4,
        titles_settled=3,
        failures=1,
    )


def test_a_failure_is_noted_once_for_each_path_and_cause(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        for cause, path in (("a", "x"), ("a", "x"), ("b", "x"), ("a", "y")):
            scan_jobs.note_failure(session, scan_job.id, cause=cause, path=path, message="why")

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Failure)) == 3


def test_a_library_takes_its_jobs_along(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        a_scan_folder(session, scan_job)
        scan_jobs.note_failure(session, scan_job.id, cause="x", path="y", message="z")

    with database.begin() as session:
        session.delete(session.get_one(Library, scan_job.library_id))

    with database.read() as session:
        for table in (ScanJob, ScanFolder, Failure):
            assert session.scalar(select(func.count()).select_from(table)) == 0
