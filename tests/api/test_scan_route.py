"""POST /api/v1/scan/path."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from shared import scan_jobs
from shared.database import Database
from shared.models import Library, ScanJob
from tests.api.conftest import MakeClient

SCAN = "/api/v1/scan/path"


def rows(database: Database) -> tuple[int, int]:
    """Count the libraries and the scan jobs."""
    with database.read() as session:
        libraries = session.scalar(select(func.count()).select_from(Library))
        jobs = session.scalar(select(func.count()).select_from(ScanJob))
        return libraries or 0, jobs or 0


def refused(database: Database, redis: Redis, answer: TestResponse, status: int, field: str | None) -> None:
    """Check that a request was refused, that the answer says why, and that nothing came of it."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.json["success"] is False
    assert answer.json["message"]
    if status == 400:
        assert answer.json["error"] == "Validation failed"
    if field is not None:
        assert field in [detail["field"] for detail in answer.json["details"]]
    assert len(answer.data) < 5000
    assert rows(database) == (0, 0)
    assert redis.llen("scan") == 0


def test_a_scan_is_accepted_recorded_and_sent(
    client: FlaskClient, database: Database, redis: Redis, media: Path
) -> None:
    answer = client.post(SCAN, json={"path": str(media), "mediaType": "tv"})

    assert answer.status_code == 202
    data = answer.json["data"]
    with database.read() as session:
        (library,) = session.scalars(select(Library))
        (scan_job,) = session.scalars(select(ScanJob))
    assert data == {
        "libraryId": library.id,
        "libraryName": "media",
        "path": str(media),
        "mediaType": "tv",
        "jobId": scan_job.id,
        "scanJobId": scan_job.id,
        "queued": False,
    }
    assert (library.library_type, library.library_path, library.is_library) == ("TV_SHOW", str(media), True)
    assert (scan_job.status, scan_job.library_id, scan_job.path) == ("PENDING", library.id, str(media))
    (message,) = redis.lrange("scan", 0, -1)
    assert json.loads(message)["headers"]["task"] == "scan.discover"
    assert scan_job.id in json.loads(message)["headers"]["argsrepr"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "path"),
        (b"{}", "path"),
        (b'{"path": ', "body"),
        (b"not json", "body"),
        (b"\xff\xfe", "body"),
        (b"[]", "body"),
        (b'["/media"]', "body"),
        (b"42", "body"),
        (b'"/media"', "body"),
        (b"true", "body"),
        (b"null", None),
        (b'{"path": NaN}', "path"),
    ],
)
def test_what_is_no_json_object_is_refused(
    client: FlaskClient, database: Database, redis: Redis, body: bytes, field: str | None
) -> None:
    answer = client.post(SCAN, data=body, content_type="application/json")

    refused(database, redis, answer, 400, field)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "   ",
        "relative/path",
        ".",
        "~",
        "C:\\Media",
        "file:///media",
        "/there/is/no/such/folder",
        "/",
        "//",
        "/.",
        "/etc",
        "/etc/",
        "//etc",
        "/etc/ssl",
        "/proc",
        "/proc/self",
        "/sys",
        "/dev",
        "/usr/share",
        "/bin",
        "/var",
        "/home",
        "/root",
        "/media/../etc",
        "/..",
        "..",
        "/media/..",
        "/media\\..\\etc",
        "/media\0/etc",
        "\0",
        "/\ud800",
        "/" + "x" * 10_000,
        "/" + "x/" * 5_000,
        "/" + "ä" * 3_000,
        "/" + "x" * 300,
        ["/media"],
        {"path": "/media"},
        42,
        1.5,
        True,
        None,
    ],
    ids=lambda path: repr(path)[:30],
)
def test_a_path_that_is_no_folder_of_media_is_refused(
    client: FlaskClient, database: Database, redis: Redis, path: Any
) -> None:
    answer = client.post(SCAN, json={"path": path})

    refused(database, redis, answer, 400, "path")


