"""What clients say and read of the watching of libraries."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from shared import watches
from shared.database import Database
from shared.models import LibraryWatch
from shared.models.base import now
from shared.watches import Standing, WatchState
from tests.api.conftest import INSTANT
from tests.builders import told

LIBRARY = "/api/v1/library"


def made(client: FlaskClient, media: Path, **more: Any) -> dict[str, Any]:
    answer = client.post(LIBRARY, json={"name": "Films", "libraryPath": str(media), "libraryType": "movie"} | more)
    assert answer.status_code == 201
    return dict(answer.json["data"])


def watching(client: FlaskClient, library_id: str) -> dict[str, Any]:
    return dict(client.get(f"{LIBRARY}/{library_id}").json["data"]["watching"])


def test_a_library_is_not_watched_unless_somebody_says_so(client: FlaskClient, media: Path) -> None:
    library = made(client, media)

    assert (library["watch"], library["scanIntervalMinutes"]) == (False, None)
    assert watching(client, library["id"]) == {
        "state": "off", "reason": None, "message": None, "since": None, "lastEventAt": None, "nextScanAt": None,
    }  # fmt: skip


def test_a_library_is_made_watched_and_with_a_schedule(client: FlaskClient, media: Path) -> None:
    library = made(client, media, watch=True, scanIntervalMinutes=720)

    assert (library["watch"], library["scanIntervalMinutes"]) == (True, 720)
    assert watching(client, library["id"])["state"] == "waiting"


def test_watching_and_schedule_are_changed_told_and_cleared(client: FlaskClient, redis: Redis, media: Path) -> None:
    library = made(client, media)
    path = f"{LIBRARY}/{library['id']}"
    before = len(told(redis))

    changed = client.put(path, json={"watch": True, "scanIntervalMinutes": 30}).json["data"]["library"]
    kept = client.put(path, json={"watch": None, "scanIntervalMinutes": None, "name": "Others"}).json["data"]["library"]
    cleared = client.put(path, json={"watch": False, "scanIntervalMinutes": 0}).json["data"]["library"]

    assert (changed["watch"], changed["scanIntervalMinutes"]) == (True, 30)
    assert (kept["watch"], kept["scanIntervalMinutes"]) == (True, 30)
    assert (cleared["watch"], cleared["scanIntervalMinutes"]) == (False, None)
    assert [event["type"] for event in told(redis)[before:]] == ["library:updated"] * 3


def test_a_whole_library_may_be_sent_back(client: FlaskClient, media: Path) -> None:
    library = made(client, media, watch=True, scanIntervalMinutes=5)
    shown = client.get(f"{LIBRARY}/{library['id']}").json["data"]

    answer = client.put(f"{LIBRARY}/{library['id']}", json=shown)

    assert answer.status_code == 200
    assert answer.json["data"]["library"]["scanIntervalMinutes"] == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("watch", "perhaps"),
        ("watch", 2),
        ("scanIntervalMinutes", -1),
        ("scanIntervalMinutes", 43_201),
        ("scanIntervalMinutes", 1.5),
        ("scanIntervalMinutes", "hourly"),
        ("scanIntervalMinutes", [60]),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(client: FlaskClient, media: Path, field: str, value: object) -> None:
    library = made(client, media)

    for answer in (
        client.put(f"{LIBRARY}/{library['id']}", json={field: value}),
        client.post(LIBRARY, json={"name": "x", "libraryPath": str(media), "libraryType": "tv", field: value}),
    ):
        assert answer.status_code == 400
        assert [detail["field"] for detail in answer.json["details"]] == [field]


def test_it_shows_how_the_watching_goes(client: FlaskClient, database: Database, media: Path) -> None:
    library = made(client, media, watch=True)
    with database.begin() as session:
        watches.note_wanted(session, [library["id"]])
        watches.hold(session, "me", [library["id"]])
        message = "/media lies on nfs4."
        watches.say(session, "me", library["id"], Standing(WatchState.POLLING, "network-file-system", message))
        session.get_one(LibraryWatch, library["id"]).next_scan_at = now() + timedelta(minutes=15)

    shown = watching(client, library["id"])

    assert (shown["state"], shown["reason"], shown["message"]) == ("polling", "network-file-system", message)
    assert INSTANT.fullmatch(shown["since"])
    assert INSTANT.fullmatch(shown["nextScanAt"])
    assert shown["lastEventAt"] is None


def test_a_deleted_library_takes_its_watching_with_it(client: FlaskClient, database: Database, media: Path) -> None:
    library = made(client, media, watch=True)
    with database.begin() as session:
        watches.note_wanted(session, [library["id"]])

    assert client.delete(f"{LIBRARY}/{library['id']}").status_code == 200

    with database.read() as session:
        assert session.get(LibraryWatch, library["id"]) is None
