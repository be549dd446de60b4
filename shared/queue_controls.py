"""How each queue is to be worked on: paused or not, and by how many tasks at once. The rows are the truth.

Redis carries them to the workers, which look with each heartbeat (``worker.steering``). The sweeper puts them there
again, so that a Redis that lost everything knows them within seconds.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.dialects import insert_for
from shared.errors import ConflictError, NotFoundError
from shared.models import QueueControl
from shared.tasks import QUEUES, UPKEEP

log = logging.getLogger(__name__)

#: So many tasks one worker may do at once.
MOST_AT_ONCE = 64


#: Where Redis carries them.
_KEY = "dester:queues"


@dataclass(frozen=True, slots=True)
class Control:
    """How a queue is worked on; ``concurrency`` counts the tasks that each of its workers does at once.

    None: as many as the worker was started with.
    """

    is_paused: bool = False
    concurrency: int | None = None


def read(session: Session) -> dict[str, Control]:
    """Return how every queue is to be worked on."""
    kept = {row.queue: Control(row.is_paused, row.concurrency) for row in session.scalars(select(QueueControl))}
    return {queue: kept.get(queue, Control()) for queue in QUEUES}


def carry(redis: Redis, controls: Mapping[str, Control]) -> None:
    """Have Redis carry to the workers how every queue is to be worked on.

    Raises:
        RedisError: Redis can't be reached.

    """
    redis.set(_KEY, json.dumps({queue: asdict(control) for queue, control in controls.items()}))


def carry_soon(redis: Redis, controls: Mapping[str, Control]) -> None:
    """Have Redis carry what was just saved; where it went away meanwhile, the sweeper does when it is back."""
    try:
        carry(redis, controls)
    except RedisError:
        log.warning("Redis can't be reached; workers follow what is said of queues when it can.")


def carried(redis: Redis) -> dict[str, Control] | None:
    """Return what Redis carries; None when it has lost it, and nobody has put it there again yet.

    Raises:
        RedisError: Redis can't be reached.

    """
    kept: Any = redis.get(_KEY)
    return {queue: Control(**values) for queue, values in json.loads(kept).items()} if kept else None


def paused(session: Session) -> frozenset[str]:
    """Return the queues of which nothing is taken for now."""
    return frozenset(session.scalars(select(QueueControl.queue).where(QueueControl.is_paused)))


def change(session: Session, queue: str, said: Mapping[str, Any]) -> None:
    """Change how a queue is worked on; ``said`` has ``is_paused`` or ``concurrency``, or both, where it says anything.

    Raises:
        NotFoundError: there is no such queue.
        ConflictError: it is the one that the sweeper's tasks go through.

    """
    if queue not in QUEUES:
        raise NotFoundError(f"There is no queue {queue}; there are {', '.join(QUEUES)}.")
    if queue == UPKEEP:
        raise ConflictError(
            f"The queue {UPKEEP} can't be controlled: it carries what sends lost work again, and is drained beside "
            "metadata. Control that one, or scan or artwork."
        )
    if said:
        insert = insert_for(session, QueueControl).values(queue=queue, **{"is_paused": False, **said})
        session.execute(insert.on_conflict_do_update(index_elements=[QueueControl.queue], set_=dict(said)))
