"""Files that are missing: hidden after a while, listed by themselves, and removed by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select, text, update

from shared.catalogue import missing
from shared.database import Database
from shared.models import Library, Media, MediaFile
from shared.models.base import now
from tests.builders import a_file, a_library, a_movie, a_season, a_show, an_episode, told
from tests.installation import wait_until

LONG_AGO = timedelta(days=8)
LATELY = timedelta(days=6)


@pytest.fixture
def library(database: Database) -> Library:
    """Make a library of three films: there, missing since lately, missing for long; and of a show with two episodes."""
    instant = now()
    with database.begin() as session:
        library = a_library(session)
        for title, since in (("There", None), ("Lately", LATELY), ("Long Gone", LONG_AGO)):
            movie = a_movie(session, title, library=library)
            gone = since and instant - since
            a_file(session, f"/media/{title}.mkv", library=library, movie=movie, missing_since=gone)
        season = a_season(session, a_show(session, "The Wire", library=library))
        a_file(session, library=library, episodes=[an_episode(session, season, 1, "The Target")])
        a_file(
            session,
            library=library,
            episodes=[an_episode(session, season, 2, "The Detail")],
            missing_since=instant - LONG_AGO,
        )
        return library


def titles(client: FlaskClient, path: str = "/api/v1/movies") -> set[str]:
    answer = client.get(path).json
    assert answer.get("meta", {"total": len(answer["data"])})["total"] == len(answer["data"])
    return {item["media"]["title"] for item in answer["data"]}


def set_grace(client: FlaskClient, days: int) -> None:
    assert client.put("/api/v1/settings", json={"missingGraceDays": days}).status_code == 200


def movie_id(database: Database, title: str) -> str:
    with database.read() as session:
        media = session.scalars(select(Media).where(Media.title == title)).one()
        return media.movie.id if media.movie else media.tv_show.id


def test_a_film_that_has_been_missing_for_long_is_in_no_list(client: FlaskClient, library: Library) -> None:
    assert titles(client) == {"There", "Lately"}
    assert titles(client, f"/api/v1/movies?libraryId={library.id}&sort=rating") == {"There", "Lately"}
    (wire,) = client.get("/api/v1/tvshows").json["data"]
    seasons = client.get(f"/api/v1/tvshows/{wire['id']}").json["data"]["seasons"]
    assert [episode["title"] for season in seasons for episode in season["episodes"]] == ["The Target"]


def test_the_grace_period_is_in_force_at_once(client: FlaskClient, library: Library) -> None:
    set_grace(client, 30)
    patient = titles(client)
    set_grace(client, 0)

    assert patient == {"There", "Lately", "Long Gone"}
    assert titles(client) == {"There"}
    assert client.get(f"/api/v1/library/{library.id}").json["data"]["mediaCount"] == 2


@pytest.mark.usefixtures("library")
def test_what_is_hidden_has_no_page_and_is_not_found(client: FlaskClient, database: Database) -> None:
    hidden = movie_id(database, "Long Gone")

    assert client.get(f"/api/v1/movies/{hidden}").status_code == 404
    assert client.get(f"/api/v1/movies/{movie_id(database, 'Lately')}").status_code == 200
    found = client.get("/api/v1/search?query=long gone").json["data"]
    assert (found["movies"], found["tvShows"]) == ([], [])
    assert client.get("/api/v1/search?query=detail").json["data"]["episodes"] == []
    assert len(client.get("/api/v1/search?query=target").json["data"]["episodes"]) == 1


@pytest.mark.usefixtures("library")
def test_a_film_of_which_one_version_is_left_shows_only_that(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        there = session.scalars(select(Media).where(Media.title == "There")).one()
        a_file(session, "/media/Other.mkv", movie=there.movie, missing_since=now() - LONG_AGO)
        film = there.movie.id

    files = client.get(f"/api/v1/movies/{film}").json["data"]["files"]

    assert [file["filePath"] for file in files] == ["/media/There.mkv"]


def test_a_show_whose_last_episode_is_gone_for_long_is_hidden(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        season = a_season(session, a_show(session, "The Wire"))
        for number in (1, 2):
            episode = an_episode(session, season, number)
            a_file(session, episodes=[episode], missing_since=now() - LONG_AGO)

    assert titles(client, "/api/v1/tvshows") == set()
    assert client.get(f"/api/v1/tvshows/{movie_id(database, 'The Wire')}").status_code == 404


def test_statistics_count_files_that_are_missing_and_titles_that_are_shown(
    client: FlaskClient, library: Library
) -> None:
    held = client.get(f"/api/v1/library/{library.id}/stats").json["data"]
    together = client.get("/api/v1/library/stats").json["data"]

    assert (held["movies"], held["tvShows"], held["episodes"], held["files"], held["missing"]) == (2, 1, 1, 5, 3)
    assert {name: together[name] for name in ("movies", "episodes", "files", "missing")} == {
        "movies": 2,
        "episodes": 1,
        "files": 5,
        "missing": 3,
    }


def test_missing_files_are_listed_those_that_vanished_last_first(client: FlaskClient, library: Library) -> None:
    answer = client.get(f"/api/v1/library/{library.id}/missing?limit=2").json

    assert answer["meta"]["total"] == 3
    first = answer["data"][0]
    assert (first["title"], first["type"], first["filePath"]) == ("Lately", "MOVIE", "/media/Lately.mkv")
    rest = client.get(f"/api/v1/library/{library.id}/missing?limit=2&page=2").json["data"]
    assert len({item["id"] for item in (*answer["data"], *rest)}) == 3


def test_removing_all_that_is_missing_takes_the_titles_that_have_nothing_else(
    client: FlaskClient, database: Database, redis: Redis, library: Library
) -> None:
    answer = client.delete(f"/api/v1/library/{library.id}/missing").json["data"]

    assert (answer["filesRemoved"], answer["mediaRemoved"]) == (3, 2)
    assert answer["message"] == "3 missing files are out of the catalogue, and with them 2 titles."
    set_grace(client, 3650)
    assert titles(client) == {"There"}
    (wire,) = client.get("/api/v1/tvshows").json["data"]
    seasons = client.get(f"/api/v1/tvshows/{wire['id']}").json["data"]["seasons"]
    assert [episode["title"] for season in seasons for episode in season["episodes"]] == ["The Target"]
    (event,) = told(redis)
    assert (event["type"], len(event["mediaIds"])) == ("media:removed", 2)
    with database.read() as session:
        assert len(session.scalars(select(MediaFile)).all()) == 2


def test_one_missing_file_is_removed_by_its_id_and_one_that_is_there_is_not(
    client: FlaskClient, database: Database, library: Library
) -> None:
    with database.read() as session:
        there, lately = (
            session.scalars(select(MediaFile.id).where(MediaFile.path == f"/media/{name}.mkv")).one()
            for name in ("There", "Lately")
        )

    refused = client.delete(f"/api/v1/library/{library.id}/missing/{there}")
    removed = client.delete(f"/api/v1/library/{library.id}/missing/{lately}")

    assert refused.status_code == 404
    assert removed.json["message"] == "1 missing file is out of the catalogue, and with it 1 title."
    with database.read() as session:
        assert len(session.scalars(select(MediaFile)).all()) == 4


def test_a_file_that_comes_back_while_it_is_removed_stays(database: Database, library: Library) -> None:
    def remove() -> int:
        with database.begin() as session:
            return missing.remove(session, library.id).files

    def waits() -> bool:
        # Of SQLite nobody can ask; there, who writes second begins after who writes first.
        if database.engine.dialect.name == "sqlite":
            return True
        with database.read() as session:
            return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    with ThreadPoolExecutor(1) as thread:
        with database.begin() as session:
            session.execute(update(MediaFile).where(MediaFile.path == "/media/Lately.mkv").values(missing_since=None))
            removing = thread.submit(remove)
            wait_until(waits, 10, "the removal waits for the file")
        assert removing.result(10) == 2

    with database.read() as session:
        assert session.scalars(select(MediaFile).where(MediaFile.path == "/media/Lately.mkv")).one_or_none()
        assert session.scalars(select(Media).where(Media.title == "Lately")).one_or_none()


def test_a_library_that_there_is_not_misses_nothing(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/library/{uuid4()}/missing").status_code == 404
    assert client.delete(f"/api/v1/library/{uuid4()}/missing").status_code == 404
    assert client.delete("/api/v1/library/no-id/missing").status_code == 400


@pytest.mark.parametrize("name", ["missingGraceDays", "removeMissingAfterDays", "maxMissingPercent"])
@pytest.mark.parametrize("value", [-1, 100000, "7", 1.5])
def test_a_setting_that_makes_no_sense_is_refused_by_name(client: FlaskClient, name: str, value: object) -> None:
    answer = client.put("/api/v1/settings", json={name: value})

    assert answer.status_code == 400
    assert answer.json["details"][0]["field"] == name
