"""POST /api/v1/scan/job/{id}/pause, /cancel and /retry, GET …/failures, and scans of the same files."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import scan_jobs
from shared.database import Database
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_states import EnrichmentStatus, JobStatus
from tests.builders import a_library, a_movie, a_scan_job, a_show, an_enrichment, told

JOB = "/api/v1/scan/job"
SCAN = "/api/v1/scan/path"


def sent(redis: Redis, queue: str) -> list[str]:
    return [json.loads(message)["headers"]["task"] for message in redis.lrange(queue, 0, -1)]


def a_scan_with_failures(database: Database, status: JobStatus = JobStatus.COMPLETED) -> ScanJob:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=status, discovered_at=now())
        title = an_enrichment(session, scan_job, status=EnrichmentStatus.FAILED)
        for number in range(7):
            scan_jobs.note_failure(session, scan_job.id, cause="file-not-video", path=f"{number}.mkv", message="No.")
        scan_jobs.note_failure(
            session, scan_job.id, cause="tmdb-unreachable", path="Heat", message="Away.", media_id=title.media_id
        )
        return scan_job


def test_a_scan_is_paused_says_so_and_goes_on(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())

    paused = client.post(f"{JOB}/{scan_job.id}/pause")
    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]
    again = client.post(f"{JOB}/{scan_job.id}/pause")
    resumed = client.post(f"/api/v1/scan/resume/{scan_job.id}")

    assert (paused.status_code, paused.json["data"]) == (200, {"scanJobId": scan_job.id, "status": "PAUSED"})
    assert (shown["status"], shown["waitingFor"]) == ("PAUSED", "the scan is paused until it is resumed")
    assert again.status_code == 409
    assert (resumed.status_code, resumed.json["data"]["status"]) == (202, "IN_PROGRESS")
    assert [event["type"] for event in told(redis)] == ["scan:paused"]
    assert sent(redis, "upkeep") == ["upkeep.sweep"]


def test_a_cancelled_scan_tells_its_end_once_and_the_next_one_begins(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        library = a_library(session)
        scan_job = a_scan_job(session, library, status=JobStatus.IN_PROGRESS)
        waiting = a_scan_job(session, library)

    before = client.get(f"{JOB}/{waiting.id}").json["data"]["waitingFor"]
    first, second = (client.post(f"{JOB}/{scan_job.id}/cancel") for _ in range(2))

    assert scan_job.id in before
    assert (first.status_code, first.json["data"]["status"], second.status_code) == (200, "CANCELLED", 409)
    (event,) = told(redis)
    assert (event["type"], event["scanJobId"]) == ("scan:error", scan_job.id)
    assert "cancelled" in event["error"]
    (message,) = redis.lrange("scan", 0, -1)
    assert waiting.id in json.loads(message)["headers"]["argsrepr"]


def test_failures_are_tried_again_by_cause(client: FlaskClient, database: Database, redis: Redis) -> None:
    scan_job = a_scan_with_failures(database)

    answer = client.post(f"{JOB}/{scan_job.id}/retry", json={"cause": "tmdb-unreachable"})

    assert answer.status_code == 202
    assert answer.json["data"] == {
        "scanJobId": scan_job.id,
        "status": "PENDING",
        "retriedFailures": 1,
        "retriedFolders": 0,
        "retriedTitles": 1,
    }
    assert sent(redis, "scan") == ["scan.discover"]
    assert client.get(f"{JOB}/{scan_job.id}").json["data"]["failureCount"] == 7


def test_all_failures_are_tried_again_without_a_body(client: FlaskClient, database: Database) -> None:
    scan_job = a_scan_with_failures(database, JobStatus.IN_PROGRESS)

    answer = client.post(f"{JOB}/{scan_job.id}/retry")

    assert (answer.status_code, answer.json["data"]["retriedFailures"]) == (202, 8)


@pytest.mark.parametrize("control", ["pause", "cancel", "retry"])
def test_an_unknown_scan_is_404_and_a_malformed_id_400(client: FlaskClient, control: str) -> None:
    unknown, malformed = (client.post(f"{JOB}/{id_}/{control}") for id_ in (uuid4(), "x"))

    assert (unknown.status_code, malformed.status_code) == (404, 400)
    assert malformed.json["details"][0]["field"] == "id"


@pytest.mark.parametrize(
    ("body", "field"), [({"path": ""}, "path"), ({"path": 7}, "path"), ({"cause": "x" * 101}, "cause")]
)
def test_a_retry_that_cannot_be_understood_is_refused(
    client: FlaskClient, database: Database, body: dict[str, object], field: str
) -> None:
    answer = client.post(f"{JOB}/{a_scan_with_failures(database).id}/retry", json=body)

    assert (answer.status_code, answer.json["details"][0]["field"]) == (400, field)


def test_failures_are_grouped_by_cause_with_counts_and_examples(client: FlaskClient, database: Database) -> None:
    scan_job = a_scan_with_failures(database)

    first, second = client.get(f"{JOB}/{scan_job.id}").json["data"]["failureCauses"]

    assert (first["cause"], first["count"], first["message"]) == ("file-not-video", 7, "No.")
    assert first["examples"] == [f"{number}.mkv" for number in range(5)]
    assert (second["cause"], second["count"], second["examples"]) == ("tmdb-unreachable", 1, ["Heat"])


def test_failures_are_listed_page_by_page(client: FlaskClient, database: Database) -> None:
    scan_job = a_scan_with_failures(database)

    page = client.get(f"{JOB}/{scan_job.id}/failures?cause=file-not-video&limit=3&offset=5").json["data"]
    unknown = client.get(f"{JOB}/{uuid4()}/failures")

    assert [failure["path"] for failure in page["failures"]] == ["5.mkv", "6.mkv"]
    assert page["pagination"] == {"total": 7, "limit": 3, "offset": 5, "hasMore": False}
    assert unknown.status_code == 404


def test_a_scan_of_a_folder_above_one_that_is_scanned_waits_behind_it(
    client: FlaskClient, database: Database, media: Path
) -> None:
    (media / "films").mkdir()
    running = client.post(SCAN, json={"path": str(media / "films")}).json["data"]
    with database.begin() as session:
        assert scan_jobs.take(session, running["scanJobId"])

    above = client.post(SCAN, json={"path": str(media)}).json["data"]
    rescan = client.post(SCAN, json={"path": str(media / "films"), "options": {"rescan": True}}).json["data"]

    assert (above["queued"], above["queuePosition"]) == (True, 1)
    assert (rescan["queued"], rescan["queuePosition"]) == (True, 2)
    assert len({running["scanJobId"], above["scanJobId"], rescan["scanJobId"]}) == 3


@pytest.mark.parametrize("kind", ["movies", "tvshows"])
def test_a_title_that_somebody_opens_goes_first(
    client: FlaskClient, database: Database, redis: Redis, kind: str
) -> None:
    with database.begin() as session:
        row = a_movie(session) if kind == "movies" else a_show(session)
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        an_enrichment(session, scan_job, media_id=row.media_id)

    first, second = (client.get(f"/api/v1/{kind}/{row.id}") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    (message,) = redis.lrange("metadata", 0, -1)
    assert scan_job.id in json.loads(message)["headers"]["argsrepr"]
