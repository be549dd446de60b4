"""Tables as an archive has them: one line of JSON for each row, the same whichever database it comes from."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.models import Base, TitleCount
from shared.models.base import Instant
from shared.models.configuration import Sealed

#: How a value is kept in an archive, and of which type its column is. JSON is kept as its text: it may be null and yet
#: no NULL. What is sealed stays sealed.
_TYPES: Mapping[str, Any] = {
    "json": sa.JSON(none_as_null=True),
    "instant": Instant(),
    "date": sa.Date(),
    "boolean": sa.Boolean(),
    "integer": sa.BigInteger(),
    "real": sa.Double(),
    "text": sa.String(),
}
_KINDS: Sequence[tuple[type[Any] | tuple[type[Any], ...], str]] = (
    ((sa.JSON, Sealed), "json"),
    (Instant, "instant"),
    (sa.Date, "date"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    ((sa.Numeric, sa.Float), "real"),
    (sa.String, "text"),
)
#: Kept by triggers, in each database by its own.
_COUNTED_BY_TRIGGERS = {TitleCount.__tablename__}
_OF_SQLITES_SEARCH = ("search_text_words", "search_word_trigrams", "search_trigrams")
#: Rows that are read or written in one go.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns, each with the kind of its values; and the column, if any, that names another row of it."""

    name: str
    columns: tuple[tuple[str, str], ...]
    parent: str | None = None

    @classmethod
    def of(cls, table: sa.Table) -> "Shape":
        own = (column.name for column in table.columns for key in column.foreign_keys if key.column.table is table)
        return cls(table.name, tuple((column.name, _kind(column)) for column in table.columns), next(own, None))

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Shape":
        columns = tuple((str(name), str(kind)) for name, kind in told["columns"])
        if any(kind not in _TYPES for _, kind in columns):
            raise ValueError(f"The table {told['name']} has columns of a kind that this version doesn't know.")
        return cls(told["name"], columns, told["parent"])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def table(self) -> sa.TableClause:
        return sa.table(self.name, *(sa.column(name, _TYPES[kind]) for name, kind in self.columns))


def shapes() -> list[Shape]:
    """Return the tables of this version that a backup holds; one that others refer to goes before them."""
    return [Shape.of(table) for table in Base.metadata.sorted_tables if table.name not in _COUNTED_BY_TRIGGERS]


def lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """Read a table's rows, each as a line."""
    table = shape.table()
    read = [sa.cast(table.c[name], sa.Text) if kind == "json" else table.c[name] for name, kind in shape.columns]
    for row in connection.execution_options(yield_per=_BATCH).execute(sa.select(*read)):
        yield json.dumps([_kept(value) for value in row], separators=(",", ":")).encode() + b"\n"


def insert(connection: Connection, shape: Shape, read: Iterable[bytes]) -> int:
    """Write rows from their lines, and return how many."""
    table, count = shape.table(), 0
    children: list[dict[str, Any]] = []
    lines_left = iter(read)
    while batch := list(islice(lines_left, _BATCH)):
        rows = [_row(shape, json.loads(line)) for line in batch]
        if shape.parent:
            # The row that it names may come later.
            children += [{"child": row["id"], "named": row[shape.parent]} for row in rows if row[shape.parent]]
            rows = [row | {shape.parent: None} for row in rows]
        connection.execute(table.insert(), rows)
        count += len(rows)
    if children:
        named = table.update().where(table.c.id == sa.bindparam("child")).values({shape.parent: sa.bindparam("named")})
        connection.execute(named, children)
    _count_on(connection, shape)
    return count


def clear(connection: Connection) -> None:
    """Remove every row of every table, whichever version made them."""
    for name, _ in reversed(sa.inspect(connection).get_sorted_table_and_fkc_names()):
        # What SQLite searches by follows the tables whose texts it indexes.
        if name and name != "alembic_version" and not name.startswith(_OF_SQLITES_SEARCH):
            connection.execute(sa.table(name).delete())


def is_empty(connection: Connection) -> bool:
    """Whether a database holds nothing that somebody could miss."""
    known = set(sa.inspect(connection).get_table_names())
    telling = [name for name in ("libraries", "media", "settings", "users", "scan_jobs") if name in known]
    return not any(connection.scalar(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)) for name in telling)


def _count_on(connection: Connection, shape: Shape) -> None:
    """Have PostgreSQL number the next rows after those that came with their numbers."""
    if connection.dialect.name == "postgresql" and ("id", "integer") in shape.columns:
        table = shape.table()
        last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(shape.name, "id")
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1), last.is_not(None))))


def _kind(column: sa.Column[Any]) -> str:
    return next(kind for types, kind in _KINDS if isinstance(column.type, types))


def _row(shape: Shape, values: list[Any]) -> dict[str, Any]:
    return {name: _given(kind, value) for (name, kind), value in zip(shape.columns, values, strict=True)}


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _given(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "json":
        read = json.loads(value)
        return sa.JSON.NULL if read is None else read
    if kind == "instant":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind == "date" else value
