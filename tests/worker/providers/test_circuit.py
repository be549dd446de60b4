"""The circuit, on a real Redis; time passes by taking it from Redis' keys."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from uuid import uuid4

import pytest
import redis

from shared.kinds import MediaType
from worker.providers.base import Match, Metadata, ProviderError, Wanted
from worker.providers.circuit import FAILURES, LONGEST_OPEN, OPEN, PROBE, WITHIN, Circuit, Guarded

WANTED = Wanted(MediaType.TV_SHOW, "A Show")


def away(**more: float) -> ProviderError:
    return ProviderError("It is away.", cause="moody-unreachable", permanent=False, **more)


@dataclass
class Moody:
    """A provider that does as it is told."""

    name: str = field(default_factory=lambda: uuid4().hex)
    is_online: bool = True
    types: frozenset[MediaType] = frozenset(MediaType)
    error: Exception | None = None
    asked: int = 0
    before: Callable[[], object] = lambda: None

    def signature(self, _wanted: Wanted) -> str:
        return "moody"

    def fetch(self, _wanted: Wanted, *, brief: bool) -> Metadata | None:
        self.asked += 1
        self.before()
        if self.error is not None:
            raise self.error
        return Metadata(self.name, Match(1.0), title="A Show", is_brief=brief)


class House:
    """Workers that ask one provider, each over a circuit of its own."""

    def __init__(self, redis_url: str) -> None:
        self.redis = redis.Redis.from_url(redis_url)
        self.moody = Moody()
        self.workers = [Guarded(self.moody, Circuit(self.redis, self.moody.name)) for _ in range(2)]

    def ask(self, error: Exception | None = None, worker: int = 0) -> str:
        """Return how it went: ``told``, ``failed``, or ``paused`` where the provider was not asked."""
        before, self.moody.error = self.moody.asked, error
        try:
            told = self.workers[worker].fetch(WANTED, brief=False)
        except ProviderError:
            return "failed" if self.moody.asked > before else "paused"
        return "told" if told is not None else "silent"

    def fail(self, times: int = FAILURES, **more: float) -> None:
        assert [self.ask(away(**more)) for _ in range(times)] == ["failed"] * times

    @property
    def left(self) -> float:
        return max(int(self.redis.pttl(f"circuit:{self.moody.name}:open")), 0) / 1000

    def pass_the(self, part: str) -> None:
        self.redis.delete(f"circuit:{self.moody.name}:{part}")


@pytest.fixture
def house(redis_url: str) -> House:
    return House(redis_url)


def test_failures_in_a_row_open_it_for_every_worker(house: House) -> None:
    house.fail()

    assert house.ask(worker=1) == "paused"
    assert house.left == pytest.approx(OPEN, abs=1)


def test_an_open_circuit_says_at_once_for_how_long(house: House) -> None:
    house.fail()

    with pytest.raises(ProviderError, match="failed several times in a row") as raised:
        house.workers[0].fetch(WANTED, brief=False)

    assert (raised.value.cause, raised.value.permanent) == (f"{house.moody.name}-paused", False)
    assert raised.value.retry_after == pytest.approx(OPEN, abs=1)


def test_a_success_in_between_starts_the_count_anew(house: House) -> None:
    house.fail(FAILURES - 1)

    assert house.ask(worker=1) == "told"
    house.fail(FAILURES - 1)
    assert house.ask() == "told"


def test_failures_that_are_far_apart_never_open_it(house: House) -> None:
    house.fail(FAILURES - 1)
    assert 0 < house.redis.pttl(f"circuit:{house.moody.name}:failures") <= WITHIN * 1000

    house.pass_the("failures")
    house.fail(FAILURES - 1)

    assert house.ask() == "told"


def test_a_provider_that_names_a_longer_time_gets_it(house: House) -> None:
    house.fail(retry_after=120.0)

    assert house.left == pytest.approx(120, abs=1)


def test_a_probe_that_succeeds_closes_it(house: House) -> None:
    house.fail()
    house.pass_the("open")

    assert house.ask() == "told"
    house.fail(FAILURES - 1)
    assert house.ask() == "told"


def test_each_probe_that_fails_opens_it_for_twice_as_long(house: House) -> None:
    house.fail()
    times = []
    for _ in range(5):
        house.pass_the("open")
        assert house.ask(away()) == "failed"
        times.append(house.left)

    assert times == pytest.approx([60, 120, 240, LONGEST_OPEN, LONGEST_OPEN], abs=1)
    assert house.ask() == "paused"


def test_half_open_lets_one_request_through_at_a_time(house: House) -> None:
    house.fail()
    house.pass_the("open")
    begun, may_end = Event(), Event()
    house.moody.error = None
    house.moody.before = lambda: (begun.set(), may_end.wait(10))

    with ThreadPoolExecutor(1) as thread:
        probe = thread.submit(house.workers[0].fetch, WANTED, brief=False)
        assert begun.wait(10)
        others = [house.ask(worker=1) for _ in range(3)]
        may_end.set()

    assert probe.result() is not None
    assert others == ["paused"] * 3
    assert house.ask(worker=1) == "told"


def test_a_probe_whose_worker_died_blocks_nobody_for_long(house: House) -> None:
    house.fail()
    house.pass_the("open")
    house.moody.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        house.workers[0].fetch(WANTED, brief=False)

    assert house.ask(worker=1) == "paused"
    assert 0 < house.redis.pttl(f"circuit:{house.moody.name}:probe") <= PROBE * 1000
    house.pass_the("probe")
    assert house.ask(worker=1) == "told"


def test_stragglers_that_fail_later_do_not_lengthen_the_pause(house: House) -> None:
    house.fail(FAILURES - 1)
    last = Guarded(Moody(house.moody.name, error=away()), Circuit(house.redis, house.moody.name))
    straggler = Moody(house.moody.name, error=away())

    def fail_for_the_last_time() -> None:
        with pytest.raises(ProviderError):
            last.fetch(WANTED, brief=False)

    straggler.before = fail_for_the_last_time

    with pytest.raises(ProviderError):
        Guarded(straggler, Circuit(house.redis, house.moody.name)).fetch(WANTED, brief=False)

    assert house.left == pytest.approx(OPEN, abs=1)
    house.pass_the("open")
    assert house.ask() == "told"


def test_what_a_provider_refuses_for_good_is_an_answer(house: House) -> None:
    house.fail(FAILURES - 1)
    wrong_key = ProviderError("No.", cause="moody-unauthorized", permanent=True)

    assert [house.ask(wrong_key) for _ in range(2 * FAILURES)] == ["failed"] * 2 * FAILURES
    house.fail(FAILURES - 1)
    assert house.ask() == "told"


def test_a_spent_budget_counts_neither_way(house: House) -> None:
    spent = ProviderError("Spent.", cause=f"{house.moody.name}-budget", permanent=False)
    assert [house.ask(spent) for _ in range(2 * FAILURES)] == ["failed"] * 2 * FAILURES

    house.fail(FAILURES - 1)
    assert house.ask(spent) == "failed"
    house.fail(1)
    assert house.ask() == "paused"

    house.pass_the("open")
    assert house.ask(spent) == "failed"
    assert house.ask() == "told"


def test_a_bug_lets_go_of_the_probe_and_is_no_failure(house: House) -> None:
    house.fail()
    house.pass_the("open")
    house.moody.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        house.workers[0].fetch(WANTED, brief=False)

    assert house.ask(worker=1) == "told"


def test_while_redis_is_away_everybody_may_ask() -> None:
    moody = Moody()
    guarded = Guarded(moody, Circuit(redis.Redis.from_url("redis://127.0.0.1:1/0"), moody.name))

    assert guarded.fetch(WANTED, brief=True) == Metadata(moody.name, Match(1.0), title="A Show", is_brief=True)
    moody.error = away()
    for _ in range(2 * FAILURES):
        with pytest.raises(ProviderError, match="It is away"):
            guarded.fetch(WANTED, brief=False)


def test_a_guarded_provider_is_otherwise_the_one_that_it_guards(house: House) -> None:
    guarded = house.workers[0]

    assert (guarded.name, guarded.is_online, guarded.types) == (house.moody.name, True, frozenset(MediaType))
    assert guarded.signature(WANTED) == "moody"


def test_a_short_pause_that_the_provider_asks_for_opens_nothing(house: House) -> None:
    soon = ProviderError("Fewer, please.", cause="moody-rate-limited", permanent=False, retry_after=1.0)
    late = ProviderError("No more today.", cause="moody-rate-limited", permanent=False, retry_after=OPEN)

    assert [house.ask(soon) for _ in range(FAILURES)] == ["failed"] * FAILURES
    assert house.ask() == "told"
    assert [house.ask(late) for _ in range(FAILURES)] == ["failed"] * FAILURES
    assert house.ask() == "paused"
