"""Who listens on Redis for the open sockets of an API process: one thread, which hands on every event as it came."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from api.frames import Frame
from shared import events

log = logging.getLogger(__name__)

#: How soon a lost connection to Redis is tried again, in seconds.
_RECONNECT_AFTER = 1.0
#: How long the listener waits for one message, in seconds, before it waits again.
_WAKES_EVERY = 25


class Hub:
    """The one thread of a process that listens; it gives each frame to ``hand_out``, in the order of their ids."""

    def __init__(self, redis: Redis, hand_out: Callable[[Frame], None]) -> None:
        self._redis = redis
        self._hand_out = hand_out
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None
        self._listening = threading.Event()
        #: The id of the last event that was handed out.
        self._last = ""

    def listen(self) -> None:
        """See to it that the thread listens; return when it does, or Redis can't be reached."""
        with self._lock:
            if self._listener is None or not self._listener.is_alive():
                self._listener = threading.Thread(target=self._listen, name="hub", daemon=True)
                self._listener.start()
        self._listening.wait(timeout=2)

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
                self._hear(message["data"], caught_up)

    def _catch_up(self) -> set[str]:
        """Hand out what was published while Redis was out of reach, and return its ids."""
        missed = events.since(self._redis, self._last) if self._last else []
        self._last = self._last or newest(self._redis)
        for text in missed:
            self._hear(text.encode(), set())
        return {Frame.of(text).event_id for text in missed}

    def _hear(self, data: bytes, caught_up: set[str]) -> None:
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
        self._hand_out(frame)


def newest(redis: Redis) -> str:
    """Return the id of the last event, also of one that was not kept; 0-0 before the first."""
    if not redis.exists(events.STREAM):
        return "0-0"
    about: dict[str, Any] = redis.xinfo_stream(events.STREAM)
    return bytes(about["last-generated-id"]).decode()
