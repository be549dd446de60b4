"""The API while Redis is gone, while it hangs, and after it has come back: real processes, real signals."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis
from websocket import create_connection

from shared.database import Database
from shared.migrate import migrate
from tests.builders import a_file, a_movie
from tests.contract.gunicorns import Gunicorn, gunicorn, own_address
from tests.installation import wait_until
from tests.own_redis import OwnRedis

#: No request may take longer, in seconds. A healthy one takes hundredths; each that asks Redis gives it one or two.
SOON = 10.0


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.end()


@pytest.fixture
def server(own_redis: OwnRedis, tmp_path: Path) -> Iterator[tuple[Gunicorn, dict[str, str]]]:
    """Run an API with a film on it; and the film's ids."""
    database = Database(f"sqlite:///{tmp_path / 'dester.db'}")
    migrate(database)
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "Heat.mkv").write_bytes(b"x" * 1000)
    with database.begin() as session:
        # It wants colours: looking at it sends a task.
        movie = a_movie(session, "Heat", poster_source="https://example.org/p.jpg")
        a_file(session, tmp_path / "media" / "Heat.mkv", movie=movie, size=1000)
        ids = {"movie": movie.id, "media": str(tmp_path / "media")}
    with gunicorn(tmp_path, own_redis.url, RATE_LIMIT_MAX="1000") as running:
        yield running, ids


BREAKS: list[Callable[[OwnRedis], None]] = [OwnRedis.end, OwnRedis.hang]
broken_both_ways = pytest.mark.parametrize("break_it", BREAKS, ids=["gone", "hanging"])


def timed(method: str, url: str, **more: Any) -> tuple[int, float]:
    began = time.monotonic()
    response = requests.request(method, url, timeout=60, **more)
    took = time.monotonic() - began
    if response.status_code >= 400:
        body = response.json()
        assert (body["success"], body["error"]) == (False, "Service unavailable")
    return response.status_code, took


@broken_both_ways
def test_without_redis_nothing_hangs_and_when_it_is_back_all_works_again(
    server: tuple[Gunicorn, dict[str, str]], own_redis: OwnRedis, break_it: Callable[[OwnRedis], None]
) -> None:
    api, ids = server
    host = own_address() or "127.0.0.1"
    scan = {"json": {"path": ids["media"], "mediaType": "movie"}}
    asked: list[tuple[str, str, dict[str, Any], set[int]]] = [
        ("GET", "/health", {}, {200}),
        ("GET", "/api/v1/movies", {}, {200}),
        ("GET", f"/api/v1/movies/{ids['movie']}", {}, {200}),
        ("GET", "/api/v1/tvshows", {}, {200}),
        ("GET", "/api/v1/library", {}, {200}),
        ("GET", "/api/v1/settings", {}, {200}),
        ("GET", "/api/v1/review", {}, {200}),
        ("GET", "/api/v1/guess?path=Heat.mkv", {}, {503}),
        ("POST", f"/api/v1/movies/{ids['movie']}/refresh", {}, {202}),
        ("PATCH", f"/api/v1/movies/{ids['movie']}", {"json": {"rating": 8}}, {200}),
        ("GET", f"/api/v1/stream/{ids['movie']}", {}, {200, 404}),
        ("POST", "/api/v1/scan/path", scan, {202, 503}),
        ("GET", "/api/v1/logs", {}, {200, 503}),
        ("GET", "/api/docs.json", {}, {200}),
    ]
    assert requests.get(f"{api.url(host)}/api/v1/movies", timeout=10).ok

    break_it(own_redis)
    seen = [(path, *timed(method, api.url(host) + path, **more), wanted) for method, path, more, wanted in asked * 2]

    sys.stdout.writelines(f"{path} {status} {took:.2f} s\n" for path, status, took, _ in seen)
    assert not [row for row in seen if row[1] not in row[3]]
    assert not [row for row in seen if row[2] > SOON]

    own_redis.come_back()
    wait_until(
        lambda: (
            "RateLimit-Limit" in requests.get(f"{api.url(host)}/api/v1/movies", timeout=10).headers
            or host == "127.0.0.1"
        ),
        20,
        "requests are counted again",
    )
    wait_until(lambda: requests.get(f"{api.url(host)}/api/v1/logs", timeout=30).ok, 20, "the log is read again")
    (Path(ids["media"]) / "more").mkdir()
    more = {"path": str(Path(ids["media"]) / "more"), "mediaType": "movie"}
    assert requests.post(f"{api.url(host)}/api/v1/scan/path", json=more, timeout=30).status_code == 202
    with Redis.from_url(own_redis.url) as client:
        assert client.llen("scan") >= 1


@broken_both_ways
def test_without_redis_not_every_request_waits_for_it(
    server: tuple[Gunicorn, dict[str, str]], own_redis: OwnRedis, break_it: Callable[[OwnRedis], None]
) -> None:
    api, _ = server
    host = own_address()
    if host is None:
        pytest.skip("This machine has no address but loopback, whose clients nobody counts.")
    url = f"{api.url(host)}/api/v1/library"
    assert requests.get(url, timeout=10).ok
    break_it(own_redis)

    began = time.monotonic()
    statuses = {timed("GET", url)[0] for _ in range(30)}

    assert statuses == {200}
    assert time.monotonic() - began < 2 * SOON


@broken_both_ways
def test_without_redis_a_socket_is_still_greeted(
    server: tuple[Gunicorn, dict[str, str]], own_redis: OwnRedis, break_it: Callable[[OwnRedis], None]
) -> None:
    api, _ = server
    break_it(own_redis)
    began = time.monotonic()

    socket = create_connection(f"ws://127.0.0.1:{api.port}/ws?since=1-0", timeout=30)

    assert "connection:established" in socket.recv()
    assert time.monotonic() - began < SOON
    socket.close()
