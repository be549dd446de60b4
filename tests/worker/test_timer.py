"""The timer behind `celery beat`."""

import time
from pathlib import Path

from redis import Redis

from shared import tasks
from shared.tasks import UPKEEP
from tests.scans import own_worker
from worker.app import app
from worker.tasks.upkeep import SWEPT, may_begin
from worker.timer import SteadyTimer


def test_what_is_due_is_sent_once_and_the_timer_says_when_it_is_due_again(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    with own_worker(tmp_path / "data", redis_url, {}):
        timer = SteadyTimer(app)

        waits = [timer.tick(), timer.tick()]

    assert redis.llen(UPKEEP) == 1
    assert tasks.sweep.name.encode() in redis.lrange(UPKEEP, 0, 0)[0]
    assert all(0 < wait <= app.conf.beat_max_loop_interval for wait in waits)


def test_two_timers_bring_no_more_sweeps_than_one(redis: Redis) -> None:
    assert [may_begin(redis) for _ in range(3)] == [True, False, False]


def test_a_clock_that_was_set_back_keeps_no_sweep_from_beginning(redis: Redis) -> None:
    an_hour_ahead = time.time() + 3600
    redis.set(SWEPT, str(an_hour_ahead))

    assert may_begin(redis)
