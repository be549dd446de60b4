"""Connections of the pool that lay idle while their other end went away."""

import os
import resource
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from shared import database_ping
from shared.database import Database
from shared.database_ping import answer_of
from tests.installation import wait_until


def test_a_connection_that_the_server_ended_with_a_word_is_replaced_by_a_new_one(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as session:
        ended = session.scalar(text("SELECT pg_backend_pid()"))
    # What a transaction saw of other processes once it sees until its end.
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [ended])
        # The server's last word lies in the connection by then.
        is_there = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
        wait_until(lambda: not other.execute(is_there, [ended]).fetchone(), 10, "the server's process is gone")

    with database.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != ended


def test_a_connection_is_asked_unless_it_was_used_a_moment_ago(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(
        database_ping, "answer_of", lambda server, query, until: asked.append(query) or answer_of(server, query, until)
    )
    database = Database(postgres_url)
    for just_now, questions in ((60.0, 0), (0.0, 1)):
        monkeypatch.setattr(database_ping, "_JUST_NOW", just_now)
        with database.read() as session:
            session.scalar(text("SELECT 1"))
        asked.clear()
        with database.read() as session:
            assert session.scalar(text("SELECT 1")) == 1
        assert len(asked) == questions


def test_a_process_with_a_thousand_files_open_makes_a_connection_and_asks_it(postgres_url: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    database = Database(postgres_url)
    database.engine.dispose()
    with ExitStack() as opened:
        for _ in range(1100):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        for _ in range(2):
            with database.read() as session:
                assert session.scalar(text("SELECT 1")) == 1
        with database.engine.connect() as connection:
            assert connection.connection.driver_connection.fileno() > 1023
    database.engine.dispose()
