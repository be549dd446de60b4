"""The database: whether it answers, and has this version's tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import JSON, Connection, create_engine, make_url, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.commands.checks.finding import Finding, Mark, broken, well
from shared import migrate, settings, vault, watches
from shared.models import Library, ProviderRow
from shared.redaction import redacted
from shared.watches import Standing

_ANSWERS_WITHIN = 5


@dataclass(slots=True)
class Known:
    """What the database says that other checks want to know."""

    #: None: nobody could look; empty: there is none.
    tmdb_key: str | None = None
    #: Names and paths.
    libraries: tuple[tuple[str, str], ...] = ()
    #: Names of those that are to be watched, and how that goes.
    watched: tuple[tuple[str, Standing], ...] = ()


def storage(url: str, known: Known) -> Iterator[Finding]:
    """Check the database, and note in ``known`` what it says."""
    parts = make_url(url)
    is_sqlite = parts.get_backend_name() == "sqlite"
    name = f"SQLite in {parts.database}" if is_sqlite else f"PostgreSQL at {parts.host}"
    # To open a SQLite database that isn't there would make one.
    if is_sqlite and not Path(parts.database or "").is_file():
        yield broken(
            "database", f"There is no database yet ({name}).", "Start the server by `make up`, which makes it."
        )
        return
    engine = create_engine(url, connect_args={} if is_sqlite else {"connect_timeout": _ANSWERS_WITHIN})
    try:
        with engine.connect() as connection:
            yield well("database", f"The database answers: {name}.")
            revision = _migrations(connection)
            yield revision
            if revision.mark is not Mark.OK:
                return
            with Session(connection) as session:
                yield _secrets(session)
                known.tmdb_key = settings.tmdb_key(session) or ""
                known.libraries = _libraries(session)
                known.watched = _watched(session)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield broken(
            "database",
            f"The database does not answer as it should: {redacted(reason)}.",
            "Start it, or correct DATABASE_URL.",
        )
    finally:
        engine.dispose()


def _migrations(connection: Connection) -> Finding:
    try:
        has = migrate.known_revision_of(connection)
    except migrate.NewerError as error:
        return broken("migrations", str(error), error.remedy)
    wanted = migrate.known_revisions()[0]
    if has == wanted:
        return well("migrations", f"The tables are those of this version ({has}).")
    return broken(
        "migrations",
        f"The tables are at {has or 'nothing'}, this version wants {wanted}.",
        "Start `make up` again, or run `python -m shared.migrate`.",
    )


def _secrets(session: Session) -> Finding:
    configs = session.scalars(select(type_coerce(ProviderRow.config, JSON))).all()
    try:
        for config in configs:
            for text in config.values():
                vault.unseal(str(text))
    except vault.SealedError as error:
        return broken("secrets", error.what, error.remedy)
    return well("secrets", "Every secret in the database can be opened.")


def _libraries(session: Session) -> tuple[tuple[str, str], ...]:
    rows = session.execute(select(Library.name, Library.library_path).order_by(Library.name))
    return tuple((name, path) for name, path in rows if path)


def _watched(session: Session) -> tuple[tuple[str, Standing], ...]:
    rows = watches.wanted(session)
    return tuple((library.name, watches.standing(session, library, row)) for library, row in rows if library.watch)
