"""Lists by cursor: `?cursor=` and `meta.nextCursor`."""

import base64
import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shared.catalogue.cursor import LONGEST
from shared.database import Database
from tests.api.conftest import CountQueries
from tests.builders import a_credit, a_day, a_file, a_library, a_movie, a_show

MOVIES, SHOWS = "/api/v1/movies", "/api/v1/tvshows"
OF_ANY_LIST = str(UUID(int=1))

in_both = pytest.mark.parametrize("path", [MOVIES, SHOWS])


def films(database: Database, count: int = 5) -> None:
    """Add films and as many shows, every other one without a rating and a date."""
    with database.begin() as session:
        for number in range(count):
            known = {"rating": number / 2, "release_date": a_day(f"200{number % 10}-01-01")} if number % 2 else {}
            a_movie(session, f"Title {number}", genres=["Crime"], **known)
            a_show(session, f"Title {number}", genres=["Crime"], **known)


def cursor_of(client: FlaskClient, path: str, query: str) -> str:
    return str(client.get(f"{path}?{query}").json["meta"]["nextCursor"])


def spelled(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def taken_apart(cursor: str) -> list[Any]:
    return list(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))))


def is_refused(client: FlaskClient, url: str, field: str = "cursor") -> None:
    answer = client.get(url)

    assert answer.status_code == 400, answer.text
    assert answer.json["error"] == "Validation failed"
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert len(answer.data) < 1000


@in_both
@pytest.mark.parametrize("sort", ["createdAt", "title", "releaseDate", "rating"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_is_walked_from_page_to_page(
    client: FlaskClient, database: Database, path: str, sort: str, order: str
) -> None:
    films(database)
    query = f"sort={sort}&order={order}&limit=2"
    whole = client.get(f"{path}?sort={sort}&order={order}").json["data"]

    first = client.get(f"{path}?{query}").json
    second = client.get(f"{path}?{query}&cursor={first['meta']['nextCursor']}").json
    third = client.get(f"{path}?{query}&cursor={second['meta']['nextCursor']}").json

    assert first["data"] + second["data"] + third["data"] == whole
    assert len(whole) == 5
    rest = {"limit": 2, "total": 5, "totalPages": 3}
    assert first["meta"] == rest | {
        "page": 1,
        "hasNext": True,
        "hasPrev": False,
        "nextCursor": first["meta"]["nextCursor"],
    }
    assert second["meta"] == rest | {
        "hasNext": True,
        "hasPrev": True,
        "nextCursor": second["meta"]["nextCursor"],
    }
    assert third["meta"] == rest | {"hasNext": False, "hasPrev": True, "nextCursor": None}


@in_both
def test_a_cursor_needs_no_escaping_in_a_url(client: FlaskClient, database: Database, path: str) -> None:
    with database.begin() as session:
        for title in ("Ünïcödé ¿?&=+/ 映画 " * 30, "\U0001d11e" * 300, "Zzz"):
            (a_movie if path == MOVIES else a_show)(session, title)

    for limit in (1, 2):
        cursor = cursor_of(client, path, f"sort=title&order=desc&limit={limit}")
        assert quote(cursor, safe="") == cursor
        assert len(cursor) <= LONGEST
        assert len(client.get(f"{path}?sort=title&order=desc&cursor={cursor}").json["data"]) == 3 - limit


@in_both
def test_another_limit_may_be_asked_for_on_the_way(client: FlaskClient, database: Database, path: str) -> None:
    films(database)

    cursor = cursor_of(client, path, "limit=1")

    assert len(client.get(f"{path}?limit=100&cursor={cursor}").json["data"]) == 4


@in_both
@pytest.mark.parametrize(
    "other",
    [
        "sort=title",
        "order=asc",
        "genre=crime",
        "year=2001",
        "rating=0",
        "q=title",
        f"libraryId={OF_ANY_LIST}",
        "unmatched=false",
    ],
)
def test_a_cursor_of_another_list_is_refused(client: FlaskClient, database: Database, path: str, other: str) -> None:
    films(database)
    cursor = cursor_of(client, path, "limit=1")

    is_refused(client, f"{path}?cursor={cursor}&{other}")


def test_a_cursor_of_films_is_none_of_shows(client: FlaskClient, database: Database) -> None:
    films(database)

    is_refused(client, f"{SHOWS}?cursor={cursor_of(client, MOVIES, 'limit=1')}")
    is_refused(client, f"{MOVIES}?cursor={cursor_of(client, SHOWS, 'limit=1')}")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "null",
        "%00",
        "%ED%A0%80",
        "映画",
        "=" * 8,
        "A" * LONGEST,
        "A" * (LONGEST + 1),
        "A" * 7000,
        spelled([]),
        spelled({}),
        spelled(None),
        spelled(1),
        spelled("abc"),
        spelled(["", "2026-01-31T12:00:00+00:00", OF_ANY_LIST]),
        base64.urlsafe_b64encode(b"[" * 1500).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe[]").decode(),
        base64.urlsafe_b64encode(b"9" * 1500).decode(),
    ],
)
@in_both
def test_garbage_is_no_cursor(client: FlaskClient, database: Database, path: str, cursor: str) -> None:
    films(database, 2)

    is_refused(client, f"{path}?cursor={cursor}")


