"""The API while PostgreSQL is gone, while it hangs, and after it has come back: real processes, real signals."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from shared.config import load
from shared.database import Database
from shared.migrate import migrate
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.installation import wait_until
from tests.servers import PostgresCluster, postgres_cluster

#: No request may take longer, in seconds: a connection that hangs is given one, a new one two.
SOON = 6.0
ASKED = ("/api/v1/movies", "/api/v1/library", "/api/v1/search?query=heat", "/api/v1/settings", "/api/v1/scan/jobs")


class Breakable:
    """A PostgreSQL that is ended or held, and comes back."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self.url = cluster.url
        self._cluster = cluster
        self._running = ExitStack()
        self._is_held = False

    def start(self) -> None:
        self._running.enter_context(self._cluster.running(signal.SIGQUIT))

    def end(self) -> None:
        self._running.close()

    def hang(self) -> None:
        self._is_held = True
        for process in self._cluster.processes():
            process.suspend()

    def come_back(self) -> None:
        if self._is_held:
            for process in self._cluster.processes():
                process.resume()
        else:
            self.start()


@pytest.fixture
def postgres() -> Iterator[Breakable]:
    with postgres_cluster() as cluster:
        server = Breakable(cluster)
        server.start()
        yield server
        server.end()


@pytest.fixture
def api(postgres: Breakable, redis_url: str, tmp_path: Path) -> Iterator[Gunicorn]:
    migrate(Database(load({"DATABASE_URL": postgres.url}).database_url))
    with gunicorn(tmp_path, redis_url, RATE_LIMIT_MAX="1000", DATABASE_URL=postgres.url) as running:
        yield running


@pytest.mark.parametrize("break_it", [Breakable.end, Breakable.hang], ids=["gone", "hanging"])
def test_without_the_database_every_answer_is_503_soon_and_when_it_is_back_all_works_again(
    api: Gunicorn, postgres: Breakable, break_it: object
) -> None:
    assert all(requests.get(api.url() + path, timeout=10).ok for path in ASKED)

    break_it(postgres)  # type: ignore[operator]
    seen = []
    for path in ASKED * 2:
        began = time.monotonic()
        response = requests.get(api.url() + path, timeout=60)
        seen.append((path, response.status_code, response.json()["error"], time.monotonic() - began))
    is_alive = requests.get(f"{api.url()}/health", timeout=10).ok

    sys.stdout.writelines(f"{path} {status} {took:.2f} s\n" for path, status, _, took in seen)
    assert {(status, error) for _, status, error, _ in seen} == {(503, "Service unavailable")}
    assert max(took for *_, took in seen) < SOON
    assert is_alive

    postgres.come_back()
    for path in ASKED:
        wait_until(lambda path=path: requests.get(api.url() + path, timeout=30).ok, 30, f"{path} works again")
