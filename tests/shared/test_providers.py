"""What the two sides and the migrations say of providers, held against each other."""

from pathlib import Path
from threading import Barrier, Thread

import pytest
from redis import Redis
from sqlalchemy import select

from shared import providers
from shared.config import load
from shared.database import Database
from shared.errors import InvalidError, NotFoundError
from shared.kinds import ProviderName
from shared.models import ProviderRow
from shared.providers import Change
from worker.providers.chain import MAKERS, in_force
from worker.resources import Resources


def rows(database: Database) -> dict[str, tuple[bool, int, dict[str, str]]]:
    with database.read() as session:
        return {row.name: (row.enabled, row.priority, row.config) for row in session.scalars(select(ProviderRow))}


def test_the_api_and_the_workers_know_the_same_providers() -> None:
    assert set(MAKERS) == set(providers.KNOWN) == set(ProviderName)


def test_each_name_makes_the_provider_that_is_called_so(
    database: Database, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    assert redis.ping()
    with database.begin() as session:
        for name, traits in providers.KNOWN.items():
            providers.change(session, name, Change(config=dict.fromkeys(traits.secrets, "a key")))
    resources = Resources(load({"REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}))

    with database.read() as session:
        made = [provider.name for provider in in_force(session, resources)]

    assert made == sorted(providers.KNOWN, key=lambda name: providers.KNOWN[name].priority)


def test_a_new_installation_has_every_provider_as_a_reset_leaves_it(database: Database) -> None:
    as_migrated = rows(database)

    with database.begin() as session:
        for name in providers.KNOWN:
            providers.remove(session, name)
        session.flush()
        providers.reset(session)

    assert as_migrated == {name: (True, traits.priority, {}) for name, traits in providers.KNOWN.items()}
    assert rows(database) == as_migrated


def test_what_a_row_is_configured_by_that_nobody_knows_stays_until_a_reset(database: Database) -> None:
    with database.begin() as session:
        providers.get(session, "tmdb").config = {"language": "de"}

    with database.begin() as session:
        providers.change(session, "tmdb", Change(config={"apiKey": "a key"}))
    changed = rows(database)["tmdb"]
    with database.begin() as session:
        providers.reset(session)

    assert changed[2] == {"language": "de", "apiKey": "a key"}
    assert rows(database)["tmdb"][2] == {}


@pytest.mark.parametrize("name", ["omdb", "", "TMDB", "tmdb\0"])
def test_a_name_that_no_provider_has_is_refused_on_every_way(database: Database, name: str) -> None:
    with database.begin() as session:
        for act in (providers.get, providers.remove):
            with pytest.raises(NotFoundError, match="nfo, tmdb"):
                act(session, name)
        with pytest.raises(NotFoundError, match="nfo, tmdb"):
            providers.change(session, name, Change())
        with pytest.raises(InvalidError, match="nfo, tmdb") as refused:
            providers.create_or_change(session, name, Change())
    assert refused.value.field == "name"


def test_changes_at_once_lose_nothing_of_each_other(database: Database) -> None:
    start = Barrier(2)

    def save(wanted: Change) -> None:
        start.wait()
        with database.begin() as session:
            providers.change(session, "tmdb", wanted)

    threads = [Thread(target=save, args=(wanted,)) for wanted in (Change(priority=3), Change(config={"apiKey": "k"}))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows(database)["tmdb"] == (True, 3, {"apiKey": "k"})
