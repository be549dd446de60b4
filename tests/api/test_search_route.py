"""GET /api/v1/search."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from shared.database import Database
from shared.kinds import Role
from tests.builders import a_credit, a_file, a_movie, a_season, a_show, an_episode

SEARCH = "/api/v1/search"
STILL = "0123456789abcdef0123456789abcdef"
POSTER = "fedcba9876543210fedcba9876543210"


def test_films_and_shows_are_found_as_lists_have_them(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, "Amélie")
        a_file(session, movie=movie)
        show = a_show(session, "Amélie's World")
        a_movie(session, "Heat")

    answer = client.get(SEARCH, query_string={"query": "amelie"})

    assert answer.status_code == 200
    movies, shows = client.get("/api/v1/movies?q=amelie").json["data"], client.get("/api/v1/tvshows").json["data"]
    assert [row["id"] for row in movies + shows] == [movie.id, show.id]
    assert answer.json == {
        "success": True,
        "data": {"movies": movies, "tvShows": shows, "episodes": [], "people": []},
        "meta": {"page": 1, "limit": 10, "total": 2, "totalPages": 1, "hasNext": False, "hasPrev": False},
    }


def test_who_searches_while_others_do_is_told_what_he_asked_for(client: FlaskClient, database: Database) -> None:
    titles = ["Casablanca", "Alien", "Persona", "Amadeus", "Solaris", "Stalker", "Playtime", "Vertigo"]
    with database.begin() as session:
        for title in titles:
            a_movie(session, title)
    # Every other one with a letter left out.
    asked = [title if number % 2 else title[:3] + title[4:] for number, title in enumerate(titles)] * 5

    with ThreadPoolExecutor(len(titles)) as pool:
        answers = list(pool.map(lambda typed: client.application.test_client().get(f"{SEARCH}?query={typed}"), asked))

    found = [[row["media"]["title"] for row in answer.json["data"]["movies"]] for answer in answers]
    assert found == [[title] for title in titles] * 5


def test_ten_titles_come_by_default_interleaved_and_the_next_on_the_next_page(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        for number in range(10, 18):
            a_movie(session, f"Heat {number} A")
            a_show(session, f"Heat {number} B")

    first, second = (client.get(f"{SEARCH}?query=heat&page={page}").json for page in (1, 2))

    assert [row["media"]["title"] for row in first["data"]["movies"]] == [
        f"Heat {number} A" for number in range(10, 15)
    ]
    assert [row["media"]["title"] for row in first["data"]["tvShows"]] == [
        f"Heat {number} B" for number in range(10, 15)
    ]
    assert len(second["data"]["movies"] + second["data"]["tvShows"]) == 6
    assert second["meta"] == {
        "page": 2,
        "limit": 10,
        "total": 16,
        "totalPages": 2,
        "hasNext": False,
        "hasPrev": True,
    }


def test_episodes_and_people_are_found_on_the_first_page(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(session, "The Wire", poster_image=POSTER)
        season = a_season(session, show, 3)
        played = an_episode(session, season, 4, "Pacino's Amsterdam", still_image=STILL)
        a_file(session, episodes=[played])
        unplayed = an_episode(session, season, 5, "Pacino Again and Again")
        movie = a_movie(session, "Heat", rating=8.3)
        person = a_credit(session, movie.media_id, "Al Pacino", character="Vincent Hanna").person_id
        a_credit(session, show.media_id, "Al Pacino", role=Role.DIRECTOR)

    first = client.get(f"{SEARCH}?query=pacino").json["data"]
    second = client.get(f"{SEARCH}?query=pacino&page=2").json["data"]
    one = client.get(f"{SEARCH}?query=pacino&limit=1").json["data"]

    of_the_show = {
        "seasonNumber": 3,
        "showId": show.id,
        "showTitle": "The Wire",
        "posterUrl": f"http://localhost/api/v1/image/{POSTER}",
    }
    assert sorted(first["episodes"], key=lambda row: row["episodeNumber"]) == [
        {
            "id": played.id,
            "title": "Pacino's Amsterdam",
            "episodeNumber": 4,
            "stillUrl": f"http://localhost/api/v1/image/{STILL}",
            "streamUrl": f"http://localhost/api/v1/stream/{played.id}",
            **of_the_show,
        },
        {
            "id": unplayed.id,
            "title": "Pacino Again and Again",
            "episodeNumber": 5,
            "stillUrl": None,
            "streamUrl": None,
            **of_the_show,
        },
    ]
    assert first["people"] == [
        {
            "id": person,
            "name": "Al Pacino",
            "titles": [
                {
                    "id": movie.id,
                    "type": "MOVIE",
                    "title": "Heat",
                    "role": "actor",
                    "character": "Vincent Hanna",
                },
                {"id": show.id, "type": "TV_SHOW", "title": "The Wire", "role": "director", "character": None},
            ],
        }
    ]
    assert second["episodes"] == second["people"] == []
    assert (len(one["episodes"]), len(one["people"])) == (1, 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "query"),
        ("?query=", "query"),
        ("?query=" + "a" * 101, "query"),
        ("?query=a%00b", "query"),
        ("?query=a&limit=0", "limit"),
        ("?query=a&limit=101", "limit"),
        ("?query=a&page=0", "page"),
        ("?query=a&page=x", "page"),
    ],
)
def test_what_can_not_be_searched_for_is_named(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(SEARCH + query)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


@pytest.mark.parametrize(
    "query", ["a" * 100, "%", "_", "'", '"', "*", "AND", '" OR "', "😀", " ", "ﷺ" * 100, "a " * 50]
)
def test_whatever_is_searched_for_is_answered(client: FlaskClient, database: Database, query: str) -> None:
    with database.begin() as session:
        a_movie(session, "Heat")

    answer = client.get(SEARCH, query_string={"query": query, "limit": 100})

    assert answer.status_code == 200
    assert len(answer.json["data"]["movies"]) <= 1
