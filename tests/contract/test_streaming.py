"""Streams of a real API process: neither slow players nor a disk that answers nothing keep it from its other work."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import requests
from websocket import ABNF, create_connection

from api.server import threads
from shared.database import Database
from shared.migrate import migrate
from tests.builders import a_file, a_movie
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.installation import wait_until
from tests.stalled_disk import FILM, stalled_disk, why_not

#: More than the threads that requests have.
MANY = threads + 20
#: More than what kernels keep of a stream that nobody reads.
LARGE = 64 * 1024 * 1024


@pytest.fixture
def api(redis_url: str, tmp_path: Path) -> Iterator[Gunicorn]:
    migrate(catalogue(tmp_path))
    with gunicorn(tmp_path, redis_url) as running:
        yield running


def catalogue(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'dester.db'}")


def a_film(folder: Path, path: Path) -> str:
    """Put a film with this file into the catalogue; return the path of its stream."""
    with catalogue(folder).begin() as session:
        movie = a_movie(session)
        a_file(session, path, movie=movie)
    return f"/api/v1/stream/{movie.id}"


def a_large_file(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path


def asked(api: Gunicorn, path: str, *headers: str) -> socket.socket:
    """Ask for something, and read nothing of the answer."""
    connection = socket.create_connection(("127.0.0.1", api.port), timeout=60)
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def read_to_the_end(connection: socket.socket) -> bytes:
    data = b""
    while part := connection.recv(1 << 20):
        data += part
    return data


def test_players_that_do_not_read_hold_no_thread_that_others_need(api: Gunicorn, tmp_path: Path) -> None:
    path = a_film(tmp_path, a_large_file(tmp_path / "film.mkv"))

    with ExitStack() as players:
        for _ in range(MANY):
            player = players.enter_context(closing(asked(api, path)))
            assert player.recv(12) == b"HTTP/1.1 200"
        answers = [requests.get(f"{api.url()}/api/v1/movies", timeout=30).status_code for _ in range(3)]
        last = players.enter_context(closing(asked(api, path, "Connection: close")))

        assert answers == [200] * 3
        assert len(read_to_the_end(last)) > LARGE


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_a_disk_that_answers_nothing_does_not_freeze_the_api(api: Gunicorn, tmp_path: Path) -> None:
    path = a_film(tmp_path, tmp_path / "disk" / "film.mkv")

    with stalled_disk(tmp_path / "disk") as go, ExitStack() as players:
        waiting = [players.enter_context(closing(asked(api, path, "Connection: close"))) for _ in range(MANY)]
        answers = [requests.get(f"{api.url()}/api/v1/movies", timeout=30).status_code for _ in range(3)]
        go.touch()
        films = [read_to_the_end(player).partition(b"\r\n\r\n")[2] for player in waiting]

    assert answers == [200] * 3
    assert films == [FILM] * MANY


def test_streams_are_counted_while_they_run(api: Gunicorn, tmp_path: Path) -> None:
    path = a_film(tmp_path, a_large_file(tmp_path / "film.mkv"))

    def counted() -> str:
        lines = requests.get(f"{api.url()}/metrics", timeout=30).text.splitlines()
        return next(line for line in lines if line.startswith("dester_running_streams"))

    with ExitStack() as players:
        for _ in range(3):
            player = players.enter_context(closing(asked(api, path)))
            assert player.recv(12) == b"HTTP/1.1 200"
        wait_until(lambda: counted() == "dester_running_streams 3.0", 30, "all are counted")

    wait_until(lambda: counted() == "dester_running_streams 0.0", 30, "none is any more")


def test_a_connection_is_kept_after_a_range(api: Gunicorn, tmp_path: Path) -> None:
    (tmp_path / "film.mkv").write_bytes(bytes(range(256)))
    path = a_film(tmp_path, tmp_path / "film.mkv")

    with requests.Session() as session:
        parts = [
            session.get(api.url() + path, headers={"Range": f"bytes={first}-{first + 9}"}, timeout=30)
            for first in range(0, 200, 10)
        ]

    assert b"".join(part.content for part in parts) == bytes(range(200))
    assert {part.headers["Connection"] for part in parts} == {"keep-alive"}
    assert {part.status_code for part in parts} == {206}


def test_who_does_not_close_a_connection_that_is_over_delays_nobody(api: Gunicorn) -> None:
    with ExitStack() as lingering:
        for _ in range(20):
            connection = lingering.enter_context(closing(asked(api, "/health", "Connection: close")))
            assert connection.recv(12) == b"HTTP/1.1 200"

        # One after the other, they would be waited for at their ends for two seconds each.
        answered = requests.get(f"{api.url()}/health", timeout=20)

    assert answered.ok


def test_a_server_that_stops_tells_its_sockets_and_waits_for_no_player(api: Gunicorn, tmp_path: Path) -> None:
    path = a_film(tmp_path, a_large_file(tmp_path / "film.mkv"))
    told = create_connection(f"ws://127.0.0.1:{api.port}/ws", timeout=20)
    assert json.loads(told.recv())["type"] == "connection:established"

    with closing(asked(api, path)) as player:
        assert player.recv(12) == b"HTTP/1.1 200"
        stopping = threading.Thread(target=api.stop)
        stopping.start()
        frame = told.recv_frame()
        stopping.join(15)

        assert frame.opcode == ABNF.OPCODE_CLOSE
        assert int.from_bytes(frame.data[:2], "big") == 1012
        assert api.process is not None
        wait_until(lambda: api.process is not None and api.process.poll() is not None, 15, "it has ended")
