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

#: How long an idle connection may take to answer, and a new one to be made, in seconds. Two is libpq's least.
PING_WITHIN, CONNECT_WITHIN = 1.0, 2


def ask_before_use(engine: Engine) -> None:
    """Have every connection asked when it is taken from the pool; one that does not answer makes room for a new one."""
    event.listen(engine, "checkout", _checked)


def _checked(connection: Any, _record: Any, _proxy: Any) -> None:
    try:
        answer = answer_of(connection.pgconn, b"", time.monotonic() + PING_WITHIN)
    except OperationalError as error:
        raise DisconnectionError("The connection was lost.") from error
    if answer is None:
        raise DisconnectionError("The connection does not answer.")


def answer_of(server: PGconn, query: bytes, until: float) -> bytes | None:
    """Send a query for one value, or none without words; return the value, or None if it does not come in time."""
    server.send_query(query)
    while server.is_busy():
        # Not select(2), which knows no descriptor beyond 1,023: a process that serves many sockets has them.
        waiting = select.poll()
        waiting.register(server.socket, select.POLLIN)
        left = until - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
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
