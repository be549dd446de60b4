"""What whoever runs the server sees of it: metrics, one id from request to task, traces, Flower. Real processes."""

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from shared.config import FLOWER_NEEDS_AUTH
from tests.installation import Installation, free_port, wait_until
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import films

ACCOUNT = ("me", "a-secret")
#: What Flower shows of a task's arguments: ids, or nothing.
IDS = re.compile(r"\((?:(?:'[0-9a-f-]{36}'|None|'[\w@.-]+/[\w.]*'),? ?)*\)|\(…\)")


class Collector:
    """Receives OTLP over HTTP, as a collector does."""

    def __init__(self) -> None:
        self.traces: list[ExportTraceServiceRequest] = []
        received = self.traces

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    received.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Collector"]:
        thread = Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()

    def spans(self) -> list[tuple[str, str, str]]:
        """Return the service, the name and the trace of every span."""
        return [
            (
                next(each.value.string_value for each in of.resource.attributes if each.key == "service.name"),
                span.name,
                span.trace_id.hex(),
            )
            for request in list(self.traces)
            for of in request.resource_spans
            for scope in of.scope_spans
            for span in scope.spans
        ]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector().running() as running:
        yield running


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Installation]:
    """Run an installation with all that there is to watch it."""
    with TmdbStandIn(auto=True) as tmdb:
        environ = {
            "TMDB_BASE_URL": tmdb.url,
            "TMDB_IMAGE_BASE_URL": tmdb.url,
            "LOG_LEVEL": "debug",
            "FLOWER_BASIC_AUTH": ":".join(ACCOUNT),
            "FLOWER_HTTP_PORT": str(free_port()),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        with Installation(tmp_path_factory.mktemp("watched"), environ) as running:
            running.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
            running.wait_for_workers()
            yield running


def value(server: Installation, name: str, **labels: str) -> float:
    """Return the sum of the samples of this name with these labels."""
    text = requests.get(f"{server.url}/metrics", timeout=30).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def flower(server: Installation, path: str, auth: tuple[str, str] | None = ACCOUNT) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{server.environ['FLOWER_HTTP_PORT']}{path}", auth=auth, timeout=30)


def answers(server: Installation) -> bool:
    try:
        return flower(server, "/api/tasks").ok
    except requests.ConnectionError:
        return False


def scanned_as(server: Installation, folder: Path, request_id: str) -> str:
    """Scan a folder by a request of this id, and return the id of the scan job."""
    answer = requests.post(
        f"{server.url}/api/v1/scan/path",
        json={"path": str(folder), "mediaType": "movie"},
        headers={"X-Request-ID": request_id},
        timeout=30,
    )
    assert answer.headers["X-Request-ID"] == request_id
    scan_job_id: str = answer.json()["data"]["scanJobId"]
    assert server.wait_for(scan_job_id)["status"] == "COMPLETED"
    return scan_job_id


def test_the_whole_system_becomes_ready(watched: Installation) -> None:
    wait_until(lambda: requests.get(f"{watched.url}/ready", timeout=30).ok, 60, "everything is ready")


def test_metrics_grow_with_what_requests_tasks_and_providers_do(watched: Installation, tmp_path: Path) -> None:
    films(tmp_path, 3)
    grown = {
        "dester_http_request_duration_seconds_count": {"route": "/api/v1/scan/path", "status": "202"},
        "dester_task_duration_seconds_count": {"task": "scan.discover", "outcome": "succeeded"},
        "dester_provider_request_duration_seconds_count": {"provider": "tmdb", "outcome": "200"},
        "dester_provider_budget_wait_seconds_count": {"provider": "tmdb"},
    }
    before = {name: value(watched, name, **labels) for name, labels in grown.items()}

    watched.scan(tmp_path)

    for name, labels in grown.items():
        wait_until(lambda n=name, of=labels: value(watched, n, **of) > before[n], 20, f"{name} has grown")


def test_an_open_socket_is_counted_while_it_is_open(watched: Installation) -> None:
    with closing(watched.listen()):
        wait_until(lambda: value(watched, "dester_open_sockets") == 1, 30, "the socket is counted")

    wait_until(lambda: value(watched, "dester_open_sockets") == 0, 30, "it is not any more")


def test_a_requests_id_stands_in_every_log_line_of_the_tasks_that_it_led_to(
    watched: Installation, tmp_path: Path
) -> None:
    films(tmp_path, 3)

    scan_job_id = scanned_as(watched, tmp_path, "one-of-a-client")

    def lines() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = watched.get("/api/v1/logs", limit=1000, q="one-of-a-client")["data"]
        return [line["meta"] for line in found]

    wait_until(
        lambda: {"web", "metadata"} <= {meta["source"] for meta in lines() if "requestId" in meta},
        20,
        "all have said something",
    )
    of_metadata = [meta for meta in lines() if meta["source"] == "metadata" and "taskId" in meta]
    assert of_metadata
    assert {meta["requestId"] for meta in of_metadata} == {"one-of-a-client"}
    assert {meta["scanJobId"] for meta in of_metadata} == {scan_job_id}
    assert all(meta["taskId"] and meta["task"] == "metadata.fetch" for meta in of_metadata)
    # What is asked of TMDB is logged by other threads than the task's own.
    of_scan = watched.get("/api/v1/logs", limit=1000, q=scan_job_id)["data"]
    assert [line for line in of_scan if line["logger"] == "urllib3.connectionpool" and "/3/search" in line["message"]]


def test_a_request_and_its_tasks_share_one_trace(watched: Installation, collector: Collector, tmp_path: Path) -> None:
    films(tmp_path, 2)

    scanned_as(watched, tmp_path, "traced")

    def shared() -> bool:
        spans = collector.spans()
        of_requests = {trace for service, name, trace in spans if service == "dester-web" and "/scan/path" in name}
        tasks = {("dester-scan", "scan.discover"), ("dester-metadata", "metadata.fetch")}
        return any(tasks <= {span[:2] for span in spans if span[2] == trace} for trace in of_requests)

    wait_until(shared, 30, "a request has a trace with its tasks")
    assert not [name for _, name, _ in collector.spans() if "/health" in name]


@pytest.mark.parametrize(
    "path", ["/", "/workers", "/tasks", "/broker", "/api/tasks", "/api/workers", "/api/queues/length"]
)
def test_flower_shows_nothing_without_the_password(watched: Installation, path: str) -> None:
    wait_until(lambda: answers(watched), 60, "Flower answers")

    assert flower(watched, path, None).status_code == 401
    assert flower(watched, path, ("me", "another")).status_code == 401
    assert flower(watched, path).status_code == 200


def test_flower_shows_no_metrics_of_its_own(watched: Installation) -> None:
    wait_until(lambda: answers(watched), 60, "Flower answers")

    assert flower(watched, "/metrics", None).status_code == 404


def test_flower_shows_our_queues_workers_and_tasks_with_ids_for_arguments(
    watched: Installation, tmp_path: Path
) -> None:
    wait_until(lambda: answers(watched), 60, "Flower answers")
    wait_until(lambda: len(flower(watched, "/api/workers?refresh=1").json()) == 3, 60, "it knows the workers")

    def shown() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for task in flower(watched, "/api/tasks").json().values():
            found.setdefault(task["name"], set()).add(task["args"] or "()")
        return found

    canaries = {"scan.canary", "metadata.canary", "artwork.canary"}
    wait_until(lambda: canaries <= set(shown()), 90, "every worker tells Flower of its tasks")
    films(tmp_path, 2)

    watched.scan(tmp_path)
    requests.get(f"{watched.url}/api/v1/guess", {"path": str(tmp_path / "Heat (1995).mkv")}, timeout=30)

    wanted = {"scan.discover", "scan.register", "scan.probe", "metadata.fetch", "metadata.explain", "upkeep.sweep"}
    wait_until(lambda: wanted <= set(shown()), 60, f"Flower knows of {wanted}; it does of {shown()}")
    assert all(IDS.fullmatch(args) for of_task in shown().values() for args in of_task), shown()
    assert not [args for of_task in shown().values() for args in of_task if str(tmp_path) in args]
    queues = flower(watched, "/api/queues/length").json()["active_queues"]
    assert {queue["name"] for queue in queues} == {"scan", "metadata", "artwork", "upkeep"}
    assert all(name in flower(watched, "/broker").text for name in ("scan", "metadata", "artwork", "upkeep"))


def test_without_a_password_flower_is_not_started_and_that_is_said(tmp_path: Path) -> None:
    with Installation(tmp_path / "data") as server:
        said = (server.data_dir / "logs" / "dester.log").read_text()
        assert server.process is not None
        running = [" ".join(p.cmdline()) for p in psutil.Process(server.process.pid).children(recursive=True)]

    assert FLOWER_NEEDS_AUTH in said
    assert not [command for command in running if "flower" in command]


def test_started_by_itself_without_a_password_it_ends_and_says_why(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin", "DATA_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"}

    ended = subprocess.run(
        [sys.executable, "-m", "worker.flower"], env=environ, capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout.strip()) == (0, FLOWER_NEEDS_AUTH)
