"""What a test has the database asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shared.database import Database


@contextmanager
def counted_queries(database: Database) -> Iterator[list[str]]:
    """Collect the queries that are made, but for whether guards are on: that is asked anew every few seconds."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith("SELECT settings.key"):
            statements.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
