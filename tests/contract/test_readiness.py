"""GET /ready of real processes: with a worker killed, the timer killed, all at work, Redis ended and hung."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from celery import current_app
from redis import Redis

from shared import tasks
from shared.database import Database
from shared.migrate import migrate
from shared.tasks import QUEUES
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.installation import wait_until
from tests.own_redis import OwnRedis

SOON = 60.0


@contextmanager
def a_process(folder: Path, redis_url: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker or the timer in a session of its own; all of that is killed at the end, if it is still there."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("celery"), "--quiet", "-A", "worker.app", *words],
        env=os.environ | {"DATA_DIR": str(folder), "REDIS_URL": redis_url, "DATABASE_URL": "", "LOG_LEVEL": "info"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        killed(process)


def killed(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def a_worker(folder: Path, redis_url: str, queues: str) -> Any:
    options = ("-c", "1", "-n", f"{queues.partition(',')[0]}@here", "--without-gossip", "--without-mingle")
    return a_process(folder, redis_url, "worker", "-Q", queues, *options)


def a_timer(folder: Path, redis_url: str) -> Any:
    return a_process(folder, redis_url, "beat")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    migrate(Database(f"sqlite:///{made / 'dester.db'}"))
    return made


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.end()


@pytest.fixture(scope="module")
def api(folder: Path, own_redis: OwnRedis) -> Iterator[Gunicorn]:
    with gunicorn(folder, own_redis.url) as running:
        yield running


def released(redis_url: str) -> None:
    """Have a worker let the rows of nobody go, which it waits for the database to do."""
    before = current_app._get_current_object()  # noqa: SLF001 - each app makes itself the current one
    try:
        tasks.new_app(redis_url)
        tasks.release.send("nobody/", None)
    finally:
        before.set_current()
        before.set_default()


def ready(api: Gunicorn) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = requests.get(f"{api.url()}/ready", timeout=30)
    return answer.status_code, {check["name"]: check for check in answer.json()["checks"]}


def has(api: Gunicorn, status: int, **states: str) -> None:
    """Wait until the answer is this, with these checks in these states and all others ok."""
    wanted = dict.fromkeys(("database", "redis", *QUEUES), "ok") | states

    def is_so() -> bool:
        answered, checks = ready(api)
        return (answered, {name: check["state"] for name, check in checks.items()}) == (status, wanted)

    wait_until(is_so, SOON, f"/ready answers {status} with {states}; it says {ready(api)}")


def test_a_worker_that_is_killed_and_a_timer_that_is_are_missed_until_they_are_back(
    api: Gunicorn, folder: Path, own_redis: OwnRedis
) -> None:
    with a_worker(folder, own_redis.url, "scan,artwork,upkeep"), a_timer(folder, own_redis.url) as timer:
        with a_worker(folder, own_redis.url, "metadata,upkeep") as metadata:
            has(api, 200)
            killed(metadata)
            has(api, 503, metadata="failed")
            _, checks = ready(api)
            assert "No worker drains metadata" in checks["metadata"]["reason"]
            assert checks["metadata"]["since"] is not None
        with a_worker(folder, own_redis.url, "metadata,upkeep"):
            has(api, 200)
            killed(timer)
            has(api, 503, **dict.fromkeys(QUEUES, "failed"))
            _, checks = ready(api)
            assert "start `beat`" in checks["upkeep"]["reason"]
            with a_timer(folder, own_redis.url):
                has(api, 200)


def test_workers_that_are_all_at_work_are_no_fault_and_canaries_do_not_pile_up(
    api: Gunicorn, folder: Path, own_redis: OwnRedis
) -> None:
    with a_worker(folder, own_redis.url, ",".join(QUEUES)), a_timer(folder, own_redis.url):
        has(api, 200)
        # Nobody else writes meanwhile: the one process waits within the task that lets rows go.
        with Database(f"sqlite:///{folder / 'dester.db'}").begin(), Redis.from_url(own_redis.url) as redis:
            released(own_redis.url)
            has(api, 200, **dict.fromkeys(QUEUES, "busy"))
            waiting = [redis.llen(canary.list) for canary in tasks.CANARIES]
        has(api, 200)

    assert max(waiting) <= 1


@pytest.mark.parametrize("break_it", [OwnRedis.end, OwnRedis.hang], ids=["gone", "hanging"])
def test_without_redis_it_answers_soon_that_it_is_away(api: Gunicorn, own_redis: OwnRedis, break_it: Any) -> None:
    break_it(own_redis)
    try:
        began = time.monotonic()
        status, checks = ready(api)
        took = time.monotonic() - began
    finally:
        own_redis.come_back()

    assert status == 503
    assert checks["redis"]["state"] == "failed"
    assert checks["redis"]["since"] is not None
    assert took < 10
