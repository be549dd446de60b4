"""What clients are told, through a real Redis."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.retry import Retry

from shared import events
from shared.events import Event, MediaAdded, MediaRemoved, MediaUpdated, ScanComplete, ScanError, ScanProgress

JOB = "5b0e4c0a-0000-4000-8000-000000000001"


@pytest.fixture
def listener(redis: Redis) -> Iterator[PubSub]:
    with redis.pubsub() as subscription:
        subscription.subscribe(events.CHANNEL)
        assert subscription.get_message(timeout=5)["type"] == "subscribe"
        yield subscription


def heard(listener: PubSub) -> list[dict[str, Any]]:
    frames = []
    while (message := listener.get_message(timeout=0.2)) is not None:
        frames.append(json.loads(message["data"]))
    return frames


def a_progress(progress: int = 0, *, scan_job_id: str = JOB, **more: Any) -> ScanProgress:
    values: dict[str, Any] = {"phase": "scanning", "current": 1, "total": 2, "message": "Naming", "library_id": "lib"}
    return ScanProgress(progress=progress, scan_job_id=scan_job_id, **(values | more))


def tell_progress(redis: Redis, *percents: int) -> None:
    for percent in percents:
        events.tell_progress(redis, a_progress(percent))
        time.sleep(events.PROGRESS_EVERY_MS / 1000 + 0.02)


@pytest.mark.parametrize(
    ("event", "frame"),
    [
        (
            ScanComplete(library_id="lib", total_items=7, message="Done.", scan_job_id=JOB),
            {
                "type": "scan:complete",
                "libraryId": "lib",
                "totalItems": 7,
                "message": "Done.",
                "scanJobId": JOB,
            },
        ),
        (ScanError(error="No disk."), {"type": "scan:error", "error": "No disk."}),
        (
            ScanError(error="No disk.", library_id="lib", scan_job_id=JOB),
            {"type": "scan:error", "error": "No disk.", "libraryId": "lib", "scanJobId": JOB},
        ),
        (
            MediaAdded(library_id="lib", media_ids=["a", "b"]),
            {"type": "media:added", "libraryId": "lib", "mediaIds": ["a", "b"]},
        ),
        (MediaUpdated(media_ids=["a"]), {"type": "media:updated", "mediaIds": ["a"]}),
        (MediaRemoved(media_ids=[]), {"type": "media:removed", "mediaIds": []}),
        (
            ScanError(error='"quotes", \\ and\nlines, Ümläute, 😀, \u2028'),
            {"type": "scan:error", "error": '"quotes", \\ and\nlines, Ümläute, 😀, \u2028'},
        ),
    ],
)
def test_an_event_goes_out_as_one_flat_frame(
    redis: Redis, listener: PubSub, event: Event, frame: dict[str, Any]
) -> None:
    events.tell(redis, event)

    (sent,) = heard(listener)

    assert isinstance(sent.pop("eventId"), str)
    assert sent == frame


def test_progress_goes_out_as_the_wire_contract_says(redis: Redis, listener: PubSub) -> None:
    item = {"folderName": "Heat (1995)", "itemsSaved": 1, "totalItems": 2}
    events.tell_progress(redis, a_progress(42, batch_item_complete=item))

    (sent,) = heard(listener)

    assert sent.pop("eventId")
    assert sent == {
        "type": "scan:progress",
        "phase": "scanning",
        "progress": 42,
        "current": 1,
        "total": 2,
        "message": "Naming",
        "libraryId": "lib",
        "scanJobId": JOB,
        "batchItemComplete": item,
    }
    assert all(type(sent[name]) is int for name in ("progress", "current", "total"))


def test_event_ids_rise(redis: Redis, listener: PubSub) -> None:
    for number in range(50):
        events.tell(redis, MediaUpdated(media_ids=[str(number)]))
        if number == 25:
            events.tell_progress(redis, a_progress(1))

    frames = heard(listener)

    ids = [tuple(map(int, frame["eventId"].split("-"))) for frame in frames]
    assert len(ids) == 51
    assert ids == sorted(set(ids))


def test_progress_never_goes_back(redis: Redis, listener: PubSub) -> None:
    tell_progress(redis, 5, 30, 20, 29, 30, 31, 0)

    assert [frame["progress"] for frame in heard(listener)] == [5, 30, 30, 31]


def test_progress_is_told_at_most_four_times_a_second(redis: Redis, listener: PubSub) -> None:
    began = time.monotonic()
    percent = 0
    while time.monotonic() - began < 1:
        events.tell_progress(redis, a_progress(min(percent := percent + 1, 99)))

    assert 2 <= len(heard(listener)) <= 5


def test_each_job_has_its_own_progress(redis: Redis, listener: PubSub) -> None:
    for number in range(5):
        events.tell_progress(redis, a_progress(50 - number, scan_job_id=str(number)))

    assert [frame["progress"] for frame in heard(listener)] == [50, 49, 48, 47, 46]


def test_a_clock_that_was_set_back_keeps_no_progress_from_being_told(redis: Redis) -> None:
    redis.set(f"dester:progress:{JOB}:early", 1, ex=3600)

    assert not events.is_early(redis, JOB)
    events.tell_progress(redis, a_progress(10))

    assert events.is_early(redis, JOB)
    assert redis.xlen(events.STREAM) == 1


def test_whether_it_is_too_early_can_be_asked(redis: Redis) -> None:
    assert not events.is_early(redis, JOB)
    events.tell_progress(redis, a_progress())
    assert events.is_early(redis, JOB)

    time.sleep(events.PROGRESS_EVERY_MS / 1000 + 0.02)

    assert not events.is_early(redis, JOB)


@pytest.mark.parametrize(
    "end",
    [
        ScanComplete(library_id="lib", total_items=1, message="Done.", scan_job_id=JOB),
        ScanError(library_id="lib", scan_job_id=JOB, error="No disk."),
    ],
    ids=lambda end: end.type,
)
def test_after_the_end_no_progress_is_told(redis: Redis, listener: PubSub, end: ScanComplete | ScanError) -> None:
    tell_progress(redis, 10)
    events.tell_end(redis, end, JOB)
    tell_progress(redis, 20, 100)

    assert [frame["type"] for frame in heard(listener)] == ["scan:progress", end.type]


def test_what_was_missed_is_replayed_exactly_as_it_was_told(redis: Redis, listener: PubSub) -> None:
    for number in range(5):
        events.tell(redis, MediaUpdated(media_ids=[f"Ümläut {number}"]))
    events.tell_progress(redis, a_progress(7))
    frames = heard(listener)

    for seen in range(6):
        missed = [json.loads(frame) for frame in events.since(redis, frames[seen]["eventId"])]
        assert missed == frames[seen + 1 :]
    assert [json.loads(frame) for frame in events.since(redis, "0")] == frames


@pytest.mark.parametrize("event_id", ["", "x", "1-x", "-", "1 2", "(1-1"])
def test_what_can_be_no_event_is_an_error_of_redis(redis: Redis, event_id: str) -> None:
    with pytest.raises(RedisError):
        events.since(redis, event_id)


def test_not_for_ever_are_events_kept(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEPT", 100)
    for number in range(1000):
        events.tell(redis, MediaUpdated(media_ids=[str(number)]))

    kept = events.since(redis, "0")

    assert 100 <= len(kept) < 400
    assert json.loads(kept[-1])["mediaIds"] == ["999"]


def test_without_redis_nothing_is_told_and_nothing_breaks() -> None:
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))
    end = ScanError(scan_job_id=JOB, error="No disk.")

    events.tell(away, end)
    events.tell_progress(away, a_progress())
    events.tell_end(away, end, JOB)

    assert events.is_early(away, JOB)
