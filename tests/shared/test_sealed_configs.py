"""The keys of providers, as the database has them and as the programs read them."""

import json
import logging

import pytest
from sqlalchemy import JSON, select, text, type_coerce, update

from shared import providers, settings
from shared.database import Database
from shared.models import ProviderRow
from shared.providers import Change
from shared.sealing_keys import new_key
from shared.vault import is_sealed, unseal

KEY = "0123456789abcdef0123456789abcdef"


def stored(database: Database) -> dict[str, str]:
    with database.read() as session:
        raw = select(type_coerce(ProviderRow.config, JSON)).where(ProviderRow.name == "tmdb")
        config: dict[str, str] = session.scalars(raw).one()
        return config


def set_key(database: Database, key: str = KEY) -> None:
    with database.begin() as session:
        providers.change(session, "tmdb", Change(config={"apiKey": key}))


def test_the_database_holds_a_key_sealed(database: Database) -> None:
    set_key(database)

    assert is_sealed(stored(database)["apiKey"])
    assert unseal(stored(database)["apiKey"]) == KEY
    with database.read() as session:
        assert settings.tmdb_key(session) == KEY


def test_a_key_from_before_the_vault_is_read_as_it_is_and_sealed_when_it_is_set(database: Database) -> None:
    with database.begin() as session:
        old = {"config": json.dumps({"apiKey": KEY})}
        session.execute(text("UPDATE providers SET config = :config WHERE name = 'tmdb'"), old)
    with database.read() as session:
        assert settings.tmdb_key(session) == KEY

    set_key(database, "another")

    assert is_sealed(stored(database)["apiKey"])


def test_a_change_of_something_else_leaves_a_sealed_key_alone(database: Database) -> None:
    set_key(database)
    before = stored(database)

    with database.begin() as session:
        providers.change(session, "tmdb", Change(priority=3))

    assert stored(database) == before


def test_a_key_that_can_not_be_opened_counts_as_not_set_and_can_be_set_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_key(database)
    monkeypatch.setenv("SECRETS_KEY", new_key())

    with database.read() as session, caplog.at_level(logging.ERROR):
        assert settings.tmdb_key(session) is None
        assert "tmdb" not in [row.name for row in providers.in_force(session)]
    assert "apiKey can't be read. A secret in the database was sealed with another key. Put back" in caplog.text

    set_key(database, "another")

    with database.read() as session:
        assert settings.tmdb_key(session) == "another"


def test_a_key_that_can_not_be_opened_is_not_lost_by_a_change_of_something_else(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_key(database)
    with monkeypatch.context() as other_key:
        other_key.setenv("SECRETS_KEY", new_key())
        with database.begin() as session:
            providers.change(session, "tmdb", Change(priority=3))

    with database.read() as session:
        assert settings.tmdb_key(session) == KEY


def test_what_is_no_text_stays_as_it_is(database: Database) -> None:
    with database.begin() as session:
        session.execute(update(ProviderRow).where(ProviderRow.name == "tmdb").values(config={"tries": 3}))

    assert stored(database) == {"tries": 3}
