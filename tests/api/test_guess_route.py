"""GET /api/v1/guess, answered by a worker of its own process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from shared import tasks, worker_heartbeats
from shared.database import Database
from shared.kinds import MediaType
from tests.api.conftest import MakeClient
from tests.builders import a_library
from tests.installation import wait_until

GUESS = "/api/v1/guess"
#: An id that no row has. Tests that run in several processes must have the same names in each.
_NOBODY = "b7f0b6a5-6c1e-4e5b-9d0b-1f2a3c4d5e6f"
PROGRAM = Path(sys.executable).with_name("celery")


def guess(client: FlaskClient, path: str, **more: Any) -> TestResponse:
    return client.get(GUESS, query_string={"path": path, "online": "false"} | more)


@pytest.fixture
def client(make_client: MakeClient, database: Database, redis: Redis, redis_url: str, tmp_path: Path) -> Iterator[Any]:
    """Make a client of an API whose worker runs."""
    environ = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path / "data"),
    }
    (tmp_path / "data").mkdir()
    command = [PROGRAM, "--quiet", "-A", "worker.app", "worker", "-Q", tasks.explain.queue, "-P", "solo"]
    client = make_client(RATE_LIMIT_MAX="1000")
    with subprocess.Popen([*command, "--without-gossip", "--without-mingle"], env=os.environ | environ) as worker:
        try:
            queue = tasks.explain.queue
            wait_until(lambda: bool(worker_heartbeats.workers_by_queue(redis)[queue]), 30, "the worker is there")
            yield client
        finally:
            worker.terminate()
    assert redis.keys("celery-task-meta-*") == []


def test_a_path_is_explained_by_the_library_that_it_is_below(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, "Series", path="/media/shows", library_type=MediaType.TV_SHOW)

    answer = guess(client, "/media/shows/The Wire (2002)/Season 1/The Wire - S01E02 - The Detail.mkv")
    of_no_library = guess(client, "Heat (1995)/Heat.1995.3D.HSBS.mkv")

    assert answer.status_code == 200
    explained = answer.json["data"]
    assert explained["library"] == {"id": library.id, "name": "Series"}
    assert (explained["mediaType"], explained["match"], explained["candidates"]) == ("tv", None, [])
    assert explained["guess"] | {"sources": {}} == {
        "kind": "episode",
        "title": "The Wire",
        "year": 2002,
        "otherTitles": [],
        "season": 1,
        "episodes": [2],
        "airDate": None,
        "episodeTitle": "The Detail",
        "ids": {},
        "edition": None,
        "part": None,
        "threeD": None,
        "extra": None,
        "sources": {},
    }
    assert explained["guess"]["sources"]["episodeTitle"] == "file"
    assert of_no_library.json["data"]["library"] is None
    assert of_no_library.json["data"]["guess"]["title"] == "Heat"

    # Many at once each get their own answer.
    def title(number: int) -> str:
        own = client.application.test_client()
        return str(guess(own, f"Film {number} (1990)/Film {number} (1990).mkv").json["data"]["guess"]["title"])

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(title, range(20))) == [f"Film {number}" for number in range(20)]

    # An answer of the providers says at least that nobody could be asked, or knew it.
    asked = guess(client, "Heat.mkv", online="true")
    assert asked.json["data"]["match"]["status"] == "unmatched"
    assert asked.json["data"]["problems"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({}, 400, "path"),
        ({"path": ""}, 400, "path"),
        ({"path": "a\0b"}, 400, "path"),
        ({"path": "/" + "x" * 4096}, 400, "path"),
        ({"path": "/" + "ü" * 2048}, 400, "path"),
        ({"path": "/"}, 400, "path"),
        ({"path": "/media/../etc/passwd"}, 400, "path"),
        ({"path": "a.mkv", "mediaType": "music"}, 400, "mediaType"),
        ({"path": "a.mkv", "libraryId": "1"}, 400, "libraryId"),
        ({"path": "a.mkv", "online": "perhaps"}, 400, "online"),
        ({"path": "a.mkv", "libraryId": _NOBODY}, 404, None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_can_not_be_read_is_refused_without_asking_a_worker(
    make_client: MakeClient, redis: Redis, query: dict[str, str], *, status: int, field: str | None
) -> None:
    answer = make_client().get(GUESS, query_string=query)

    assert answer.status_code == status
    assert [detail["field"] for detail in answer.json.get("details", [])] == ([field] if field else [])
    assert redis.llen(tasks.explain.queue) == 0
