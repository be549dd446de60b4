"""The budget of requests, on a real Redis."""

import time
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis

from worker.providers.base import ProviderError
from worker.providers.budget import Budget


def a_budget(redis_url: str, per_second: int, *, name: str | None = None, max_wait: float = 30.0) -> Budget:
    return Budget(redis.Redis.from_url(redis_url), name or uuid4().hex, per_second, max_wait=max_wait)


def test_threads_and_instances_share_one_budget_and_use_it_up(redis_url: str) -> None:
    name = uuid4().hex
    budgets = [a_budget(redis_url, 20, name=name) for _ in range(3)]

    def take(number: int) -> float:
        budgets[number % 3].acquire()
        return time.monotonic()

    with ThreadPoolExecutor(12) as pool:
        times = sorted(pool.map(take, range(70)))

    # A thread may note its time a moment after its turn, hence the spared twentieth of a second.
    assert max(bisect_left(times, first + 0.95) - index for index, first in enumerate(times)) <= 20
    assert 3.0 <= times[-1] - times[0] < 3.5


def test_no_limit_means_no_waiting(redis_url: str) -> None:
    budget = a_budget(redis_url, 0)

    started = time.monotonic()
    for _ in range(200):
        budget.acquire()

    assert time.monotonic() - started < 1


@pytest.mark.parametrize("per_second", [0, 40])
def test_a_pause_holds_everybody_back_until_it_is_over(redis_url: str, per_second: int) -> None:
    name = uuid4().hex
    pausing, paused = a_budget(redis_url, per_second, name=name), a_budget(redis_url, per_second, name=name)

    pausing.pause(0.4)
    left = paused.waiting_seconds()
    started = time.monotonic()
    paused.acquire()

    assert 0.3 < left <= 0.4
    assert 0.3 < time.monotonic() - started < 0.6
    assert paused.waiting_seconds() == 0


def test_a_shorter_pause_never_cuts_a_longer_one(redis_url: str) -> None:
    budget = a_budget(redis_url, 40)

    budget.pause(20)
    budget.pause(1)
    budget.pause(0)

    assert budget.waiting_seconds() > 19


def test_a_pause_lasts_an_hour_at_most(redis_url: str) -> None:
    budget = a_budget(redis_url, 40)

    budget.pause(10.0**12)

    assert 3590 < budget.waiting_seconds() <= 3600


def test_a_turn_that_would_come_too_late_is_given_up_at_once(redis_url: str) -> None:
    budget = a_budget(redis_url, 40, name="tmdb", max_wait=2)
    budget.pause(10)

    started = time.monotonic()
    with pytest.raises(ProviderError, match="No request to TMDB was free within 2 seconds") as raised:
        budget.acquire()

    assert time.monotonic() - started < 0.5
    assert (raised.value.cause, raised.value.permanent) == ("tmdb-budget", False)
    assert raised.value.retry_after == pytest.approx(10, abs=0.5)


def test_a_crowd_that_waits_too_long_is_sent_away(redis_url: str) -> None:
    budget = a_budget(redis_url, 1, max_wait=1.5)

    def take(_: int) -> str | None:
        try:
            budget.acquire()
        except ProviderError as error:
            return error.cause
        return None

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(take, range(6)))

    assert answers.count(None) == 2


def test_a_redis_that_is_away_is_an_error_worth_a_retry() -> None:
    with pytest.raises(ProviderError, match="Redis does not answer") as raised:
        a_budget("redis://127.0.0.1:1/0", 40).acquire()

    assert not raised.value.permanent


def test_a_clock_that_was_set_back_spends_no_budget(redis_url: str) -> None:
    name = uuid4().hex
    budget = a_budget(redis_url, 5, name=name, max_wait=5.0)
    for _ in range(5):
        budget.acquire()
    with redis.Redis.from_url(redis_url) as client:
        (key,) = client.keys(f"*{name}*")
        ahead = [float(instant) + 3600 for instant in client.lrange(key, 0, -1)]
        client.delete(key)
        client.rpush(key, *ahead)

    budget.acquire()
