"""One log of all processes: what any of them says can be read, and is heard on sockets."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.installation import Installation, wait_until
from tests.trees import films

LOGS = "/api/v1/logs"


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run an installation that logs each request."""
    with Installation(tmp_path_factory.mktemp("talkative"), {"LOG_LEVEL": "http"}) as running:
        running.wait_for_workers()
        yield running


def lines(server: Installation, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get(LOGS, limit=1000, **query)["data"]
    return found


def sources(server: Installation, **query: Any) -> set[str]:
    return {line["meta"]["source"] for line in lines(server, **query)}


def process_of(server: Installation, word: str) -> psutil.Process:
    """Return the oldest process of an installation with this word in its command line."""
    assert server.process is not None
    children = psutil.Process(server.process.pid).children(recursive=True)
    return min((child for child in children if word in " ".join(child.cmdline())), key=psutil.Process.create_time)


def says(installation: Installation, source: str, word: str) -> bool:
    return any(word in line["message"] for line in lines(installation) if line["meta"]["source"] == source)


def test_each_kind_of_process_says_that_it_began(talkative: Installation) -> None:
    wait_until(
        lambda: {"web", "scan", "metadata", "artwork"} <= sources(talkative, level="info"), 20, "all have spoken"
    )

    for source, word in (("scan", "ready"), ("web", "gunicorn")):
        wait_until(lambda of=source, word=word: says(talkative, of, word), 20, f"{source} says that it is {word}")


def test_a_request_stands_in_the_log_under_its_id(talkative: Installation) -> None:
    request_id = requests.get(f"{talkative.url}/api/v1/movies", timeout=10).headers["X-Request-ID"]

    wait_until(lambda: lines(talkative, q=request_id), 5, "the request is in the log")

    (line,) = lines(talkative, q=request_id)
    assert line["level"] == "http"
    assert line["meta"]["path"] == "/api/v1/movies"
    assert lines(talkative, level="info", q=request_id) == []


def test_on_the_screen_of_dester_up_lines_are_to_be_read(talkative: Installation) -> None:
    printed = (talkative.data_dir / "logs" / "dester.log").read_text()

    assert "INFO" in printed
    assert '"timestamp"' not in printed


def test_what_a_worker_says_reaches_sockets_and_the_log(talkative: Installation, tmp_path: Path) -> None:
    films(tmp_path, 2)
    listener = talkative.listen("?types=log:message")

    # A worker that ends is replaced, and its successor says so.
    worker = process_of(talkative, "worker -Q scan")
    worker.terminate()

    heard = listener.until("log:message", message=_ready_message(talkative))
    listener.close()
    frame = heard[-1]
    assert frame["level"] == "info"
    assert frame["eventId"]
    assert frame["meta"]["source"] == "scan"
    wait_until(lambda: any(line["timestamp"] == frame["timestamp"] for line in lines(talkative)), 5, "it is kept too")
    assert any("is started again" in line["message"] for line in lines(talkative, level="warn", q="scan ended"))
    # The log is told once each, and nothing of it is told again to a client that comes back.
    back = talkative.listen(f"?since={heard[0]['eventId']}")
    server_says = json.dumps(talkative.scan(tmp_path))
    assert "COMPLETED" in server_says
    replayed = back.until("scan:complete")
    back.close()
    told_before = {event["eventId"] for event in heard}
    assert not [event for event in replayed if event.get("eventId") in told_before]


def test_cleared_means_cleared(talkative: Installation) -> None:
    answer = requests.delete(talkative.url + LOGS, timeout=10)

    assert answer.json() == {"success": True, "message": "The log is cleared."}
    assert not [line for line in lines(talkative) if "ready" in line["message"]]


def test_a_redis_that_hangs_delays_no_request_by_its_log_line(talkative: Installation) -> None:
    redis = process_of(talkative, "redis-server")
    redis.send_signal(signal.SIGSTOP)
    try:
        took = [timed(f"{talkative.url}/health"), timed(f"{talkative.url}/api/v1/stream/nothing")]
    finally:
        redis.send_signal(signal.SIGCONT)

    assert max(took) < 1
    wait_until(lambda: lines(talkative, q="/api/v1/stream/nothing"), 20, "the line is carried when Redis is back")


def timed(url: str) -> float:
    began = time.monotonic()
    requests.get(url, timeout=30)
    return time.monotonic() - began


def _ready_message(server: Installation) -> str:
    ready = [line["message"] for line in lines(server, q="scan@") if line["message"].endswith("ready.")]
    return ready[0]
