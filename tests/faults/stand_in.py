"""The stand-in for TMDB, which may refuse, fail or fall silent for a while."""

import threading

from tests.tmdb_stand_in import TmdbStandIn, failure


class MoodyTmdb(TmdbStandIn):
    """A provider with a mood: ``None`` for a good one, a status, or 0 for silence."""

    def __init__(self) -> None:
        super().__init__(auto=True, latency=0.01)
        self.mood: int | None = None
        self._better = threading.Condition()

    def feel(self, mood: int | None) -> None:
        """Answer like this from now on; whoever waits in silence is then left without an answer."""
        with self._better:
            self.mood = mood
            self._better.notify_all()

    def answer(self, target: str, headers: dict[str, str]) -> bytes:
        with self._better:
            if self.mood == 0:
                self._better.wait_for(lambda: self.mood != 0)
                return b""
            if self.mood is not None:
                return failure(self.mood, {"Retry-After": "2"} if self.mood == 429 else None)
        return super().answer(target, headers)
