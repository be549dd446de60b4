"""Connections and transactions. Two kinds of database: PostgreSQL, and SQLite for one machine."""

import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from shared.database_ping import CONNECT_WITHIN, ask_before_use

#: How long SQLite waits for a writer that our own queue doesn't know of, in seconds.
BUSY_SECONDS = 30
#: How long a request waits for one of PostgreSQL's connections when all are taken, in seconds.
POOL_SECONDS = 3
#: How many of PostgreSQL's connections a process keeps once it had them at once; to make one takes longer than a read.
KEPT_CONNECTIONS = 32
#: When libpq gives up: on what the other machine has not confirmed after so many milliseconds, and on one that says
#: nothing for 10 seconds, and then three times 5, while an answer is waited for. The system's own patience is hours.
#: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
_UNHEARD = {"tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
#: What SQLite says when others wrote for too long, or the disk failed or is full.
_SQLITE_OUTAGES = frozenset(
    [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL]
)
#: Classes of PostgreSQL's states: connection lost, transaction rolled back for another one's sake, no room or memory,
#: lock not to be had, operator intervention, system error. https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL_OUTAGES = ("08", "40", "53", "55P03", "57P", "58")
#: Only on SQLite; marks the transactions that take the write lock at their start.
_WRITES = "dester_writes"


@cache
def engine_for(url: str, *, prepares: bool = True) -> Engine:
    """Return this process's engine for the database at ``url``; see ``Database`` for ``prepares``."""
    if url.startswith("sqlite"):
        options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, connect_args=options, json_deserializer=_read_json, json_serializer=_json)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A database that was restarted costs one reconnect, not one error a connection; one that hangs costs few seconds.
    own: dict[str, Any] = {"connect_timeout": CONNECT_WITHIN, **_UNHEARD, "cursor_factory": _Cursor}
    engine = create_engine(
        url,
        pool_size=KEPT_CONNECTIONS,
        max_overflow=64 - KEPT_CONNECTIONS,
        pool_timeout=POOL_SECONDS,
        pool_use_lifo=True,
        # What only reads needs no transaction: each statement sees what is committed by then, in one or without.
        isolation_level="AUTOCOMMIT",
        connect_args=own if prepares else {**own, "prepare_threshold": None},
        json_deserializer=_read_json,
        json_serializer=_json,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    ask_before_use(engine)
    return engine


class _Cursor(psycopg.Cursor[Any]):
    """A cursor that tells of its columns what SQLAlchemy asks: an object for each takes a twentieth of a read."""

    __slots__ = ()

    @property
    def description(self) -> Any:
        result = self.pgresult
        if result is None or result.status != ExecStatus.TUPLES_OK:
            return None
        return [((result.fname(number) or b"").decode(), result.ftype(number)) for number in range(result.nfields)]


def _read_json(text: str | bytes) -> Any:
    """Read JSON fast; what orjson refuses is half a surrogate, or a number that SQLite made of it before."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def _json(value: Any) -> str:
    """Write JSON fast; what orjson refuses, such as half a surrogate, is spelled out."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return json.dumps(value)


def is_outage(error: Exception) -> bool:
    """Whether a database error says that the database is away or has no room, and nothing against what it was asked."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeoutError)
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in _SQLITE_OUTAGES
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRESQL_OUTAGES)
    # The connection was lost, or there was none.
    return isinstance(error, OperationalError | InterfaceError)


class Database:
    """The database of one process.

    Where it ``prepares``, PostgreSQL plans a statement that comes often once for all times, which a web server wants:
    its questions are small. Who asks for a thousand rows at a time does not want it: a plan that was made when a table
    was empty still reads all of it when it holds a hundred thousand.
    """

    def __init__(self, url: str, *, prepares: bool = True) -> None:
        self.engine = engine_for(url, prepares=prepares)
        self._turn: AbstractContextManager[None] = nullcontext()
        self._writes: dict[str, Any] = {"isolation_level": "READ COMMITTED"}
        if self.engine.dialect.name == "sqlite":
            self._turn = _WriteQueue(Path(f"{self.engine.url.database}.writers"))
            self._writes = {_WRITES: True}

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a transaction that writes; it commits at the end, or rolls back when an exception passes.

        On SQLite it takes the write lock at once: a transaction that first reads and then writes would otherwise fail
        when another one wrote in between.
        """
        with (
            self._turn,
            self.engine.connect().execution_options(**self._writes) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; on SQLite all of it sees one state."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Open a connection that only reads rows, without what makes objects of them, which is a quarter of a read."""
        with self.engine.connect() as connection:
            yield connection


#: Whoever reads plain rows is content with either.
Reader = Session | Connection


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


def _prepare_postgresql(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # What would be compiled are the plans whose costs are thought to be high: to compile one takes 10 ms, and no
    # question of ours runs for so long that it would be worth it.
    connection.cursor().execute("SET jit = off")


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # With a write-ahead log, NORMAL loses no consistency; a power cut may cost the last transactions, which a scan
    # does again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    # In pages of 4 KiB. At SQLite's own 1,000 a scan, which writes all over the indexes, copies the same pages back
    # again and again, and waits for the disk each time. For the same reason more than 2 MB are held, in KiB.
    cursor.execute("PRAGMA wal_autocheckpoint = 16000")
    cursor.execute("PRAGMA cache_size = -16000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
