"""Queues stay short however large a library is, and nobody waits for ever behind what others have in them."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from redis import Redis

from shared import tasks
from shared.database import Database
from shared.models.base import now
from shared.scan_states import EnrichmentStatus, FolderStatus, JobStatus
from shared.tasks import TaskSpec
from tests.builders import a_library, a_new_postgres_database, a_scan_folder, a_scan_job, an_enrichment
from tests.scans import a_scan, own_worker, status_of
from tests.trees import a_file
from worker.tasks import upkeep
from worker.tasks.artwork import paint
from worker.tasks.metadata import fetch
from worker.tasks.scan import discover, look_into, register
from worker.tasks.upkeep import sweep


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


BODIES = {tasks.register: register, tasks.probe: look_into, tasks.fetch: fetch, tasks.paint: paint}


def waiting(redis: Redis) -> Counter[str]:
    """Count what waits on all queues, by the tasks' names."""
    lists = {name for queue in tasks.QUEUES for name in tasks.lists_of(queue)}
    return Counter(json.loads(message)["headers"]["task"] for name in lists for message in redis.lrange(name, 0, -1))


def many_films(root: Path, count: int) -> Path:
    for number in range(count):
        a_file(root / f"Film {number} (2001)" / f"Film {number} (2001).mkv", b"no video")
    return root


def test_a_walk_of_many_folders_puts_one_task_of_a_kind_on_the_queue(
    database: Database, redis: Redis, tmp_path: Path
) -> None:
    scan_job_id = a_scan(database, many_films(tmp_path / "films", 450))

    discover(scan_job_id)
    after_walk = waiting(redis)
    for _ in range(3):
        register(scan_job_id)

    assert after_walk == {"scan.register": 1}
    assert waiting(redis) == {"scan.register": 1, "scan.probe": 1, "metadata.fetch": 1}


def test_who_takes_a_batch_passes_the_nudge_on_and_who_finds_nothing_does_not(database: Database, redis: Redis) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())
        for status in (FolderStatus.PENDING, FolderStatus.REGISTERED):
            a_scan_folder(session, scan_job, status=status)
        for status in (EnrichmentStatus.METADATA, EnrichmentStatus.ARTWORK):
            an_enrichment(session, scan_job, status=status)

    passed_on = [_run_alone(redis, spec, scan_job.id) for spec in BODIES]
    for spec in [*BODIES, *BODIES]:
        _run_alone(redis, spec, scan_job.id)
    at_the_end = [_run_alone(redis, spec, scan_job.id) for spec in BODIES]

    assert passed_on == [1] * 4
    assert at_the_end == [0] * 4


def _run_alone(redis: Redis, spec: TaskSpec, scan_job_id: str) -> int:
    """Run a task while no other waits; return how many of its kind wait then."""
    redis.flushdb()
    BODIES[spec](scan_job_id)
    return waiting(redis)[spec.name]


def test_one_nudge_of_a_kind_is_enough_to_come_to_the_end(database: Database, redis: Redis, tmp_path: Path) -> None:
    scan_job_id = a_scan(database, many_films(tmp_path / "films", 90))

    discover(scan_job_id)
    for spec in islice(iter(lambda: _taken(redis), None), 200):
        BODIES[spec](scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED


def _taken(redis: Redis) -> TaskSpec | None:
    """Take what has waited longest from the first queue that has anything."""
    for queue in tasks.QUEUES:
        for name in tasks.lists_of(queue):
            if message := redis.rpop(name):
                sent = json.loads(message)["headers"]["task"]
                return next(spec for spec in BODIES if spec.name == sent)
    return None


def test_a_scan_whose_nudge_was_lost_is_sent_again_though_the_queue_is_full_of_others(
    database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        small = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())
        a_scan_folder(session, small, status=FolderStatus.REGISTERED)
    for _ in range(20):
        tasks.register.send("a huge scan")

    sweep()

    assert waiting(redis)["scan.probe"] == 1


def test_each_of_many_scans_that_wait_is_sent_again_and_only_once(database: Database, redis: Redis) -> None:
    with database.begin() as session:
        for number in range(5):
            a_scan_job(session, a_library(session, path=f"/media/{number}"), status=JobStatus.PENDING)
            a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now(), reconciled_at=None)

    sweep()
    first = waiting(redis)
    redis.delete(upkeep.SWEPT)
    sweep()

    assert first == waiting(redis) == {"scan.discover": 5, "scan.reconcile": 5}
