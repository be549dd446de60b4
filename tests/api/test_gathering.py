"""Questions that are gathered while another one is under way."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from api import gathering
from api.gathering import Gathered
from tests.installation import wait_until


class Asked:
    """Answers each key by itself, written large; and holds questions up while it is told to."""

    def __init__(self) -> None:
        self.questions: list[list[str]] = []
        self.may_answer = Event()
        self.error: Exception | None = None

    def __call__(self, keys: Sequence[str]) -> dict[str, str]:
        self.questions.append(list(keys))
        assert self.may_answer.wait(10)
        if self.error:
            raise self.error
        return {key: key.upper() for key in keys}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr(gathering, "_PATIENCE", 10.0)
    return Asked()


def waiting_for(gathered: Gathered[str, str]) -> set[str]:
    batch = gathered._open  # noqa: SLF001 - nothing else tells that they wait
    return set(batch.keys) if batch else set()


def asked_at_once(
    pool: ThreadPoolExecutor, gathered: Gathered[str, str], asked: Asked, keys: Sequence[str]
) -> list[Future[str]]:
    """Ask for the first key, and for the others while that question is under way."""
    first = pool.submit(gathered.get, keys[0])
    wait_until(lambda: len(asked.questions) == 1, 10, "the first question is put")
    others = [pool.submit(gathered.get, key) for key in keys[1:]]
    wait_until(lambda: all(each.running() for each in others), 10, "the others ask")
    return [first, *others]


def test_who_asks_alone_is_answered_alone(asked: Asked) -> None:
    gathered = Gathered(asked, 16)
    asked.may_answer.set()

    assert [gathered.get("heat"), gathered.get("up"), gathered.get("heat")] == ["HEAT", "UP", "HEAT"]
    assert asked.questions == [["heat"], ["up"], ["heat"]]


def test_those_who_ask_while_a_question_is_under_way_are_answered_by_the_next_one(asked: Asked) -> None:
    gathered = Gathered(asked, 16)
    with ThreadPoolExecutor(6) as pool:
        answers = asked_at_once(pool, gathered, asked, ["a", "b", "a", "c", "b"])
        wait_until(lambda: waiting_for(gathered) == {"a", "b", "c"}, 10, "all wait for the next question")
        asked.may_answer.set()

        assert [answer.result(10) for answer in answers] == ["A", "B", "A", "C", "B"]
    assert [sorted(keys) for keys in asked.questions] == [["a"], ["a", "b", "c"]]


def test_no_question_is_for_more_keys_than_it_may(asked: Asked) -> None:
    gathered = Gathered(asked, 2)
    asked.may_answer.set()
    with ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(gathered.get, letter) for letter in "abcdefghijkl"]

        assert [answer.result(10) for answer in answers] == list("ABCDEFGHIJKL")
    assert max(map(len, asked.questions)) <= 2


def test_a_question_that_is_not_answered_holds_nobody_up_for_long(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_PATIENCE", 0.05)
    gathered = Gathered(asked, 16)
    with ThreadPoolExecutor(2) as pool:
        answers = asked_at_once(pool, gathered, asked, ["a", "b"])
        wait_until(lambda: asked.questions == [["a"], ["b"]], 10, "the second question is put beside the first")
        asked.may_answer.set()

        assert [answer.result(10) for answer in answers] == ["A", "B"]
        assert gathered.get("c") == "C"


def test_what_goes_wrong_is_told_to_all_who_asked_and_to_nobody_after(asked: Asked) -> None:
    gathered = Gathered(asked, 16)
    asked.error = ValueError("The database is away.")
    with ThreadPoolExecutor(4) as pool:
        answers = asked_at_once(pool, gathered, asked, ["a", "b", "c"])
        wait_until(lambda: waiting_for(gathered) == {"b", "c"}, 10, "both wait for the next question")
        asked.may_answer.set()
        errors = [answer.exception(10) for answer in answers]

    assert [str(error) for error in errors] == ["The database is away."] * 3
    asked.error = None
    assert gathered.get("a") == "A"
