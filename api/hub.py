"""Who listens on Redis for the open sockets of an API process, and hands each client what it wants to hear.

One thread of each process listens, and hands every frame, as it came, to the queue of each client. A client that does
not read fills its own queue and is dropped; nobody else waits for it.
"""

import json
import logging
import queue
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared import events

log = logging.getLogger(__name__)

#: Frames that a client may be behind before it is dropped.
LONGEST_QUEUE = 1000
EVENT_ID = re.compile(r"\d{1,19}(-\d{1,19})?", re.ASCII)
#: How soon a handler notices that its client has closed, in seconds.
_LOOK_EVERY = 1.0
#: How soon a lost connection to Redis is tried again, in seconds.
_RECONNECT_AFTER = 1.0
#: What ends a run of a scan.
_ENDS = frozenset({events.ScanComplete.type, events.ScanError.type})
#: How long the listener waits for one message, in seconds, before it waits again.
_WAKES_EVERY = 25


@dataclass(frozen=True, slots=True)
class Frame:
    """An event as it goes out, and what the relay must know of it."""

    text: str
    type: str
    #: Empty for the state that a client is told when it connects.
    event_id: str = ""
    scan_job_id: str = ""
    progress: int | None = None

    @classmethod
    def of(cls, text: str) -> "Frame":
        """Read an event.

        Raises:
            ValueError: it is none.

        """
        try:
            event = json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise ValueError("no event")  # noqa: TRY004 - whoever sent it, it is a wrong value
        event_id, progress = str(event.get("eventId", "")), event.get("progress")
        if (event_id and not EVENT_ID.fullmatch(event_id)) or not isinstance(progress, int | None):
            raise ValueError("no event of ours")
        return cls(text, event["type"], event_id, str(event.get("scanJobId", "")), progress)


class Client:
    """One open socket's queue; ``when_dropped`` is called once, when it can take no more."""

    def __init__(self, types: frozenset[str], when_dropped: Callable[[], None] = lambda: None) -> None:
        self._types = types
        self._when_dropped = when_dropped
        self._frames: queue.Queue[Frame] = queue.Queue(LONGEST_QUEUE)
        self._progress: dict[str, int] = {}
        self.is_dropped = False

    def is_news(self, frame: Frame) -> bool:
        """Whether a frame is one that the client wants, and no progress that went before what it was told."""
        if frame.type in _ENDS:
            # The next run begins at 0 again.
            self._progress.pop(frame.scan_job_id, None)
        if not self.wants(frame):
            return False
        if frame.progress is not None:
            told = self._progress.get(frame.scan_job_id, -1)
            self._progress[frame.scan_job_id] = max(told, frame.progress)
            return frame.progress >= told
        return True

    def wants(self, frame: Frame) -> bool:
        return not self._types or frame.type in self._types

    def offer(self, frame: Frame) -> None:
        if not self.wants(frame) and frame.type not in _ENDS:
            return
        try:
            self._frames.put_nowait(frame)
        except queue.Full:
            self.is_dropped = True
            self._when_dropped()

    def next(self) -> Frame | None:
        """Return the next frame; None when there is none for a while."""
        try:
            return self._frames.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            return None


class Hub:
    """The clients of one API process, and the one thread that listens for them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._clients: set[Client] = set()
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None
        self._listening = threading.Event()
        #: The id of the last event that was handed out.
        self._last = ""

    def join(self, client: Client) -> None:
        """Let a client hear everything from now on."""
        with self._lock:
            self._clients.add(client)
            if self._listener is None or not self._listener.is_alive():
                self._listener = threading.Thread(target=self._listen, name="relay", daemon=True)
                self._listener.start()
        self._listening.wait(timeout=2)

    def leave(self, client: Client) -> None:
        with self._lock:
            self._clients.discard(client)

    def _listen(self) -> None:
        while True:
            try:
                with self._redis.pubsub() as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(events.CHANNEL)
                    self._relay(subscription)
            except RedisError as error:
                log.warning("The relay lost Redis and tries again: %s", error)
            except Exception:
                # A connection that is closed while it is read breaks in many ways; without this thread nobody hears.
                log.exception("The relay tries again.")
            self._listening.clear()
            threading.Event().wait(_RECONNECT_AFTER)

    def _relay(self, subscription: Any) -> None:
        caught_up: set[str] = set()
        while True:
            message = subscription.get_message(timeout=_WAKES_EVERY)
            if message is None:
                continue
            if message["type"] == "subscribe":
                caught_up = self._catch_up()
                self._listening.set()
            elif message["type"] == "message":
                self._hand_out(message["data"], caught_up)

    def _catch_up(self) -> set[str]:
        """Hand out what was published while Redis was out of reach, and return its ids."""
        missed = events.since(self._redis, self._last) if self._last else []
        self._last = self._last or newest(self._redis)
        for text in missed:
            self._hand_out(text.encode(), set())
        return {Frame.of(text).event_id for text in missed}

    def _hand_out(self, data: bytes, caught_up: set[str]) -> None:
        try:
            frame = Frame.of(data.decode())
            if not frame.event_id:
                raise ValueError("no number")  # noqa: TRY301 - it is passed over like anything else that is no event
        except ValueError:
            log.warning("Something that is no event was published: %r", data[:100])
            return
        if frame.event_id in caught_up:
            return
        self._last = frame.event_id
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.offer(frame)
            if client.is_dropped:
                self.leave(client)


def is_after(event_id: str, told: str) -> bool:
    """Whether an event came after the one that a client was told last; any did if it was told none."""
    return not told or _order(event_id) > _order(told)


def _order(event_id: str) -> tuple[int, int]:
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number or 0)


def newest(redis: Redis) -> str:
    """Return the id of the last event, also of one that was not kept; 0-0 before the first."""
    if not redis.exists(events.STREAM):
        return "0-0"
    about: dict[str, Any] = redis.xinfo_stream(events.STREAM)
    return bytes(about["last-generated-id"]).decode()
