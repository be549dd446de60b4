"""GET /api/v1/queues and PUT /api/v1/queues/{queue}, on both databases."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import queue_controls, tasks
from shared.database import Database
from shared.models.base import now
from shared.queue_controls import Control
from shared.scan_states import JobStatus
from shared.worker_heartbeats import beat
from tests.api.conftest import MakeClient
from tests.builders import a_scan_job

QUEUES = "/api/v1/queues"


def test_every_queue_is_shown_with_what_waits_in_it_and_who_works_on_it(client: FlaskClient, redis: Redis) -> None:
    tasks.register.send("a")
    tasks.register.send("b")
    tasks.discover.send("a")
    beat(redis, "scan@nas", ["scan"], 3, running=1)

    scan, *others = client.get(QUEUES).json["data"]

    assert (scan["name"], scan["paused"], scan["concurrency"], scan["waiting"]) == ("scan", False, None, 3)
    assert scan["oldestWaitingSeconds"] >= 0
    assert scan["workers"] == [{"name": "scan@nas", "concurrency": 3, "running": 1}]
    assert [queue["name"] for queue in others] == ["metadata", "artwork", "upkeep"]
    assert [queue["oldestWaitingSeconds"] for queue in others] == [None] * 3


def test_what_is_said_of_a_queue_is_kept_and_carried_to_its_workers(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    paused = client.put(f"{QUEUES}/metadata", json={"paused": True}).json["data"]
    wider = client.put(f"{QUEUES}/metadata", json={"concurrency": 8}).json["data"]
    as_started = client.put(f"{QUEUES}/metadata", json={"concurrency": None, "paused": False}).json["data"]

    assert (paused["paused"], paused["concurrency"]) == (True, None)
    assert (wider["paused"], wider["concurrency"]) == (True, 8)
    assert (as_started["paused"], as_started["concurrency"]) == (False, None)
    carried = queue_controls.carried(redis)
    assert carried is not None
    with database.read() as session:
        assert carried == queue_controls.read(session) == dict.fromkeys(tasks.QUEUES, Control())


def test_without_redis_nothing_is_saved_and_the_answer_says_so(make_client: MakeClient, database: Database) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")

    answer = client.put(f"{QUEUES}/metadata", json={"paused": True})

    assert answer.status_code == 503
    with database.read() as session:
        assert queue_controls.read(session)["metadata"] == Control()


def test_what_is_saved_is_carried_later_where_redis_goes_away_in_between(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Redis(port=1)
    carry = queue_controls.carry
    monkeypatch.setattr(queue_controls, "carry", lambda _, controls: carry(away, controls))

    answer = client.put(f"{QUEUES}/metadata", json={"paused": True})

    assert (answer.status_code, answer.json["data"]["paused"]) == (200, True)
    with database.read() as session:
        assert queue_controls.read(session)["metadata"] == Control(is_paused=True)


def test_a_scan_says_that_its_queue_is_paused(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, started_at=now())
    beat(redis, "scan@nas", ["scan"], 2)

    client.put(f"{QUEUES}/scan", json={"paused": True})

    assert client.get(f"/api/v1/scan/job/{scan_job.id}").json["data"]["waitingFor"] == "queue scan is paused"


def test_the_queue_that_carries_the_sweeper_cannot_be_paused(client: FlaskClient) -> None:
    answer = client.put(f"{QUEUES}/upkeep", json={"paused": True})

    assert answer.status_code == 409
    assert "sends lost work again" in answer.json["message"]


def test_a_queue_that_there_is_not_is_not_found(client: FlaskClient) -> None:
    assert client.put(f"{QUEUES}/discs", json={"paused": True}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 65}, "concurrency"),
        ({"concurrency": "2"}, "concurrency"),
        ({"paused": None}, "paused"),
        ({"paused": "perhaps"}, "paused"),
        ({"isPaused": True}, "isPaused"),
    ],
)
def test_what_cannot_be_is_refused_by_name(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = client.put(f"{QUEUES}/scan", json=body)

    assert (answer.status_code, answer.json["details"][0]["field"]) == (400, field)
