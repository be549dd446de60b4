"""Whether a connection to PostgreSQL that lay idle still answers, asked without waiting long: a server may hang.

SQLAlchemy's own question waits for as long as the server's machine keeps the connection open, which a stopped process
does for ever.
"""

import select
import time
from typing import Any

from psycopg import OperationalError
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

#: How long an idle connection may take to answer, and a new one to be made, in seconds. Two is libpq's least.
PING_WITHIN, CONNECT_WITHIN = 1.0, 2
#: For how long a connection that was given back needs no question, in seconds: as long as nothing came of itself, as a
#: server's last word would. That it hangs since then is found out like in the middle of a request.
_JUST_NOW = 0.05
#: When a connection was given back, by the pool's note of it.
_USED = "dester_used"


def ask_before_use(engine: Engine) -> None:
    """Have every connection asked when it is taken from the pool; one that does not answer makes room for a new one."""
    event.listen(engine, "checkout", _checked)
    event.listen(engine, "checkin", _given_back)


def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _checked(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    try:
        if time.monotonic() - record.info.get(_USED, 0.0) < _JUST_NOW and not _has_something(connection.pgconn, 0):
            return
        answer = answer_of(connection.pgconn, b"", time.monotonic() + PING_WITHIN)
    except OperationalError as error:
        raise DisconnectionError("The connection was lost.") from error
    if answer is None:
        raise DisconnectionError("The connection does not answer.")


def answer_of(server: PGconn, query: bytes, until: float) -> bytes | None:
    """Send a query for one value, or none without words; return the value, or None if it does not come in time."""
    server.send_query(query)
    while server.is_busy():
        left = until - time.monotonic()
        if left <= 0 or not _has_something(server, left):
            return None
        server.consume_input()
    answer: bytes | None = b""
    while (result := server.get_result()) is not None:
        if result.status == ExecStatus.TUPLES_OK:
            answer = result.get_value(0, 0)
        elif result.status != ExecStatus.EMPTY_QUERY:
            # Instead of an answer there may be the last word of a server that ended the connection.
            answer = None
    return answer


def _has_something(server: PGconn, seconds: float) -> bool:
    """Whether there is something to read, or will be within so many seconds."""
    # Not select(2), which knows no descriptor beyond 1,023: a process that serves many sockets has them.
    waiting = select.poll()
    waiting.register(server.socket, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))
