"""PATCH /api/v1/movies/{id} and /api/v1/tvshows/{id}."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared.database import Database
from shared.models import Enrichment, Media
from shared.scan_jobs import EnrichmentStatus
from tests.builders import a_day, a_movie, a_show, told

ALL: dict[str, Any] = {
    "title": "Heat",
    "originalTitle": "Chaleur",
    "description": "A heist.",
    "releaseDate": "1995-12-15T00:00:00.000Z",
    "rating": 8.3,
    "genres": ["Crime", "Drama"],
    "certification": "R",
    "studios": ["Regency", "Forward Pass"],
}


@pytest.fixture(params=["movies", "tvshows"])
def url(request: pytest.FixtureRequest, database: Database) -> str:
    with database.begin() as session:
        of_the_title = {"release_date": a_day("1986-01-01"), "genres": ["Comedy"], "description": "Another one."}
        make = a_movie if request.param == "movies" else a_show
        return f"/api/v1/{request.param}/{make(session, 'Cold', **of_the_title).id}"


def media(client: FlaskClient, url: str) -> dict[str, Any]:
    return dict(client.get(url).json["data"]["media"])


def listed(client: FlaskClient, url: str, query: str) -> int:
    answer = client.get(f"{url.rpartition('/')[0]}?{query}")
    return len(answer.json["data"])


def test_all_that_may_be_edited_is_and_is_locked(client: FlaskClient, redis: Redis, url: str) -> None:
    answer = client.patch(url, json=ALL)

    assert answer.status_code == 200
    assert answer.json["data"] == client.get(url).json["data"]
    shown = media(client, url)
    assert {name: shown[name] for name in ALL} == ALL
    assert shown["lockedFields"] == list(ALL)
    assert told(redis) == [{"type": "media:updated", "mediaIds": [shown["id"]]}]
    assert redis.llen("metadata") == 0


def test_one_field_alone_changes_and_is_locked_beside_the_others(client: FlaskClient, url: str) -> None:
    client.patch(url, json={"rating": 7})
    before = media(client, url)

    client.patch(url, json={"certification": " R "})

    after = media(client, url)
    assert after.pop("updatedAt") > before.pop("updatedAt")
    assert after == before | {"certification": "R", "lockedFields": ["rating", "certification"]}


def test_null_clears_and_locks(client: FlaskClient, url: str) -> None:
    client.patch(url, json=ALL)

    answer = client.patch(url, json=dict.fromkeys(ALL.keys() - {"title"}))

    assert answer.status_code == 200
    shown = media(client, url)
    empty = dict.fromkeys(ALL) | {"title": "Heat", "genres": [], "studios": []}
    assert {name: shown[name] for name in ALL} == empty
    assert shown["lockedFields"] == list(ALL)


@pytest.mark.parametrize("name", ["originalTitle", "description", "certification"])
@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_blank_text_is_none(client: FlaskClient, url: str, name: str, blank: str) -> None:
    client.patch(url, json=ALL)

    answer = client.patch(url, json={name: blank})

    assert answer.status_code == 200
    assert media(client, url)[name] is None


def test_lists_filters_and_searches_find_what_the_title_says_now(client: FlaskClient, url: str) -> None:
    client.patch(url, json={"title": "Hot", "originalTitle": "Chaleur", "genres": ["Crime"]})

    assert [listed(client, url, f"genre={genre}") for genre in ("crime", "comedy")] == [1, 0]
    assert [listed(client, url, f"q={title}") for title in ("hot", "chaleur", "cold")] == [1, 1, 0]
    found = client.get("/api/v1/search?query=chaleur").json["data"]
    # The name that the files have still leads to it.
    by_name = client.get("/api/v1/search?query=cold").json["data"]
    assert [len(answer["movies"]) + len(answer["tvShows"]) for answer in (found, by_name)] == [1, 1]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("1995-12-15", "1995-12-15"),
        ("1995-12-15T00:00:00.000Z", "1995-12-15"),
        ("1995-12-15T23:30:00-05:00", "1995-12-16"),
        ("1995-12-15T12:00:00", "1995-12-15"),
    ],
)
def test_a_release_date_is_a_day_or_an_instant(client: FlaskClient, url: str, said: str, day: str) -> None:
    client.patch(url, json={"releaseDate": said})

    assert media(client, url)["releaseDate"] == f"{day}T00:00:00.000Z"


def test_names_are_kept_once_and_without_the_blanks_around_them(client: FlaskClient, url: str) -> None:
    client.patch(url, json={"genres": [" Crime ", "Drama", "Crime"]})

    assert media(client, url)["genres"] == ["Crime", "Drama"]


def test_what_is_unlocked_is_fetched_anew(client: FlaskClient, database: Database, redis: Redis, url: str) -> None:
    client.patch(url, json={"title": "Heat", "rating": 8, "genres": ["Crime"]})

    client.patch(url, json={"rating": 9, "lockedFields": ["title"]})

    shown = media(client, url)
    # What the same request edits is locked all the same.
    assert (shown["lockedFields"], shown["rating"]) == (["title", "rating"], 9)
    # Once for what was unlocked, and once because somebody looks at a title that is on its way.
    assert redis.llen("metadata") == 2
    with database.read() as session:
        enrichment = session.get_one(Enrichment, shown["id"])
        assert (enrichment.status, enrichment.is_asked) == (EnrichmentStatus.METADATA, True)


def test_locking_more_fetches_nothing(client: FlaskClient, database: Database, redis: Redis, url: str) -> None:
    client.patch(url, json={"lockedFields": ["studios", "title", "title"]})

    assert media(client, url)["lockedFields"] == ["title", "studios"]
    assert media(client, url)["title"] == "Cold"
    assert redis.llen("metadata") == 0
    with database.read() as session:
        assert session.get(Enrichment, media(client, url)["id"]) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ([], "body"),
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"title": " \n "}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"description": "x" * 5001}, "description"),
        ({"releaseDate": ""}, "releaseDate"),
        ({"releaseDate": "1995"}, "releaseDate"),
        ({"releaseDate": "1995-02-30"}, "releaseDate"),
        ({"releaseDate": "0001-01-01T00:00:00+14:00"}, "releaseDate"),
        ({"releaseDate": "0999-01-01"}, "releaseDate"),
        ({"releaseDate": 1995}, "releaseDate"),
        ({"rating": 10.1}, "rating"),
        ({"rating": -1}, "rating"),
        ({"rating": True}, "rating"),
        ({"genres": "Crime"}, "genres"),
        ({"genres": [" "]}, "genres"),
        ({"genres": [""]}, "genres.0"),
        ({"genres": [None]}, "genres.0"),
        ({"genres": ["x"] * 51}, "genres"),
        ({"studios": ["x" * 101]}, "studios.0"),
        ({"lockedFields": ["posterUrl"]}, "lockedFields.0"),
        ({"lockedFields": None}, "lockedFields"),
        ({"posterUrl": "https://example.org/p.jpg"}, "posterUrl"),
        ({"id": "x"}, "id"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_what_can_not_be_is_refused_by_name_and_nothing_changes(
    client: FlaskClient, redis: Redis, url: str, body: Any, field: str
) -> None:
    before = media(client, url)
    sent = {"rating": 5} | body if isinstance(body, dict) and body else body

    answer = client.patch(url, json=sent)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert media(client, url) == before
    assert told(redis) == []


def test_without_a_body_nothing_is_edited(client: FlaskClient, url: str) -> None:
    assert client.patch(url, data=b"", content_type="application/json").status_code == 400


def test_an_unknown_title_is_not_found(client: FlaskClient, url: str) -> None:
    assert client.patch(f"{url.rpartition('/')[0]}/{uuid4()}", json={"title": "Heat"}).status_code == 404


def test_a_title_keeps_what_it_does_not_have_on_the_wire(client: FlaskClient, database: Database, url: str) -> None:
    client.patch(url, json=ALL)

    with database.read() as session:
        row = session.get_one(Media, media(client, url)["id"])
        assert (row.guessed_title, row.search_title) == ("Cold", "heat chaleur")
