"""The relay of one API process, on a real Redis: nobody misses an event, and nothing that is none makes it deaf."""

import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from websocket import ABNF, WebSocket, create_connection
from werkzeug.serving import make_server

from api import relay
from api.hub import LONGEST_QUEUE, Client, Frame, Hub
from shared import events
from shared.events import MediaUpdated
from tests.api.conftest import MakeClient


def told(redis: Redis, *media_ids: str) -> None:
    for media_id in media_ids:
        events.tell(redis, MediaUpdated(media_ids=[media_id]))


def heard(client: Client, count: int) -> list[Frame]:
    """Return so many frames, or as many as come within a few seconds."""
    frames: list[Frame] = []
    until = time.monotonic() + 10
    while len(frames) < count and time.monotonic() < until:
        if (frame := client.next()) is not None:
            frames.append(frame)
    return frames


def a_hub(redis: Redis) -> Hub:
    """Make a hub that, as in a server, has a connection of its own."""
    port = redis.connection_pool.connection_kwargs["port"]
    return Hub(Redis(port=port, socket_connect_timeout=2))


def a_listening_client(redis: Redis) -> Client:
    client = Client(frozenset())
    a_hub(redis).join(client)
    return client


GARBAGE = [
    b"hello",
    b"",
    b"\xff\xfe",
    b"[1, 2]",
    b"null",
    b"[" * 100_000,
    b'{"type": 5, "eventId": "1-0"}',
    b'{"type": "media:updated"}',
    b'{"type": "media:updated", "eventId": "yesterday"}',
    b'{"type": "media:updated", "eventId": null}',
    b'{"type": "scan:progress", "eventId": "1-0", "progress": "half"}',
    b'{"type": "scan:progress", "eventId": "1-0", "progress": {}}',
]


def test_what_is_no_event_is_passed_over(redis: Redis) -> None:
    client = a_listening_client(redis)

    for garbage in GARBAGE:
        redis.publish(events.CHANNEL, garbage)
    told(redis, "a")

    assert [frame.text for frame in heard(client, 1)] == events.since(redis, "0-0")


def test_what_is_no_event_does_not_keep_the_relay_from_finding_its_way_back(redis: Redis) -> None:
    client = a_listening_client(redis)
    told(redis, "a")
    for garbage in GARBAGE:
        redis.publish(events.CHANNEL, garbage)
    told(redis, "b")
    assert len(heard(client, 2)) == 2

    redis.client_kill_filter(_type="pubsub")
    told(redis, "c")

    assert [frame.text for frame in heard(client, 1)] == events.since(redis, "0-0")[2:]


def test_what_happens_first_is_not_lost_when_redis_is_lost_before(redis: Redis) -> None:
    told(redis, "before anybody listened")
    client = a_listening_client(redis)

    redis.client_kill_filter(_type="pubsub")
    told(redis, "a", "b")

    assert [frame.text for frame in heard(client, 2)] == events.since(redis, "0-0")[1:]


def test_who_falls_too_far_behind_is_dropped_once_and_the_others_hear_everything(redis: Redis) -> None:
    dropped: list[str] = []
    behind = Client(frozenset(), when_dropped=lambda: dropped.append("behind"))
    reading = Client(frozenset(), when_dropped=lambda: dropped.append("reading"))
    hub = a_hub(redis)
    for client in (behind, reading):
        hub.join(client)

    frames = []
    for start in range(0, LONGEST_QUEUE + 300, 100):
        told(redis, *map(str, range(start, start + 100)))
        frames += heard(reading, 100)

    assert dropped == ["behind"]
    assert behind.is_dropped
    assert [frame.text for frame in frames] == events.since(redis, "0-0")


@pytest.fixture
def port(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Serve an app that pings so often that a test can wait for it; return its port."""
    monkeypatch.setattr(relay, "PING_EVERY", 0.5)
    server = make_server("127.0.0.1", 0, make_client().application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def test_pings_find_who_is_gone_and_leave_who_answers(port: int, redis: Redis) -> None:
    gone, there = (create_connection(f"ws://127.0.0.1:{port}/ws", timeout=10) for _ in range(2))
    assert "connection:established" in there.recv()
    # This client answers pings while it reads; the other one does not read, and has room for all it is sent.
    began = time.monotonic()
    last = ""
    while time.monotonic() - began < 3:
        told(redis, "x")
        last = there.recv()
        time.sleep(0.2)

    assert "media:updated" in last
    assert there.connected
    assert code_of_the_close(gone) == 1008
    there.close()


def code_of_the_close(connection: WebSocket) -> int:
    """Read all that there is, and return the code with which the server closed the connection."""
    while True:
        frame = connection.recv_frame()
        if frame.opcode == ABNF.OPCODE_CLOSE:
            return int.from_bytes(frame.data[:2], "big")


def test_a_lost_connection_to_redis_loses_no_event(redis: Redis) -> None:
    client = a_listening_client(redis)
    told(redis, "a")
    assert len(heard(client, 1)) == 1

    redis.client_kill_filter(_type="pubsub")
    told(redis, "b", "c", "d")
    time.sleep(2)
    told(redis, "e")

    frames = heard(client, 4)
    assert ["bcde"[number] in frame.text for number, frame in enumerate(frames)] == [True] * 4
    assert len({frame.event_id for frame in frames}) == 4


def hub_that_breaks_once(redis: Redis, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Hub:
    """Make a hub whose listener meets something unexpected at the first event."""
    errors = [error]
    hand_out = Hub._hand_out  # noqa: SLF001 - where it breaks

    def breaks_once(hub: Hub, data: bytes, caught_up: set[str]) -> None:
        if errors:
            raise errors.pop()
        hand_out(hub, data, caught_up)

    monkeypatch.setattr(Hub, "_hand_out", breaks_once)
    return a_hub(redis)


def test_a_listener_that_meets_something_unexpected_goes_on_and_loses_no_event(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_that_breaks_once(redis, monkeypatch, AttributeError("The connection is None."))
    client = Client(frozenset())
    hub.join(client)

    told(redis, "a", "b")

    assert [frame.text for frame in heard(client, 2)] == events.since(redis, "0-0")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_has_ended_is_replaced_when_the_next_client_comes(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_that_breaks_once(redis, monkeypatch, SystemExit())
    first, second = Client(frozenset()), Client(frozenset())
    hub.join(first)
    told(redis, "a")
    assert hub._listener is not None  # noqa: SLF001 - when it has ended, nothing else tells
    hub._listener.join(10)  # noqa: SLF001

    hub.join(second)
    told(redis, "b")

    assert [frame.text for frame in heard(first, 2)] == events.since(redis, "0-0")
    assert "b" in heard(second, 2)[-1].text


def test_progress_that_a_client_was_told_before_is_no_news() -> None:
    client = Client(frozenset())

    news = [
        client.is_news(Frame("", "scan:progress", scan_job_id=job, progress=progress))
        for job, progress in (("a", 34), ("a", 32), ("b", 1), ("a", 34), ("a", 35))
    ]

    assert news == [True, False, True, True, True]
