"""GET and DELETE /api/v1/logs, and what the API itself logs."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import correlation, log_stream
from shared.logs import HTTP, described
from tests.api.conftest import MakeClient

LOGS = "/api/v1/logs"


@contextmanager
def logging_to(redis_url: str, name: str) -> Iterator[logging.Logger]:
    handler = log_stream.LogStream(redis_url, lambda record: described(record, "web", correlation.at_hand()))
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
    handler.close()


@pytest.fixture
def log(redis: Redis, redis_url: str) -> Iterator[logging.Logger]:
    """Lend a logger that writes as those of all processes do."""
    assert redis.ping()
    with logging_to(redis_url, "tests.log") as logger:
        yield logger


@pytest.fixture
def own_log(redis: Redis, redis_url: str) -> Iterator[logging.Logger]:
    """Have the API log what it does."""
    assert redis.ping()
    with logging_to(redis_url, "api") as logger:
        yield logger


def read(client: FlaskClient, log: logging.Logger, **query: Any) -> list[dict[str, Any]]:
    for handler in log.handlers:
        handler.flush()
    answer = client.get(LOGS, query_string=query)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json["data"]
    return lines


def messages(client: FlaskClient, log: logging.Logger, **query: Any) -> list[str]:
    return [line["message"] for line in read(client, log, **query)]


def one_of_each(log: logging.Logger) -> None:
    for level in (logging.ERROR, logging.WARNING, logging.INFO, HTTP, logging.DEBUG):
        log.log(level, "Line %d", level, extra={"scanJobId": f"job-{level}"})


def test_before_anything_is_logged_the_log_is_empty(client: FlaskClient, log: logging.Logger) -> None:
    assert read(client, log) == []


def test_the_newest_line_is_the_first(client: FlaskClient, log: logging.Logger) -> None:
    one_of_each(log)

    lines = read(client, log)

    assert [line["level"] for line in lines] == ["debug", "http", "info", "warn", "error"]
    assert lines[2]["message"] == "Line 20"
    assert lines[2]["meta"] == {"source": "web", "scanJobId": "job-20"}


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("error", ["error"]),
        ("warn", ["warn", "error"]),
        ("info", ["info", "warn", "error"]),
        ("http", ["http", "info", "warn", "error"]),
        ("debug", ["debug", "http", "info", "warn", "error"]),
    ],
)
def test_a_level_shows_all_that_is_as_severe(
    client: FlaskClient, log: logging.Logger, level: str, shown: list[str]
) -> None:
    one_of_each(log)

    assert [line["level"] for line in read(client, log, level=level)] == shown


def test_without_a_limit_a_hundred_lines_come(client: FlaskClient, log: logging.Logger) -> None:
    for number in range(950):
        log.info("%d", number)
        if number == 500:
            log.handlers[0].flush()

    assert messages(client, log) == [str(number) for number in range(949, 849, -1)]
    assert messages(client, log, limit=2) == ["949", "948"]
    assert len(read(client, log, limit=1000)) == 950


def test_a_part_of_a_message_or_of_its_meta_finds_it(client: FlaskClient, log: logging.Logger) -> None:
    one_of_each(log)

    assert messages(client, log, q="LINE 4") == ["Line 40"]
    assert messages(client, log, q="JOB-15") == ["Line 15"]
    assert messages(client, log, q="nothing") == []


def test_since_leaves_out_what_was_before(client: FlaskClient, log: logging.Logger) -> None:
    log.info("before")
    time.sleep(0.01)
    log.info("after")
    (after, _) = read(client, log)

    assert messages(client, log, since=after["timestamp"]) == ["after"]
    assert messages(client, log, since="2999-01-01T00:00:00Z") == []
    for early in ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "2020-01-01", "2020-01-01T00:00:00"):
        assert len(read(client, log, since=early)) == 2
    assert messages(client, log, since="9999-12-31T23:59:59-23:59") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "many"),
        ("level", "loud"),
        ("level", ""),
        ("since", "yesterday"),
        ("since", ""),
        ("q", "x" * 101),
        ("q", "a\0b"),
    ],
)
def test_a_wrong_value_is_named(client: FlaskClient, field: str, value: str) -> None:
    answer = client.get(LOGS, query_string={field: value})

    assert answer.status_code == 400
    assert answer.json["details"][0]["field"] == field


def test_what_is_cleared_is_gone(client: FlaskClient, log: logging.Logger) -> None:
    one_of_each(log)
    assert len(read(client, log)) == 5

    answer = client.delete(LOGS)

    assert answer.status_code == 200
    assert answer.json == {"success": True, "message": "The log is cleared."}
    assert read(client, log) == []
    log.info("anew")
    assert messages(client, log) == ["anew"]


def test_a_request_is_logged_with_its_id_and_without_its_query(client: FlaskClient, own_log: logging.Logger) -> None:
    answer = client.get("/api/v1/movies?api_key=0123456789&q=Heat")

    (line,) = (line for line in read(client, own_log) if "movies" in line["message"])

    assert line["level"] == "http"
    assert line["logger"] == "api.requests"
    assert line["message"].startswith("GET '/api/v1/movies' 200 ")
    assert line["meta"].pop("ms") > 0
    assert line["meta"] == {
        "source": "web",
        "requestId": answer.headers["X-Request-ID"],
        "method": "GET",
        "path": "/api/v1/movies",
        "status": 200,
    }


def test_looking_at_the_log_and_at_the_health_is_not_worth_a_line(client: FlaskClient, own_log: logging.Logger) -> None:
    client.get("/health")
    client.get(LOGS)
    client.get("/api/v1/nowhere")

    paths = {line["meta"]["path"] for line in read(client, own_log, level="http")}
    assert "/api/v1/nowhere" in paths
    assert not paths & {"/health", LOGS}


def test_without_redis_the_answer_is_a_quick_503(make_client: MakeClient) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")

    for ask in (client.get, client.delete):
        began = time.monotonic()
        answer = ask(LOGS)
        assert answer.status_code == 503
        assert answer.json["error"] == "Service unavailable"
        assert time.monotonic() - began < 3
