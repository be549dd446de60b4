"""Bring the database to this version's tables; once, even when several processes start together.

``dester up`` does it by itself; where processes are started one by one, ``python -m shared.migrate`` goes first.
"""

import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from dotenv import load_dotenv
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from shared import config
from shared.config import ConfigError
from shared.database import Database
from shared.redaction import redacted

#: Any number that nobody else in this database locks by.
_LOCK = 0x646573746572


def migrate(database: Database) -> None:
    """Run the migrations that have not been run."""
    with database.begin() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # On SQLite the transaction holds the write lock already.
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")


def main() -> None:
    """Migrate the database that the environment names; what can't work ends it with one sentence."""
    load_dotenv(".env")
    try:
        settings = config.load(os.environ)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        migrate(Database(settings.database_url))
    except (ConfigError, OSError) as error:
        sys.exit(f"migrate: {error}")
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
        sys.exit(f"migrate: The database of DATABASE_URL can't be used: {redacted(reason)}")


if __name__ == "__main__":
    main()
