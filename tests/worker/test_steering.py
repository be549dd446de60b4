"""Real workers do what is said of their queues, also those that start later and after Redis lost everything."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from celery.signals import heartbeat_sent, worker_shutting_down
from redis import Redis

from shared import queue_controls, queue_states, tasks, worker_heartbeats
from shared.queue_controls import Control
from shared.tasks import ARTWORK, METADATA, QUEUES, SCAN, UPKEEP
from tests.installation import wait_until
from tests.own_redis import OwnRedis
from tests.scans import own_worker
from worker.app import NICENESS, app, resources
from worker.tasks.upkeep import sweep

SOON = 60.0


@contextmanager
def a_worker(
    folder: Path, redis_url: str, queues: str, name: str, processes: Sequence[str] = ("-c", "2"), *, rest_after: int = 2
) -> Iterator[psutil.Process]:
    """Run a worker of its own processes, which rests after so many seconds; it has a database of this test's."""
    process = psutil.Popen(
        [
            *(Path(sys.executable).with_name("celery"), "--quiet", "-A", "worker.app", "worker"),
            *("-Q", queues, *processes, "-n", name, "--without-gossip", "--without-mingle"),
        ],
        env=os.environ | {"DATA_DIR": str(folder), "REDIS_URL": redis_url, "AUTOSCALE_KEEPALIVE": str(rest_after)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # As the nursery starts it.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.is_running():
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture
def folder(tmp_path: Path, redis_url: str) -> Iterator[Path]:
    with own_worker(tmp_path / "data", redis_url, {}):
        yield tmp_path / "data"


def say(redis: Redis, queue: str, control: Control) -> None:
    queue_controls.carry(redis, {name: Control() for name in QUEUES} | {queue: control})


def has_workers(redis: Redis, queue: str, *concurrencies: int) -> None:
    def has() -> bool:
        return (
            tuple(sorted(load.concurrency for load in queue_states.seen(redis)[queue].workers.values()))
            == concurrencies
        )

    wait_until(has, SOON, f"the workers of {queue} do {concurrencies} at once")


def is_drained(redis: Redis, queue: str) -> None:
    wait_until(lambda: queue_states.seen(redis)[queue].waiting == 0, SOON, f"{queue} is drained")


def runs(redis: Redis, queue: str, count: int) -> None:
    """Wait until the workers of a queue say that they are at so many tasks."""

    def does() -> bool:
        return sum(load.running for load in queue_states.seen(redis)[queue].workers.values()) == count

    wait_until(does, SOON, f"the workers of {queue} are at {count} tasks")


def takes_nothing(redis: Redis, queue: str) -> None:
    """Wait until what is sent to a queue stays there: then whoever drains it has learnt that it is paused."""

    def stays() -> bool:
        tasks.fetch.send(None) if queue == METADATA else tasks.paint.send(None)
        before = queue_states.seen(redis)[queue].waiting
        # What is sent to another queue of the same worker is taken meanwhile, so it lives.
        tasks.explain.send("/x", "movie", None, None, None)
        is_drained(redis, UPKEEP)
        return before > 1 and queue_states.seen(redis)[queue].waiting >= before

    wait_until(stays, SOON, f"nothing is taken from {queue}")


def test_a_worker_takes_nothing_from_a_paused_queue_and_goes_on_with_its_others(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, f"{METADATA},{UPKEEP}", "metadata@here"):
        has_workers(redis, METADATA, 2)
        tasks.fetch.send(None)
        is_drained(redis, METADATA)

        say(redis, METADATA, Control(is_paused=True))
        takes_nothing(redis, METADATA)
        state = queue_states.seen(redis)[METADATA]
        say(redis, METADATA, Control())
        is_drained(redis, METADATA)

    assert [(name, load.concurrency) for name, load in state.workers.items()] == [("metadata@here", 2)]
    assert state.oldest_seconds is not None


def test_workers_do_as_many_tasks_at_once_as_is_said_also_one_that_starts_later(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, SCAN, "scan@first"):
        has_workers(redis, SCAN, 2)
        say(redis, SCAN, Control(concurrency=4))
        has_workers(redis, SCAN, 4)
        with a_worker(folder, redis_url, SCAN, "scan@second"):
            has_workers(redis, SCAN, 4, 4)
            say(redis, SCAN, Control(concurrency=1))
            has_workers(redis, SCAN, 1, 1)
            say(redis, SCAN, Control())
            has_workers(redis, SCAN, 2, 2)
        has_workers(redis, SCAN, 2)


def has_processes(worker: psutil.Process, count: int) -> None:
    """Wait until a worker has so many; one that has ended and was not asked for its end yet is none."""

    def has() -> bool:
        return sum(child.status() != psutil.STATUS_ZOMBIE for child in worker.children()) == count

    wait_until(has, SOON, f"the worker has {count} processes")


def works(worker: psutil.Process, redis: Redis, redis_url: str, count: int) -> None:
    """Give a worker so many tasks that can't end yet, and wait until it has as many processes, all at one."""
    with resources.database.begin(), app.connection_for_write(redis_url) as connection:
        for _ in range(count):
            app.send_task(tasks.register.name, ("0" * 25,), connection=connection, queue=SCAN, ignore_result=True)
        has_processes(worker, count)
        runs(redis, SCAN, count)


def test_a_worker_at_rest_has_one_process_and_as_many_as_it_may_when_there_is_work(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, SCAN, "scan@here", ("--autoscale", "2,1")) as worker:
        has_workers(redis, SCAN, 2)
        has_processes(worker, 1)
        works(worker, redis, redis_url, 2)
        is_drained(redis, SCAN)
        has_workers(redis, SCAN, 2)
        has_processes(worker, 1)

        say(redis, SCAN, Control(concurrency=4))
        has_workers(redis, SCAN, 4)
        works(worker, redis, redis_url, 4)
        say(redis, SCAN, Control())
        has_workers(redis, SCAN, 2)
        has_processes(worker, 1)


def test_processes_that_take_long_to_end_are_not_told_in_the_place_of_others(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, SCAN, "scan@here", ("--autoscale", "4,1"), rest_after=8) as worker:
        has_workers(redis, SCAN, 4)
        works(worker, redis, redis_url, 4)
        runs(redis, SCAN, 0)
        processes = worker.children()
        assert len(processes) == 4
        for process in processes:
            process.suspend()
        try:
            say(redis, SCAN, Control(concurrency=2))
            has_workers(redis, SCAN, 2)
            # It looks whether it may rest as often as after so many seconds; then one process is asked for.
            time.sleep(16)
        finally:
            for process in processes:
                process.resume()
        has_processes(worker, 1)


def test_what_comes_also_when_nothing_is_to_be_done_starts_no_process(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, f"{SCAN},{UPKEEP}", "scan@here", ("--autoscale", "2,1")) as worker:
        has_workers(redis, SCAN, 2)
        for _ in range(50):
            tasks.sweep.send()
            tasks.scan_canary.send()
            assert len(worker.children()) == 1
        is_drained(redis, UPKEEP)
        runs(redis, SCAN, 0)
        assert len(worker.children()) == 1


def test_a_worker_told_to_end_just_when_a_process_was_given_a_task_ends_soon(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, f"{SCAN},{UPKEEP}", "scan@here", ("--autoscale", "2,1")) as worker:
        has_workers(redis, SCAN, 2)
        (process,) = worker.children()
        process.suspend()
        tasks.scan_canary.send()
        is_drained(redis, SCAN)
        # The worker writes it down for its process.
        time.sleep(1)

        worker.send_signal(signal.SIGTERM)
        wait_until(lambda: queue_states.seen(redis)[SCAN].workers == {}, SOON, "the worker knows that it is to end")
        # It is away from the loop that would hear of the task.
        time.sleep(2)
        process.resume()
        worker.wait(15)


def test_a_worker_that_rested_when_redis_went_away_has_as_many_processes_for_work_when_it_is_back(
    tmp_path: Path,
) -> None:
    own = OwnRedis(tmp_path)
    own.start()
    try:
        with (
            own_worker(tmp_path / "data", own.url, {}),
            a_worker(tmp_path / "data", own.url, SCAN, "scan@here", ("--autoscale", "2,1")) as worker,
            Redis.from_url(own.url) as redis,
        ):
            has_workers(redis, SCAN, 2)
            say(redis, SCAN, Control(concurrency=3))
            has_workers(redis, SCAN, 3)
            has_processes(worker, 1)
            own.end()
            own.start()
            has_workers(redis, SCAN, 3)
            works(worker, redis, own.url, 3)
    finally:
        own.end()


def test_others_go_before_workers_and_who_makes_files_browsable_before_who_asks_about_them(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    ours = psutil.Process().nice()
    with (
        a_worker(folder, redis_url, f"{SCAN},{UPKEEP}", "scan@here") as scan,
        a_worker(folder, redis_url, f"{METADATA},{UPKEEP}", "metadata@here") as metadata,
    ):
        has_workers(redis, SCAN, 2)
        has_workers(redis, METADATA, 2)

        niceness = [{process.nice() for process in (each, *each.children())} for each in (scan, metadata)]
    assert niceness == [{ours + NICENESS[SCAN]}, {ours + NICENESS[METADATA]}]
    assert NICENESS[SCAN] < NICENESS[METADATA]


def test_what_a_whole_worker_leaves_to_others_is_said_of_its_session(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, SCAN, "scan@here") as worker:
        has_workers(redis, SCAN, 2)

        said = Path(f"/proc/{worker.pid}/autogroup")
        assert not said.exists() or said.read_text().endswith(f" nice {NICENESS[SCAN]}\n")


def test_when_redis_lost_everything_the_sweeper_tells_the_workers_again(
    redis: Redis, redis_url: str, folder: Path
) -> None:
    with a_worker(folder, redis_url, f"{ARTWORK},{UPKEEP}", "artwork@here"):
        has_workers(redis, ARTWORK, 2)
        with resources.database.begin() as session:
            queue_controls.change(session, ARTWORK, {"is_paused": True, "concurrency": 3})
        sweep()
        has_workers(redis, ARTWORK, 3)
        takes_nothing(redis, ARTWORK)

        redis.flushall()
        sweep()

        has_workers(redis, ARTWORK, 3)
        takes_nothing(redis, ARTWORK)


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("folder")
def test_a_worker_can_be_told_to_stop_in_the_middle_of_a_heartbeat(redis: Redis) -> None:
    worker_heartbeats.beat(redis, "artwork@here", [ARTWORK], 2)

    # The operating system's signal is handled by the thread that it interrupts, whatever that holds.
    with heartbeat_sent.lock:
        worker_shutting_down.send("artwork@here", sig="SIGTERM", how="Warm", exitcode=0)

    assert queue_states.seen(redis)[ARTWORK].workers == {}
