"""What processes count comes together in a real Redis."""

import json
import multiprocessing
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from shared import metrics
from shared.metrics import Histogram, Observed
from tests.installation import wait_until

LABELS = ("scan.probe", "succeeded")


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> Iterator[None]:
    metrics.begin("", {})
    metrics._here.forget()  # noqa: SLF001 - what earlier tests of this process counted is not of this one
    yield
    metrics.begin("", {})
    metrics._here.forget()  # noqa: SLF001


def of_probes(redis: Redis) -> Observed | None:
    return metrics.observed(redis)[metrics.tasks].get(LABELS)


def test_what_took_how_long_is_counted_by_its_bounds(redis: Redis) -> None:
    for seconds in (0.01, 0.011, 4.0, 4000.0):
        metrics.tasks.observe(seconds, *LABELS)

    metrics.tell(redis)

    found = of_probes(redis)
    assert found is not None
    bounds = [*metrics.tasks.bounds, float("inf")]
    assert {bound: number for bound, number in zip(bounds, found.within, strict=True) if number} == {
        0.01: 1,
        0.05: 1,
        5.0: 1,
        float("inf"): 1,
    }
    assert found.seconds == pytest.approx(4004.021)


def test_what_is_told_is_added_once(redis: Redis) -> None:
    for _ in range(2):
        metrics.tasks.observe(1.0, *LABELS)
        metrics.tell(redis)
        metrics.tell(redis)

    assert (found := of_probes(redis)) is not None
    assert (sum(found.within), found.seconds) == (2, 2.0)


def test_what_redis_did_not_take_is_told_when_it_is_back(redis: Redis) -> None:
    metrics.tasks.observe(1.0, *LABELS)

    with pytest.raises(RedisError):
        metrics.tell(Redis(port=1, retry=Retry(NoBackoff(), 0)))
    metrics.tasks.observe(1.0, *LABELS)
    metrics.tell(redis)

    assert (found := of_probes(redis)) is not None
    assert sum(found.within) == 2


def test_a_process_that_began_tells_by_itself_and_its_children_too(redis: Redis, redis_url: str) -> None:
    metrics.begin(redis_url, {})
    metrics.tasks.observe(1.0, *LABELS)

    # The child has counted nothing of what the parent had when it was forked.
    child = multiprocessing.get_context("fork").Process(target=_count_and_wait, args=(redis_url,))
    child.start()
    child.join(30)

    wait_until(lambda: (found := of_probes(redis)) is not None and sum(found.within) >= 2, 20, "both have told")
    time.sleep(1.5)
    assert (found := of_probes(redis)) is not None
    assert sum(found.within) == 2


def _count_and_wait(redis_url: str) -> None:
    with Redis.from_url(redis_url) as own:
        metrics.tasks.observe(1.0, *LABELS)
        wait_until(lambda: of_probes(own) is not None, 20, "the child has told")
        metrics.flush()


def test_how_things_stand_is_the_sum_of_all_processes_that_are_alive(redis: Redis) -> None:
    seconds, _ = redis.time()
    for process, ago, sockets in (("a:1", 1, 3), ("b:1", 2, 4), ("dead:1", metrics.BELIEVED_FOR + 1, 50)):
        redis.hset("dester:metrics:stands", process, f"{seconds - ago} {json.dumps({'sockets': sockets})}")

    assert metrics.stands(redis) == {"sockets": 7}
    assert not redis.hexists("dester:metrics:stands", "dead:1")


def test_a_process_says_how_things_stand_until_they_are_over(redis: Redis, redis_url: str) -> None:
    is_open = [2]
    metrics.begin(redis_url, {"sockets": lambda: is_open[0], "streams": lambda: 0})
    metrics.requests.observe(0.1, "GET", "/ws", "200")
    wait_until(lambda: metrics.stands(redis) == {"sockets": 2}, 20, "it has said so")

    is_open[0] = 0

    wait_until(lambda: not redis.exists("dester:metrics:stands"), 20, "it has said that it is over")


def test_what_an_earlier_version_counted_otherwise_is_passed_over(redis: Redis) -> None:
    redis.hset("dester:metrics:counts", "dester_forgotten_seconds\x1fa\x1f0", 1)
    redis.hset("dester:metrics:counts", f"{metrics.tasks.name}\x1fonly-one-label\x1f0", 1)
    redis.hset("dester:metrics:counts", "\x1f".join([metrics.tasks.name, *LABELS, "99"]), 1)

    assert of_probes(redis) == Observed([0] * (len(metrics.tasks.bounds) + 1))


@pytest.mark.parametrize("histogram", metrics.HISTOGRAMS, ids=lambda histogram: histogram.name)
def test_bounds_rise(histogram: Histogram) -> None:
    assert list(histogram.bounds) == sorted(set(histogram.bounds))
