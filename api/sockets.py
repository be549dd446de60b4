"""The open sockets of an API process, and the one thread that serves them all.

However many clients there are, and however slowly they read, they hold no thread that a request needs.
"""

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue

from wsproto.frame_protocol import CloseReason

from api.frames import Frame
from api.interest import News
from api.open_socket import OpenSocket

log = logging.getLogger(__name__)

#: Clients of one process; each costs a file descriptor and what the kernel keeps for a connection.
MOST = 10_000
#: After all clients have been sent to, the thread rests for so many times as long as that took, and for so many seconds
#: at most: however much happens, telling it takes about a tenth of a core; what happens after a pause is told at once.
_RESTS, _RESTS_AT_MOST = 12, 0.25
#: How often it is looked whether a client is to be pinged or given up, in seconds.
_LOOKS_EVERY = 0.5


class Sockets:
    """All of them. Its methods may be called by any thread; what they ask for is done by its own, in their order."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._open: dict[socket.socket, OpenSocket] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_ending = False
        #: What nobody has been told yet.
        self._news: list[Frame] = []
        #: Who came after the first so many of these.
        self._newcomers: dict[OpenSocket, int] = {}
        self._sends_at = 0.0
        self._all_closed = threading.Event()

    @property
    def open(self) -> int:
        """How many clients there are."""
        return len(self._open)

    def add(self, client: OpenSocket) -> None:
        """Serve a client from now on."""
        self._start()
        self._call(partial(self._add, client))

    def do(self, client: OpenSocket, action: Callable[[], None]) -> None:
        """Do something with a client, unless its connection has ended."""
        self._call(partial(self._do, client, action))

    def tell(self, frame: Frame) -> None:
        """Offer a frame to all."""
        self._call(partial(self._hear, frame))

    def end(self) -> None:
        """Say goodbye to all, and to whoever still comes."""
        if self._thread is not None:
            self._call(self._end)

    def wait_until_closed(self, seconds: float) -> None:
        """Wait until all clients have answered the goodbye, or for so long."""
        if self._thread is not None:
            self._all_closed.wait(seconds)

    def _start(self) -> None:
        # Not before there is a client, and never in a process that has yet to fork.
        with self._lock:
            if self._thread is None:
                self._selector = selectors.DefaultSelector()
                self._wakes, self._woken = socket.socketpair()
                self._wakes.settimeout(0)
                self._woken.settimeout(0)
                self._selector.register(self._woken, selectors.EVENT_READ)
                self._thread = threading.Thread(target=self._run, name="sockets", daemon=True)
                self._thread.start()

    def _call(self, call: Callable[[], None]) -> None:
        self._calls.put(call)
        try:
            self._wakes.send(b"\0")
        except BlockingIOError:
            # It has more than one reason to wake up already.
            return

    def _run(self) -> None:
        looks_at = time.monotonic() + _LOOKS_EVERY
        while True:
            wakes_at = min(looks_at, self._sends_at) if self._news else looks_at
            ready = self._selector.select(max(0.0, wakes_at - time.monotonic()) if self._open else None)
            for key, mask in ready:
                if key.fileobj is self._woken:
                    self._woken.recv(4096)
                else:
                    self._serve(key.data, mask)
            self._do_what_is_asked()
            now = time.monotonic()
            if self._news and now >= self._sends_at:
                self._tell_news()
                took = time.monotonic() - now
                self._sends_at = now + took + min(_RESTS * took, _RESTS_AT_MOST)
            if now >= looks_at:
                looks_at = now + _LOOKS_EVERY
                for client in list(self._open.values()):
                    client.look_after(now)
                    self._settle(client)

    def _do_what_is_asked(self) -> None:
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                return
            try:
                call()
            except Exception:
                # Without this thread nobody hears anything.
                log.exception("The sockets go on.")

    def _serve(self, client: OpenSocket, mask: int) -> None:
        if mask & selectors.EVENT_READ:
            client.receive()
        if mask & selectors.EVENT_WRITE and not client.is_over:
            client.send()
        self._settle(client)

    def _hear(self, frame: Frame) -> None:
        self._news.append(frame)

    def _tell_news(self) -> None:
        frames, self._news = self._news, []
        newcomers, self._newcomers = self._newcomers, {}
        news = News(frames)
        for client in list(self._open.values()):
            client.tell(news if client not in newcomers else News(frames[newcomers[client] :]))
            self._settle(client)

    def _add(self, client: OpenSocket) -> None:
        if self._news:
            self._newcomers[client] = len(self._news)
        self._open[client.connection] = client
        self._selector.register(client.connection, selectors.EVENT_READ, client)
        if self._is_ending:
            self._say_goodbye(client)
        elif len(self._open) > MOST:
            client.close(CloseReason.TRY_AGAIN_LATER, "This server has too many clients.")
            self._settle(client)

    def _do(self, client: OpenSocket, action: Callable[[], None]) -> None:
        if client.connection in self._open:
            action()
            self._settle(client)

    def _end(self) -> None:
        self._is_ending = True
        self._tell_news()
        for client in list(self._open.values()):
            self._say_goodbye(client)
        if not self._open:
            self._all_closed.set()

    def _say_goodbye(self, client: OpenSocket) -> None:
        client.close(CloseReason.SERVICE_RESTART, "The server stops, or starts anew; come back in a moment.")
        self._settle(client)

    def _settle(self, client: OpenSocket) -> None:
        """Wait for what the client is waited for, or let go of it."""
        if client.is_over:
            if self._open.pop(client.connection, None) is not None:
                self._selector.unregister(client.connection)
                client.connection.close()
            if self._is_ending and not self._open:
                self._all_closed.set()
            return
        if client.has_more != client.is_awaited:
            client.is_awaited = client.has_more
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.has_more else 0)
            self._selector.modify(client.connection, wanted, client)
