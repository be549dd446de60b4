"""How long a row is held, by the database's clock: the one clock that all processes on all machines share.

That clock may be set, too: SQLite's is the machine's own. Set forward, it ends leases early, and fencing numbers see to
the rest. Set back, it would have them last for as long as it was set back; so a lease that ends later than one that
begins now is of another time, and counts as over.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from shared.models.base import Instant

#: How long a worker holds what it took before others may take it; it renews that while it works.
LEASE = timedelta(seconds=30)


class _FromNow(FunctionElement[datetime]):
    """An instant so many seconds from now, by the clock of the database that is asked."""

    type = Instant()
    inherit_cache = True
    name = "from_now"


def from_now(wait: timedelta = timedelta()) -> ColumnElement[datetime]:
    """Return the instant that comes after so long, by the database's clock."""
    return _FromNow(literal(wait.total_seconds()))


def a_lease() -> ColumnElement[datetime]:
    """Return when a lease ends that begins now."""
    return from_now(LEASE)


def is_over(lease_until: Any) -> ColumnElement[bool]:
    """Whether nobody holds the row of which this column says until when somebody does."""
    return or_(lease_until.is_(None), lease_until < from_now(), lease_until > from_now(LEASE))


@compiles(_FromNow, "postgresql")
def _on_postgresql(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


@compiles(_FromNow, "sqlite")
def _on_sqlite(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:
    # Spelled as the driver stores an instant, so that the two can be compared.
    shifted = f"({compiler.process(element.clauses, **options)}) || ' seconds'"
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {shifted})"
