"""PUT /api/v1/library and /library/{id}."""

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
from shared.kinds import MediaType
from shared.models import Enrichment, Library, ScanFolder, ScanJob
from shared.scan_jobs import FolderStatus, JobStatus
from tests.builders import EPOCH, a_file, a_library, a_movie, a_scan_folder, a_scan_job, told

LIBRARY = "/api/v1/library"
#: An id that no row has. Tests that run in several processes must have the same names in each.
_NOBODY = "b7f0b6a5-6c1e-4e5b-9d0b-1f2a3c4d5e6f"

#: Both forms: the id in the path, or in the body.
FORMS: list[Callable[[FlaskClient, str, dict[str, Any]], TestResponse]] = [
    lambda client, library_id, body: client.put(f"{LIBRARY}/{library_id}", json=body),
    lambda client, library_id, body: client.put(LIBRARY, json=body | {"id": library_id}),
]
Form = Callable[[FlaskClient, str, dict[str, Any]], TestResponse]


def made(database: Database, name: str = "Films", **more: Any) -> Library:
    with database.begin() as session:
        return a_library(session, name, **more)


def state(database: Database, library_id: str) -> dict[str, Any]:
    with database.read() as session:
        row = session.get_one(Library, library_id)
        return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@pytest.mark.parametrize("form", FORMS, ids=["path", "body"])
def test_a_library_is_changed_and_told(client: FlaskClient, database: Database, redis: Redis, form: Form) -> None:
    library = made(database, created_at=EPOCH, updated_at=EPOCH)
    before = client.get(LIBRARY).json["data"][0]
    changes = {
        "name": "Cinema",
        "description": "All of them.",
        "posterUrl": "https://example.org/p.jpg",
        "backdropUrl": "https://example.org/b.jpg",
        "isLibrary": False,
    }

    answer = form(client, library.id, changes)

    assert answer.status_code == 200
    after = answer.json["data"]["library"]
    assert after["updatedAt"] > before["updatedAt"]
    assert after == before | changes | {"updatedAt": after["updatedAt"]}
    assert answer.json["data"]["message"] == answer.json["message"]
    assert client.get(LIBRARY).json["data"] == [after]
    assert told(redis) == [{"type": "library:updated", "libraryId": library.id, "libraryName": "Cinema"}]


def test_an_empty_text_clears_and_null_leaves_what_it_finds(client: FlaskClient, database: Database) -> None:
    url = "https://example.org/x.jpg"
    parent = made(database, "Parent")
    library = made(database, description="Old.", poster_url=url, backdrop_url=url, parent_id=parent.id)
    names = ("description", "posterUrl", "backdropUrl", "parentId")

    kept = client.put(f"{LIBRARY}/{library.id}", json=dict.fromkeys((*names, "name", "isLibrary", "libraryType")))
    cleared = client.put(f"{LIBRARY}/{library.id}", json=dict.fromkeys(names, ""))

    assert [kept.json["data"]["library"][name] for name in names] == ["Old.", url, url, parent.id]
    assert [cleared.json["data"]["library"][name] for name in names] == [None] * 4


def test_the_slug_stays_when_the_name_changes(client: FlaskClient, database: Database) -> None:
    library = made(database)

    answer = client.put(f"{LIBRARY}/{library.id}", json={"name": "Cinema", "slug": "cinema"})

    assert answer.json["data"]["library"]["slug"] == library.slug


@pytest.mark.parametrize("body", [{}, {"name": "Films"}, {"unknown": [1]}])
def test_nothing_to_change_is_fine_and_not_told(
    client: FlaskClient, database: Database, redis: Redis, body: dict[str, Any]
) -> None:
    library = made(database)
    before = state(database, library.id)

    answer = client.put(f"{LIBRARY}/{library.id}", json=body)

    assert answer.status_code == 200
    assert state(database, library.id) == before
    assert told(redis) == []


def test_a_whole_library_may_be_sent_back_though_its_folder_is_away(client: FlaskClient, database: Database) -> None:
    library = made(database, path="/there/is/none")
    with database.begin() as session:
        a_file(session, library=library, movie=a_movie(session, library=library))
    before = state(database, library.id)
    whole = client.get(f"{LIBRARY}/{library.id}").json["data"]

    answer = client.put(LIBRARY, json=whole)

    assert answer.status_code == 200
    assert answer.json["data"]["library"]["mediaCount"] == 1
    assert state(database, library.id) == before


def test_an_empty_library_moves_and_forgets_what_scans_noted(
    client: FlaskClient, database: Database, media: Path
) -> None:
    library = made(database)
    with database.begin() as session:
        failed = a_scan_job(session, library, status=JobStatus.FAILED)
        a_scan_folder(session, failed, status=FolderStatus.SETTLED, settled_signature="as it is")

    answer = client.put(f"{LIBRARY}/{library.id}", json={"libraryPath": f"{media}/", "libraryType": "tv"})

    assert answer.status_code == 200
    shown = answer.json["data"]["library"]
    assert (shown["libraryPath"], shown["libraryType"]) == (str(media), "TV_SHOW")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ScanFolder)) == 0
        assert session.scalar(select(func.count()).select_from(ScanJob)) == 0


