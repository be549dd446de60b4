"""Connections that clients keep for many requests, over real sockets."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import parse_headers
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest

from api.server import MOST_IN_A_ROW
from api.server import threads as THREADS  # noqa: N812 - gunicorn's name for it
from shared.database import Database
from shared.migrate import migrate
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.installation import wait_until

ASK = b"GET /api/v1/movies HTTP/1.1\r\nHost: localhost\r\n\r\n"
ROUNDS = 2 * MOST_IN_A_ROW + 3


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[Gunicorn]:
    migrate(Database(f"sqlite:///{tmp_path / 'dester.db'}"))
    with gunicorn(tmp_path, redis_url) as running:
        yield running


def connected(server: Gunicorn) -> tuple[socket.socket, BinaryIO]:
    """Return a connection, and what is read from it."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    return client, client.makefile("rb")


def answer(read: BinaryIO) -> bytes:
    """Read one answer to its end, and return its status line."""
    status = read.readline().strip()
    length = int(parse_headers(read)["Content-Length"])
    assert len(read.read(length)) == length
    return status


def open_connections(server: Gunicorn) -> int:
    """Count the connections to clients that the server's processes have."""
    assert server.process is not None
    ends = [
        end
        for process in psutil.Process(server.process.pid).children()
        for end in process.net_connections(kind="tcp")
        if end.laddr.port == server.port and end.status != psutil.CONN_LISTEN
    ]
    return len(ends)


@pytest.mark.parametrize("clients", [1, THREADS // 2, THREADS + 8], ids=["one", "fewer than threads", "more"])
def test_each_connection_is_answered_as_often_as_it_asks(server: Gunicorn, clients: int) -> None:
    def ask_on(client: tuple[socket.socket, BinaryIO]) -> list[bytes]:
        statuses = []
        for _ in range(ROUNDS):
            client[0].sendall(ASK)
            statuses.append(answer(client[1]))
        return statuses

    with ThreadPoolExecutor(clients) as pool:
        # All are open before the first one asks, and until the last one has.
        all_of_them = [connected(server) for _ in range(clients)]
        answers = list(pool.map(ask_on, all_of_them))
    for client, read in all_of_them:
        read.close()
        client.close()

    assert answers == [[b"HTTP/1.1 200 OK"] * ROUNDS] * clients


def test_requests_that_are_sent_together_are_each_answered(server: Gunicorn) -> None:
    client, read = connected(server)
    with client, read:
        client.sendall(ASK * ROUNDS)

        assert [answer(read) for _ in range(ROUNDS)] == [b"HTTP/1.1 200 OK"] * ROUNDS


def test_a_client_that_goes_after_its_answer_leaves_nothing_open(server: Gunicorn) -> None:
    client, read = connected(server)
    with client, read:
        client.sendall(ASK)
        answer(read)
        assert open_connections(server) >= 1
    for _ in range(20):
        client, read = connected(server)
        with client, read:
            client.sendall(ASK)
            answer(read)

    wait_until(lambda: open_connections(server) == 0, 60, "all connections are ended")
