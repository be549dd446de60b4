"""Real installations, one on each kind of database, and the stand-in for TMDB that they ask."""

from collections.abc import Iterator

import pytest

from tests.builders import a_new_postgres_database
from tests.installation import Installation
from tests.tmdb_stand_in import TmdbStandIn


@pytest.fixture(scope="module")
def tmdb() -> Iterator[TmdbStandIn]:
    """Run a stand-in that knows every title it is asked for."""
    with TmdbStandIn(auto=True, latency=0.01) as stand_in:
        yield stand_in


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tmdb: TmdbStandIn
) -> Iterator[Installation]:
    """Run an installation with a TMDB key and a budget that doesn't slow the tests."""
    environ = {"TMDB_BASE_URL": tmdb.url, "TMDB_IMAGE_BASE_URL": tmdb.url, "TMDB_RATE_LIMIT": "0"}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with Installation(tmp_path_factory.mktemp("data"), environ) as running:
        running.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
        yield running
