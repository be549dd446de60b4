"""What must differ between PostgreSQL and SQLite."""

from collections.abc import Mapping, Sequence
from typing import Any, Self
from typing import cast as typed

import orjson
from sqlalchemy import (
    JSON,
    BindParameter,
    Boolean,
    Column,
    ColumnExpressionArgument,
    Connection,
    Dialect,
    ScalarSelect,
    String,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    column,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

Rows = Sequence[Mapping[str, Any]]
Insert = postgresql.Insert | sqlite.Insert

#: The number of our lock among the advisory locks of a PostgreSQL database: "DEST" in ASCII.
_TURNSTILE = 0x44455354


def insert_for(session: Session, table: type[DeclarativeBase] | Table) -> Insert:
    """Return an INSERT that knows ON CONFLICT.

    It is of the table, and not of the class: many rows are inserted without the ORM looking at each.
    """
    target = table if isinstance(table, Table) else typed("Table", table.__table__)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(target)
    return sqlite.insert(target)


def insert_new(session: Session, table: type[DeclarativeBase] | Table, rows: Rows) -> None:
    """Insert rows, passing over those that are there already."""
    insert_rows(session, insert_for(session, table).on_conflict_do_nothing(), rows)


def insert_rows(session: Session, insert: Insert, rows: Rows) -> None:
    """Insert rows by an INSERT of the table that says nothing of them yet. Each says something of the same columns.

    Where ON CONFLICT has a row changed, no two rows may change the same one. PostgreSQL is given all in one parameter,
    as JSON that it makes rows of: else each value is written by itself, which costs ten times as much. SQLite is given
    them as its driver wants them: SQLAlchemy makes a dictionary of each first.

    Raises:
        ValueError: a value can't be stored, such as half a surrogate, or a number of more than 64 bits.

    """
    if not rows:
        return
    columns = typed("Table", insert.table).columns
    whole = _with_defaults(columns, rows)
    names = list(whole[0])
    if session.get_bind().dialect.name == "sqlite":
        _insert_into_sqlite(session.connection(), insert, columns, names, whole)
        return
    given = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON)).table_valued(
        *(column(name, columns[name].type) for name in names)
    )
    source = select(*given.render_derived(name="given", with_types=True).columns)
    try:
        told = orjson.dumps(whole).decode()
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error
    session.execute(insert.from_select(names, source, include_defaults=False), {"rows": told})


def _insert_into_sqlite(
    connection: Connection,
    insert: Insert,
    columns: ReadOnlyColumnCollection[str, Column[Any]],
    names: Sequence[str],
    rows: Rows,
) -> None:
    dialect = connection.dialect
    compiled = insert.compile(dialect=dialect, column_keys=names)
    told: dict[str, list[Any]] = {}
    for bind, name in compiled.bind_names.items():
        # Besides the rows' own values there may be some of what follows ON CONFLICT.
        values = [row[name] for row in rows] if name in columns else [compiled.params[name]] * len(rows)
        spell = bind.type.dialect_impl(dialect).bind_processor(dialect)
        told[name] = values if spell is None else list(map(spell, values))
    order = compiled.positiontup or ()
    connection.exec_driver_sql(str(compiled), list(zip(*(told[name] for name in order), strict=True)))


def _with_defaults(columns: ReadOnlyColumnCollection[str, Column[Any]], rows: Rows) -> list[dict[str, Any]]:
    """Complete rows by what the columns that they lack have where nothing is said."""
    lacking: dict[str, Any] = {
        name: column.default for name, column in columns.items() if name not in rows[0] and column.default
    }
    return [
        {
            **{name: default.arg(None) if default.is_callable else default.arg for name, default in lacking.items()},
            **row,
        }
        for row in rows
    ]


def one_at_a_time(session: Session) -> None:
    """Wait until no other transaction that asked for this is open, and have others wait for the end of this one.

    What is read afterwards is what the one before has committed. On SQLite every transaction that writes is alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_TURNSTILE})"))


class _Texts(TypeDecorator[Sequence[str]]):
    """Texts as one parameter: an array, or JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return how this database is given it."""
        texts: TypeEngine[Any] = postgresql.ARRAY(String) if dialect.name == "postgresql" else JSON()
        return dialect.type_descriptor(texts)


def array_for_any_plan(array: BindParameter[Any]) -> ScalarSelect[Any]:
    """Hide from PostgreSQL's planner how long an array is; SQLite doesn't mind.

    A plan for three ids looks cheaper to the planner than one for any number, so that it would plan anew each time.
    """
    return select(array).scalar_subquery()


class IsOneOf(FunctionElement[bool]):
    """Whether a column is one of the texts that a parameter has: one statement, however many they are."""

    name = "is_one_of"
    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnExpressionArgument[str], name: str) -> None:
        super().__init__(column, array_for_any_plan(bindparam(name, type_=_Texts())))

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 - as SQLAlchemy calls it
        """Return it as it is: for SQLite it would be compared with 1 else, and no index would serve."""
        return self


@compiles(IsOneOf, "postgresql")
def _one_of_on_postgresql(element: IsOneOf, compiler: SQLCompiler, **more: Any) -> str:
    value, texts = (compiler.process(each, **more) for each in element.clauses)
    # The cast says that it is an array, and no rows.
    return f"{value} = ANY (CAST({texts} AS TEXT[]))"


@compiles(IsOneOf, "sqlite")
def _one_of_on_sqlite(element: IsOneOf, compiler: SQLCompiler, **more: Any) -> str:
    value, texts = (compiler.process(each, **more) for each in element.clauses)
    return f"{value} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - SQLAlchemy's own parts


class JsonRows(FunctionElement[list[list[Any]]]):
    """An aggregate: rows of these values as one value, a list of lists in no order; null where there are none.

    What belongs to a row is read with it this way, by the same statement. Instants come as texts.
    """

    name = "json_rows"
    type = JSON()
    inherit_cache = True


@compiles(JsonRows, "postgresql")
def _rows_on_postgresql(element: JsonRows, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_agg(json_build_array({compiler.process(element.clauses, **more)}))"


@compiles(JsonRows, "sqlite")
def _rows_on_sqlite(element: JsonRows, compiler: SQLCompiler, **more: Any) -> str:
    values = [(compiler.process(value, **more), isinstance(value.type, JSON)) for value in element.clauses]
    # Else it would be a text that holds JSON.
    spelled = (f"json({value})" if is_json else value for value, is_json in values)
    return f"json_group_array(json_array({', '.join(spelled)}))"
