"""The relay of one API process, on a real Redis: nobody misses an event, and nothing that is none makes it deaf."""

import queue
import time
from random import Random

import pytest
from redis import Redis

from api.frames import Frame
from api.hub import Hub
from api.interest import Interest, News
from shared import events
from shared.events import MediaUpdated


class Ear:
    """A hub that listens, with a connection of its own as in a server, and what it has handed out."""

    def __init__(self, redis: Redis) -> None:
        self._frames: queue.Queue[Frame] = queue.Queue()
        port = redis.connection_pool.connection_kwargs["port"]
        self.hub = Hub(Redis(port=port, socket_connect_timeout=2), self._frames.put)

    def heard(self, count: int) -> list[Frame]:
        """Return so many frames, or as many as come within a few seconds."""
        frames: list[Frame] = []
        until = time.monotonic() + 10
        while len(frames) < count and time.monotonic() < until:
            try:
                frames.append(self._frames.get(timeout=1))
            except queue.Empty:
                continue
        return frames


def told(redis: Redis, *media_ids: str) -> None:
    for media_id in media_ids:
        events.tell(redis, MediaUpdated(media_ids=[media_id]))


def a_listening_ear(redis: Redis) -> Ear:
    ear = Ear(redis)
    ear.hub.listen()
    return ear


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
    ear = a_listening_ear(redis)

    for garbage in GARBAGE:
        redis.publish(events.CHANNEL, garbage)
    told(redis, "a")

    assert [frame.text for frame in ear.heard(1)] == events.since(redis, "0-0")


def test_what_is_no_event_does_not_keep_the_relay_from_finding_its_way_back(redis: Redis) -> None:
    ear = a_listening_ear(redis)
    told(redis, "a")
    for garbage in GARBAGE:
        redis.publish(events.CHANNEL, garbage)
    told(redis, "b")
    assert len(ear.heard(2)) == 2

    redis.client_kill_filter(_type="pubsub")
    told(redis, "c")

    assert [frame.text for frame in ear.heard(1)] == events.since(redis, "0-0")[2:]


def test_what_happens_first_is_not_lost_when_redis_is_lost_before(redis: Redis) -> None:
    told(redis, "before anybody listened")
    ear = a_listening_ear(redis)

    redis.client_kill_filter(_type="pubsub")
    told(redis, "a", "b")

    assert [frame.text for frame in ear.heard(2)] == events.since(redis, "0-0")[1:]


def test_a_lost_connection_to_redis_loses_no_event(redis: Redis) -> None:
    ear = a_listening_ear(redis)
    told(redis, "a")
    assert len(ear.heard(1)) == 1

    redis.client_kill_filter(_type="pubsub")
    told(redis, "b", "c", "d")
    time.sleep(2)
    told(redis, "e")

    frames = ear.heard(4)
    assert ["bcde"[number] in frame.text for number, frame in enumerate(frames)] == [True] * 4
    assert len({frame.event_id for frame in frames}) == 4


def ear_that_breaks_once(redis: Redis, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Ear:
    """Make a hub whose listener meets something unexpected at the first event."""
    errors = [error]
    hear = Hub._hear  # noqa: SLF001 - where it breaks

    def breaks_once(hub: Hub, data: bytes, caught_up: set[str]) -> None:
        if errors:
            raise errors.pop()
        hear(hub, data, caught_up)

    monkeypatch.setattr(Hub, "_hear", breaks_once)
    return Ear(redis)


def test_a_listener_that_meets_something_unexpected_goes_on_and_loses_no_event(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = ear_that_breaks_once(redis, monkeypatch, AttributeError("The connection is None."))
    ear.hub.listen()

    told(redis, "a", "b")

    assert [frame.text for frame in ear.heard(2)] == events.since(redis, "0-0")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_has_ended_is_replaced_when_the_next_client_comes(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = ear_that_breaks_once(redis, monkeypatch, SystemExit())
    ear.hub.listen()
    told(redis, "a")
    assert ear.hub._listener is not None  # noqa: SLF001 - when it has ended, nothing else tells
    ear.hub._listener.join(10)  # noqa: SLF001

    ear.hub.listen()
    told(redis, "b")

    assert [frame.text for frame in ear.heard(2)] == events.since(redis, "0-0")


def test_progress_that_a_client_was_told_before_is_no_news() -> None:
    interest = Interest(frozenset())

    news = [
        interest.is_news(Frame("", b"", "scan:progress", scan_job_id=job, progress=progress))
        for job, progress in (("a", 34), ("a", 32), ("b", 1), ("a", 34), ("a", 35))
    ]

    assert news == [True, False, True, True, True]


@pytest.mark.parametrize("hidden", [(), ("media:added",)])
@pytest.mark.parametrize("types", [(), ("scan:progress",), ("media:added", "scan:complete")])
def test_news_are_told_at_once_as_they_would_be_one_by_one(types: tuple[str, ...], hidden: tuple[str, ...]) -> None:
    random = Random(7)
    at_once, one_by_one = (Interest(frozenset(types), frozenset(hidden)) for _ in range(2))
    told: list[bytes] = []
    expected: list[bytes] = []
    were_at_once = 0

    for _ in range(500):
        frames = [a_frame(random) for _ in range(random.randrange(4))]
        wire = at_once.all_at_once(News(frames))
        were_at_once += bool(frames) and wire is not None
        told.append(b"".join(frame.wire for frame in frames if at_once.is_news(frame)) if wire is None else wire)
        expected.append(b"".join(frame.wire for frame in frames if one_by_one.is_news(frame)))

    assert told == expected
    assert 100 < were_at_once < 400


def a_frame(random: Random) -> Frame:
    kind = random.choice(["scan:progress"] * 4 + ["media:added"] * 4 + ["scan:complete"])
    progress = random.randrange(90, 101) if kind == "scan:progress" else None
    wire = f"{kind} {progress} {random.random()} ".encode()
    return Frame("", wire, kind, scan_job_id=random.choice("abc"), progress=progress)


def test_what_is_not_for_a_client_is_no_news_whatever_it_asks_for() -> None:
    line = Frame.of('{"type": "log:message", "eventId": "1-0", "message": "secret"}')

    assert Interest(frozenset()).is_news(line)
    for asked_for in (frozenset[str](), frozenset({"log:message"})):
        assert not Interest(asked_for, hidden=frozenset({"log:message"})).is_news(line)
