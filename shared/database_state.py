"""What state a database is in, by a name: as long as that is the same, whatever was read since would be read again.

PostgreSQL names the transactions that are done and those under way (``pg_current_snapshot``): each that writes has a
number, and enters or leaves that name exactly when what it wrote comes to be seen.
https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT

SQLite counts what others have committed than the connection that is asked, by which nothing is written.
https://www.sqlite.org/pragma.html#pragma_data_version
"""

import logging
import sqlite3
import threading
import time
from contextlib import suppress
from typing import cast

import psycopg
from sqlalchemy import Engine

from shared.database_ping import PING_WITHIN, answer_of

log = logging.getLogger(__name__)


class DatabaseState:
    """Names the state of one database for all threads of a process; those that ask at once are told at once.

    To ask takes a tenth of a millisecond, and a connection that is kept for it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | sqlite3.Connection | None = None
        self._connecting = threading.Lock()
        self._turn = threading.Condition()
        self._is_asking = False
        self._asked = self._answered = 0
        self._name: str | None = None

    def name(self) -> str | None:
        """Return the name of the state at some moment since the call; None if the database does not say."""
        with self._turn:
            # The answer to a question that was put before may be older than the call.
            since = self._asked + 1
            while self._is_asking and self._answered < since:
                self._turn.wait()
            if self._answered >= since:
                return self._name
            self._asked += 1
            self._is_asking = True
        name = None
        try:
            name = self._ask()
        finally:
            with self._turn:
                self._name, self._answered, self._is_asking = name, self._asked, False
                self._turn.notify_all()
        return name

    def connect(self) -> None:
        """Connect if need be: whoever was just answered by the database says so, and nobody waits for it twice.

        Raises:
            SQLAlchemyError: the database can't be reached after all.

        """
        if self._connection is None and self._connecting.acquire(blocking=False):
            try:
                pooled = self._engine.raw_connection()
                self._connection = cast("psycopg.Connection | sqlite3.Connection", pooled.driver_connection)
                # It is no request's any more.
                pooled.detach()
            finally:
                self._connecting.release()

    def _ask(self) -> str | None:
        connection = self._connection
        if connection is None:
            return None
        name = None
        with suppress(sqlite3.Error, psycopg.Error):
            name = _named(connection)
        if name is None:
            log.info("The database does not name its state; nothing is remembered until it does.")
            self._connection = None
            with suppress(sqlite3.Error, psycopg.Error):
                connection.close()
        return name


def _named(connection: psycopg.Connection | sqlite3.Connection) -> str | None:
    if isinstance(connection, sqlite3.Connection):
        return str(connection.execute("PRAGMA data_version").fetchone()[0])
    name = answer_of(connection.pgconn, b"SELECT pg_current_snapshot()", time.monotonic() + PING_WITHIN)
    return None if name is None else name.decode()
