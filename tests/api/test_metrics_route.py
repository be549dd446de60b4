"""GET /metrics, as Prometheus's own parser reads it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from shared import metrics, queue_answers, tasks
from shared.database import Database
from shared.models.base import now
from shared.scan_states import JobStatus
from shared.worker_heartbeats import beat
from tests.api.conftest import MakeClient
from tests.builders import a_library, a_scan_folder, a_scan_job

Labels = frozenset[tuple[str, str]]


@pytest.fixture(autouse=True)
def _nothing_counted_yet(client: FlaskClient) -> Iterator[None]:
    # Before its first answer is believed, the document is asked for.
    client.get("/health")
    metrics._here.forget()  # noqa: SLF001 - what earlier tests of this process counted is not of this one
    yield
    metrics._here.forget()  # noqa: SLF001


def samples(client: FlaskClient) -> dict[str, dict[Labels, float]]:
    """Return every sample by its name and labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            labels = frozenset(sample.labels.items())
            assert labels not in found.setdefault(sample.name, {}), f"{sample.name} is there twice"
            found[sample.name][labels] = sample.value
    return found


def of(**labels: str) -> Labels:
    return frozenset(labels.items())


def test_requests_are_counted_by_the_templates_of_their_routes(client: FlaskClient, redis: Redis) -> None:
    for path in ("/api/v1/movies", "/api/v1/movies/1", "/api/v1/movies/2", "/api/v1/nothing/1", "/wp-login.php"):
        client.get(path)
    client.open("/api/v1/movies", method="PROPFIND")
    metrics.tell(redis)

    counts = samples(client)["dester_http_request_duration_seconds_count"]

    assert counts == {
        of(method="GET", route="/api/v1/movies", status="200"): 1,
        of(method="GET", route="/api/v1/movies/<movie_id>", status="400"): 2,
        of(method="GET", route="none", status="404"): 2,
        of(method="other", route="none", status="405"): 1,
    }


def test_counts_only_grow_and_every_bound_holds_what_the_one_before_held(client: FlaskClient, redis: Redis) -> None:
    counts = []
    for _ in range(2):
        client.get("/api/v1/movies")
        metrics.tell(redis)
        found = samples(client)
        counts.append(
            found["dester_http_request_duration_seconds_count"][of(method="GET", route="/api/v1/movies", status="200")]
        )

    buckets = {
        dict(labels)["le"]: value
        for labels, value in found["dester_http_request_duration_seconds_bucket"].items()
        if ("route", "/api/v1/movies") in labels
    }
    assert counts == [1, 2]
    assert list(buckets.values()) == sorted(buckets.values())
    assert buckets["+Inf"] == 2


def test_queues_are_told_with_what_waits_and_for_how_long(client: FlaskClient, redis: Redis) -> None:
    beat(redis, "scan@nas", ["scan"], 2)
    queue_answers.note(redis, ["scan"])
    for _ in range(3):
        tasks.register.send("a")

    found = samples(client)

    assert found["dester_queue_length"] == {of(queue=queue): 3 * (queue == "scan") for queue in tasks.QUEUES}
    assert found["dester_queue_oldest_seconds"][of(queue="scan")] >= 0
    assert found["dester_queue_workers"][of(queue="scan")] == 1
    assert found["dester_queue_paused"] == {of(queue=queue): 0 for queue in tasks.QUEUES}
    assert found["dester_ready"][of(check="scan")] == found["dester_ready"][of(check="database")] == 1
    assert found["dester_ready"][of(check="metadata")] == 0


def test_scans_that_have_not_ended_are_told_by_their_libraries(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        running = a_scan_job(session, status=JobStatus.IN_PROGRESS, started_at=now(), percent=40)

    found = samples(client)

    assert found["dester_scans"] == {of(status="pending"): 0, of(status="in_progress"): 1, of(status="paused"): 0}
    (labels,) = found["dester_scan_percent"]
    assert ("library_id", running.library_id) in labels
    assert found["dester_scan_percent"][labels] == 40
    assert found["dester_scan_folders"][labels] == 0


def test_two_scans_in_a_library_are_told_as_one(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        for percent, path in ((40, "/films/a"), (70, "/films/b")):
            scan_job = a_scan_job(session, library, status=JobStatus.IN_PROGRESS, percent=percent, path=path)
            a_scan_folder(session, scan_job)

    written = client.get("/metrics").text
    found = samples(client)

    labels = of(library_id=library.id, library=library.name)
    # Prometheus refuses what says the same twice.
    assert written.count("dester_scan_percent{") == 1
    assert found["dester_scan_percent"] == {labels: 40}
    assert found["dester_scan_folders"] == {labels: 2}


def test_without_a_database_all_else_is_told(client: FlaskClient) -> None:
    # Whether route guards are on must have been known before.
    client.get("/metrics")
    parts = client.application.extensions
    parts["dester"] = replace(parts["dester"], database=Database("postgresql+psycopg://nobody@127.0.0.1:1/none"))

    found = samples(client)

    assert found["dester_ready"][of(check="database")] == 0
    assert set(found["dester_queue_length"]) == {of(queue=queue) for queue in tasks.QUEUES}
    assert "dester_scan_percent" not in found


def test_without_redis_there_is_nothing_to_tell(make_client: MakeClient) -> None:
    answer = make_client(REDIS_URL="redis://127.0.0.1:1/0").get("/metrics")

    assert (answer.status_code, answer.json["message"]) == (503, "Redis does not answer; try again in a moment.")


def test_every_metric_is_written_down(client: FlaskClient) -> None:
    written = (Path(metrics.__file__).parents[1] / "docs" / "operations.md").read_text()

    families = [family.name for family in text_string_to_metric_families(client.get("/metrics").text)]

    assert len(families) > 15
    assert [name for name in families if f"`{name}`" not in written] == []
