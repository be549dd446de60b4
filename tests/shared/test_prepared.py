"""Whose statements PostgreSQL plans once for all times."""

from sqlalchemy import select, text

from shared.config import load
from shared.database import Database
from tests.builders import a_new_postgres_database
from worker.resources import Resources

#: psycopg prepares what comes more often than this.
OFTEN = 6


def prepared(database: Database) -> int:
    with database.read() as session:
        for _ in range(OFTEN):
            session.execute(select(text("1")))
        return session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()


def test_a_worker_has_each_statement_planned_for_what_it_asks_and_the_web_server_does_not(postgres_url: str) -> None:
    url = a_new_postgres_database(postgres_url)

    assert prepared(Resources(load({"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0"})).database) == 0
    assert prepared(Database(load({"DATABASE_URL": url}).database_url)) > 0
