"""Requests that no client should send, over a raw socket to a real API: each is refused, in the envelope."""

import json
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from shared.database import Database
from shared.migrate import migrate
from tests.builders import a_file, a_movie
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.contract.malformed_requests import MOVIE, REQUESTS, get

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Gunicorn]:
    """Run an API with one film of 1000 bytes."""
    folder = tmp_path_factory.mktemp("data")
    database = Database(f"sqlite:///{folder / 'dester.db'}")
    migrate(database)
    film = folder / "Heat.mkv"
    film.write_bytes(b"x" * 1000)
    with database.begin() as session:
        movie = a_movie(session, "Heat")
        movie.id = MOVIE
        session.flush()
        a_file(session, film, movie=movie, size=1000)
    with gunicorn(folder, redis_url) as running:
        yield running


def answer_to(server: Gunicorn, raw: bytes) -> Answer:
    """Send bytes, and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        # Who refuses a body may close before all of it is sent; the answer is there all the same.
        sender = threading.Thread(target=_send, args=(connection, raw), daemon=True)
        sender.start()
        received = b""
        while b"\r\n\r\n" not in received:
            received += _more(connection, received)
        head, _, body = received.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in fields)}
        while len(body) < int(headers["content-length"]):
            body += _more(connection, body)
        # The sender must not outlive the connection.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        sender.join(5)
    return int(status.split()[1]), headers, body


def _send(connection: socket.socket, raw: bytes) -> None:
    with suppress(OSError):
        connection.sendall(raw)


def _more(connection: socket.socket, so_far: bytes) -> bytes:
    more = connection.recv(65536)
    assert more, f"the connection ended after {so_far[:200]!r}"
    return more


def is_refused(answer: Answer) -> None:
    """Check that an answer is a client's error, in the envelope, under an id."""
    status, headers, body = answer
    assert 400 <= status < 500, (status, body[:300])
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told["success"] is False
    assert told["error"]
    assert told["message"]
    assert set(told) <= {"success", "error", "message", "details", "data"}
    assert re.fullmatch(r"[\w.-]{8,64}", headers["x-request-id"])
    assert headers["x-api-version"].startswith("0.2.")
    assert "set-cookie" not in headers
    assert len(body) < 5000
    for word in (b"Traceback", b"SELECT", b"site-packages", b"root:x:"):
        assert word not in body


def seconds_of(server: Gunicorn) -> float:
    """Return the processor time that the server has used."""
    assert server.process is not None
    processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def test_at_least_two_hundred_malformed_requests_are_refused_in_the_envelope(server: Gunicorn) -> None:
    assert len(REQUESTS) >= 200
    wrong, times = [], []

    for request in REQUESTS:
        used, began = seconds_of(server), time.perf_counter()
        try:
            is_refused(answer_to(server, request.raw))
        except (AssertionError, OSError, KeyError, ValueError) as error:
            wrong.append(f"{request.name}: {type(error).__name__} {str(error)[:300]}")
        times.append((time.perf_counter() - began, seconds_of(server) - used, len(request.raw), request.name))

    sys.stdout.write(f"{len(REQUESTS)} requests; the slowest:\n")
    for wall, used, length, name in sorted(times, reverse=True)[:12]:
        sys.stdout.write(f"{wall * 1000:7.0f} ms, {used * 1000:5.0f} ms of the processor, {length:8} bytes: {name}\n")
    assert not wrong, "\n".join(wrong)


def test_after_all_that_the_server_still_serves(server: Gunicorn) -> None:
    status, _, body = answer_to(server, get("/health"))

    assert status == 200
    assert json.loads(body)["status"] == "OK"
    assert "Traceback" not in server.log.read_text()
