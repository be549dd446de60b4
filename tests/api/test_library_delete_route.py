"""DELETE /api/v1/library and /library/{id}."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from shared.database import Database
from shared.models import Library, ScanJob
from shared.scan_jobs import JobStatus
from shared.scan_states import UNENDED
from tests.api.conftest import MakeClient
from tests.builders import a_file, a_library, a_movie, a_scan_job, told

LIBRARY = "/api/v1/library"

Form = Callable[[FlaskClient, str], TestResponse]
#: Both forms: the id in the path, or in the body.
FORMS: list[Form] = [
    lambda client, library_id: client.delete(f"{LIBRARY}/{library_id}"),
    lambda client, library_id: client.delete(LIBRARY, json={"id": library_id}),
]


def libraries(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Library)) or 0


@pytest.mark.parametrize("form", FORMS, ids=["path", "body"])
def test_a_library_is_deleted_and_told_and_its_files_stay_on_disk(
    client: FlaskClient, database: Database, redis: Redis, media: Path, form: Form
) -> None:
    film = media / "Heat.mkv"
    film.write_bytes(b"a film")
    with database.begin() as session:
        library = a_library(session, path=media)
        movie = a_movie(session, library=library)
        a_file(session, film, library=library, movie=movie)

    answer = form(client, library.id)

    assert answer.status_code == 200
    message = "The library “Films” is deleted, and with it 1 title. No file on disk was touched."
    assert answer.json["message"] == message
    assert answer.json["data"] == {
        "libraryId": library.id,
        "libraryName": "Films",
        "mediaDeleted": 1,
        "message": message,
    }
    assert told(redis) == [
        {"type": "library:deleted", "libraryId": library.id, "libraryName": "Films"},
        {"type": "media:removed", "mediaIds": [movie.media_id]},
    ]
    assert film.read_bytes() == b"a film"
    assert client.get(LIBRARY).json["data"] == []
    assert client.get("/api/v1/movies").json["data"] == []
    assert client.get(f"/api/v1/movies/{movie.id}").status_code == 404
    assert form(client, library.id).status_code == 404


def test_an_empty_library_takes_nothing_with_it(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        library = a_library(session)

    answer = client.delete(f"{LIBRARY}/{library.id}")

    assert answer.json["data"]["mediaDeleted"] == 0
    assert [event["type"] for event in told(redis)] == ["library:deleted"]


def test_titles_are_told_in_events_of_at_most_500(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        library = a_library(session)
        ids = {a_movie(session, library=library).media_id for _ in range(1001)}

    assert client.delete(f"{LIBRARY}/{library.id}").json["data"]["mediaDeleted"] == 1001

    chunks = [event["mediaIds"] for event in told(redis) if event["type"] == "media:removed"]
    assert [len(chunk) for chunk in chunks] == [500, 500, 1]
    assert {media_id for chunk in chunks for media_id in chunk} == ids


def test_each_scan_under_way_ends_once_and_is_gone(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        library = a_library(session)
        ids = {status: a_scan_job(session, library, status=status).id for status in JobStatus}
        other = a_scan_job(session, status=JobStatus.IN_PROGRESS)

    client.delete(f"{LIBRARY}/{library.id}")

    ends = [event for event in told(redis) if event["type"] == "scan:error"]
    assert {end["scanJobId"] for end in ends} == {ids[status] for status in UNENDED}
    assert len(ends) == len(UNENDED)
    assert all((end["libraryId"], end["error"]) == (library.id, "The library was deleted.") for end in ends)
    with database.read() as session:
        assert session.scalars(select(ScanJob.id)).all() == [other.id]


def test_of_ten_who_delete_it_at_once_one_does(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        library = a_library(session)
        a_movie(session, library=library)
        a_scan_job(session, library)
    client.get("/health")
    together = Barrier(10)

    def remove(_: int) -> int:
        own = client.application.test_client()
        together.wait()
        return own.delete(f"{LIBRARY}/{library.id}").status_code

    with ThreadPoolExecutor(10) as threads:
        statuses = sorted(threads.map(remove, range(10)))

    assert statuses == [200] + [404] * 9
    assert [event["type"] for event in told(redis)] == ["scan:error", "library:deleted", "media:removed"]


def test_a_folder_can_be_made_a_library_again(client: FlaskClient, media: Path) -> None:
    body = {"name": "Films", "libraryPath": str(media), "libraryType": "movie"}
    first = client.post(LIBRARY, json=body).json["data"]

    client.delete(f"{LIBRARY}/{first['id']}")

    again = client.post(LIBRARY, json=body)
    assert again.status_code == 201
    assert again.json["data"]["slug"] == first["slug"]


@pytest.mark.parametrize("library_id", ["", "1", "x" * 36, "a\0b", "\ud800", "x" * 200, None, 5, ["a"], {}])
def test_an_id_in_the_body_that_can_be_none_is_refused(
    client: FlaskClient, database: Database, library_id: Any
) -> None:
    with database.begin() as session:
        a_library(session)

    answer = client.delete(LIBRARY, json={"id": library_id})

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]
    assert libraries(database) == 1


@pytest.mark.parametrize("path", ["1", "x" * 36, "stats", "%00", "*"])
def test_an_id_in_the_path_that_can_be_none_is_refused(client: FlaskClient, database: Database, path: str) -> None:
    with database.begin() as session:
        a_library(session)

    answer = client.delete(f"{LIBRARY}/{path}")

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]
    assert libraries(database) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"{", b"\xff", b"[]", b"42", b"null", b'"x"', b"[" * 50_000])
def test_a_body_that_names_none_deletes_none(client: FlaskClient, database: Database, body: bytes) -> None:
    with database.begin() as session:
        a_library(session)

    assert client.delete(LIBRARY, data=body, content_type="application/json").status_code == 400
    assert client.delete(LIBRARY).status_code == 400
    assert libraries(database) == 1


def test_the_id_in_the_body_may_not_be_another_than_in_the_path(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        library, other = a_library(session), a_library(session, "Other")

    different = client.delete(f"{LIBRARY}/{library.id}", json={"id": other.id})
    same = client.delete(f"{LIBRARY}/{library.id}", json={"id": library.id})

    assert different.status_code == 400
    assert [detail["field"] for detail in different.json["details"]] == ["id"]
    assert same.status_code == 200
    assert libraries(database) == 1


@pytest.mark.parametrize("form", FORMS, ids=["path", "body"])
def test_a_library_that_is_not_there_is_not_found(client: FlaskClient, form: Form) -> None:
    assert form(client, str(uuid4())).status_code == 404


def test_without_redis_a_library_is_deleted_all_the_same(make_client: MakeClient, database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        a_movie(session, library=library)
        a_scan_job(session, library)
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")

    assert client.delete(f"{LIBRARY}/{library.id}").status_code == 200
    assert libraries(database) == 0
