"""POST /api/v1/scan/cleanup."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import events
from shared.database import Database
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_jobs import JobStatus
from tests.builders import a_scan_job

CLEANUP = "/api/v1/scan/cleanup"


def told(redis: Redis) -> list[tuple[str, str]]:
    found = [json.loads(values[b"event"]) for _, values in redis.xrange(events.STREAM)]
    return [(event["type"], event["scanJobId"]) for event in found]


def ended(database: Database, days: int) -> str:
    with database.begin() as session:
        return a_scan_job(session, status=JobStatus.COMPLETED, completed_at=now() - timedelta(days=days)).id


def test_where_nothing_stopped_there_is_nothing_to_clean_up(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    ended(database, 1000)
    with database.begin() as session:
        a_scan_job(session)

    answer = client.post(CLEANUP).json

    assert answer["data"] == {
        "cleanedCount": 0,
        "staleCount": 0,
        "removedCount": 0,
        "message": "There was nothing to clean up.",
    }
    assert answer["message"] == answer["data"]["message"]
    assert told(redis) == []


def test_a_scan_that_stopped_moving_fails_and_its_end_is_told_once(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, moved_at=now() - timedelta(hours=1))

    first, second = client.post(CLEANUP).json, client.post(CLEANUP).json

    assert (first["data"]["cleanedCount"], first["data"]["staleCount"], first["data"]["removedCount"]) == (1, 1, 0)
    assert first["message"] == first["data"]["message"] != ""
    assert second["data"]["cleanedCount"] == 0
    assert told(redis) == [("scan:error", scan_job.id)]
    shown = client.get(f"/api/v1/scan/job/{scan_job.id}").json["data"]
    assert shown["status"] == "FAILED"
    assert "stopped moving" in shown["error"]
    assert client.post(f"/api/v1/scan/resume/{scan_job.id}").status_code == 202


@pytest.mark.parametrize(
    "how", [{"json": {"days": 30}}, {"query_string": {"days": "30"}}, {"json": {"days": 30, "more": 1}}]
)
def test_old_scans_are_removed_where_days_are_named(
    client: FlaskClient, database: Database, how: dict[str, Any]
) -> None:
    old, recent = ended(database, 31), ended(database, 29)

    answer = client.post(CLEANUP, **how)

    assert (answer.json["data"]["cleanedCount"], answer.json["data"]["removedCount"]) == (1, 1)
    with database.read() as session:
        assert session.get(ScanJob, old) is None
        assert session.get(ScanJob, recent) is not None


@pytest.mark.parametrize(
    "how", [{"json": {}}, {"json": {"days": None}}, {"data": b"", "content_type": "application/json"}]
)
def test_a_body_may_be_empty(client: FlaskClient, database: Database, how: dict[str, Any]) -> None:
    ended(database, 1000)

    answer = client.post(CLEANUP, **how)

    assert (answer.status_code, answer.json["data"]["removedCount"]) == (200, 0)


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"days": -1}},
        {"json": {"days": 3651}},
        {"json": {"days": "7"}},
        {"json": {"days": 1.5}},
        {"json": {"days": True}},
        {"query_string": {"days": "-1"}},
        {"query_string": {"days": "week"}},
    ],
)
def test_days_that_are_none_are_refused(client: FlaskClient, database: Database, how: dict[str, Any]) -> None:
    kept = ended(database, 5000)

    answer = client.post(CLEANUP, **how)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["days"]
    with database.read() as session:
        assert session.get(ScanJob, kept) is not None


def test_a_body_that_is_no_object_is_refused(client: FlaskClient) -> None:
    assert client.post(CLEANUP, json=[1]).status_code == 400
    assert client.post(CLEANUP, data=b"{", content_type="application/json").status_code == 400
