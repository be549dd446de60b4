"""GET /api/v1/scan/job/{id}."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask.testing import FlaskClient
from redis import Redis

from shared import scan_jobs
from shared.database import Database
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from shared.worker_heartbeats import beat
from tests.api.conftest import MakeClient
from tests.builders import a_library, a_scan_folder, a_scan_job, an_enrichment

STARTED = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
JOB = "/api/v1/scan/job"


def test_a_job_that_waits_has_done_nothing(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, "Films")
        scan_job = a_scan_job(session, library)

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert shown == {
        "id": scan_job.id,
        "status": "PENDING",
        "library": {"id": library.id, "name": "Films"},
        "progress": {
            "currentBatch": 0,
            "totalBatches": 0,
            "processedFolders": 0,
            "failedFolders": 0,
            "totalFolders": 0,
            "percentComplete": 0,
            "phase": "discovering",
            "namedFolders": 0,
            "lookedIntoFolders": 0,
            "totalTitles": 0,
            "fetchedTitles": 0,
            "settledTitles": 0,
        },
        "timestamps": {"startedAt": None, "lastBatchAt": None, "completedAt": None},
        "etaSeconds": None,
        "foldersPerSecond": None,
        "titlesPerSecond": None,
        "waitingFor": "no worker on queue scan",
        "error": None,
        "failureCount": 0,
        "failures": [],
        "failureCauses": [],
        "reconciliation": None,
    }


def test_a_running_job_counts_its_folders_and_titles(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(
            session,
            status=JobStatus.IN_PROGRESS,
            started_at=STARTED,
            discovered_at=STARTED,
            moved_at=STARTED + timedelta(seconds=90),
            percent=42,
        )
        for status in (FolderStatus.SETTLED, FolderStatus.SETTLED, FolderStatus.FAILED, FolderStatus.REGISTERED):
            a_scan_folder(session, scan_job, status=status)
        for state in (EnrichmentStatus.METADATA, EnrichmentStatus.ARTWORK, EnrichmentStatus.SETTLED):
            an_enrichment(session, scan_job, status=state)
        a_scan_folder(session, a_scan_job(session))

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert shown["status"] == "IN_PROGRESS"
    assert shown["progress"] == {
        "currentBatch": 1,
        "totalBatches": 1,
        "processedFolders": 3,
        "failedFolders": 1,
        "totalFolders": 4,
        "percentComplete": 42,
        "phase": "fetching-metadata",
        "namedFolders": 4,
        "lookedIntoFolders": 2,
        "totalTitles": 3,
        "fetchedTitles": 2,
        "settledTitles": 1,
    }
    assert shown["timestamps"] == {
        "startedAt": "2026-01-31T12:00:00.000Z",
        "lastBatchAt": "2026-01-31T12:01:30.000Z",
        "completedAt": None,
    }


def test_a_job_tells_what_it_could_not_do(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        for path in ("a.mkv", "b.mkv", "b.mkv"):
            scan_jobs.note_failure(session, scan_job.id, cause="file-not-video", path=path, message="No video.")

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert shown["failureCount"] == 2
    assert [(failure["cause"], failure["path"]) for failure in shown["failures"]] == [
        ("file-not-video", "a.mkv"),
        ("file-not-video", "b.mkv"),
    ]


def test_failures_are_counted_by_their_causes_with_an_example_of_each(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        for cause, path in (("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("b", "5")):
            scan_jobs.note_failure(session, scan_job.id, cause=cause, path=path, message=f"{cause} at {path}.")
        scan_jobs.note_failure(session, a_scan_job(session).id, cause="a", path="6", message="Of another job.")

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    members = ("cause", "count", "message", "example", "examples")
    assert [tuple(cause[name] for name in members) for cause in shown["failureCauses"]] == [
        ("b", 3, "b at 1.", {"cause": "b", "path": "1", "message": "b at 1."}, ["1", "3", "5"]),
        ("a", 1, "a at 2.", {"cause": "a", "path": "2", "message": "a at 2."}, ["2"]),
        ("c", 1, "c at 4.", {"cause": "c", "path": "4", "message": "c at 4."}, ["4"]),
    ]


def test_a_job_says_how_long_it_will_take_and_what_it_waits_for(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, started_at=now(), moved_at=now())
        a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
        titles = [an_enrichment(session, scan_job) for _ in range(2)]
        assert scan_jobs.discovered(session, scan_job)
    with database.begin() as session:
        row = session.get_one(ScanJob, scan_job.id)
        row.measured_at, row.reconciled_at = now() - timedelta(seconds=60), now()
        session.get_one(type(titles[0]), titles[0].media_id).status = EnrichmentStatus.SETTLED

    waits = client.get(f"{JOB}/{scan_job.id}").json["data"]
    beat(redis, "metadata@host", ["metadata"], 2)
    goes_on = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert (waits["etaSeconds"], waits["waitingFor"]) == (None, "no worker on queue metadata")
    assert 60 <= goes_on["etaSeconds"] <= 75
    assert goes_on["waitingFor"] is None


def test_without_redis_a_job_is_shown_all_the_same_and_says_so(make_client: MakeClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)

    shown = make_client(REDIS_URL="redis://127.0.0.1:1/0").get(f"{JOB}/{scan_job.id}").json["data"]

    assert shown["waitingFor"] == "Redis can't be reached"


def test_an_unknown_job_is_404_and_a_malformed_id_400(client: FlaskClient) -> None:
    unknown, malformed = client.get(f"{JOB}/{uuid4()}"), client.get(f"{JOB}/x")

    assert (unknown.status_code, malformed.status_code) == (404, 400)
    assert malformed.json["details"][0]["field"] == "id"


def test_of_very_many_failures_a_job_tells_the_first_and_how_many(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        for number in range(250):
            scan_jobs.note_failure(session, scan_job.id, cause="no", path=str(number), message="No.")

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert shown["failureCount"] == 250
    assert len(shown["failures"]) == 200


def test_a_failed_job_says_why(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        assert scan_jobs.fail(session, scan_job.id, "The library's folder can't be read.")

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert (shown["status"], shown["error"]) == ("FAILED", "The library's folder can't be read.")
    assert shown["timestamps"]["completedAt"] is not None


def test_a_complete_job_keeps_its_counts_when_a_later_one_takes_its_folders(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=STARTED)
        folder = a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
    with database.begin() as session:
        assert scan_jobs.complete(session, scan_job.id)
    with database.begin() as session:
        later = a_scan_job(session)
        session.get_one(type(folder), folder.id).scan_job_id = later.id

    shown = client.get(f"{JOB}/{scan_job.id}").json["data"]

    assert shown["status"] == "COMPLETED"
    assert shown["progress"]["totalFolders"] == 1
    assert shown["progress"]["percentComplete"] == 100
