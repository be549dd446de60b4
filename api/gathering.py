"""Those who ask at once for things of a kind are answered by one question, which costs little more than for one."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")

#: How long one waits for the question before his, in seconds: a server that hangs never answers it.
_PATIENCE = 0.1


class _Batch(Generic[T]):
    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.answers: Future[Mapping[str, T]] = Future()


class Gathered(Generic[T]):
    """Asks for things by their keys; while one question is under way, who asks next waits together for the next one.

    Nobody waits for others to come: who asks alone is answered alone. A question is put after all have asked whom it is
    for, so nobody is told what was changed before he asked. One that is not answered holds the next one up for a tenth
    of a second.
    """

    def __init__(self, ask: Callable[[Sequence[str]], Mapping[str, T]], most: int) -> None:
        self._ask, self._most = ask, most
        self._lock, self._turn = threading.Lock(), threading.Lock()
        #: Who comes now may still join it.
        self._open: _Batch[T] | None = None

    def get(self, key: str) -> T | None:
        """Return what there is by this key; what goes wrong does so for all who asked together."""
        with self._lock:
            batch, leads = self._open, False
            if batch is None or len(batch.keys) >= self._most:
                self._open = batch = _Batch()
                leads = True
            batch.keys[key] = None
        if leads:
            self._answer(batch)
        return batch.answers.result().get(key)

    def _answer(self, batch: _Batch[T]) -> None:
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
