"""The migrations, on empty databases of both kinds."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, inspect, select

import shared.migrate
from shared.database import Database
from shared.migrate import migrate
from shared.models import Base, ProviderRow
from tests.builders import a_new_database_url

ROOT = Path(shared.migrate.__file__).parent.parent


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, postgres_url: str, tmp_path: Path) -> str:
    return a_new_database_url(request.param, postgres_url, tmp_path)


#: What the search of one engine alone needs, and no model knows.
OF_THE_SEARCH = re.compile("search_text_words|search_word_trigrams|ix_search_texts_words|ix_search_words_trigrams")


def tables(database: Database) -> set[str]:
    return {name for name in inspect(database.engine).get_table_names() if not OF_THE_SEARCH.match(name)}


def is_as_migrated(database: Database) -> None:
    assert tables(database) == {*Base.metadata.tables, "alembic_version"}
    with database.read() as session:
        providers = session.scalars(select(ProviderRow).order_by(ProviderRow.priority)).all()
    assert [(row.name, row.enabled, row.config) for row in providers] == [
        ("nfo", True, {}),
        ("tmdb", True, {}),
        ("tvmaze", True, {}),
    ]


def test_an_empty_database_gets_every_table(url: str) -> None:
    database = Database(url)

    migrate(database)

    is_as_migrated(database)


def test_migrating_twice_is_harmless(url: str) -> None:
    database = Database(url)

    migrate(database)
    migrate(database)

    is_as_migrated(database)


def differs_in_default(
    _context: object, _found: object, column: Column[Any], found: str | None, _default: object, said: str | None
) -> bool | None:
    """Compare JSON as text, as PostgreSQL has no way to; leave all else to Alembic."""
    return (
        (found or "").removesuffix("::json").strip("'") != (said or "").strip("'")
        if isinstance(column.type, JSON)
        else None
    )


def test_the_migrations_make_what_the_models_say(url: str) -> None:
    database = Database(url)
    migrate(database)

    with database.engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": differs_in_default,
            "include_name": lambda name, *_: not OF_THE_SEARCH.match(name or ""),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_threads_that_start_together_migrate_once(url: str) -> None:
    together = Barrier(6)

    def start(_: int) -> None:
        together.wait()
        migrate(Database(url))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(start, range(6)))

    is_as_migrated(Database(url))


def test_processes_that_start_together_migrate_once(url: str) -> None:
    program = "import sys; from shared.database import Database; from shared.migrate import migrate; "
    program += "migrate(Database(sys.argv[1]))"

    processes = [
        subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    is_as_migrated(Database(url))


def test_a_database_can_be_taken_down_to_nothing_and_up_again(url: str) -> None:
    database = Database(url)
    migrate(database)
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "shared" / "migrations"))

    with database.begin() as session:
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "base")

    assert tables(database) == {"alembic_version"}
    migrate(database)
    is_as_migrated(database)
