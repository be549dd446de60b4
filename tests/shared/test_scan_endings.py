"""The word of how a scan ended: once, whoever tells it, and also when whoever was to tell it is gone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from redis import Redis
from sqlalchemy import update

from shared import scan_endings, scan_jobs
from shared.database import Database
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_states import JobStatus
from tests.builders import a_library, a_movie, a_scan_job, told


def a_settled_job(database: Database) -> ScanJob:
    with database.begin() as session:
        library = a_library(session)
        a_movie(session, library=library)
        instant = now()
        return a_scan_job(session, library, status=JobStatus.IN_PROGRESS, discovered_at=instant, reconciled_at=instant)


def complete(database: Database, scan_job: ScanJob) -> None:
    with database.begin() as session:
        assert scan_jobs.complete(session, scan_job.id, holder="scan@nas/1/1") is not None


def lose_its_teller(database: Database) -> None:
    """Have whoever is to tell of an end be gone."""
    with database.begin() as session:
        session.execute(update(ScanJob).values(lease_until=None))


def overdue(database: Database) -> list[str]:
    with database.read() as session:
        return scan_endings.overdue(session)


def test_an_end_is_told_once_and_then_known(database: Database, redis: Redis) -> None:
    scan_job = a_settled_job(database)
    complete(database, scan_job)

    for _ in range(2):
        scan_endings.tell(database, redis, scan_job.id)

    ends = told(redis)
    assert ends == [
        {
            "type": "scan:complete",
            "libraryId": scan_job.library_id,
            "totalItems": 1,
            "message": "Scan complete: 1 title in the library.",
            "scanJobId": scan_job.id,
        }
    ]
    assert overdue(database) == []


def test_an_end_whose_teller_is_gone_is_overdue_and_told_by_one_of_those_that_try(
    database: Database, redis: Redis
) -> None:
    scan_job = a_settled_job(database)
    complete(database, scan_job)
    in_time = overdue(database)
    scan_endings.tell_again(database, redis, scan_job.id)
    too_early = told(redis)
    lose_its_teller(database)
    together = Barrier(4)

    def tries(_: int) -> None:
        together.wait()
        scan_endings.tell_again(database, redis, scan_job.id)

    assert overdue(database) == [scan_job.id]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tries, range(4)))

    assert in_time == too_early == []
    assert [event["type"] for event in told(redis)] == ["scan:complete"]
    assert overdue(database) == []


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_scan_that_did_not_come_to_its_end_says_why_when_redis_is_back(
    database: Database, redis: Redis, status: JobStatus
) -> None:
    scan_job = a_settled_job(database)
    with database.begin() as session:
        (scan_jobs.fail if status is JobStatus.FAILED else scan_jobs.cancel)(session, scan_job.id, "No disk.")

    scan_endings.tell(database, Redis(port=1), scan_job.id)
    is_overdue = overdue(database)
    scan_endings.tell_again(database, redis, scan_job.id)

    assert is_overdue == [scan_job.id]
    assert [(event["type"], event["error"]) for event in told(redis)] == [("scan:error", "No disk.")]


def test_of_a_scan_that_goes_on_by_now_no_end_is_told(database: Database, redis: Redis) -> None:
    scan_job = a_settled_job(database)
    complete(database, scan_job)
    lose_its_teller(database)
    with database.begin() as session:
        session.execute(update(ScanJob).values(status=JobStatus.PENDING))

    scan_endings.tell_again(database, redis, scan_job.id)

    assert told(redis) == []
    assert overdue(database) == []
