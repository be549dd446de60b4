"""POST /api/v1/scan/resume/{id}, and what a client of the WebSocket makes of a second run."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis

from api.frames import Frame
from api.interest import Interest
from shared import events, scan_jobs
from shared.database import Database
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_jobs import JobStatus
from tests.builders import a_library, a_scan_job

RESUME = "/api/v1/scan/resume"


def frames(*told: tuple[str, int | None]) -> list[Frame]:
    return [Frame(str(number), b"", type_, scan_job_id="a", progress=at) for number, (type_, at) in enumerate(told)]


def told_events(redis: Redis) -> list[dict[str, str]]:
    return [json.loads(values[b"event"]) for _, values in redis.xrange(events.STREAM)]


def test_a_failed_scan_is_resumed_and_sent(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        assert scan_jobs.fail(session, scan_job.id, "The disk is gone.")

    answer = client.post(f"{RESUME}/{scan_job.id}")

    assert answer.status_code == 202
    assert answer.json["data"] == {"scanJobId": scan_job.id, "status": "PENDING"}
    assert answer.json["message"]
    (message,) = redis.lrange("scan", 0, -1)
    assert json.loads(message)["headers"]["task"] == "scan.discover"
    assert scan_job.id in json.loads(message)["headers"]["argsrepr"]
    assert told_events(redis) == []
    assert client.get(f"/api/v1/scan/job/{scan_job.id}").json["data"]["error"] is None


def test_a_second_resume_is_a_conflict_and_sends_nothing(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.FAILED)
    client.post(f"{RESUME}/{scan_job.id}")

    second = client.post(f"{RESUME}/{scan_job.id}")

    assert (second.status_code, second.json["error"]) == (409, "Conflict")
    assert redis.llen("scan") == 1


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (JobStatus.COMPLETED, "Scan the folder again"),
        (JobStatus.PENDING, "Follow it"),
        (JobStatus.IN_PROGRESS, "Follow it"),
    ],
)
def test_a_scan_that_is_done_or_under_way_is_a_conflict_that_says_what_to_do(
    client: FlaskClient, database: Database, redis: Redis, status: JobStatus, remedy: str
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=status)

    answer = client.post(f"{RESUME}/{scan_job.id}")

    assert answer.status_code == 409
    assert remedy in answer.json["message"]
    assert redis.llen("scan") == 0


def test_a_scan_whose_path_is_under_scan_by_another_is_a_conflict_that_names_it(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        library = a_library(session)
        failed = a_scan_job(session, library, status=JobStatus.FAILED)
        other = a_scan_job(session, library)

    answer = client.post(f"{RESUME}/{failed.id}")

    assert answer.status_code == 409
    assert other.id in answer.json["message"]


def test_an_unknown_scan_is_404_and_a_malformed_id_400(client: FlaskClient) -> None:
    unknown, malformed = client.post(f"{RESUME}/{uuid4()}"), client.post(f"{RESUME}/x")

    assert (unknown.status_code, malformed.status_code) == (404, 400)
    assert malformed.json["details"][0]["field"] == "id"


def test_when_a_scan_that_stopped_moving_is_resumed_the_end_of_its_first_run_is_told_once(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        long_ago = now() - timedelta(hours=1)
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, moved_at=long_ago)

    answer = client.post(f"{RESUME}/{scan_job.id}")

    assert answer.status_code == 202
    (told,) = told_events(redis)
    assert (told["type"], told["scanJobId"]) == ("scan:error", scan_job.id)
    with database.read() as session:
        assert session.get_one(ScanJob, scan_job.id).status == JobStatus.PENDING


def test_the_end_of_a_run_that_stopped_does_not_silence_the_next_one(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        long_ago = now() - timedelta(hours=1)
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, moved_at=long_ago)

    # A worker may have begun the next run, and forgotten the progress of the first, before the answer is made.
    client.post(f"{RESUME}/{scan_job.id}")
    progress = events.ScanProgress(
        phase="scanning",
        progress=5,
        current=1,
        total=20,
        message="…",
        library_id=scan_job.library_id,
        scan_job_id=scan_job.id,
    )
    events.tell_progress(redis, progress)

    assert [told["type"] for told in told_events(redis)] == ["scan:error", "scan:progress"]


def test_a_client_that_heard_the_end_of_the_first_run_hears_the_second_from_its_beginning() -> None:
    client = Interest(frozenset())
    told = frames(("scan:progress", 60), ("scan:error", None), ("scan:progress", 0), ("scan:progress", 5))

    assert [client.is_news(frame) for frame in told] == [True] * 4


def test_a_client_that_wants_progress_alone_hears_the_second_run_too() -> None:
    client = Interest(frozenset({"scan:progress"}))
    told = frames(("scan:progress", 60), ("scan:error", None), ("scan:progress", 0), ("scan:progress", 5))

    heard = [frame for frame in told if client.is_news(frame)]

    assert [frame.progress for frame in heard] == [60, 0, 5]
