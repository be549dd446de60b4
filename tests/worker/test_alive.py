"""What the healthchecks of containers ask."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from socket import gethostname

import pytest
from redis import Redis

from shared import tasks
from shared.database import Database
from shared.migrate import migrate
from shared.worker_heartbeats import ALIVE_FOR, TIMER, WATCH, beat, is_alive
from tests.installation import wait_until
from tests.scans import own_worker
from worker.app import app
from worker.timer import SteadyTimer
from worker.watching.keeper import Keeper


def asked(kind: str, redis_url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "worker.alive", kind]
    environ = os.environ | {"REDIS_URL": redis_url}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_process_is_alive_while_it_is_heard_of(redis: Redis) -> None:
    beat(redis, "scan@a", ["scan", "upkeep"], 2)
    seconds, _ = redis.time()
    redis.zadd("dester:workers:scan", {"scan@dead": seconds - ALIVE_FOR - 1})

    assert is_alive(redis, "scan", "scan@a")
    assert not is_alive(redis, "scan", "scan@dead")
    assert not is_alive(redis, "artwork", "scan@a")


def test_a_healthcheck_goes_by_what_was_heard_of_this_host(redis: Redis, redis_url: str) -> None:
    beat(redis, "scan@another", ["scan"], 2)
    before = asked("scan", redis_url)
    beat(redis, f"scan@{gethostname()}", ["scan"], 2)
    after = asked("scan", redis_url)

    assert before.returncode == 1
    assert before.stderr == f"scan@{gethostname()} is silent.\n"
    assert after.returncode == 0


def test_nobody_is_ill_because_redis_is_away() -> None:
    done = asked("scan", "redis://127.0.0.1:1/0")

    assert done.returncode == 0
    assert "Redis does not answer" in done.stdout


def test_the_timer_is_heard_of(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    with own_worker(tmp_path / "data", redis_url, {}):
        SteadyTimer(app).tick()

    assert is_alive(redis, TIMER, f"beat@{gethostname()}")


@pytest.mark.parametrize("is_away", [False, True], ids=["database", "no-database"])
def test_who_watches_is_heard_of_whether_or_not_the_database_answers(
    redis: Redis, redis_url: str, tmp_path: Path, *, is_away: bool
) -> None:
    tasks.new_app(redis_url)
    database = Database(
        "postgresql+psycopg://nobody@127.0.0.1:1/x" if is_away else f"sqlite:///{tmp_path / 'dester.db'}"
    )
    if not is_away:
        migrate(database)
    stopping = threading.Event()
    thread = threading.Thread(target=Keeper(database, redis, stopping).run)
    thread.start()
    try:
        wait_until(lambda: is_alive(redis, WATCH, f"watch@{gethostname()}"), 30, "the watch is heard of")
    finally:
        stopping.set()
        thread.join(40)