def test_a_file_and_links_that_lead_nowhere_good_are_refused(
    client: FlaskClient, database: Database, redis: Redis, media: Path
) -> None:
    (media / "film.mkv").touch()
    (media / "etc").symlink_to("/etc")
    (media / "root").symlink_to("/")
    (media / "loop").symlink_to(media / "loop")

    # Whose name is no UTF-8
    (media / "f\udcfclm").mkdir()
    (media / "odd").symlink_to(media / "f\udcfclm")

    for name in ("film.mkv", "film.mkv/", "film.mkv/x", "etc", "etc/ssl", "root", "root/proc", "loop", "loop/x", "odd"):
        refused(database, redis, client.post(SCAN, json={"path": f"{media}/{name}"}), 400, "path")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"mediaType": "music"}, "mediaType"),
        ({"mediaType": ""}, "mediaType"),
        ({"mediaType": 1}, "mediaType"),
        ({"mediaType": ["movie"]}, "mediaType"),
        ({"name": 5}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "\udfff"}, "name"),
        ({"description": ["x"]}, "description"),
        ({"description": "x" * 5001}, "description"),
        ({"options": []}, "options"),
        ({"options": "rescan"}, "options"),
        ({"options": {"mediaType": "comic"}}, "options.mediaType"),
        ({"options": {"maxDepth": 11}}, "options.maxDepth"),
        ({"options": {"maxDepth": -1}}, "options.maxDepth"),
        ({"options": {"maxDepth": 1.5}}, "options.maxDepth"),
        ({"options": {"maxDepth": "deep"}}, "options.maxDepth"),
        ({"options": {"maxDepth": True}}, "options.maxDepth"),
        ({"options": {"fileExtensions": ".mkv"}}, "options.fileExtensions"),
        ({"options": {"fileExtensions": [1]}}, "options.fileExtensions.0"),
        ({"options": {"fileExtensions": [".mkv", "../x"]}}, "options.fileExtensions.1"),
        ({"options": {"fileExtensions": [".mkv\n"]}}, "options.fileExtensions.0"),
        ({"options": {"fileExtensions": [""]}}, "options.fileExtensions.0"),
        ({"options": {"fileExtensions": ["mkv"] * 101}}, "options.fileExtensions"),
        ({"options": {"libraryName": {}}}, "options.libraryName"),
        ({"options": {"libraryName": "x" * 201}}, "options.libraryName"),
        ({"options": {"rescan": "perhaps"}}, "options.rescan"),
        ({"options": {"rescan": []}}, "options.rescan"),
        ({"options": {"batchScan": "perhaps"}}, "options.batchScan"),
        ({"options": {"followSymlinks": {}}}, "options.followSymlinks"),
        ({"options": {"filenamePattern": "["}}, "options.filenamePattern"),
        ({"options": {"filenamePattern": "(?P<x"}}, "options.filenamePattern"),
        ({"options": {"filenamePattern": "a{99999999999999999999}"}}, "options.filenamePattern"),
        ({"options": {"filenamePattern": "(" * 400 + ")" * 99}}, "options.filenamePattern"),
        ({"options": {"filenamePattern": "x" * 501}}, "options.filenamePattern"),
        # A gigabyte of memory each, if they were compiled.
        ({"options": {"filenamePattern": "a{4000000}"}}, "options.filenamePattern"),
        ({"options": {"filenamePattern": "(?:a{2000}){2000,}"}}, "options.filenamePattern"),
        ({"options": {"filenamePattern": "(?:" * 22 + "a" + "){2}" * 22}}, "options.filenamePattern"),
        ({"options": {"directoryPattern": "(?x)a{4 000 000 }"}}, "options.directoryPattern"),
        ({"options": {"directoryPattern": "(?x)a{4#,}\n000000}"}}, "options.directoryPattern"),
        ({"options": {"filenamePattern": 7}}, "options.filenamePattern"),
        ({"options": {"directoryPattern": "*"}}, "options.directoryPattern"),
        ({"options": {"mediaTypeDepth": 3}}, "options.mediaTypeDepth"),
        ({"options": {"mediaTypeDepth": {"movie": 11}}}, "options.mediaTypeDepth.movie"),
        ({"options": {"mediaTypeDepth": {"tv": "2"}}}, "options.mediaTypeDepth.tv"),
    ],
    ids=lambda value: repr(value)[:50] if isinstance(value, dict) else "",
)
def test_a_wrong_option_is_refused_by_name(
    client: FlaskClient, database: Database, redis: Redis, media: Path, more: dict[str, Any], *, field: str
) -> None:
    answer = client.post(SCAN, json={"path": str(media)} | more)

    refused(database, redis, answer, 400, field)


