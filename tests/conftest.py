"""What every test may stand on."""

import os
from collections.abc import Iterator

import pytest
from redis import Redis

from shared.database import Database
from shared.sealing_keys import new_key
from tests.builders import a_migrated_database, emptied_afterwards
from tests.servers import postgres_server, redis_server

# For all processes of this test run: what one seals, another one opens.
os.environ.setdefault("SECRETS_KEY", new_key())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Run a real Redis of this test run's own."""
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Run a real PostgreSQL of this test run's own."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return a_migrated_database(request.param, postgres_url, tmp_path_factory.mktemp("database"))


@pytest.fixture
def database(migrated: Database) -> Iterator[Database]:
    """Lend a database as the migrations leave it: once SQLite, once PostgreSQL."""
    with emptied_afterwards(migrated) as lent:
        yield lent


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Lend an empty Redis, without yesterday's tasks and counts."""
    with Redis.from_url(redis_url) as connection:
        connection.flushall()
        yield connection
