"""Bring the database to this version's tables; once, even when several processes start together.

``dester up`` does it by itself; where processes are started one by one, ``python -m shared.migrate`` goes first.
``python -m shared.migrate 0011`` takes a database to an older version's tables, before that version is started again.
"""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from dotenv import load_dotenv
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from shared import config
from shared.config import ConfigError
from shared.database import Database
from shared.redaction import redacted
from shared.vault import SealedError

_MIGRATIONS = Path(__file__).with_name("migrations")
#: Any number that nobody else in this database locks by.
_LOCK = 0x646573746572


class NewerError(Exception):
    """A database has the tables of a newer version, which this one doesn't know; ``remedy`` says what to do."""

    def __init__(self, revision: str) -> None:
        wanted = known_revisions()[0]
        super().__init__(f"The tables are those of a newer version ({revision}); this version wants {wanted}.")
        self.remedy = f"Run the version that made them, or go back with it: `python -m shared.migrate {wanted}`."


def migrate(database: Database, revision: str = "head") -> None:
    """Bring a database to a revision, up or down, in one transaction.

    Raises:
        NewerError: its tables are those of a newer version.
        SealedError: on the way down, a secret can't be opened.

    """
    with database.begin() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # On SQLite the transaction holds the write lock already.
        current = known_revision_of(connection)
        if _is_below(revision, current):
            downgrade(connection, revision)
        else:
            upgrade(connection, revision)


def _is_below(revision: str, current: str | None) -> bool:
    newest_first = known_revisions()
    return {revision, current} <= set(newest_first) and newest_first.index(revision) > newest_first.index(current or "")


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring a connection's database up to a revision, within its transaction."""
    command.upgrade(_alembic(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Take a connection's database down to a revision, within its transaction; ``base`` has no tables."""
    command.downgrade(_alembic(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at; None before its first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def known_revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at.

    Raises:
        NewerError: this version doesn't know it.

    """
    revision = revision_of(connection)
    if revision is not None and revision not in known_revisions():
        raise NewerError(revision)
    return revision


def known_revisions() -> list[str]:
    """Return this version's revisions, the newest first."""
    return [script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()]


def _alembic(connection: Connection) -> AlembicConfig:
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", str(_MIGRATIONS))
    alembic.attributes["connection"] = connection
    return alembic


def main() -> None:
    """Migrate the database that the environment names; what can't work ends it with one sentence."""
    load_dotenv(".env")
    revision = sys.argv[1] if len(sys.argv) > 1 else "head"
    if revision not in {"head", *known_revisions()}:
        sys.exit(f"migrate: There is no revision {revision}; this version knows {', '.join(known_revisions())}.")
    try:
        settings = config.load(os.environ)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        migrate(Database(settings.database_url), revision)
    except NewerError as error:
        sys.exit(f"migrate: {error} {error.remedy}")
    except (ConfigError, SealedError, OSError) as error:
        sys.exit(f"migrate: {error}")
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
        sys.exit(f"migrate: The database of DATABASE_URL can't be used: {redacted(reason)}")


if __name__ == "__main__":
    main()
