"""GET /api/v1/scan/jobs."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from shared import scan_jobs
from shared.database import Database
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from tests.api.conftest import CountQueries
from tests.builders import EPOCH, a_library, a_scan_folder, a_scan_job, an_enrichment

JOBS = "/api/v1/scan/jobs"


def some_jobs(database: Database, count: int, **more: Any) -> list[str]:
    """Make jobs of one library, each a minute after the one before; return their ids, the newest first."""
    with database.begin() as session:
        library = a_library(session)
        made = [
            a_scan_job(session, library, created_at=EPOCH + timedelta(minutes=number), **more).id
            for number in range(count)
        ]
    return made[::-1]


def ids(answer: dict[str, Any]) -> list[str]:
    return [job["id"] for job in answer["data"]["jobs"]]


def test_there_may_be_no_jobs(client: FlaskClient) -> None:
    assert client.get(JOBS).json["data"] == {
        "jobs": [],
        "pagination": {"total": 0, "limit": 20, "offset": 0, "hasMore": False},
    }


def test_jobs_come_newest_first_and_in_parts(client: FlaskClient, database: Database) -> None:
    made = some_jobs(database, 25)

    first = client.get(JOBS).json
    rest = client.get(JOBS, query_string={"offset": 20}).json
    middle = client.get(JOBS, query_string={"offset": 2, "limit": 3}).json
    beyond = client.get(JOBS, query_string={"offset": 100}).json

    assert ids(first) == made[:20]
    assert first["data"]["pagination"] == {"total": 25, "limit": 20, "offset": 0, "hasMore": True}
    assert ids(rest) == made[20:]
    assert rest["data"]["pagination"] == {"total": 25, "limit": 20, "offset": 20, "hasMore": False}
    assert ids(middle) == made[2:5]
    assert (ids(beyond), beyond["data"]["pagination"]["hasMore"]) == ([], False)


@pytest.mark.parametrize("spelling", ["FAILED", "failed", "Failed"])
def test_jobs_of_one_status_can_be_asked_for(client: FlaskClient, database: Database, spelling: str) -> None:
    some_jobs(database, 2)
    failed = some_jobs(database, 3, status=JobStatus.FAILED)

    answer = client.get(JOBS, query_string={"status": spelling}).json

    assert ids(answer) == failed
    assert answer["data"]["pagination"]["total"] == 3


def test_jobs_of_one_library_can_be_asked_for(client: FlaskClient, database: Database) -> None:
    some_jobs(database, 2)
    with database.begin() as session:
        wanted = a_scan_job(session, status=JobStatus.FAILED)

    mine = client.get(JOBS, query_string={"libraryId": wanted.library_id})
    none = client.get(JOBS, query_string={"libraryId": wanted.library_id, "status": "pending"})
    unknown = client.get(JOBS, query_string={"libraryId": str(uuid4())})

    assert [ids(answer.json) for answer in (mine, none, unknown)] == [[wanted.id], [], []]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "done"),
        ("status", ""),
        ("status", "PENDING,FAILED"),
        ("libraryId", "x"),
        ("libraryId", ""),
        ("libraryId", "\0"),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "many"),
        ("offset", "-1"),
        ("offset", "99999999999999999999"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(client: FlaskClient, field: str, value: str) -> None:
    answer = client.get(JOBS, query_string={field: value})

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


def test_a_job_in_the_list_is_the_job_itself_without_its_failures(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=EPOCH, moved_at=EPOCH, percent=42)
        a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
        an_enrichment(session, scan_job, status=EnrichmentStatus.ARTWORK)
        for path in "ab":
            scan_jobs.note_failure(session, scan_job.id, cause="x", path=path, message="z")

    (listed,) = client.get(JOBS).json["data"]["jobs"]

    alone = client.get(f"/api/v1/scan/job/{scan_job.id}").json["data"]
    assert len(alone.pop("failures")) == 2
    assert len(alone.pop("failureCauses")) == 1
    assert alone.pop("reconciliation") is None
    assert listed == alone
    assert listed["failureCount"] == 2


def test_a_page_of_many_jobs_costs_as_many_queries_as_a_page_of_one(
    client: FlaskClient, database: Database, queries_of: CountQueries
) -> None:
    with database.begin() as session:
        for status in JobStatus:
            for _ in range(10):
                scan_job = a_scan_job(session, status=status)
                a_scan_folder(session, scan_job)
                an_enrichment(session, scan_job)
                scan_jobs.note_failure(session, scan_job.id, cause="x", path="y", message="z")

    # The first request also asks whether route guards are on.
    assert len(client.get(f"{JOBS}?limit=40").json["data"]["jobs"]) == 40

    assert queries_of(client, f"{JOBS}?limit=1") == queries_of(client, f"{JOBS}?limit=40") <= 11
