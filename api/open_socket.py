"""One client's WebSocket after the handshake: what is to be sent to it, and what it says.

Nothing here waits. Everything but `__init__` is called by the one thread of `api/sockets.py`.
"""

import socket
import time
from collections import deque
from collections.abc import Iterable

from wsproto import WSConnection
from wsproto.events import CloseConnection, Message, Ping, Pong
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import ProtocolError

from api.frames import Frame, is_after
from api.interest import Interest, News
from shared.events import KEPT

#: Frames that a client may be behind before it is dropped.
LONGEST_QUEUE = 1000
#: Seconds between two pings, which find clients that are gone, and how long one waits for its answer.
PING_EVERY = 25.0
#: How long a client has to read the last that it is sent and to answer it, in seconds.
LAST_WORD = 3.0
#: Nothing is expected of clients; one that says more than this at once is closed, in bytes.
_LONGEST_MESSAGE = 64 * 1024
_READS_AT_ONCE = 64 * 1024
#: Frames that are sent in one go.
_SENT_AT_ONCE = 50


class OpenSocket:
    """A connection with its queue. Until `begin`, what happens is held back behind what the client missed."""

    def __init__(
        self, connection: socket.socket, protocol: WSConnection, interest: Interest, ping_every: float = PING_EVERY
    ) -> None:
        connection.settimeout(0)
        self.connection = connection
        #: Whether nothing more can come of it, so that it is to be closed.
        self.is_over = False
        #: Whether it is waited for that the client takes more; `api/sockets.py` notes it here.
        self.is_awaited = False
        self._protocol = protocol
        self._interest = interest
        self._held: list[Frame] | None = []
        self._told = ""
        self._frames: deque[bytes] = deque()
        self._room = LONGEST_QUEUE
        #: What is left of frames of which a part has been sent.
        self._rest = b""
        self._message_bytes = 0
        self._ping_every = ping_every
        self._next_ping = time.monotonic() + ping_every
        self._is_silent = False
        #: When it is ended though the client has neither read nor answered; None as long as it is open.
        self._ends_at: float | None = None

    @property
    def has_more(self) -> bool:
        """Whether something waits until the client has read."""
        return bool(self._rest or self._frames)

    def begin(self, greeting: bytes, missed: Iterable[Frame], told: str) -> None:
        """Send what goes first, and then what has happened since the event ``told``, and as it happens."""
        held, self._held = self._held or [], None
        self._frames.append(greeting)
        for frame in missed:
            if self._interest.is_news(frame):
                self._frames.append(frame.wire)
            told = frame.event_id or told
        self._told = told
        # How much was missed, or came while that was looked for, is no fault of the client's.
        self._room += len(self._frames) + len(held)
        for frame in held:
            self._enqueue(frame)
        self.send()

    def tell(self, news: News) -> None:
        """Send what happened; to a client that has read everything before, with as little ado as there can be."""
        is_in_step = self._held is None and self._ends_at is None and not self._told and not self.has_more
        wire = self._interest.all_at_once(news) if is_in_step and len(news.frames) <= _SENT_AT_ONCE else None
        if wire is None:
            for frame in news.frames:
                self._offer(frame)
        else:
            self._rest = wire
        self.send()

    def _offer(self, frame: Frame) -> None:
        """Have the client told of an event with the next `send`, or drop a client that is too far behind."""
        if self._ends_at is not None:
            return
        if self._held is None:
            self._enqueue(frame)
        elif len(self._held) < KEPT:
            self._held.append(frame)
        else:
            self._drop()

    def _enqueue(self, frame: Frame) -> None:
        if self._told:
            # What was published while the client was catching up stands in both.
            if not is_after(frame.event_id, self._told):
                return
            self._told = ""
        if not self._interest.is_news(frame):
            return
        if len(self._frames) >= self._room:
            self._drop()
        else:
            self._frames.append(frame.wire)

    def _drop(self) -> None:
        self._frames.clear()
        self.close(CloseReason.POLICY_VIOLATION, "This client reads too slowly.")

    def close(self, code: int, reason: str) -> None:
        """Say goodbye after what has been begun; the connection ends when the client has answered, or in a moment."""
        if self._ends_at is None:
            self._say(CloseConnection(code, reason))
            self._ends_at = time.monotonic() + LAST_WORD
            self.send()

    def _say(self, event: CloseConnection | Ping | Pong) -> None:
        self._frames.append(self._protocol.send(event))

    def send(self) -> None:
        """Send as much as the client takes now."""
        try:
            while self._rest or self._frames:
                if not self._rest:
                    count = min(len(self._frames), _SENT_AT_ONCE)
                    self._rest = b"".join(self._frames.popleft() for _ in range(count))
                self._rest = self._rest[self.connection.send(self._rest) :]
        except BlockingIOError:
            pass
        except OSError:
            self.is_over = True

    def receive(self) -> None:
        """Read what the client says: pongs and pings, goodbyes, and what nobody listens to."""
        try:
            data = self.connection.recv(_READS_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.is_over = True
            return
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._hear(event)
        except ProtocolError:
            self.is_over = True
        if not self._rest:
            self.send()

    def _hear(self, event: object) -> None:
        match event:
            case CloseConnection():
                if self._ends_at is None:
                    self._say(event.response())
                    self.send()
                self.is_over = True
            case Ping() if self._ends_at is None:
                self._say(event.response())
            case Pong():
                self._is_silent = False
            case Message():
                self._message_bytes += len(event.data)
                if self._message_bytes > _LONGEST_MESSAGE:
                    self.close(CloseReason.MESSAGE_TOO_BIG, "Nothing is expected of clients.")
                if event.message_finished:
                    self._message_bytes = 0

    def look_after(self, now: float) -> None:
        """Ping the client when it is time; give up one that has not answered."""
        if self._ends_at is not None:
            self.is_over = self.is_over or now >= self._ends_at
        elif now >= self._next_ping:
            if self._is_silent:
                self.close(CloseReason.POLICY_VIOLATION, "No ping was answered.")
                return
            self._is_silent = True
            self._next_ping = now + self._ping_every
            self._say(Ping())
            if not self._rest:
                self.send()
