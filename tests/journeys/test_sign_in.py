"""A server that asks who comes: from the first admin to a player that sends no headers, through the real processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from websocket import WebSocketBadStatusException

from tests.installation import Installation, Json
from tests.trees import films

PASSWORD = "correct horse battery staple"


def sign_in(server: Installation, username: str, password: str = PASSWORD) -> dict[str, str]:
    body = {"username": username, "password": password}
    tokens = requests.post(f"{server.url}/api/v1/auth/login", json=body, timeout=30).json()["data"]
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


def refused(server: Installation, query: str = "", **headers: str) -> int:
    """Return how a socket is refused before it is one; 101 if it isn't."""
    before, server.headers = server.headers, headers
    try:
        server.listen(query).close()
    except WebSocketBadStatusException as error:
        return int(error.status_code)
    finally:
        server.headers = before
    return 101


def a_user(server: Installation, username: str, role: str) -> Json:
    body = {"username": username, "password": PASSWORD, "role": role}
    return dict(server.post("/api/v1/auth/users", body)["data"])


@pytest.fixture(scope="module")
def guarded(server: Installation) -> Iterator[Installation]:
    """Make an admin, switch guards on, and send what the admin does."""
    assert (
        requests.put(f"{server.url}/api/v1/settings", json={"enableRouteGuards": True}, timeout=30).status_code == 409
    )
    server.post("/api/v1/auth/setup", {"username": "ada", "password": PASSWORD})
    server.headers = sign_in(server, "ada")
    server.put("/api/v1/settings", {"enableRouteGuards": True})
    yield server
    server.headers = sign_in(server, "ada")
    server.put("/api/v1/settings", {"enableRouteGuards": False})


def test_who_is_known_scans_lists_and_plays_and_nobody_else_does(guarded: Installation, tmp_path: Path) -> None:
    films(tmp_path, 3)
    assert requests.get(f"{guarded.url}/health", timeout=30).status_code == 200
    assert requests.get(f"{guarded.url}/api/v1/movies", timeout=30).status_code == 401
    body = {"path": str(tmp_path)}
    assert requests.post(f"{guarded.url}/api/v1/scan/path", json=body, timeout=30).status_code == 401

    job = guarded.scan(tmp_path)

    assert job["status"] == "COMPLETED"
    movies: list[Any] = guarded.get("/api/v1/movies", libraryId=job["library"]["id"])["data"]
    assert len(movies) == 3
    for movie in movies:
        # As a player does, and a loader of pictures.
        played = requests.get(movie["streamUrl"], headers={"Range": "bytes=0-9"}, timeout=30)
        assert (played.status_code, played.content) == (206, Path(movie["filePath"]).read_bytes()[:10])
        assert requests.get(movie["media"]["posterUrl"], timeout=30).headers["Content-Type"].startswith("image/")
        assert requests.get(movie["streamUrl"].partition("?")[0], timeout=30).status_code == 401
    first, second = movies[0]["streamUrl"].partition("?"), movies[1]["streamUrl"].partition("?")
    assert requests.get(first[0] + "?" + second[2], timeout=30).status_code == 401


def test_a_socket_is_for_who_is_known(guarded: Installation) -> None:
    token = guarded.headers["Authorization"].partition(" ")[2]
    ticket = guarded.post("/api/v1/auth/ws-ticket", {})["data"]["ticket"]

    assert refused(guarded) == 401
    assert refused(guarded, "?ticket=guessed") == 401
    assert refused(guarded, f"?token={token}x") == 401
    assert refused(guarded, f"?token={token}") == 101
    assert refused(guarded, Authorization=f"Bearer {token}") == 101
    assert refused(guarded, f"?ticket={ticket}") == 101
    assert refused(guarded, f"?ticket={ticket}") == 401