@pytest.mark.parametrize("what", ["libraryPath", "libraryType"])
@pytest.mark.parametrize("holding", ["a file", "a missing file", "a title"])
def test_a_library_that_holds_something_does_not_move(
    client: FlaskClient, database: Database, redis: Redis, media: Path, what: str, *, holding: str
) -> None:
    library = made(database)
    with database.begin() as session:
        ended = a_scan_job(session, library, status=JobStatus.COMPLETED)
        folder = a_scan_folder(session, ended)
        if holding == "a title":
            a_movie(session, library=library)
        else:
            a_file(session, library=library, missing_since=None if holding == "a file" else EPOCH)
    before = state(database, library.id)

    answer = client.put(
        f"{LIBRARY}/{library.id}", json={"name": "New", what: str(media) if what == "libraryPath" else "tv"}
    )

    assert answer.status_code == 409
    assert "Make another library" in answer.json["message"]
    assert state(database, library.id) == before
    with database.read() as session:
        assert session.get_one(ScanFolder, folder.id).scan_job_id == ended.id
    assert told(redis) == []


@pytest.mark.parametrize("status", [JobStatus.PENDING, JobStatus.IN_PROGRESS])
def test_a_library_under_scan_does_not_move(
    client: FlaskClient, database: Database, media: Path, status: JobStatus
) -> None:
    library = made(database)
    with database.begin() as session:
        a_scan_job(session, library, status=status)

    answer = client.put(f"{LIBRARY}/{library.id}", json={"libraryPath": str(media)})

    assert answer.status_code == 409
    assert "is being scanned" in answer.json["message"]
    assert client.put(f"{LIBRARY}/{library.id}", json={"name": "New"}).status_code == 200


def test_no_library_moves_to_where_another_of_its_type_is(client: FlaskClient, database: Database, media: Path) -> None:
    made(database, "Other", path=media)
    library = made(database)
    shows = made(database, "Shows", path=media, library_type=MediaType.TV_SHOW)

    moved = client.put(f"{LIBRARY}/{library.id}", json={"libraryPath": str(media)})
    retyped = client.put(f"{LIBRARY}/{shows.id}", json={"libraryType": "movie"})

    for answer in (moved, retyped):
        assert answer.status_code == 409
        assert "Other" in answer.json["message"]


def test_of_many_that_move_to_one_place_at_once_one_does(client: FlaskClient, database: Database, media: Path) -> None:
    libraries = [made(database, f"Films {number}") for number in range(8)]
    client.get("/health")
    together = Barrier(8)

    def move(library: Library) -> int:
        own = client.application.test_client()
        together.wait()
        return own.put(f"{LIBRARY}/{library.id}", json={"libraryPath": str(media)}).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(move, libraries)) == [200] + [409] * 7


def test_a_library_stands_below_another_but_never_below_itself(client: FlaskClient, database: Database) -> None:
    first, second, third = (made(database, name) for name in ("First", "Second", "Third"))

    def below(child: Library, parent_id: str) -> TestResponse:
        return client.put(f"{LIBRARY}/{child.id}", json={"parentId": parent_id})

    assert below(second, first.id).json["data"]["library"]["parentId"] == first.id
    assert below(third, second.id).status_code == 200
    for child, parent_id in ((first, first.id), (first, third.id), (first, second.id), (first, str(uuid4()))):
        answer = below(child, parent_id)
        assert answer.status_code == 400
        assert [detail["field"] for detail in answer.json["details"]] == ["parentId"]
    assert state(database, first.id)["parent_id"] is None


def test_the_providers_change_stay_where_they_are_not_named_and_go_with_an_empty_list(
    client: FlaskClient, database: Database
) -> None:
    library = made(database)

    seen = [
        client.put(f"{LIBRARY}/{library.id}", json=body).json["data"]["library"]["providers"]
        for body in ({"providers": ["tvmaze", "nfo"]}, {"name": "New"}, {"providers": None}, {"providers": []})
    ]

    assert seen == [["tvmaze", "nfo"]] * 3 + [None]


