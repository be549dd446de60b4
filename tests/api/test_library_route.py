"""GET /api/v1/library, /library/{id}, /library/stats and /library/{id}/stats."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared.database import Database
from shared.kinds import MatchStatus, MediaType
from shared.models import Library, LibraryMedia
from tests.api.conftest import INSTANT
from tests.builders import EPOCH, a_file, a_library, a_movie, a_season, a_show, an_episode
from tests.statements import counted_queries

LIBRARY = "/api/v1/library"

NOTHING = {
    "movies": 0,
    "tvShows": 0,
    "episodes": 0,
    "files": 0,
    "bytes": "0",
    "duration": 0,
    "matched": 0,
    "unmatched": 0,
    "pending": 0,
    "missing": 0,
}


def films_and_shows(session: Session) -> tuple[Library, Library]:
    """Make two libraries that share a film, with files of all sorts."""
    films = a_library(session, "Films")
    heat = a_movie(session, "Heat", library=films)
    a_file(session, library=films, movie=heat, size=3_000_000_000, probe={"duration": 10200.5, "height": 1080})
    a_file(session, library=films, movie=heat, size=2_000_000_000, missing_since=EPOCH)
    alien = a_movie(session, "Alien", library=films, match_status=MatchStatus.PENDING)
    a_file(session, library=films, movie=alien, size=1_000, probe={"error": "file-not-video"})
    a_movie(session, "Unheard of", library=films, match_status=MatchStatus.UNMATCHED)
    shows = a_library(session, "Shows", library_type=MediaType.TV_SHOW)
    show = a_show(session, library=shows)
    season = a_season(session, show)
    pair = [an_episode(session, season, number) for number in (1, 2)]
    a_file(session, library=shows, episodes=pair, size=500, probe={"duration": 3600.25, "container": "mkv"})
    a_file(session, library=shows, episodes=pair[:1], size=500, probe={"duration": None})
    session.add(LibraryMedia(library_id=shows.id, media_id=heat.media_id))
    return films, shows


OF_FILMS = NOTHING | {
    "movies": 3,
    "files": 3,
    "bytes": "5000001000",
    "duration": 10200.5,
    "matched": 1,
    "unmatched": 1,
    "pending": 1,
    "missing": 1,
}
OF_SHOWS = NOTHING | {
    "movies": 1,
    "tvShows": 1,
    "episodes": 2,
    "files": 2,
    "bytes": "1000",
    "duration": 3600.25,
    "matched": 2,
}


def test_a_library_is_what_the_wire_contract_says(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, "Films", path="/media/films", description="All of them.")
        a_movie(session, library=library)
        a_movie(session, library=library)

    (shown,) = client.get(LIBRARY).json["data"]

    assert INSTANT.fullmatch(shown.pop("createdAt"))
    assert INSTANT.fullmatch(shown.pop("updatedAt"))
    assert shown == {
        "id": library.id,
        "name": "Films",
        "slug": library.slug,
        "description": "All of them.",
        "posterUrl": None,
        "backdropUrl": None,
        "isLibrary": True,
        "libraryPath": "/media/films",
        "libraryType": "MOVIE",
        "parentId": None,
        "providers": None,
        "watch": False,
        "scanIntervalMinutes": None,
        "mediaCount": 2,
    }


def test_libraries_come_by_name_whatever_its_case_with_their_own_counts(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        zoo = a_library(session, "Zoo")
        a_library(session, "empty")
        films = a_library(session, "films")
        shared = a_movie(session, library=films)
        a_movie(session, library=films)
        a_show(session, library=zoo)
    with database.begin() as session:
        a_movie(session, "Another", library=zoo)

    shown = client.get(LIBRARY).json["data"]

    assert [(library["name"], library["mediaCount"]) for library in shown] == [("empty", 0), ("films", 2), ("Zoo", 2)]
    assert shared.id


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Collection", "Films", "Shows"]),
        ("?isLibrary=true", ["Films", "Shows"]),
        ("?isLibrary=false", ["Collection"]),
        ("?libraryType=movie", ["Films"]),
        ("?libraryType=TV_SHOW", ["Shows"]),
        ("?isLibrary=false&libraryType=movie", []),
    ],
)
def test_libraries_are_filtered(client: FlaskClient, database: Database, query: str, names: list[str]) -> None:
    with database.begin() as session:
        a_library(session, "Films")
        a_library(session, "Shows", library_type=MediaType.TV_SHOW)
        collection = a_library(session, "Collection", is_library=False)
        collection.library_type = None

    assert [library["name"] for library in client.get(LIBRARY + query).json["data"]] == names


@pytest.mark.parametrize(("query", "field"), [("isLibrary=perhaps", "isLibrary"), ("libraryType=x", "libraryType")])
def test_a_wrong_filter_is_refused_by_name(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"{LIBRARY}?{query}")

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


def test_a_library_is_shown_with_what_it_holds(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        films, shows = films_and_shows(session)
    listed = {library["id"]: library for library in client.get(LIBRARY).json["data"]}

    shown = client.get(f"{LIBRARY}/{films.id}").json["data"]
    assert shown.pop("watching")["state"] == "off"
    assert shown == listed[films.id] | {"statistics": OF_FILMS}
    shown = client.get(f"{LIBRARY}/{shows.id}").json["data"]
    assert shown.pop("watching")["state"] == "off"
    assert shown == listed[shows.id] | {"statistics": OF_SHOWS}
    assert client.get(f"{LIBRARY}/{shows.id.upper()}").json["data"]["id"] == shows.id


def test_the_statistics_of_a_library_can_be_had_alone(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        films, _ = films_and_shows(session)
        empty = a_library(session, "Empty")

    shown = client.get(f"{LIBRARY}/{films.id}/stats").json["data"]
    nothing = client.get(f"{LIBRARY}/{empty.id}/stats").json["data"]

    assert shown == {"libraryId": films.id, "libraryName": "Films"} | OF_FILMS
    assert nothing == {"libraryId": empty.id, "libraryName": "Empty"} | NOTHING


def test_a_title_in_two_libraries_is_counted_once_in_all_and_once_in_each(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        films, shows = films_and_shows(session)

    assert client.get(f"{LIBRARY}/stats").json["data"] == {
        "movies": 3,
        "tvShows": 1,
        "episodes": 2,
        "files": 5,
        "bytes": "5000002000",
        "duration": 13800.75,
        "matched": 2,
        "unmatched": 1,
        "pending": 1,
        "missing": 1,
        "libraries": [
            {"libraryId": films.id, "libraryName": "Films"} | OF_FILMS,
            {"libraryId": shows.id, "libraryName": "Shows"} | OF_SHOWS,
        ],
    }


def test_where_nothing_is_the_statistics_are_zero(client: FlaskClient) -> None:
    assert client.get(f"{LIBRARY}/stats").json["data"] == NOTHING | {"libraries": []}


def test_statistics_cost_the_same_queries_however_much_there_is(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        films_and_shows(session)
    # The first request also asks whether route guards are on.
    client.get(LIBRARY)
    with counted_queries(database) as few:
        client.get(f"{LIBRARY}/stats")
    with database.begin() as session:
        for _ in range(5):
            films_and_shows(session)

    with counted_queries(database) as many:
        client.get(f"{LIBRARY}/stats")

    assert len(many) == len(few)
    assert sum("SELECT" in query for query in many) == 7


@pytest.mark.parametrize("what", ["", "/stats"])
def test_a_library_that_is_not_there_is_not_found(client: FlaskClient, what: str) -> None:
    answer = client.get(f"{LIBRARY}/{uuid4()}{what}")

    assert answer.status_code == 404
    assert answer.json["error"] == "Not found"


@pytest.mark.parametrize("what", ["", "/stats"])
@pytest.mark.parametrize("library_id", ["1", "x" * 36, "stats ", "%00", "'; --", "ä" * 36])
def test_what_can_be_no_id_is_refused(client: FlaskClient, library_id: str, what: str) -> None:
    answer = client.get(f"{LIBRARY}/{library_id}{what}")

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]


@pytest.mark.parametrize("library_type", ["MUSIC", "COMIC", "music"])
def test_there_is_no_library_of_a_type_that_no_scan_makes(client: FlaskClient, library_type: str) -> None:
    answer = client.get(f"/api/v1/library?libraryType={library_type}")

    assert answer.status_code == 200
    assert answer.json["data"] == []
