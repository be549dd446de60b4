"""How long a thread stays with a connection: as one of gunicorn's workers handles it, over real sockets."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn, ThreadWorker

from api.server import MOST_IN_A_ROW, Worker
from api.threads import Threads, step_aside

ASK = b"GET / HTTP/1.1\r\n\r\n"


class Handled:
    """A connection that a worker handles, whose client asks so often, each time when it was answered."""

    def __init__(self, asks: int = 100, *, connections: int = 1, is_kept: object = True) -> None:
        self.times = 0
        self.client, self.own = socket.socketpair()
        self.connection = TConn(Config(), self.own, ("127.0.0.1", 1), ("127.0.0.1", 2))
        self.connection.init()
        self._asks, self._is_kept = asks, is_kept
        self._worker = Worker.__new__(Worker)
        self._worker.cfg, self._worker.nr_conns = self.connection.cfg, connections
        self._worker.cfg.set("threads", 4)
        self._worker._read_until = {}  # noqa: SLF001
        self.client.sendall(ASK)

    def handle(self) -> Any:
        return self._worker.handle(self.connection)

    def once(self, _connection: TConn) -> object:
        """Stand for what gunicorn does for one request: read it, answer, and say whether the connection is kept."""
        if not self.connection.parser.unreader.read(len(ASK)):
            return False
        self.times += 1
        if self.times < self._asks:
            self.client.sendall(ASK)
        return self._is_kept


@pytest.fixture
def handled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handled]:
    handled = Handled(**getattr(request, "param", {}))
    monkeypatch.setattr(ThreadWorker, "handle", handled.once)
    with handled.client, handled.own:
        yield handled


def test_requests_that_follow_each_other_are_handled_by_one_thread_but_not_for_ever(handled: Handled) -> None:
    assert handled.handle() is True

    assert handled.times == MOST_IN_A_ROW


@pytest.mark.parametrize("handled", [{"asks": 1}], indirect=True)
def test_who_asks_nothing_more_is_given_back_and_stays_connected(handled: Handled) -> None:
    assert handled.handle() is True

    assert handled.times == 1
    assert handled.own.fileno() >= 0


@pytest.mark.parametrize("handled", [{"connections": 5}], indirect=True)
def test_where_there_are_more_connections_than_threads_each_request_waits_for_its_turn(handled: Handled) -> None:
    assert handled.handle() is True

    assert handled.times == 1


def test_a_thread_that_has_stepped_aside_handles_nothing_more(handled: Handled) -> None:
    def aside() -> Any:
        step_aside()
        return handled.handle()

    assert Threads(4, 4).submit(aside).result(20) is True

    assert handled.times == 1


@pytest.mark.parametrize("handled", [{"is_kept": object()}], indirect=True)
def test_a_connection_on_which_nothing_came_is_given_back(handled: Handled) -> None:
    assert handled.handle() is not True

    assert handled.times == 1
    assert handled.own.fileno() >= 0


@pytest.mark.parametrize("handled", [{"asks": 1}], indirect=True)
def test_who_goes_after_an_answer_is_let_go(handled: Handled) -> None:
    handled.client.close()

    assert handled.handle() is False

    assert handled.times == 1
    assert handled.own.fileno() < 0


@pytest.mark.parametrize("handled", [{"asks": 1}], indirect=True)
def test_what_was_read_together_with_a_request_is_handled_without_waiting_for_more(handled: Handled) -> None:
    handled.client.sendall(2 * ASK)

    assert handled.handle() is True

    assert handled.times == 3
