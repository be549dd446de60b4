"""How Alembic reaches the database: by the connection it was given, or by DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection

from shared import config
from shared.database import Database
from shared.models import Base


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with Database(config.load(os.environ).database_url).begin() as session:
        _run(session.connection())
