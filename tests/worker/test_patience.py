"""What a task does while the database is away."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from shared.database import Database
from tests.worker.test_keeping import an_outage
from worker import patience
from worker.patience import patiently


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_FIRST", 0.001)


def test_it_begins_again_until_the_database_is_there() -> None:
    away: list[DBAPIError] = [an_outage(), an_outage()]

    def attempt() -> str:
        if away:
            raise away.pop()
        return "done"

    assert patiently(attempt, 60) == "done"
    assert not away


def test_it_gives_up_in_the_end() -> None:
    def attempt() -> None:
        raise an_outage()

    with pytest.raises(OperationalError):
        patiently(attempt, 0.01)


def test_what_is_wrong_with_the_question_is_not_asked_again(database: Database) -> None:
    asked = []

    def attempt() -> None:
        asked.append(1)
        with database.begin() as session:
            session.connection().exec_driver_sql("INSERT INTO libraries (id) VALUES ('a')")

    with pytest.raises(IntegrityError):
        patiently(attempt, 60)
    assert asked == [1]
