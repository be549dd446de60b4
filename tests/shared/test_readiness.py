"""What makes the server ready, by rules and on real databases."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import text

from shared import queue_answers, readiness
from shared.database import Database
from shared.queue_controls import Control, carry
from shared.queue_states import QueueState
from shared.readiness import ANSWERED_WITHIN, check_of, checked, newest_version, of_database
from shared.tasks import QUEUES, SCAN, UPKEEP
from shared.worker_heartbeats import Load, beat
from tests.builders import a_new_postgres_database

IDLE, AT_WORK = {"scan@nas": Load(2, 0)}, {"scan@nas": Load(2, 2)}
RECENT, LONG_AGO = 3.0, ANSWERED_WITHIN + 1


@pytest.mark.parametrize(
    ("workers", "waiting", "answered", "state", "word"),
    [
        pytest.param({}, 0, None, "failed", "start", id="nobody drains it"),
        pytest.param(IDLE, 0, RECENT, "ok", "", id="it was answered"),
        pytest.param(AT_WORK, 90, RECENT, "ok", "", id="it was answered and is full"),
        pytest.param(AT_WORK, 90, LONG_AGO, "busy", "at a task", id="all are at work"),
        pytest.param(AT_WORK, 0, None, "busy", "at a task", id="all are at work since the start"),
        pytest.param(AT_WORK | {"scan@b": Load(2, 1)}, 90, LONG_AGO, "failed", "log", id="one could answer"),
        pytest.param(IDLE, 9, LONG_AGO, "failed", "log", id="work is not begun"),
        pytest.param(IDLE, 0, LONG_AGO, "failed", "canary", id="no canary is begun"),
    ],
)
def test_a_queue_is_judged(
    workers: dict[str, Load], waiting: int, answered: float | None, state: str, word: str
) -> None:
    check = check_of(SCAN, QueueState(waiting, None, workers, answered), is_paused=False)

    assert check.state == state
    assert word in (check.reason or "")
    assert check.failing_seconds == (answered if state == "failed" else None)


@pytest.mark.parametrize(("workers", "state"), [(IDLE, "paused"), ({}, "failed")], ids=["drained", "not drained"])
def test_nothing_is_wanted_of_a_queue_that_is_paused_but_that_it_is_drained(
    workers: dict[str, Load], state: str
) -> None:
    assert check_of(SCAN, QueueState(5, None, workers, LONG_AGO), is_paused=True).state == state


def test_where_nobody_sends_the_sweeper_the_timer_is_missed() -> None:
    check = check_of(UPKEEP, QueueState(0, None, IDLE, LONG_AGO), is_paused=False)

    assert (check.state, check.failing_seconds) == ("failed", LONG_AGO)
    assert "start `beat`" in (check.reason or "")


def test_the_newest_version_is_the_one_that_migrations_lead_to() -> None:
    migrations = Path(readiness.__file__).with_name("migrations")

    assert newest_version() == ScriptDirectory(str(migrations)).get_current_head()


def test_a_migrated_database_is_ready_and_one_of_another_version_is_not(database: Database) -> None:
    assert of_database(database).state == "ok"

    with database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        check = of_database(database)
    finally:
        with database.begin() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": newest_version()})

    assert check.state == "failed"
    assert "version 0001" in (check.reason or "")
    assert "shared.migrate" in (check.reason or "")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_without_tables_is_not_ready(kind: str, postgres_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if kind == "postgresql":
        url = a_new_postgres_database(postgres_url).replace("postgresql://", "postgresql+psycopg://")

    check = of_database(Database(url))

    assert check.state == "failed"
    assert "run `python -m shared.migrate`" in (check.reason or "")


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_that_is_away_is_not_ready(url: str) -> None:
    check = of_database(Database(url))

    assert (check.state, check.reason) == ("failed", "The database does not answer.")


def test_everything_is_ready_when_every_queue_was_answered(database: Database, redis: Redis) -> None:
    beat(redis, "all@nas", QUEUES, 2)
    queue_answers.note(redis, QUEUES)

    assert [(check.name, check.state) for check in checked(database, redis)] == [
        (name, "ok") for name in ("database", "redis", *QUEUES)
    ]


def test_a_queue_that_somebody_paused_is_no_fault(database: Database, redis: Redis) -> None:
    beat(redis, "all@nas", QUEUES, 2)
    queue_answers.note(redis, QUEUES)
    carry(redis, {queue: Control(is_paused=queue == SCAN) for queue in QUEUES})

    assert {check.name: check.state for check in checked(database, redis)}[SCAN] == "paused"


def test_an_answer_from_before_the_clock_was_set_back_is_none(redis: Redis) -> None:
    queue_answers.note(redis, [SCAN, UPKEEP])
    seconds, _ = redis.time()
    redis.hset("dester:queues:answered", SCAN, str(seconds + 3600))

    assert list(queue_answers.ages(redis)) == [UPKEEP]


def test_without_redis_nothing_is_known_of_the_queues(database: Database) -> None:
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))

    found = {check.name: check.state for check in checked(database, away)}

    assert found == {"database": "ok", "redis": "failed"} | dict.fromkeys(QUEUES, "unknown")
