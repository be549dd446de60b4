"""Connections of the pool that lay idle while their other end went away."""

import psycopg
from sqlalchemy import text

from shared.database import Database
from tests.installation import wait_until


def test_a_connection_that_the_server_ended_with_a_word_is_replaced_by_a_new_one(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as session:
        ended = session.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [ended])
        # The server's last word lies in the connection by then.
        is_there = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
        wait_until(lambda: not other.execute(is_there, [ended]).fetchone(), 10, "the server's process is gone")

    with database.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != ended
