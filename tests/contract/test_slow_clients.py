"""Clients that send their requests slowly, or never to their end, over real sockets."""

import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from websocket import ABNF, WebSocketException, create_connection

from api.server import READ_WITHIN
from api.server import threads as THREADS  # noqa: N812 - gunicorn's name for it
from shared.database import Database
from shared.migrate import migrate
from tests.contract.gunicorns import Gunicorn, gunicorn

HEAD = b"POST /api/v1/scan/path HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[Gunicorn]:
    migrate(Database(f"sqlite:///{tmp_path / 'dester.db'}"))
    with gunicorn(tmp_path, redis_url) as running:
        yield running


@pytest.mark.parametrize("sent", [HEAD, HEAD + b'Content-Length: 100\r\n\r\n{"path": '], ids=["header", "body"])
def test_requests_that_never_end_do_not_keep_others_out(server: Gunicorn, sent: bytes) -> None:
    with ExitStack() as opened:
        for _ in range(THREADS + 8):
            slow = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            slow.sendall(sent)

        answer = requests.get(f"{server.url()}/health", timeout=60)

        assert answer.status_code == 200
        slow.settimeout(60)
        # It was ended, with an answer or without.
        while slow.recv(65536):
            pass


def test_a_request_that_trickles_is_ended_too(server: Gunicorn) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as slow:
        slow.sendall(HEAD)
        ended = threading.Event()

        def trickle() -> None:
            with suppress(OSError):
                while not ended.wait(1):
                    slow.sendall(b"X-More: x\r\n")

        threading.Thread(target=trickle, daemon=True).start()
        try:
            with suppress(ConnectionResetError):
                while slow.recv(65536):
                    pass
        finally:
            ended.set()

    assert time.monotonic() - began >= READ_WITHIN - 1


def test_a_connection_is_kept_between_requests_for_longer_than_one_may_take(server: Gunicorn) -> None:
    with requests.Session() as session:
        first = session.get(f"{server.url()}/health", timeout=60)
        time.sleep(READ_WITHIN + 2)
        second = session.get(f"{server.url()}/health", timeout=60)

    assert (first.status_code, second.status_code) == (200, 200)


def test_a_client_of_the_socket_may_send_nothing_that_swells(server: Gunicorn) -> None:
    """Half a megabyte, compressed, is half a gigabyte for the one thread that serves all sockets."""
    offer = ["Sec-WebSocket-Extensions: permessage-deflate"]
    client = create_connection(f"ws://127.0.0.1:{server.port}/ws", timeout=60, header=offer)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    swells = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_SYNC_FLUSH)

    frame = ABNF.create_frame(swells, ABNF.OPCODE_BINARY)
    frame.rsv1 = 1
    client.send_frame(frame)

    assert "sec-websocket-extensions" not in client.headers
    with pytest.raises((WebSocketException, ConnectionError)):
        list(iter(client.recv, None))