def test_other_providers_are_asked_about_what_the_library_holds(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    library = made(database, providers=["tmdb"])
    with database.begin() as session:
        held = {a_movie(session, library=library).media_id, a_movie(session, library=library).media_id}
        a_movie(session)

    for body in ({"providers": ["tmdb"]}, {"name": "New"}, {"providers": ["nfo", "tmdb"]}):
        client.put(f"{LIBRARY}/{library.id}", json=body)

    with database.read() as session:
        asked = set(session.scalars(select(Enrichment.media_id).where(Enrichment.is_asked)))
    assert asked == held
    assert redis.llen("metadata") == 1


def test_parents_that_are_set_at_once_make_no_circle(client: FlaskClient, database: Database) -> None:
    libraries = [made(database, f"Library {number}") for number in range(6)]
    client.get("/health")
    together = Barrier(6)

    def below_the_next(number: int) -> int:
        own = client.application.test_client()
        together.wait()
        parent = libraries[(number + 1) % 6]
        return own.put(f"{LIBRARY}/{libraries[number].id}", json={"parentId": parent.id}).status_code

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(below_the_next, range(6))) == [200] * 5 + [400]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": 1}, "name"),
        ({"description": "x" * 5001}, "description"),
        ({"description": {}}, "description"),
        ({"posterUrl": "x.jpg"}, "posterUrl"),
        ({"posterUrl": "https://example.org/" + "x" * 2000}, "posterUrl"),
        ({"posterUrl": False}, "posterUrl"),
        ({"backdropUrl": "javascript:alert(1)"}, "backdropUrl"),
        ({"libraryPath": ""}, "libraryPath"),
        ({"libraryPath": "media"}, "libraryPath"),
        ({"libraryPath": "/there/is/none"}, "libraryPath"),
        ({"libraryPath": "/etc"}, "libraryPath"),
        ({"libraryPath": "/a\0b"}, "libraryPath"),
        ({"libraryPath": "/\ud800"}, "libraryPath"),
        ({"libraryPath": "/" + "x" * 10_000}, "libraryPath"),
        ({"libraryPath": 1}, "libraryPath"),
        ({"libraryType": "comic"}, "libraryType"),
        ({"libraryType": ""}, "libraryType"),
        ({"libraryType": []}, "libraryType"),
        ({"isLibrary": "perhaps"}, "isLibrary"),
        ({"isLibrary": {}}, "isLibrary"),
        ({"parentId": "x"}, "parentId"),
        ({"parentId": "a\0b"}, "parentId"),
        ({"parentId": "x" * 101}, "parentId"),
        ({"parentId": 5}, "parentId"),
    ],
    ids=lambda value: repr(value)[:50] if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("form", FORMS, ids=["path", "body"])
def test_a_wrong_field_is_refused_by_name_and_nothing_changes(
    client: FlaskClient, database: Database, redis: Redis, form: Form, body: dict[str, Any], *, field: str
) -> None:
    library = made(database)
    before = state(database, library.id)

    answer = form(client, library.id, {"name": "New"} | body)

    assert answer.status_code == 400, answer.text
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert state(database, library.id) == before
    assert told(redis) == []


@pytest.mark.parametrize("library_id", ["", "1", "x" * 36, "a\0b", "\ud800", "x" * 200, None, 5, ["a"], {}])
def test_an_id_in_the_body_that_can_be_none_is_refused(client: FlaskClient, library_id: Any) -> None:
    answer = client.put(LIBRARY, json={"id": library_id, "name": "New"})

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]


def test_without_an_id_nothing_is_changed(client: FlaskClient) -> None:
    answer = client.put(LIBRARY, json={"name": "New"})

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]


@pytest.mark.parametrize("path", ["1", "x" * 36, "stats", "%00"])
def test_an_id_in_the_path_that_can_be_none_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.put(f"{LIBRARY}/{path}", json={"name": "New"})

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]


def test_the_id_in_the_body_may_not_be_another_than_in_the_path(client: FlaskClient, database: Database) -> None:
    library, other = made(database), made(database, "Other")

    same = client.put(f"{LIBRARY}/{library.id}", json={"id": library.id.upper(), "name": "New"})
    different = client.put(f"{LIBRARY}/{library.id}", json={"id": other.id, "name": "Newer"})

    assert same.status_code == 200
    assert different.status_code == 400
    assert [detail["field"] for detail in different.json["details"]] == ["id"]
    assert state(database, library.id)["name"] == "New"


@pytest.mark.parametrize("form", FORMS, ids=["path", "body"])
@pytest.mark.parametrize("body", [{"name": "New"}, {"libraryPath": "/media"}, {"parentId": _NOBODY}])
def test_a_library_that_is_not_there_is_not_found(client: FlaskClient, form: Form, body: dict[str, Any]) -> None:
    assert form(client, str(uuid4()), body).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"42", b"null", b'"x"', b"[" * 50_000])
@pytest.mark.parametrize("form", ["", "/"])
def test_what_is_no_json_object_is_refused(client: FlaskClient, database: Database, form: str, body: bytes) -> None:
    library = made(database)
    path = LIBRARY + (form and f"/{library.id}")

    assert client.put(path, data=body, content_type="application/json").status_code == 400
