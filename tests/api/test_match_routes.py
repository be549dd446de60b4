"""POST and DELETE …/{id}/match, POST …/{id}/refresh: what a title is, and having it fetched again."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared.database import Database
from shared.models import Enrichment, Media
from shared.scan_jobs import EnrichmentStatus
from tests.builders import a_movie, a_show, an_enrichment

TMDB = {"source": "TMDB", "externalId": "603"}


def a_title(database: Database, area: str, **more: Any) -> tuple[str, str]:
    """Add a film or a show; return its URL and its media id."""
    with database.begin() as session:
        row = a_movie(session, **more) if area == "movies" else a_show(session, **more)
        return f"/api/v1/{area}/{row.id}", row.media_id


def state(database: Database, media_id: str) -> tuple[dict[str, Any], tuple[str, bool] | None]:
    """Return what was chosen for a title, and how its fetching stands."""
    with database.read() as session:
        enrichment = session.get(Enrichment, media_id)
        how = (enrichment.status, enrichment.is_asked) if enrichment else None
        return session.get_one(Media, media_id).chosen, how


def queued(answer: TestResponse, url: str, media_id: str, chosen: dict[str, Any] | None) -> bool:
    row_id = url.rpartition("/")[2]
    assert answer.json["data"] == {"id": row_id, "mediaId": media_id, "chosen": chosen, "status": "queued"}
    return answer.status_code == 202


@pytest.mark.parametrize(
    ("area", "body"),
    [
        ("movies", TMDB),
        ("movies", {"source": "IMDB", "externalId": "tt0133093"}),
        ("movies", {"source": "TVDB", "externalId": "1234567890"}),
        ("movies", {"unmatch": True}),
        ("tvshows", {"source": "TVMAZE", "externalId": "179"}),
        ("tvshows", {"unmatch": True}),
    ],
    ids=repr,
)
def test_what_the_user_says_is_kept_and_the_title_fetched_at_once(
    client: FlaskClient, database: Database, redis: Redis, area: str, body: dict[str, Any]
) -> None:
    url, media_id = a_title(database, area)

    answer = client.post(f"{url}/match", json=body)

    assert queued(answer, url, media_id, body)
    assert state(database, media_id) == (body, (EnrichmentStatus.METADATA, True))
    assert redis.llen("metadata") == 1
    assert client.get(url).json["data"]["media"]["chosen"] == body


def test_a_title_that_was_fetched_before_starts_again(client: FlaskClient, database: Database) -> None:
    url, media_id = a_title(database, "movies")
    with database.begin() as session:
        an_enrichment(session, media_id=media_id, status=EnrichmentStatus.SETTLED, attempts=4, fence=7)

    client.post(f"{url}/match", json=TMDB)

    with database.read() as session:
        enrichment = session.get_one(Enrichment, media_id)
        assert (enrichment.status, enrichment.attempts, enrichment.fence) == (EnrichmentStatus.METADATA, 0, 8)


@pytest.mark.parametrize("area", ["movies", "tvshows"])
def test_a_choice_can_be_taken_back(client: FlaskClient, database: Database, area: str) -> None:
    url, media_id = a_title(database, area, chosen=TMDB)

    answer = client.delete(f"{url}/match")

    assert queued(answer, url, media_id, None)
    assert state(database, media_id) == ({}, (EnrichmentStatus.METADATA, True))
    assert client.get(url).json["data"]["media"]["chosen"] is None


@pytest.mark.parametrize("area", ["movies", "tvshows"])
def test_a_refresh_fetches_and_leaves_the_choice(
    client: FlaskClient, database: Database, redis: Redis, area: str
) -> None:
    url, media_id = a_title(database, area, chosen=TMDB)

    answer = client.post(f"{url}/refresh")

    assert queued(answer, url, media_id, TMDB)
    assert state(database, media_id) == (TMDB, (EnrichmentStatus.METADATA, True))
    assert redis.llen("metadata") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ([], "body"),
        ({"source": "TMDB"}, "body"),
        ({"externalId": "603"}, "body"),
        (TMDB | {"unmatch": True}, "body"),
        ({"unmatch": False}, "unmatch"),
        ({"unmatch": None}, "unmatch"),
        (TMDB | {"source": "tmdb"}, "source"),
        (TMDB | {"source": "TVMAZE"}, "source"),
        (TMDB | {"source": None}, "source"),
        (TMDB | {"externalId": ""}, "externalId"),
        (TMDB | {"externalId": "0603"}, "externalId"),
        (TMDB | {"externalId": "12345678901"}, "externalId"),
        (TMDB | {"externalId": "٦٠٣"}, "externalId"),
        (TMDB | {"externalId": "603\n"}, "externalId"),
        (TMDB | {"externalId": "tt0133093"}, "externalId"),
        (TMDB | {"externalId": 603}, "externalId"),
        (TMDB | {"source": "IMDB"}, "externalId"),
        ({"source": "IMDB", "externalId": "tt1234"}, "externalId"),
        ({"source": "IMDB", "externalId": "tt1234567890123"}, "externalId"),
        (TMDB | {"title": "The Matrix"}, "title"),
    ],
    ids=repr,
)
def test_what_can_be_no_choice_is_refused_and_nothing_changes(
    client: FlaskClient, database: Database, redis: Redis, body: Any, field: str
) -> None:
    url, media_id = a_title(database, "movies")

    answer = client.post(f"{url}/match", json=body)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert state(database, media_id) == ({}, None)
    assert redis.llen("metadata") == 0


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("area", ["movies", "tvshows"])
def test_an_unknown_title_is_not_found_and_a_malformed_id_refused(
    client: FlaskClient, database: Database, area: str, method: str
) -> None:
    sent = {"json": {"unmatch": True}} if method == "post" else {}
    other, _ = a_title(database, "tvshows" if area == "movies" else "movies")
    of_the_other_kind = other.rpartition("/")[2]

    statuses = [
        getattr(client, method)(f"/api/v1/{area}/{row_id}/match", **sent).status_code
        for row_id in (uuid4(), of_the_other_kind, "1")
    ]

    assert statuses == [404, 404, 400]
    assert client.post(f"/api/v1/{area}/{uuid4()}/refresh").status_code == 404
    with database.read() as session:
        assert session.scalars(select(Enrichment)).all() == []
