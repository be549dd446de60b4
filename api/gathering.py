"""Those who ask at once for things of a kind are answered by one question, which costs little more than for one."""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

#: How long one waits for the question before his, in seconds: a server that hangs never answers it.
_PATIENCE = 0.1


class _Batch(Generic[K, T]):
    def __init__(self) -> None:
        self.keys: dict[K, None] = {}
        self.answers: Future[Mapping[K, T]] = Future()


class Gathered(Generic[K, T]):
    """Asks for things by keys; while one question is under way, who asks next waits together for the next one.

    ``ask`` must answer each key that it is given. Nobody waits for others to come: who asks alone is answered alone. A
    question is put after all have asked whom it is for, so nobody is told what was changed before he asked. One that is
    not answered holds the next one up for a tenth of a second.
    """

    def __init__(self, ask: Callable[[Sequence[K]], Mapping[K, T]], most: int) -> None:
        self._ask, self._most = ask, most
        self._lock, self._turn = threading.Lock(), threading.Lock()
        #: Who comes now may still join it.
        self._open: _Batch[K, T] | None = None

    def get(self, key: K) -> T:
        """Return the answer to this key; what goes wrong does so for all who asked together."""
        with self._lock:
            batch, leads = self._open, False
            if batch is None or len(batch.keys) >= self._most:
                self._open = batch = _Batch()
                leads = True
            batch.keys[key] = None
        if leads:
            self._answer(batch)
        return batch.answers.result()[key]

    def _answer(self, batch: _Batch[K, T]) -> None:
        has_turn = self._turn.acquire(timeout=_PATIENCE)
        try:
            with self._lock:
                if self._open is batch:
                    self._open = None
            batch.answers.set_result(self._ask(list(batch.keys)))
        except BaseException as error:  # noqa: BLE001 - each who waits is told
            batch.answers.set_exception(error)
        finally:
            if has_turn:
                self._turn.release()
