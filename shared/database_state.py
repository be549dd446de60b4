"""What state a database is in, by a name: as long as that is the same, whatever was read since would be read again.

PostgreSQL names the transactions under way, and those that began later or never (``pg_current_snapshot``). Each that
writes has a number, and is no more among them exactly when what it wrote is seen. The names are of a whole cluster, so
what other databases write changes them as well. They are a primary's: a standby's lack what is under way.
https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT

SQLite counts what others have committed than the connection that is asked, by which nothing is written.
https://www.sqlite.org/pragma.html#pragma_data_version
"""

import logging
import sqlite3
import threading
import time
from contextlib import suppress
from typing import TypeAlias, cast

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.database_ping import PING_WITHIN, answer_of

log = logging.getLogger(__name__)

#: Seconds between two tries to connect.
_LEFT_ALONE = 3.0

_Driver: TypeAlias = psycopg.Connection | sqlite3.Connection


class DatabaseState:
    """Names the state of one database for all threads of a process; those that ask at once are told at once.

    To ask takes a tenth of a millisecond, and a connection that is kept for it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: With its number: SQLite's counts begin anew in each connection.
        self._connection: tuple[int, _Driver] | None = None
        self._connecting = threading.Lock()
        self._connected, self._try_at = 0, 0.0
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
        """Connect for those who ask next; whoever was just answered says so, so that nobody waits for it twice."""
        if not self._connecting.acquire(blocking=False):
            return
        try:
            if self._connection is None and time.monotonic() >= self._try_at:
                self._try_at = time.monotonic() + _LEFT_ALONE
                self._connected += 1
                self._connection = self._connected, self._own_connection()
        except (SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
            log.info("The database gives no connection that names its state: %s", error)
        finally:
            self._connecting.release()

    def _own_connection(self) -> _Driver:
        pooled = self._engine.raw_connection()
        own = cast("_Driver", pooled.driver_connection)
        # It is no request's any more.
        pooled.detach()
        return own

    def _ask(self) -> str | None:
        if self._connection is None:
            return None
        number, connection = self._connection
        with suppress(sqlite3.Error, psycopg.Error):
            if (name := _named(connection)) is not None:
                return f"{number} {name}"
        log.info("The database does not name its state any more; nothing is remembered until it does.")
        self._connection = None
        with suppress(sqlite3.Error, psycopg.Error):
            connection.close()
        return None


def _named(connection: _Driver) -> str | None:
    if isinstance(connection, sqlite3.Connection):
        return str(connection.execute("PRAGMA data_version").fetchone()[0])
    name = answer_of(connection.pgconn, b"SELECT pg_current_snapshot()", time.monotonic() + PING_WITHIN)
    return None if name is None else name.decode()