@pytest.mark.parametrize(
    ("sort", "values"),
    [
        ("createdAt", [None, 1, True, "", "2026", "2026-01-31T12:00:00", "0001-01-01T00:00:00+05:00", [], {}]),
        ("title", [None, 1, True, "a\0b", "\ud800", [], {}, ["a"]]),
        ("releaseDate", [0, 1.5, "", "2026-02-30", "20260131", "2026-01-31T12:00:00+00:00", "x", [], {}]),
        ("rating", [1, True, "7.0", float("nan"), float("inf"), 10**300, "", [], {}]),
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused(
    client: FlaskClient, database: Database, sort: str, values: list[Any]
) -> None:
    films(database)
    cursor = cursor_of(client, MOVIES, f"sort={sort}&limit=1")
    of_list, value, row_id = taken_apart(cursor)

    for tampered in (
        *([of_list, other, row_id] for other in values),
        *([of_list, value, other] for other in (None, 1, "", "x", row_id.upper(), row_id.replace("-", ""), [])),
        [of_list, value],
        [of_list, value, row_id, 1],
    ):
        is_refused(client, f"{MOVIES}?sort={sort}&cursor={spelled(tampered)}")
    is_refused(client, f"{MOVIES}?sort={sort}&cursor={cursor}=")


@in_both
def test_a_page_and_a_cursor_together_are_one_too_many(client: FlaskClient, database: Database, path: str) -> None:
    films(database)
    cursor = cursor_of(client, path, "limit=1")

    is_refused(client, f"{path}?cursor={cursor}&page=1", "page")
    is_refused(client, f"{path}?cursor=x&page=2", "page")


@in_both
def test_a_page_by_cursor_of_fifty_takes_as_many_queries_as_one_of_one(
    client: FlaskClient, database: Database, queries_of: CountQueries, path: str
) -> None:
    with database.begin() as session:
        library = a_library(session)
        for number in range(60):
            if path == MOVIES:
                movie = a_movie(session, library=library, rating=float(number), external_ids={"TMDB": str(number)})
                a_file(session, library=library, movie=movie)
                a_credit(session, movie.media_id)
            else:
                show = a_show(session, library=library, rating=float(number), external_ids={"TMDB": str(number)})
                a_credit(session, show.media_id)
    cursor = cursor_of(client, path, "sort=rating&limit=1")

    counts = [queries_of(client, f"{path}?sort=rating&limit={limit}&cursor={cursor}") for limit in (1, 50)]

    assert counts[0] == counts[1] <= 6
