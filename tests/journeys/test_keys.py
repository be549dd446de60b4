"""The TMDB key: none, a wrong one, the right one; in force at once for every worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, wait_until
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, films


@pytest.fixture(scope="module")
def keyless(tmdb: TmdbStandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run an installation that has no TMDB key."""
    environ = {"TMDB_BASE_URL": tmdb.url, "TMDB_IMAGE_BASE_URL": tmdb.url, "TMDB_RATE_LIMIT": "0"}
    with Installation(tmp_path_factory.mktemp("keyless"), environ) as running:
        yield running


@pytest.fixture(autouse=True)
def no_key(keyless: Installation) -> None:
    """Begin without a key."""
    keyless.put("/api/v1/settings", {"tmdbApiKey": ""})


def statuses(server: Installation, library_id: str) -> set[str]:
    movies = server.get("/api/v1/movies", libraryId=library_id, limit=100)["data"]
    return {movie["media"]["matchStatus"] for movie in movies}


def test_without_a_key_the_scan_completes_and_says_what_it_waits_for(keyless: Installation, tmp_path: Path) -> None:
    films(tmp_path, 3)

    job = keyless.scan(tmp_path)

    assert job["status"] == "COMPLETED"
    for movie in keyless.get("/api/v1/movies", libraryId=job["library"]["id"])["data"]:
        assert movie["media"]["matchStatus"] == "unmatched"
        assert "TMDB API key" in movie["media"]["matchReason"]
        assert movie["media"]["meshGradientColors"] == []
        assert movie["streamUrl"] is not None


def test_what_waits_for_a_key_is_fetched_when_one_is_set(
    keyless: Installation, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    films(tmp_path, 20)
    job = keyless.scan(tmp_path)

    keyless.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})

    wait_until(lambda: statuses(keyless, job["library"]["id"]) == {"matched"}, 30, "all are matched")
    assert tmdb.key not in str(keyless.get("/api/v1/settings"))


def test_a_wrong_key_is_named_and_the_right_one_mends_it(
    keyless: Installation, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    films(tmp_path, 2)
    keyless.put("/api/v1/settings", {"tmdbApiKey": "0" * 32})

    job = keyless.scan(tmp_path)

    assert job["status"] == "COMPLETED"
    assert {failure["cause"] for failure in job["failures"]} == {"tmdb-unauthorized"}
    assert statuses(keyless, job["library"]["id"]) == {"unmatched"}
    keyless.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
    wait_until(lambda: statuses(keyless, job["library"]["id"]) == {"matched"}, 30, "all are matched")


def test_an_nfo_needs_no_key_and_tmdb_fills_what_it_lacks(
    keyless: Installation, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    a_file(tmp_path / "By Nfo (1980)" / "By Nfo (1980).mkv")
    nfo = b"<movie><title>The Title Of The Nfo</title><year>1980</year></movie>"
    a_file(tmp_path / "By Nfo (1980)" / "movie.nfo", nfo)

    job = keyless.scan(tmp_path)
    alone = keyless.get("/api/v1/movies", libraryId=job["library"]["id"])["data"][0]["media"]
    keyless.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
    keyless.scan(tmp_path, rescan=True)
    filled = keyless.get("/api/v1/movies", libraryId=job["library"]["id"])["data"][0]["media"]

    assert (alone["title"], alone["matchStatus"], alone["posterUrl"]) == ("The Title Of The Nfo", "matched", None)
    assert filled["title"] == "The Title Of The Nfo"
    assert filled["description"]
    assert len(filled["meshGradientColors"]) == 4
