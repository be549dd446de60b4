"""What must differ between PostgreSQL and SQLite."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Rows = Sequence[Mapping[str, Any]]
Insert = postgresql.Insert | sqlite.Insert

#: The number of our lock among the advisory locks of a PostgreSQL database: "DEST" in ASCII.
_TURNSTILE = 0x44455354


def insert_for(session: Session, table: type[DeclarativeBase] | Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(session: Session, table: type[DeclarativeBase] | Table, rows: Rows) -> None:
    """Insert rows, passing over those that are there already."""
    if rows:
        session.execute(insert_for(session, table).on_conflict_do_nothing(), list(rows))


def one_at_a_time(session: Session) -> None:
    """Wait until no other transaction that asked for this is open, and have others wait for the end of this one.

    What is read afterwards is what the one before has committed. On SQLite every transaction that writes is alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_TURNSTILE})"))
