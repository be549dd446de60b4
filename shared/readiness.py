"""Whether the whole server can do its work: the database, Redis, and a worker that answers on each queue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared import queue_controls, queue_states
from shared.database import Database, is_outage
from shared.queue_controls import Control
from shared.queue_states import QueueState
from shared.tasks import QUEUES, UPKEEP

#: So long a queue with a worker that has nothing to do may go without an answer, in seconds: three canaries.
ANSWERED_WITHIN = 30.0

#: ``busy`` and ``paused`` are no faults; ``unknown`` is what can't be asked while something else is away.
State = Literal["ok", "busy", "paused", "unknown", "failed"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the server stands on; ``reason`` says why it is not ``ok``, and what to do.

    ``failing_seconds`` is for how long it has been so, where that is known.
    """

    name: str
    state: State
    reason: str | None = None
    failing_seconds: float | None = None


def checked(database: Database, redis: Redis) -> list[Check]:
    """Look at everything."""
    first = of_database(database)
    try:
        states, controls = queue_states.seen(redis), queue_controls.carried(redis) or {}
    except RedisError:
        unknown = [Check(queue, "unknown", "Redis, which would know, does not answer.") for queue in QUEUES]
        return [first, Check("redis", "failed", "Redis does not answer."), *unknown]
    return [first, Check("redis", "ok"), *of_queues(states, controls)]


def of_queues(states: Mapping[str, QueueState], controls: Mapping[str, Control]) -> list[Check]:
    """Judge every queue by how it is and how it is to be."""
    return [
        check_of(queue, state, is_paused=queue in controls and controls[queue].is_paused)
        for queue, state in states.items()
    ]


def of_database(database: Database) -> Check:
    """Look whether the database answers and has this version's tables."""
    try:
        with database.read() as session:
            version = str(session.execute(text("SELECT version_num FROM alembic_version")).scalar())
    except SQLAlchemyError as error:
        if is_outage(error):
            return Check("database", "failed", "The database does not answer.")
        return Check("database", "failed", "The database has no tables: run `python -m shared.migrate`.")
    if version != newest_version():
        reason = (
            f"The database has tables of version {version}, and this server needs {newest_version()}: "
            "run `python -m shared.migrate` of the newest version that is in use."
        )
        return Check("database", "failed", reason)
    return Check("database", "ok")


@cache
def newest_version() -> str:
    """Return the version of the tables that this server needs; Alembic itself would be large to ask."""
    folder = Path(__file__).with_name("migrations") / "versions"
    return max(found[1] for path in folder.iterdir() if (found := re.match(r"(\d{4})_.+\.py$", path.name)))


def check_of(queue: str, state: QueueState, *, is_paused: bool) -> Check:
    """Judge a queue.

    1. Nobody drains it: failed.
    2. It is paused: as somebody wants it.
    3. A task of it was begun within ``ANSWERED_WITHIN``: ok.
    4. Every process of its workers is at a task: busy. Each of these tasks has a time limit.
    5. Somebody could have begun the canary, and nobody did: failed.
    """
    since = state.answered_seconds
    if not state.workers:
        return Check(queue, "failed", f"No worker drains {queue}: start the Procfile's line that does.", since)
    if is_paused:
        return Check(queue, "paused", "Nothing is taken from it, as somebody said by PUT /api/v1/queues.")
    if since is not None and since <= ANSWERED_WITHIN:
        return Check(queue, "ok")
    if state.is_busy:
        return Check(queue, "busy", "Every process of its workers is at a task.")
    if queue == UPKEEP and not state.waiting:
        return Check(queue, "failed", "Nobody sends the sweeper: start `beat`.", since)
    reason = "Its workers are alive and begin nothing, not even a canary: look at their log."
    first = "" if queue == UPKEEP else f" Mend {UPKEEP} first if it fails, too: it sends the canary."
    return Check(queue, "failed", reason + first, since)
