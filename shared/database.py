"""Connections and transactions. Two kinds of database: PostgreSQL, and SQLite for one machine."""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from pathlib import Path

import orjson
from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

#: How long SQLite waits for a writer that our own queue doesn't know of, in seconds.
BUSY_SECONDS = 30
#: For how long a connection that was used needs no check before it is used again.
_TRUSTED_SECONDS = 1.0
_USED_AT = "dester_used_at"
#: Only on SQLite; marks the transactions that take the write lock at their start.
_WRITES = "dester_writes"


@cache
def engine_for(url: str) -> Engine:
    """Return this process's engine for the database at ``url``."""
    if url.startswith("sqlite"):
        options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, connect_args=options, json_deserializer=orjson.loads)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, pool_size=8, max_overflow=56, json_deserializer=orjson.loads)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_check, engine.dialect))
    return engine


class Database:
    """The database of one process."""

    def __init__(self, url: str) -> None:
        self.engine = engine_for(url)
        self._turn: AbstractContextManager[None] = nullcontext()
        self._for_reading = self.engine
        if self.engine.dialect.name == "sqlite":
            self._turn = _WriteQueue(Path(f"{self.engine.url.database}.writers"))
        else:
            # Each statement sees what is committed by then, in a transaction or without; without saves two questions.
            self._for_reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a transaction that writes; it commits at the end, or rolls back when an exception passes.

        On SQLite it takes the write lock at once: a transaction that first reads and then writes would otherwise fail
        when another one wrote in between.
        """
        with (
            self._turn,
            self.engine.connect().execution_options(**{_WRITES: True}) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; on SQLite all of it sees one state."""
        with Session(self._for_reading, expire_on_commit=False) as session:
            yield session


class _WriteQueue:
    """Whose turn it is to write to SQLite, among all threads and processes of this machine.

    SQLite lets one write at a time, and the others ask again and again, sleeping up to 0.1 s in between: with six
    workers writing for 10 ms each, most of the time nobody writes, and a request may wait for seconds. The kernel's
    file lock wakes the next one at once, and is free again when its holder dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            # Opened each time: a lock that was inherited by a fork would be the parent's and the child's at once.
            self._file = self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._threads.release()


def _note_use(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    entry.info[_USED_AT] = time.monotonic()


def _check(dialect: Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
    """Try a connection that lay idle: a database that was restarted costs a reconnect, not an error."""
    if time.monotonic() - entry.info.get(_USED_AT, 0) < _TRUSTED_SECONDS:
        return
    try:
        is_alive = dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        is_alive = False
    if not is_alive:
        raise InvalidatePoolError


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # With a write-ahead log, NORMAL loses no consistency; a power cut may cost the last transactions, which a scan
    # does again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
