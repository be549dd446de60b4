"""GET /ready, on both databases."""

import time

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import queue_answers
from shared.tasks import METADATA, QUEUES
from shared.worker_heartbeats import beat, leave
from tests.api.conftest import MakeClient


@pytest.fixture(autouse=True)
def _workers_answer(redis: Redis) -> None:
    beat(redis, "all@nas", [queue for queue in QUEUES if queue != METADATA], 2)
    beat(redis, "metadata@nas", [METADATA], 2)
    queue_answers.note(redis, QUEUES)


def test_a_server_is_ready_whose_workers_answer(client: FlaskClient) -> None:
    answer = client.get("/ready")

    assert (answer.status_code, answer.json["status"]) == (200, "OK")
    assert [(check["name"], check["state"], check["reason"], check["since"]) for check in answer.json["checks"]] == [
        (name, "ok", None, None) for name in ("database", "redis", *QUEUES)
    ]


def test_it_is_not_while_a_worker_is_gone_and_says_which_and_since_when(client: FlaskClient, redis: Redis) -> None:
    leave(redis, "metadata@nas")

    answer = client.get("/ready")
    again = client.get("/ready")
    beat(redis, "metadata@nas", [METADATA], 2)
    back = client.get("/ready")

    assert (answer.status_code, answer.json["status"]) == (503, "UNAVAILABLE")
    (failed,) = [check for check in answer.json["checks"] if check["state"] == "failed"]
    assert failed["name"] == METADATA
    assert failed["since"] is not None
    assert failed["since"] <= answer.json["timestamp"]
    assert again.status_code == 503
    assert back.status_code == 200


def test_since_when_something_fails_is_kept_where_nobody_else_knows(client: FlaskClient, redis: Redis) -> None:
    redis.flushall()

    first = client.get("/ready").json["checks"]
    time.sleep(0.01)
    second = client.get("/ready").json["checks"]

    assert [check["since"] for check in first] == [check["since"] for check in second]
    assert [check["name"] for check in first if check["since"]] == list(QUEUES)


def test_without_redis_it_says_so_and_that_nothing_is_known_of_the_queues(make_client: MakeClient) -> None:
    answer = make_client(REDIS_URL="redis://127.0.0.1:1/0").get("/ready")

    assert answer.status_code == 503
    assert {check["name"]: check["state"] for check in answer.json["checks"]} == {
        "database": "ok",
        "redis": "failed",
    } | dict.fromkeys(QUEUES, "unknown")


def test_without_a_database_it_says_so(make_client: MakeClient) -> None:
    answer = make_client(DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/none").get("/ready")

    assert answer.status_code == 503
    assert {check["name"]: check["state"] for check in answer.json["checks"]} == {
        "database": "failed",
        "redis": "ok",
    } | dict.fromkeys(QUEUES, "ok")
    assert "secret" not in answer.text
