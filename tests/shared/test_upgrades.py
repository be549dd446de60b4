"""Every migration, up and down, on a database that the first release filled."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Connection, text
from sqlalchemy.exc import SAWarning

from api.app import create_app
from shared.config import load
from shared.database import Database
from shared.migrate import downgrade, known_revisions, migrate, revision_of, upgrade
from shared.sealing_keys import new_key
from shared.vault import SEALED, SealedError, unseal
from tests import first_release
from tests.builders import a_new_database_url

ROOT = Path(first_release.__file__).parents[1]
STEPS = known_revisions()[::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    """Lend a database of the first release."""
    database = Database(a_new_database_url(request.param, postgres_url, tmp_path))
    with warnings.catch_warnings():
        # Indexes of expressions can't be read; rows can.
        warnings.simplefilter("ignore", SAWarning)
        with database.begin() as session:
            upgrade(session.connection(), first_release.REVISION)
            first_release.fill(session.connection())
        yield database
    database.engine.dispose()


def contents(database: Database) -> dict[str, list[str]]:
    with database.read() as session:
        return first_release.contents(session.connection())


def go(database: Database, revision: str, *, down: bool = False) -> None:
    with database.begin() as session:
        (downgrade if down else upgrade)(session.connection(), revision)


def stored_key(connection: Connection) -> str:
    config = connection.scalar(text("SELECT config FROM providers WHERE name = 'tmdb'"))
    key: str = (json.loads(config) if isinstance(config, str) else config)["apiKey"]
    return key


def test_each_migration_goes_up_down_and_up_again_and_what_was_there_before_it_is_back(old: Database) -> None:
    assert STEPS[0] == first_release.REVISION

    for before, after in pairwise(STEPS):
        was = contents(old)
        go(old, after)
        went_up = contents(old)
        go(old, before, down=True)
        assert contents(old) == was, f"{after} was taken back"
        go(old, after)
        assert {name: len(rows) for name, rows in contents(old).items()} == {
            name: len(rows) for name, rows in went_up.items()
        }, after


def test_what_the_first_release_filled_is_as_it_was_after_all_migrations_up_and_down(old: Database) -> None:
    before = contents(old)

    migrate(old)
    with old.read() as session:
        assert revision_of(session.connection()) == STEPS[-1]
    go(old, first_release.REVISION, down=True)

    assert contents(old) == before


def test_what_the_first_release_filled_is_read_by_this_version(
    old: Database, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    assert redis.ping()
    migrate(old)
    url = old.engine.url.render_as_string(hide_password=False)
    app = create_app(load({"DATABASE_URL": url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}))
    client = app.test_client()

    def read(path: str) -> Any:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json["data"]

    assert {film["media"]["title"] for film in read("/api/v1/movies")} == {"The Matrix", "?", first_release.ODD}
    assert read(f"/api/v1/movies/{first_release.an_id(21)}")["media"]["rating"] == 8.2
    show = read(f"/api/v1/tvshows/{first_release.an_id(24)}")
    assert [episode["title"] for season in show["seasons"] for episode in season["episodes"]] == ["", first_release.ODD]
    assert {library["name"] for library in read("/api/v1/library")} == {first_release.ODD, "Shows"}
    assert read("/api/v1/settings")["tmdbApiKey"] == f"{'•' * 8}{first_release.KEY[-4:]}"
    assert read("/api/v1/settings")["scanSettings"]["maxDepth"] == 3
    assert "The Matrix" in str(client.get("/api/v1/search?query=matrix").json)
    for job in (31, 32):
        assert client.get(f"/api/v1/scan/job/{first_release.an_id(job)}").status_code == 200


def test_a_key_is_sealed_on_the_way_up_and_opened_on_the_way_down(old: Database) -> None:
    with old.begin() as session:
        connection = session.connection()
        assert stored_key(connection) == first_release.KEY
        upgrade(connection)
        assert stored_key(connection).startswith(SEALED)
        assert unseal(stored_key(connection)) == first_release.KEY
        downgrade(connection, first_release.REVISION)
        assert stored_key(connection) == first_release.KEY


def test_a_key_that_can_not_be_opened_keeps_the_database_where_it_is(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(old)
    monkeypatch.setenv("SECRETS_KEY", new_key())

    with pytest.raises(SealedError, match="Put back the SECRETS_KEY"):
        go(old, first_release.REVISION, down=True)

    with old.read() as session:
        assert revision_of(session.connection()) == STEPS[-1]


def test_a_program_takes_a_database_down_and_up_and_knows_what_it_can_not(tmp_path: Path) -> None:
    environ = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'dester.db'}", "DATA_DIR": str(tmp_path)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "shared.migrate", *words]
        return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)

    def at() -> str | None:
        with Database(environ["DATABASE_URL"]).read() as session:
            return revision_of(session.connection())

    assert (run().returncode, at()) == (0, STEPS[-1])
    assert (run(STEPS[-2]).returncode, at()) == (0, STEPS[-2])
    assert (run(STEPS[-2]).returncode, at()) == (0, STEPS[-2])
    assert (run().returncode, at()) == (0, STEPS[-1])
    unknown = run("9999")
    assert unknown.returncode == 1
    assert "There is no revision 9999" in unknown.stderr


def test_tables_of_a_newer_version_stay_as_they_are_and_it_says_how_to_go_back(tmp_path: Path) -> None:
    environ = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'dester.db'}", "DATA_DIR": str(tmp_path)}
    database = Database(environ["DATABASE_URL"])
    migrate(database)
    with database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    command = [sys.executable, "-m", "shared.migrate"]
    ended = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"migrate: The tables are those of a newer version (9999); this version wants {STEPS[-1]}. "
        f"Run the version that made them, or go back with it: `python -m shared.migrate {STEPS[-1]}`.\n"
    )
    with database.read() as session:
        assert revision_of(session.connection()) == "9999"
