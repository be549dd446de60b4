"""What a path would be taken for: by its name, by what lies beside it, and by whom the worker asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared import config, settings
from shared.database import Database
from shared.kinds import MediaType
from shared.models import Library
from shared.providers import set_tmdb_key
from tests.builders import a_library
from tests.tmdb_stand_in import KEY, TmdbStandIn
from worker.app import resources
from worker.tasks.explain import explain

MOVIE, TV = MediaType.MOVIE, MediaType.TV_SHOW
NFO = "<movie><title>Heat</title><year>1995</year><uniqueid type='tmdb'>949</uniqueid></movie>"


@pytest.fixture(scope="module")
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn() as server:
        server.add_movie(949, "Heat", 1995)
        server.add_show(1438, "The Wire", 2002, {1: 13, 2: 12})
        yield server


@pytest.fixture
def folder(database: Database, redis: Redis, redis_url: str, tmp_path: Path, tmdb: TmdbStandIn) -> Path:
    """Give this process's worker a database, a Redis and a TMDB; return a folder where media may be."""
    assert redis.ping()
    resources.__dict__.clear()
    resources.config = config.load(
        {
            "DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "REDIS_URL": redis_url,
            "MEDIA_ROOTS": str(tmp_path / "media"),
            "TMDB_BASE_URL": tmdb.url,
            "TMDB_RATE_LIMIT": "0",
            # Nobody listens there.
            "TVMAZE_BASE_URL": "http://127.0.0.1:1",
        }
    )
    with database.begin() as session:
        set_tmdb_key(session, KEY)
    tmdb.asked.clear()
    (tmp_path / "media").mkdir()
    return tmp_path / "media"


def explained(root: Path, path: str, media_type: MediaType = MOVIE, library: Library | None = None) -> dict[str, Any]:
    return explain(str(root / path), media_type, str(root), library.id if library else None, is_online=True)


def test_a_name_is_matched_as_a_scan_would_and_it_says_why(folder: Path) -> None:
    answer = explained(folder, "Heat (1995)/Heat.1995.1080p.mkv")

    assert (answer["guess"]["title"], answer["guess"]["year"]) == ("Heat", 1995)
    assert answer["guess"]["sources"]["title"] in {"file", "folder"}
    match = answer["match"]
    assert (match["status"], match["title"], match["year"], match["provider"]) == ("matched", "Heat", 1995, "tmdb")
    assert {"source": "TMDB", "externalId": "949"} in match["externalIds"]
    assert match["score"] > 0.9
    assert match["parts"]
    assert answer["problems"] == []


def test_an_episode_is_matched_by_its_show(folder: Path) -> None:
    answer = explained(folder, "The Wire/Season 1/The Wire - S01E02.mkv", TV)

    assert (answer["guess"]["kind"], answer["guess"]["season"], answer["guess"]["episodes"]) == ("episode", 1, [2])
    assert (answer["match"]["status"], answer["match"]["title"]) == ("matched", "The Wire")


def test_an_extra_says_whose_it_is(folder: Path) -> None:
    answer = explained(folder, "Heat (1995)/Trailers/Teaser.mkv")

    assert (answer["guess"]["kind"], answer["guess"]["extra"]) == ("extra", "trailer")
    assert (answer["guess"]["title"], answer["guess"]["year"]) == ("Heat", 1995)
    assert answer["match"]["title"] == "Heat"


def test_what_nobody_knows_is_unmatched_and_says_so(folder: Path) -> None:
    answer = explained(folder, "Qwertz Asdf (1911)/Qwertz Asdf (1911).mkv")

    assert (answer["match"]["status"], answer["match"]["title"]) == ("unmatched", None)
    assert answer["problems"] == ["No provider knows this title well enough."]


def test_a_provider_that_cannot_be_asked_leaves_it_unknown(folder: Path, database: Database) -> None:
    with database.begin() as session:
        set_tmdb_key(session, "wrong")

    answer = explained(folder, "Heat (1995)/Heat (1995).mkv")

    assert answer["match"]["status"] == "unknown"
    assert len(answer["problems"]) == 1


def test_without_the_providers_there_is_a_guess_alone(folder: Path, tmdb: TmdbStandIn) -> None:
    answer = explain(str(folder / "Heat (1995).mkv"), MOVIE, str(folder), None, is_online=False)

    assert answer["guess"]["title"] == "Heat"
    assert (answer["match"], answer["candidates"], answer["problems"]) == (None, [], [])
    assert tmdb.asked == []


def test_a_library_asks_its_own_providers_alone(folder: Path, database: Database, tmdb: TmdbStandIn) -> None:
    (folder / "Heat (1995)").mkdir()
    (folder / "Heat (1995)" / "movie.nfo").write_text(NFO)
    with database.begin() as session:
        library = a_library(session, path=folder, providers=["nfo"])

    answer = explained(folder, "Heat (1995)/a.mkv", library=library)

    assert (answer["match"]["provider"], answer["match"]["status"]) == ("nfo", "matched")
    assert tmdb.asked == []


@pytest.mark.parametrize("through_a_link", [False, True])
def test_nobody_looks_beside_a_file_outside_the_media_roots(
    folder: Path, tmp_path: Path, *, through_a_link: bool
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "movie.nfo").write_text(NFO.replace("Heat", "Secret"))
    (folder / "link").symlink_to(outside)
    root, path = (folder, "link/a.mkv") if through_a_link else (tmp_path, "outside/a.mkv")

    answer = explained(root, path)

    assert answer["match"]["title"] != "Secret"


@pytest.mark.parametrize("name", ["a" * 300 + ".mkv", "…/.mkv", "S01E01", "2024-13-45.mkv", "\udcff.mkv"])
@pytest.mark.parametrize("media_type", [MOVIE, TV])
def test_no_name_is_too_odd(folder: Path, database: Database, name: str, media_type: MediaType) -> None:
    with database.begin() as session:
        settings.write(session, {"prefer_local_artwork": False})

    assert explained(folder, name, media_type)["guess"]["title"]
