"""Answers that are given again as long as nothing was written to the database, by whomever.

Most of what is asked was asked before: every client shows the same first page, and many ask for it again and again. To
find out that it still holds takes a tenth of making it anew (`shared/database_state.py`), so nobody is told what was
changed before he asked.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from flask import Response

from shared.database_state import DatabaseState

#: How much is remembered, in bytes; and what one answer takes besides its own and those of what was asked.
MOST, OVERHEAD = 16 * 1024 * 1024, 500
#: Nobody asks for anything that is spelled longer but to fill the memory.
LONGEST_KEY = 1000
#: How long one waits for what another one makes, in seconds.
PATIENCE = 5.0
#: For how many seconds: what has been missing for long is hidden when its time has come, and nobody writes that.
AT_LONGEST = 60


class Answers:
    """The answers of one process, all of one state of the database."""

    def __init__(self, state: DatabaseState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._of: tuple[str, float] | None = None
        #: Those that are being made, too; None comes of what went wrong.
        self._answers: dict[tuple[str, ...], Future[bytes | None]] = {}
        self._size = 0

    def to(self, key: tuple[str, ...], make: Callable[[], Response]) -> Response:
        """Return the JSON that was answered to the same, or what is made now; of those who ask at once one makes it."""
        if sum(map(len, key)) > LONGEST_KEY:
            return make()
        name = self._state.name()
        if name is None:
            response = make()
            self._state.connect()
            return response
        of = (name, time.monotonic() // AT_LONGEST)
        own: Future[bytes | None] = Future()
        with self._lock:
            if of != self._of:
                self._answers.clear()
                self._of, self._size = of, 0
            known = self._answers.setdefault(key, own)
        if known is own:
            return self._made(key, make, own)
        with suppress(TimeoutError):
            if (body := known.result(PATIENCE)) is not None:
                return Response(body, mimetype="application/json")
        return make()

    def _made(self, key: tuple[str, ...], make: Callable[[], Response], own: Future[bytes | None]) -> Response:
        body = None
        try:
            response = make()
            body = response.get_data()
        finally:
            self._keep(key, own, body)
        return response

    def _keep(self, key: tuple[str, ...], own: Future[bytes | None], body: bytes | None) -> None:
        own.set_result(body)
        with self._lock:
            # Something may have been written meanwhile.
            if self._answers.get(key) is not own:
                return
            if body is None:
                del self._answers[key]
                return
            self._size += _size(key, body)
            while self._size > MOST:
                # The first that was asked for.
                first = next(iter(self._answers))
                forgotten = self._answers.pop(first)
                self._size -= _size(first, forgotten.result() or b"") if forgotten.done() else 0


def _size(key: tuple[str, ...], body: bytes) -> int:
    return len(body) + sum(map(len, key)) + OVERHEAD
