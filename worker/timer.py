"""The timer behind ``celery beat``."""

import time
from contextlib import suppress
from socket import gethostname
from typing import Any

from celery.beat import Scheduler
from redis.exceptions import RedisError

from shared import worker_heartbeats
from shared.redis_client import connect
from shared.tasks import SENT_AT


class SteadyTimer(Scheduler):
    """Sends each entry every so many seconds, by a clock that nobody sets, and remembers nothing on disk.

    Celery's own goes by the wall clock, and one that is set back by an hour would keep it silent for as long.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due: dict[str, float] = {}
        super().__init__(*args, **kwargs)
        self._redis = connect(self.app.conf.broker_url, 1)

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what is due, and return after how many seconds to ask again."""
        entries: dict[str, Any] = self.schedule
        for name, entry in entries.items():
            if time.monotonic() >= self._due.get(name, 0.0):
                self._due[name] = time.monotonic() + entry.schedule.seconds
                # As whoever sends a task says.
                entry.options["headers"] = {SENT_AT: time.time()}
                self.apply_entry(entry, producer=self.producer)
        with suppress(RedisError):
            worker_heartbeats.beat(self._redis, f"beat@{gethostname()}", [worker_heartbeats.TIMER], 1)
        return max(0.0, min(self._due.values()) - time.monotonic())
