"""POST /api/v1/library."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from shared.database import Database
from shared.kinds import MediaType
from shared.models import Library, ScanJob
from tests.api.conftest import INSTANT, MakeClient
from tests.builders import a_library, told

LIBRARY = "/api/v1/library"


def rows(database: Database) -> tuple[int, int]:
    """Count the libraries and the scan jobs."""
    with database.read() as session:
        libraries = session.scalar(select(func.count()).select_from(Library))
        jobs = session.scalar(select(func.count()).select_from(ScanJob))
        return libraries or 0, jobs or 0


def a_body(media: Path, **more: Any) -> dict[str, Any]:
    return {"name": "Films", "libraryPath": str(media), "libraryType": "movie"} | more


def test_a_library_is_made_and_told(client: FlaskClient, redis: Redis, media: Path) -> None:
    pictures = {"posterUrl": "https://example.org/p.jpg", "backdropUrl": "http://[::1]:8080/b%20c.jpg?w=1#x"}

    answer = client.post(LIBRARY, json=a_body(media, name=" Films ", description="All of them.", **pictures))

    assert answer.status_code == 201
    made = answer.json["data"]
    assert client.get(LIBRARY).json["data"] == [{k: v for k, v in made.items() if k != "scanJobId"}]
    assert INSTANT.fullmatch(made.pop("createdAt"))
    assert INSTANT.fullmatch(made.pop("updatedAt"))
    assert made == pictures | {
        "id": made["id"],
        "name": "Films",
        "slug": "films",
        "description": "All of them.",
        "isLibrary": True,
        "libraryPath": str(media),
        "libraryType": "MOVIE",
        "parentId": None,
        "providers": None,
        "watch": False,
        "scanIntervalMinutes": None,
        "mediaCount": 0,
        "scanJobId": None,
    }
    assert told(redis) == [{"type": "library:updated", "libraryId": made["id"], "libraryName": "Films"}]
    assert redis.llen("scan") == 0


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_empty_is_not_there(client: FlaskClient, media: Path, nothing: str | None) -> None:
    body = a_body(media, description=nothing, posterUrl=nothing, backdropUrl=nothing, scan=False)

    made = client.post(LIBRARY, json=body).json["data"]

    assert (made["description"], made["posterUrl"], made["backdropUrl"]) == (None, None, None)


def test_a_library_may_have_providers_of_its_own_in_their_order(client: FlaskClient, media: Path) -> None:
    made = client.post(LIBRARY, json=a_body(media, providers=["tmdb", "nfo"])).json["data"]

    assert made["providers"] == ["tmdb", "nfo"]
    assert client.get(f"{LIBRARY}/{made['id']}").json["data"]["providers"] == ["tmdb", "nfo"]


@pytest.mark.parametrize(
    ("providers", "field"),
    [(["omdb"], "providers.0"), (["nfo", "nfo"], "providers"), ("nfo", "providers"), ([None], "providers.0")],
)
def test_providers_that_cannot_be_are_refused(client: FlaskClient, media: Path, providers: object, field: str) -> None:
    answer = client.post(LIBRARY, json=a_body(media, providers=providers))

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]


@pytest.mark.parametrize(
    ("spelling", "library_type"),
    [("movie", "MOVIE"), ("Movies", "MOVIE"), ("tv-show", "TV_SHOW"), ("TV_SHOW", "TV_SHOW")],
)
def test_the_type_is_understood_however_it_is_spelt(
    client: FlaskClient, media: Path, spelling: str, library_type: str
) -> None:
    made = client.post(LIBRARY, json=a_body(media, libraryType=spelling)).json["data"]

    assert made["libraryType"] == library_type


def test_a_library_is_scanned_when_that_is_asked_for(
    client: FlaskClient, database: Database, redis: Redis, media: Path
) -> None:
    answer = client.post(LIBRARY, json=a_body(media, scan=True))

    assert answer.status_code == 201
    made = answer.json["data"]
    with database.read() as session:
        scan_job = session.get_one(ScanJob, made["scanJobId"])
    assert (scan_job.library_id, scan_job.path, scan_job.status) == (made["id"], str(media), "PENDING")
    (message,) = redis.lrange("scan", 0, -1)
    assert scan_job.id in json.loads(message)["headers"]["argsrepr"]
    again = client.post("/api/v1/scan/path", json={"path": str(media)}).json["data"]
    assert again["scanJobId"] == scan_job.id


def test_a_second_library_of_the_type_at_the_path_is_a_conflict_that_names_the_first(
    client: FlaskClient, database: Database, media: Path
) -> None:
    assert client.post(LIBRARY, json=a_body(media, name="The first")).status_code == 201
    (media / "sub").mkdir()

    for spelling in (f"{media}", f"{media}/", f" {media}/."):
        answer = client.post(LIBRARY, json=a_body(media, libraryPath=spelling, scan=True))
        assert answer.status_code == 409
        assert answer.json["error"] == "Conflict"
        assert "The first" in answer.json["message"]
    assert rows(database) == (1, 0)
    assert client.post(LIBRARY, json=a_body(media, libraryType="tv")).status_code == 201
    assert client.post(LIBRARY, json=a_body(media / "sub")).status_code == 201


def test_of_ten_who_make_it_at_once_one_does(
    client: FlaskClient, database: Database, redis: Redis, media: Path
) -> None:
    client.get("/health")
    together = Barrier(10)

    def make(_: int) -> TestResponse:
        own = client.application.test_client()
        together.wait()
        return own.post(LIBRARY, json=a_body(media, scan=True))

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(make, range(10)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert rows(database) == (1, 1)
    assert redis.llen("scan") == 1
    assert len(told(redis)) == 1


def test_libraries_of_one_name_have_slugs_of_their_own(client: FlaskClient, media: Path) -> None:
    (media / "sub").mkdir()

    slugs = [client.post(LIBRARY, json=a_body(folder)).json["data"]["slug"] for folder in (media, media / "sub")]

    assert slugs == ["films", "films-2"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " \t"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "\udfff"}, "name"),
        ({"name": 5}, "name"),
        ({"name": ["Films"]}, "name"),
        ({"libraryPath": None}, "libraryPath"),
        ({"libraryPath": ""}, "libraryPath"),
        ({"libraryPath": "media"}, "libraryPath"),
        ({"libraryPath": "/there/is/none"}, "libraryPath"),
        ({"libraryPath": "/media/../etc"}, "libraryPath"),
        ({"libraryPath": "/etc"}, "libraryPath"),
        ({"libraryPath": "/dev/null"}, "libraryPath"),
        ({"libraryPath": "/media\0"}, "libraryPath"),
        ({"libraryPath": "/\ud800"}, "libraryPath"),
        ({"libraryPath": "/" + "x" * 5000}, "libraryPath"),
        ({"libraryPath": {"path": "/media"}}, "libraryPath"),
        ({"libraryType": None}, "libraryType"),
        ({"libraryType": ""}, "libraryType"),
        ({"libraryType": "music"}, "libraryType"),
        ({"libraryType": 1}, "libraryType"),
        ({"description": "x" * 5001}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"description": 7}, "description"),
        ({"posterUrl": "ftp://example.org/p.jpg"}, "posterUrl"),
        ({"posterUrl": "javascript:alert(1)"}, "posterUrl"),
        ({"posterUrl": "file:///etc/passwd"}, "posterUrl"),
        ({"posterUrl": "data:image/png;base64,AAAA"}, "posterUrl"),
        ({"posterUrl": "//example.org/p.jpg"}, "posterUrl"),
        ({"posterUrl": "p.jpg"}, "posterUrl"),
        ({"posterUrl": "https://"}, "posterUrl"),
        ({"posterUrl": "https:///p.jpg"}, "posterUrl"),
        ({"posterUrl": "https://["}, "posterUrl"),
        ({"posterUrl": "https://user:secret@example.org/p.jpg"}, "posterUrl"),
        ({"posterUrl": "https://example.org/a b.jpg"}, "posterUrl"),
        ({"posterUrl": "https://example.org/ä.jpg"}, "posterUrl"),
        ({"posterUrl": "https://example.org/%zz"}, "posterUrl"),
        ({"posterUrl": "https://example.org/\r\nX: y"}, "posterUrl"),
        ({"posterUrl": "https://example.org/" + "x" * 2000}, "posterUrl"),
        ({"posterUrl": ["https://example.org/p.jpg"]}, "posterUrl"),
        ({"backdropUrl": "p.jpg"}, "backdropUrl"),
        ({"backdropUrl": 1}, "backdropUrl"),
        ({"scan": "perhaps"}, "scan"),
        ({"scan": []}, "scan"),
    ],
    ids=lambda value: repr(value)[:50] if isinstance(value, dict) else "",
)
def test_a_wrong_field_is_refused_by_name_and_nothing_is_made(
    client: FlaskClient, database: Database, redis: Redis, media: Path, more: dict[str, Any], *, field: str
) -> None:
    answer = client.post(LIBRARY, json=a_body(media, **more))

    assert answer.status_code == 400, answer.text
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert rows(database) == (0, 0)
    assert told(redis) == []


@pytest.mark.parametrize("missing", ["name", "libraryPath", "libraryType"])
def test_what_must_be_said_is_asked_for(client: FlaskClient, media: Path, missing: str) -> None:
    body = {name: value for name, value in a_body(media).items() if name != missing}

    answer = client.post(LIBRARY, json=body)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [missing]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"42", b'"x"', b"true", b"null", b"[" * 50_000])
def test_what_is_no_json_object_is_refused(client: FlaskClient, database: Database, body: bytes) -> None:
    answer = client.post(LIBRARY, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert rows(database) == (0, 0)


def test_other_fields_are_passed_over(client: FlaskClient, database: Database, media: Path) -> None:
    with database.begin() as session:
        other = a_library(session, library_type=MediaType.TV_SHOW)

    made = client.post(LIBRARY, json=a_body(media, id=other.id, slug="mine", parentId=other.id, mediaCount=9)).json[
        "data"
    ]

    assert made["id"] != other.id
    assert (made["slug"], made["parentId"], made["mediaCount"]) == ("films", None, 0)


def test_outside_the_media_roots_no_library_is_made(make_client: MakeClient, media: Path, tmp_path: Path) -> None:
    client = make_client(MEDIA_ROOTS=str(media))

    answer = client.post(LIBRARY, json=a_body(tmp_path))

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["libraryPath"]


def test_a_link_to_a_folder_whose_name_is_no_utf_8_is_refused(
    client: FlaskClient, database: Database, media: Path
) -> None:
    (media / "f\udcfclm").mkdir()
    (media / "link").symlink_to(media / "f\udcfclm")

    answer = client.post(LIBRARY, json=a_body(media / "link"))

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["libraryPath"]
    assert rows(database) == (0, 0)


def test_without_redis_a_library_is_made_all_the_same(make_client: MakeClient, database: Database, media: Path) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")

    assert client.post(LIBRARY, json=a_body(media, scan=True)).status_code == 201
    assert rows(database) == (1, 1)