def test_a_viewer_looks_and_listens_and_does_nothing(guarded: Installation, tmp_path: Path) -> None:
    films(tmp_path, 2)
    a_user(guarded, "vera", "viewer")
    viewer = sign_in(guarded, "vera")
    admin_hears = guarded.listen()
    admin, guarded.headers = guarded.headers, viewer
    viewer_hears = guarded.listen()
    guarded.headers = admin

    refusals = [
        requests.post(f"{guarded.url}/api/v1/scan/path", json={"path": str(tmp_path)}, headers=viewer, timeout=30),
        requests.get(f"{guarded.url}/api/v1/settings", headers=viewer, timeout=30),
        requests.get(f"{guarded.url}/api/v1/logs", headers=viewer, timeout=30),
    ]
    job = guarded.scan(tmp_path)

    assert {answer.status_code for answer in refusals} == {403}
    assert requests.get(f"{guarded.url}/api/v1/movies", headers=viewer, timeout=30).status_code == 200
    heard = {event["type"] for event in viewer_hears.until("scan:complete", scanJobId=job["id"])}
    assert admin_hears.until("log:message")
    assert "media:added" in heard
    assert "log:message" not in heard
    viewer_hears.close()
    admin_hears.close()


def test_a_socket_ends_with_the_sign_in_it_was_opened_by(guarded: Installation, tmp_path: Path) -> None:
    mel = a_user(guarded, "mel", "member")
    admin, member = guarded.headers, sign_in(guarded, "mel")
    guarded.headers = member
    by_sign_out = guarded.listen("?types=library:updated")
    requests.post(f"{guarded.url}/api/v1/auth/logout", headers=member, timeout=30).raise_for_status()
    guarded.headers = sign_in(guarded, "mel")
    by_removal = guarded.listen("?types=library:updated")
    guarded.headers = admin
    stays = guarded.listen("?types=library:updated")

    assert by_sign_out.closing_code() == 4401
    guarded.delete(f"/api/v1/auth/users/{mel['id']}")
    assert by_removal.closing_code() == 4401

    assert refused(guarded, Authorization=admin["Authorization"]) == 101
    guarded.post("/api/v1/library", {"name": "Stays", "libraryPath": str(tmp_path), "libraryType": "movie"})
    assert stays.until("library:updated")
    stays.close()


def test_sockets_that_were_open_to_all_end_when_guards_are_switched_on(guarded: Installation) -> None:
    guarded.put("/api/v1/settings", {"enableRouteGuards": False})
    admin, guarded.headers = guarded.headers, {}
    listener = guarded.listen("?types=library:updated")
    guarded.headers = admin

    guarded.put("/api/v1/settings", {"enableRouteGuards": True})

    assert listener.closing_code() == 4401


def test_the_command_line_has_a_key_and_the_host_has_a_way_in(guarded: Installation) -> None:
    key = guarded.post("/api/v1/auth/keys", {"name": "shell", "scopes": ["read", "scan"]})["data"]["key"]

    keyless = guarded.dester("libraries")
    listed = guarded.dester("libraries", DESTER_API_KEY=key)
    not_allowed = guarded.dester("--api-key", key, "settings", "get")
    added = guarded.dester("users", "add", "hal", "--role", "admin", stdin="a long password\n")
    short = guarded.dester("users", "add", "hal2", stdin="short\n")
    changed = guarded.dester("users", "set-password", "HAL", stdin="another password\n")
    users = guarded.dester("users", "list")
    rotated = guarded.dester("rotate-secret")

    assert (keyless.returncode, keyless.stdout) == (1, "")
    assert "DESTER_API_KEY" in keyless.stderr
    assert listed.returncode == 0, listed.stderr
    assert not_allowed.returncode == 1
    assert "This needs an admin" in not_allowed.stderr
    assert (added.returncode, changed.returncode, rotated.returncode) == (0, 0, 0), added.stderr + changed.stderr
    assert short.returncode == 1
    assert "password" in short.stderr
    assert "hal" in users.stdout
    assert "hal2" not in users.stdout
    assert sign_in(guarded, "hal", "another password")
    assert guarded.get("/api/v1/movies")
