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
        answers = _answers(connection.pgconn, time.monotonic() + PING_WITHIN)
    except OperationalError as error:
        raise DisconnectionError("The connection was lost.") from error
    if not answers:
        raise DisconnectionError("The connection does not answer.")


def _answers(server: PGconn, until: float) -> bool:
    """Send a query without words, and wait for the answer."""
    server.send_query(b"")
    while server.is_busy():
        left = until - time.monotonic()
        if left <= 0 or not select.select([server.socket], [], [], left)[0]:
            return False
        server.consume_input()
    answers = True
    while (result := server.get_result()) is not None:
        # Instead of an answer there may be the last word of a server that ended the connection.
        answers = answers and result.status == ExecStatus.EMPTY_QUERY
    return answers
