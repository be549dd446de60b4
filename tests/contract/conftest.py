"""One real installation with a scanned library, for everything that is held against the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_show, films


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a few films and shows."""
    root = tmp_path_factory.mktemp("media")
    films(root / "films", 12)
    for name in ("The Long Road", "Harbour Lights"):
        a_show(root / "shows", name, {0: 1, 1: 3, 2: 2})
    return root


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[Installation]:
    """Run an installation that has scanned the library."""
    with TmdbStandIn(auto=True) as tmdb:
        environ = {
            "TMDB_BASE_URL": tmdb.url,
            "TMDB_IMAGE_BASE_URL": tmdb.url,
            "TMDB_RATE_LIMIT": "0",
            "MEDIA_ROOTS": str(library),
        }
        with Installation(tmp_path_factory.mktemp("data"), environ) as running:
            running.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
            running.scan(library / "films")
            running.scan(library / "shows", "tv")
            yield running
