"""Answers that are given again as long as nothing was written to the database, by whomever.

Most of what is asked was asked before: every client shows the same first page, and many ask for it again and again. To
find out that it still holds takes a tenth of making it anew (`shared/database_state.py`), so nothing is ever answered
that was not so when it was asked for.
"""

import threading
import time
from collections.abc import Callable

from flask import Response

from shared.database_state import DatabaseState

#: How much is remembered, in bytes of answers.
MOST = 16 * 1024 * 1024
#: For how many seconds: what has been missing for long is hidden when its time has come, and nobody writes that.
AT_LONGEST = 60


class Answers:
    """The answers of one process, all of one state of the database."""

    def __init__(self, state: DatabaseState) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._of: tuple[str, float] | None = None
        self._answers: dict[tuple[str, ...], bytes] = {}
        self._size = 0

    def to(self, key: tuple[str, ...], make: Callable[[], Response]) -> Response:
        """Return the JSON that was answered to the same, or what is made now."""
        name = self._state.name()
        if name is None:
            response = make()
            self._state.connect()
            return response
        of = (name, time.monotonic() // AT_LONGEST)
        with self._lock:
            if of != self._of:
                self._answers.clear()
                self._of, self._size = of, 0
            known = self._answers.get(key)
        if known is not None:
            return Response(known, mimetype="application/json")
        response = make()
        self._keep(of, key, response.get_data())
        return response

    def _keep(self, of: tuple[str, float], key: tuple[str, ...], answer: bytes) -> None:
        with self._lock:
            if of != self._of or key in self._answers:
                return
            self._answers[key] = answer
            self._size += len(answer)
            while self._size > MOST:
                # The first that was made.
                self._size -= len(self._answers.pop(next(iter(self._answers))))
