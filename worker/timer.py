"""The timer behind ``celery beat``."""

import time
from typing import Any

from celery.beat import Scheduler

from shared.tasks import SENT_AT


class SteadyTimer(Scheduler):
    """Sends each entry every so many seconds, by a clock that nobody sets, and remembers nothing on disk.

    Celery's own goes by the wall clock, and one that is set back by an hour would keep it silent for as long.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what is due, and return after how many seconds to ask again."""
        entries: dict[str, Any] = self.schedule
        for name, entry in entries.items():
            if time.monotonic() >= self._due.get(name, 0.0):
                self._due[name] = time.monotonic() + entry.schedule.seconds
                # As whoever sends a task says.
                entry.options["headers"] = {SENT_AT: time.time()}
                self.apply_entry(entry, producer=self.producer)
        return max(0.0, min(self._due.values()) - time.monotonic())
