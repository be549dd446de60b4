"""A disk that answers slowly is noticed while it is waited for, and told for as long as it is."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from shared import slow_mounts
from shared.models import ScanJob
from shared.scan_counts import Counts
from shared.scan_states import JobStatus
from shared.scan_waiting import Surroundings, waiting_for
from shared.tasks import QUEUES
from tests.installation import wait_until
from tests.scans import a_scan, own_worker
from tests.stalled_disk import stalled_disk, why_not
from worker import pace
from worker.tasks.scan import discover, look_into, register


def test_a_walk_passes_on_what_it_comes_past(redis: Redis) -> None:
    with pace.watched(redis, "a", iter(range(1000))) as walked:
        assert list(walked) == list(range(1000))

    assert slow_mounts.seen(redis, ["a"]) == {}


def test_a_listing_that_does_not_come_back_is_told_while_it_is_waited_for(redis: Redis) -> None:
    comes_back = threading.Event()

    def walk() -> Iterator[str]:
        yield "before"
        assert comes_back.wait(60)
        yield "after"

    def is_told() -> bool:
        return slow_mounts.seen(redis, ["a", "b"]).keys() == {"a"}

    seen: list[str] = []
    with pace.watched(redis, "a", walk()) as walked:
        reader = threading.Thread(target=lambda: seen.extend(walked))
        reader.start()
        wait_until(is_told, 30, "a listing that hangs is told")
        around = Surroundings.seen(redis, ["a"])
        comes_back.set()
        reader.join()

    assert seen == ["before", "after"]
    assert around.slow["a"].endswith(" s a folder")
    waits = waiting_for(
        ScanJob(id="a", status=JobStatus.IN_PROGRESS),
        Counts(),
        Surroundings(drained=frozenset(QUEUES), slow=around.slow),
    )
    assert waits is not None
    assert waits.startswith("the mount answers slowly: ")


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_a_disk_that_stalls_while_files_are_looked_into_is_what_the_scan_waits_for(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    with own_worker(tmp_path / "data", redis_url, {}) as database, stalled_disk(tmp_path / "disk") as go:
        scan_job_id = a_scan(database, tmp_path / "disk")
        discover(scan_job_id)
        register(scan_job_id)

        reader = threading.Thread(target=look_into, args=(scan_job_id,))
        reader.start()
        wait_until(lambda: slow_mounts.seen(redis, [scan_job_id]), 60, "a file that can't be read is told")
        told = slow_mounts.seen(redis, [scan_job_id])[scan_job_id]
        go.touch()
        reader.join(60)

    assert told.endswith(" s a file")


def test_what_fails_in_the_walk_comes_through(redis: Redis) -> None:
    def walk() -> Iterator[str]:
        yield "first"
        raise PermissionError("no")

    seen: list[str] = []
    try:
        with pace.watched(redis, "a", walk()) as walked:
            seen.extend(walked)
    except PermissionError as error:
        seen.append(str(error))

    assert seen == ["first", "no"]


def test_folders_that_come_slowly_one_after_the_other_are_told_by_their_average() -> None:
    watched = pace.Pace()
    watched._waited, watched._folders = 6.0, 3  # noqa: SLF001 - as after six seconds, which the test does not wait

    assert watched.look() == 2.0
    assert watched.look() is None