def test_a_huge_body_is_refused(client: FlaskClient, database: Database, redis: Redis, media: Path) -> None:
    body = json.dumps({"path": str(media), "padding": "x" * 2_000_000})

    answer = client.post(SCAN, data=body, content_type="application/json")

    refused(database, redis, answer, 413, None)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_called_json_is_refused(
    client: FlaskClient, database: Database, redis: Redis, media: Path, content_type: str
) -> None:
    answer = client.post(SCAN, data=json.dumps({"path": str(media)}), content_type=content_type)

    refused(database, redis, answer, 415, None)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deeply_nested_json_is_refused(
    client: FlaskClient, database: Database, redis: Redis, opening: str, closing: str
) -> None:
    body = '{"path": ' + opening * 50_000 + "1" + closing * 50_000 + "}"

    answer = client.post(SCAN, data=body, content_type="application/json")

    refused(database, redis, answer, 400, None)


@pytest.mark.parametrize("where", ["top", "options"])
@pytest.mark.parametrize(
    ("spelling", "media_type"),
    [
        ("movie", "movie"),
        ("MOVIE", "movie"),
        ("Movies", "movie"),
        ("tv", "tv"),
        ("TV", "tv"),
        ("tvshow", "tv"),
        ("tvShows", "tv"),
        ("tv-show", "tv"),
        ("TV_SHOW", "tv"),
    ],
)
def test_the_media_type_is_understood_however_and_wherever_it_is_spelt(
    client: FlaskClient, media: Path, where: str, spelling: str, media_type: str
) -> None:
    body: dict[str, Any] = {"path": str(media)}
    body |= {"mediaType": spelling} if where == "top" else {"options": {"mediaType": spelling}}

    assert client.post(SCAN, json=body).json["data"]["mediaType"] == media_type


def test_a_scan_that_names_no_media_type_is_of_movies(client: FlaskClient, media: Path) -> None:
    assert client.post(SCAN, json={"path": str(media)}).json["data"]["mediaType"] == "movie"


def test_the_options_are_in_the_job(client: FlaskClient, database: Database, media: Path) -> None:
    options = {
        "maxDepth": 4,
        "mediaTypeDepth": {"movie": 2, "tv": 9},
        "fileExtensions": ["MKV", ".Mp4"],
        "libraryName": "My films",
        "rescan": True,
        "batchScan": True,
        "followSymlinks": False,
        "filenamePattern": r"\.mkv$",
        "directoryPattern": "^A",
        "unknownOption": "is passed over",
    }

    answer = client.post(SCAN, json={"path": str(media), "options": options, "description": "All of them."})

    assert answer.json["data"]["libraryName"] == "My films"
    with database.read() as session:
        scan_job = session.get_one(ScanJob, answer.json["data"]["scanJobId"])
        assert scan_job.library.description == "All of them."
    assert scan_job.options == {
        "max_depth": 2,
        "file_extensions": [".mkv", ".mp4"],
        "rescan": True,
        "follow_symlinks": False,
        "filename_pattern": r"\.mkv$",
        "directory_pattern": "^A",
        "accept_missing": False,
        "only": None,
    }


@pytest.mark.parametrize("pattern", [r"\d{4}", r"(?i)S\d{2}E\d{2,3}.*\.mkv$", r"^(?:[A-F0-9]{4}-){3}", r"\p{Lu}+"])
def test_a_pattern_may_repeat_what_names_repeat(client: FlaskClient, media: Path, pattern: str) -> None:
    answer = client.post(SCAN, json={"path": str(media), "options": {"filenamePattern": pattern}})

    assert answer.status_code == 202


@pytest.mark.parametrize(
    "more", [{"options": {"mediaType": "tv"}}, {"mediaType": "movie", "options": {"mediaType": "tv"}}]
)
def test_the_media_type_beside_the_path_goes_before_the_one_among_the_options(
    client: FlaskClient, media: Path, more: dict[str, Any]
) -> None:
    answer = client.post(SCAN, json={"path": str(media)} | more)

    assert answer.json["data"]["mediaType"] == more.get("mediaType", "tv")


@pytest.mark.parametrize("depth", [0, 10, None])
def test_every_depth_of_the_contract_is_accepted(
    client: FlaskClient, database: Database, media: Path, depth: int | None
) -> None:
    answer = client.post(SCAN, json={"path": str(media), "options": {"maxDepth": depth}})

    with database.read() as session:
        assert session.get_one(ScanJob, answer.json["data"]["scanJobId"]).options["max_depth"] == depth


