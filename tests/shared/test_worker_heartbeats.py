"""Which workers are alive, as a real Redis knows it."""

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared import worker_heartbeats
from shared.tasks import ARTWORK, METADATA, QUEUES, SCAN, UPKEEP
from shared.worker_heartbeats import ALIVE_FOR, beat, leave, workers_by_queue


def test_before_any_worker_speaks_every_queue_is_there_and_nobody_drains_it(redis: Redis) -> None:
    assert workers_by_queue(redis) == {queue: {} for queue in QUEUES}


def test_a_worker_that_speaks_drains_its_queues(redis: Redis) -> None:
    beat(redis, "scan@a", [SCAN], 2)
    beat(redis, "scan@b", [SCAN], 2)
    beat(redis, "metadata@a", [METADATA, UPKEEP], 2)
    beat(redis, "metadata@a", [METADATA, UPKEEP], 2)

    found = workers_by_queue(redis)

    assert {queue: sorted(workers) for queue, workers in found.items()} == {
        SCAN: ["scan@a", "scan@b"],
        METADATA: ["metadata@a"],
        ARTWORK: [],
        UPKEEP: ["metadata@a"],
    }
    assert all(0 <= age < 5 for workers in found.values() for age in workers.values())


def test_a_worker_that_stops_is_gone_at_once(redis: Redis) -> None:
    beat(redis, "scan@a", [SCAN, UPKEEP], 2)
    beat(redis, "scan@b", [SCAN], 2)

    leave(redis, "scan@a")

    assert [sorted(workers) for workers in workers_by_queue(redis).values()] == [["scan@b"], [], [], []]


def test_a_worker_that_died_is_forgotten_after_a_while(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    beat(redis, "scan@a", [SCAN], 2)
    seconds, _ = redis.time()
    redis.zadd(f"dester:workers:{SCAN}", {"scan@dead": seconds - ALIVE_FOR - 1, "scan@quiet": seconds - ALIVE_FOR + 5})

    assert sorted(workers_by_queue(redis)[SCAN]) == ["scan@a", "scan@quiet"]

    beat(redis, "scan@a", [SCAN], 2)
    assert redis.zscore(f"dester:workers:{SCAN}", "scan@dead") is None
    assert 0 < redis.ttl(f"dester:workers:{SCAN}") <= ALIVE_FOR
    monkeypatch.setattr(worker_heartbeats, "ALIVE_FOR", -1)
    assert workers_by_queue(redis)[SCAN] == {}


def test_without_redis_nobody_can_know() -> None:
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))

    for ask in (lambda: beat(away, "a", [SCAN], 2), lambda: leave(away, "a"), lambda: workers_by_queue(away)):
        with pytest.raises(RedisError):
            ask()
