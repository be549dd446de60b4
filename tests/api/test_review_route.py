"""GET /api/v1/review."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from shared.database import Database
from shared.kinds import MatchStatus, MediaType
from shared.models.base import now
from tests.api.conftest import CountQueries
from tests.builders import a_day, a_file, a_library, a_movie, a_season, a_show, an_episode

REVIEW = "/api/v1/review"
UNMATCHED = {"match_status": MatchStatus.UNMATCHED}
CANDIDATE = {"source": "TMDB", "externalId": "949", "title": "Heat", "year": 1995, "score": 0.6}


def titles(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"{REVIEW}{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json["data"]]


def test_an_unmatched_title_is_listed_with_its_guess_its_candidates_and_a_file(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        detail = {"cause": "not-found", "reason": "Nobody knows it.", "runnersUp": [CANDIDATE]}
        movie = a_movie(
            session, "Heet", guessed_year=1995, guessed_ids={"IMDB": "tt0113277"}, match_detail=detail, **UNMATCHED
        )
        library = a_library(session)
        a_file(session, "/films/a.mkv", library=library, movie=movie, missing_since=now())
        a_file(session, "/films/c.mkv", library=library, movie=movie)
        a_file(session, "/films/b.mkv", library=library, movie=movie)

    answer = client.get(REVIEW)

    assert answer.json["data"] == [
        {
            "id": movie.id,
            "mediaId": movie.media_id,
            "type": "MOVIE",
            "title": "Heet",
            "year": 1995,
            "matchStatus": "unmatched",
            "matchScore": None,
            "isDoubtful": False,
            "reason": "Nobody knows it.",
            "guess": {"title": "Heet", "year": 1995, "ids": {"IMDB": "tt0113277"}},
            "candidates": [CANDIDATE],
            "path": "/films/b.mkv",
        }
    ]


def test_a_doubtful_show_is_listed_by_what_it_was_taken_for(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(
            session,
            "The Office",
            release_date=a_day("2005-03-24"),
            guessed_year=2001,
            is_doubtful=True,
            match_score=0.95,
        )
        episode = an_episode(session, a_season(session, show))
        a_file(session, "/shows/office.mkv", episodes=[episode])

    (item,) = client.get(REVIEW).json["data"]

    assert (item["id"], item["type"], item["year"], item["guess"]["year"]) == (show.id, "TV_SHOW", 2005, 2001)
    assert (item["isDoubtful"], item["matchScore"], item["reason"]) == (True, 0.95, "Another title was as near.")
    assert item["path"] == "/shows/office.mkv"


@pytest.fixture
def library_id(database: Database) -> str:
    """Add titles of every standing; return the library that holds one of them."""
    with database.begin() as session:
        library = a_library(session)
        a_movie(session, "Unknown", library=library, **UNMATCHED)
        a_movie(session, "Doubtful", is_doubtful=True)
        a_show(session, "Both", is_doubtful=True, **UNMATCHED)
        a_show(session, "Chosen and not found", chosen={"source": "TMDB", "externalId": "1"}, **UNMATCHED)
        a_movie(session, "Chosen to be nothing", chosen={"unmatch": True}, **UNMATCHED)
        a_movie(session, "Matched")
        a_movie(session, "Pending", match_status=MatchStatus.PENDING)
        return library.id


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Both", "Chosen and not found", "Doubtful", "Unknown"]),
        ("?status=all", ["Both", "Chosen and not found", "Doubtful", "Unknown"]),
        ("?status=unmatched", ["Both", "Chosen and not found", "Unknown"]),
        ("?status=doubtful", ["Both", "Doubtful"]),
        ("?type=movie", ["Doubtful", "Unknown"]),
        ("?type=tv&status=doubtful", ["Both"]),
        ("?libraryId={library_id}", ["Unknown"]),
        ("?libraryId={library_id}&status=doubtful", []),
        ("?libraryId=nobody", []),
        ("?limit=3", ["Both", "Chosen and not found", "Doubtful"]),
        ("?limit=3&page=2", ["Unknown"]),
        ("?page=9", []),
    ],
)
def test_only_what_is_asked_for_is_listed_by_title(
    client: FlaskClient, library_id: str, query: str, expected: list[str]
) -> None:
    assert titles(client, query.format(library_id=library_id)) == expected


@pytest.mark.usefixtures("library_id")
def test_the_page_says_how_many_there_are(client: FlaskClient) -> None:
    meta = {"page": 2, "limit": 3, "total": 4, "totalPages": 2, "hasNext": False, "hasPrev": True}

    assert client.get(f"{REVIEW}?limit=3&page=2").json["meta"] == meta


@pytest.mark.parametrize(
    "query", ["status=matched", "type=music", "page=0", "limit=0", "limit=101", "libraryId=", "page=x"]
)
def test_a_wrong_parameter_is_refused_by_name(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{REVIEW}?{query}")

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [query.partition("=")[0]]


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    client: FlaskClient, database: Database, queries_of: CountQueries
) -> None:
    def add(number: int, media_type: MediaType) -> None:
        with database.begin() as session:
            library = a_library(session)
            if media_type is MediaType.MOVIE:
                a_file(session, library=library, movie=a_movie(session, f"Film {number}", **UNMATCHED))
            else:
                season = a_season(session, a_show(session, f"Show {number}", **UNMATCHED))
                a_file(session, library=library, episodes=[an_episode(session, season)])

    add(0, MediaType.MOVIE)
    client.get(f"{REVIEW}?libraryId={uuid4()}")
    few = queries_of(client, f"{REVIEW}?limit=100")
    for number in range(1, 15):
        add(number, MediaType.TV_SHOW if number % 2 else MediaType.MOVIE)

    assert len(titles(client, "?limit=100")) == 15
    # On SQLite, one opens the transaction.
    assert queries_of(client, f"{REVIEW}?limit=100") == few <= 5