def test_a_scan_behind_others_says_at_which_place_it_waits(
    client: FlaskClient, database: Database, media: Path
) -> None:
    for name in "abcd":
        (media / name).mkdir()

    answers = [client.post(SCAN, json={"path": str(media / name)}).json for name in "abc"]
    again = client.post(SCAN, json={"path": str(media / "b")}).json
    with database.begin() as session:
        assert scan_jobs.take(session, answers[0]["data"]["scanJobId"])
    running = client.post(SCAN, json={"path": str(media / "a")}).json
    last = client.post(SCAN, json={"path": str(media / "d")}).json

    assert [(answer["data"]["queued"], answer["data"].get("queuePosition")) for answer in answers] == [
        (False, None),
        (True, 2),
        (True, 3),
    ]
    assert "place 3" in answers[2]["message"]
    assert again["data"] == answers[1]["data"]
    assert (running["data"]["queued"], running["message"]) == (False, "This folder is being scanned already.")
    assert last["data"]["queuePosition"] == 3


def test_a_path_under_scan_is_not_scanned_twice(
    client: FlaskClient, database: Database, redis: Redis, media: Path
) -> None:
    first = client.post(SCAN, json={"path": str(media)})

    second = client.post(SCAN, json={"path": str(media)})

    assert second.status_code == 202
    assert second.json["data"] == first.json["data"]
    assert rows(database) == (1, 1)
    assert redis.llen("scan") == 1


@pytest.mark.parametrize("spelling", ["{}/", "{}//", "{}/.", " {} ", "/{}", "{}/./"])
def test_another_spelling_of_a_path_is_the_same_folder(
    client: FlaskClient, database: Database, media: Path, spelling: str
) -> None:
    first = client.post(SCAN, json={"path": str(media)}).json["data"]

    second = client.post(SCAN, json={"path": spelling.format(media)}).json["data"]

    assert second["scanJobId"] == first["scanJobId"]
    assert second["path"] == str(media)
    assert rows(database) == (1, 1)


def test_when_a_scan_has_ended_the_next_one_is_a_new_job_of_the_same_library(
    client: FlaskClient, database: Database, media: Path
) -> None:
    first = client.post(SCAN, json={"path": str(media)}).json["data"]
    with database.begin() as session:
        assert scan_jobs.fail(session, first["scanJobId"], "no reason")

    second = client.post(SCAN, json={"path": str(media)}).json["data"]

    assert second["scanJobId"] != first["scanJobId"]
    assert second["libraryId"] == first["libraryId"]
    assert rows(database) == (1, 2)


def test_the_same_folder_may_be_a_library_of_each_type(client: FlaskClient, database: Database, media: Path) -> None:
    films = client.post(SCAN, json={"path": str(media), "mediaType": "movie"}).json["data"]
    shows = client.post(SCAN, json={"path": str(media), "mediaType": "tv"}).json["data"]

    assert films["libraryId"] != shows["libraryId"]
    assert rows(database) == (2, 2)
    with database.read() as session:
        assert len(set(session.scalars(select(Library.slug)))) == 2


def test_twenty_requests_at_once_make_one_library_and_one_job(
    client: FlaskClient, database: Database, redis: Redis, media: Path
) -> None:
    client.get("/health")
    together = Barrier(20)

    def scan(_: int) -> TestResponse:
        own = client.application.test_client()
        together.wait()
        return own.post(SCAN, json={"path": str(media)})

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(scan, range(20)))

    assert [answer.status_code for answer in answers] == [202] * 20
    assert len({answer.json["data"]["scanJobId"] for answer in answers}) == 1
    assert rows(database) == (1, 1)
    assert redis.llen("scan") == 1


def test_libraries_of_the_same_name_made_at_once_have_slugs_of_their_own(
    client: FlaskClient, database: Database, media: Path
) -> None:
    folders = [media / str(number) / "Films" for number in range(10)]
    for folder in folders:
        folder.mkdir(parents=True)
    client.get("/health")
    together = Barrier(10)

    def scan(folder: Path) -> int:
        own = client.application.test_client()
        together.wait()
        return own.post(SCAN, json={"path": str(folder)}).status_code

    with ThreadPoolExecutor(10) as threads:
        assert list(threads.map(scan, folders)) == [202] * 10

    assert rows(database) == (10, 10)
    with database.read() as session:
        expected = {"films"} | {f"films-{number}" for number in range(2, 11)}
        assert set(session.scalars(select(Library.slug))) == expected


