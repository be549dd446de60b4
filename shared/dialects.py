"""What must differ between PostgreSQL and SQLite."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Rows = Sequence[Mapping[str, Any]]
Insert = postgresql.Insert | sqlite.Insert


def insert_for(session: Session, table: type[DeclarativeBase] | Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(session: Session, table: type[DeclarativeBase] | Table, rows: Rows) -> None:
    """Insert rows, passing over those that are there already."""
    if rows:
        session.execute(insert_for(session, table).on_conflict_do_nothing(), list(rows))