@pytest.mark.parametrize("name", ["愛", "!!!", "Ämter & Söhne", " ", "-", "_%"])
def test_a_library_may_have_any_name(client: FlaskClient, database: Database, media: Path, name: str) -> None:
    assert client.post(SCAN, json={"path": str(media), "name": name}).status_code == 202

    with database.read() as session:
        (slug,) = session.scalars(select(Library.slug))
    assert slug.isascii()
    assert slug


@pytest.mark.parametrize("name", ["   ", "\t\n", "", None])
def test_a_library_without_a_name_has_that_of_its_folder(client: FlaskClient, media: Path, name: str | None) -> None:
    answer = client.post(SCAN, json={"path": str(media), "name": name})

    assert answer.status_code == 202, answer.text
    assert answer.json["data"]["libraryName"] == "media"


def test_a_folder_may_have_any_name(client: FlaskClient, media: Path) -> None:
    folder = media / "Fïlme; 'DROP' \"愛\" 😀 %s\nnew line"
    folder.mkdir()

    answer = client.post(SCAN, json={"path": str(folder)})

    assert answer.status_code == 202
    assert answer.json["data"]["path"] == str(folder)


def test_a_path_of_the_host_means_the_one_in_the_container(
    make_client: MakeClient, database: Database, media: Path
) -> None:
    (media / "films").mkdir()
    client = make_client(HOST_MEDIA_PATH="/Volumes/Media", CONTAINER_MEDIA_PATH=str(media))

    by_host = client.post(SCAN, json={"path": "/Volumes/Media/films"})
    by_container = client.post(SCAN, json={"path": f"{media}/films"})
    root = client.post(SCAN, json={"path": "/Volumes/Media"})
    neighbour = client.post(SCAN, json={"path": "/Volumes/Media2/films"})
    outwards = client.post(SCAN, json={"path": "/Volumes/Media/../films"})

    assert by_host.status_code == by_container.status_code == root.status_code == 202
    assert by_host.json["data"]["path"] == f"{media}/films"
    assert by_host.json["data"]["scanJobId"] == by_container.json["data"]["scanJobId"]
    assert root.json["data"]["path"] == str(media)
    assert neighbour.status_code == outwards.status_code == 400
    assert rows(database) == (2, 2)


def test_only_what_is_below_the_media_roots_is_scanned(
    make_client: MakeClient, database: Database, redis: Redis, media: Path, tmp_path: Path
) -> None:
    (media / "films").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "media2").mkdir()
    (media / "out").symlink_to(tmp_path / "elsewhere")
    client = make_client(MEDIA_ROOTS=f"{media}:/mnt/none")

    for path in (tmp_path / "elsewhere", tmp_path / "media2", media / "out", tmp_path):
        answer = client.post(SCAN, json={"path": str(path)})
        refused(database, redis, answer, 400, "path")
    assert client.post(SCAN, json={"path": str(media / "films")}).status_code == 202
    assert client.post(SCAN, json={"path": str(media)}).status_code == 202


def test_without_redis_a_scan_is_accepted_soon_and_waits_for_the_sweeper(
    make_client: MakeClient, database: Database, media: Path
) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")
    began = time.monotonic()

    answer = client.post(SCAN, json={"path": str(media)})

    assert answer.status_code == 202
    assert rows(database) == (1, 1)
    assert time.monotonic() - began < 3


def test_what_the_request_does_not_say_the_settings_of_scans_say(
    client: FlaskClient, database: Database, media: Path
) -> None:
    scan_settings = {"mediaType": "tv", "mediaTypeDepth": {"tv": 3}, "fileExtensions": ["MKV"], "followSymlinks": False}
    client.put("/api/v1/settings", json={"scanSettings": scan_settings})

    answer = client.post(SCAN, json={"path": str(media), "options": {"followSymlinks": True}})

    assert answer.json["data"]["mediaType"] == "tv"
    with database.read() as session:
        options = session.scalars(select(ScanJob)).one().options
    assert (options["max_depth"], options["file_extensions"], options["follow_symlinks"]) == (3, [".mkv"], True)
