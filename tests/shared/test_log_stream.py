"""The common log on a real Redis: nobody who logs waits, whatever becomes of Redis, and no line feeds on itself."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared import events, log_stream
from shared.log_stream import LogStream
from shared.logs import LEVELS, described
from tests.installation import free_port, wait_until
from tests.servers import redis_program, redis_server

ALL = frozenset(LEVELS)
NOWHERE = "redis://127.0.0.1:1/0"


@contextmanager
def a_log(url: str, name: str = "tests.log") -> Iterator[logging.Logger]:
    """Lend a logger whose lines go to a Redis and nowhere else."""
    handler = LogStream(url, lambda record: described(record, "tests", {}))
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()
        logger.propagate = True


@pytest.fixture
def log(redis: Redis, redis_url: str) -> Iterator[logging.Logger]:
    assert redis.ping()
    with a_log(redis_url) as logger:
        yield logger


def flushed(log: logging.Logger) -> None:
    for handler in log.handlers:
        handler.flush()


def messages(redis: Redis, limit: int = 10_000) -> list[str]:
    """Return the messages of the log, the oldest first."""
    return [entry["message"] for entry in reversed(log_stream.read(redis, limit, ALL))]


@contextmanager
def listening(redis: Redis) -> Iterator[list[dict[str, Any]]]:
    """Lend a list that fills with what clients are told until the end of the block, and a little after."""
    told: list[dict[str, Any]] = []
    with redis.pubsub() as subscription:
        subscription.subscribe(events.CHANNEL)
        assert subscription.get_message(timeout=5)["type"] == "subscribe"
        yield told
        while (message := subscription.get_message(timeout=0.3)) is not None:
            told.append(json.loads(message["data"]))


def test_a_line_is_kept_with_all_that_belongs_to_it(log: logging.Logger, redis: Redis) -> None:
    log.error("The folder %r can't be read.", "Ümläut", extra={"scanJobId": "aa0b"}, exc_info=OSError("gone"))
    flushed(log)

    (entry,) = log_stream.read(redis, 10, ALL)

    assert entry["level"] == "error"
    assert entry["logger"] == "tests.log"
    assert entry["message"] == "The folder 'Ümläut' can't be read."
    assert entry["meta"]["scanJobId"] == "aa0b"
    assert entry["meta"]["exception"].endswith("OSError: gone")
    assert abs(datetime.fromisoformat(entry["timestamp"]) - datetime.now(UTC)) < timedelta(seconds=10)


def test_the_log_keeps_about_the_last_lines(log: logging.Logger, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_stream, "KEPT", 200)
    for number in range(900):
        log.debug("%d", number)
    flushed(log)

    kept = messages(redis)

    assert kept[-1] == "899"
    assert 200 <= len(kept) < 400


def test_lines_from_info_upwards_are_told_and_those_below_are_not(log: logging.Logger, redis: Redis) -> None:
    with listening(redis) as told:
        log.debug("a")
        log.log(LEVELS["http"], "b")
        log.info("c")
        log.warning("d", extra={"scanJobId": "aa0b"})
        log.error("e")
        flushed(log)

    assert [frame["message"] for frame in told] == ["c", "d", "e"]
    assert messages(redis) == ["a", "b", "c", "d", "e"]
    (_, frame, _) = told
    assert frame.pop("eventId")
    assert frame.pop("timestamp").endswith("Z")
    assert frame == {
        "type": "log:message",
        "level": "warn",
        "logger": "tests.log",
        "message": "d",
        "meta": {"source": "tests", "scanJobId": "aa0b"},
    }


def test_log_messages_never_push_events_out_of_what_is_kept(log: logging.Logger, redis: Redis) -> None:
    events.tell(redis, events.MediaUpdated(media_ids=["a"]))
    with listening(redis) as told:
        for number in range(40):
            log.info("%d", number)
        flushed(log)
        events.tell(redis, events.MediaUpdated(media_ids=["b"]))

    kept = [json.loads(frame) for frame in events.since(redis, "0")]
    assert [frame["mediaIds"] for frame in kept] == [["a"], ["b"]]
    numbers = [tuple(map(int, frame["eventId"].split("-"))) for frame in [kept[0], *told]]
    assert len(numbers) == 42
    assert numbers == sorted(set(numbers))
    # Whoever comes back with the number of a log message misses no event, and is told none twice.
    assert [json.loads(frame)["mediaIds"] for frame in events.since(redis, told[20]["eventId"])] == [["b"]]


def test_a_flood_is_kept_whole_and_told_in_part(log: logging.Logger, redis: Redis) -> None:
    with listening(redis) as told:
        for number in range(900):
            log.info("%d", number)
        flushed(log)

    assert len(messages(redis)) == 900
    assert len(told) <= 3 * log_stream.TOLD_A_SECOND


def test_what_the_relay_says_about_sockets_is_kept_and_never_told(redis: Redis, redis_url: str) -> None:
    with listening(redis) as told, a_log(redis_url, "api.relay") as log:
        log.warning("A client reads too slowly.")
        flushed(log)

    assert messages(redis) == ["A client reads too slowly."]
    assert told == []


def test_what_the_thread_itself_gives_rise_to_is_not_carried(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_log(redis_url) as log:
        told = threading.Event()

        tell = events.tell_unkept

        def telling(pipeline: Redis, event: events.LogMessage) -> None:
            # As a library that logs what it sends.
            log.warning("sending %s", event.message)
            told.set()
            tell(pipeline, event)

        monkeypatch.setattr(events, "tell_unkept", telling)
        log.info("first")
        flushed(log)
        log.info("second")
        flushed(log)

    assert told.is_set()
    assert messages(redis) == ["first", "second"]


def test_a_line_that_cannot_be_written_costs_only_itself(
    log: logging.Logger, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing on standard error.
    monkeypatch.setattr(logging, "raiseExceptions", False)
    # Seconds that the last lines are waited for.
    monkeypatch.setattr(log_stream, "_LAST_WORDS", 20.0)
    log.info("before")
    # More digits than Python writes.
    log.info("a number", extra={"count": 10**5000})
    log.info("after")
    began = time.monotonic()
    flushed(log)

    assert time.monotonic() - began < 10
    assert messages(redis) == ["before", "after"]


def test_without_redis_nobody_waits_and_memory_is_bounded() -> None:
    with a_log(NOWHERE) as log:
        began = time.monotonic()
        for number in range(5_000):
            log.info("%d", number)
        took = time.monotonic() - began

        (handler,) = log.handlers
        assert isinstance(handler, LogStream)
        assert handler._pending.qsize() <= log_stream.LONGEST_QUEUE  # noqa: SLF001
    assert took < 5


def test_when_redis_is_back_the_last_lines_come_and_the_loss_is_told_once() -> None:
    port = free_port()
    command = [redis_program(), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", "/tmp"]  # noqa: S108
    with a_log(f"redis://127.0.0.1:{port}/0") as log:
        for number in range(3_000):
            log.info("%d", number)
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            with Redis(port=port) as redis:
                wait_until(lambda: _has(redis, "2999"), 20, "the lines are carried")
                log.info("afterwards")
                wait_until(lambda: _has(redis, "afterwards"), 20, "the next line is carried")
                kept = messages(redis)
        finally:
            server.terminate()
            server.wait()

    losses = [message for message in kept if "Redis was away" in message]
    numbers = [message for message in kept if message.isdigit()]
    assert len(losses) == 1
    assert f"{3_000 - len(numbers)} log lines" in losses[0]
    assert numbers[-1_000:] == [str(number) for number in range(2_000, 3_000)]


def test_a_redis_that_hangs_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_stream, "_TIMEOUT", 0.3)
    with redis_server() as url, a_log(url) as log, Redis.from_url(url) as redis:
        log.info("before")
        flushed(log)
        process = psutil.Process(redis.info("server")["process_id"])
        process.send_signal(signal.SIGSTOP)
        try:
            began = time.monotonic()
            for number in range(200):
                log.info("%d", number)
                time.sleep(0.001)
            took = time.monotonic() - began
            time.sleep(3)
        finally:
            process.send_signal(signal.SIGCONT)

        assert took < 10
        wait_until(lambda: _has(redis, "199"), 20, "the lines are carried")
        kept = messages(redis)

    # Whether what was under way arrived can't be known, so that comes twice; but not as often as it was tried.
    assert set(kept) == {"before", *map(str, range(200))}
    assert all(kept.count(message) <= 2 for message in kept)


def test_forked_children_log_too_and_no_line_comes_twice(redis: Redis, redis_url: str) -> None:
    with a_log(redis_url) as log:
        children = []
        for number in range(20):
            log.info("parent %d", number)
            child = os.fork()
            if child == 0:
                log.info("child %d", number)
                flushed(log)
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        flushed(log)

    expected = [f"{kind} {number}" for kind in ("parent", "child") for number in range(20)]
    assert sorted(messages(redis)) == sorted(expected)


def test_the_end_of_a_process_waits_for_its_last_line_but_not_long(redis: Redis, redis_url: str) -> None:
    program = (
        "import logging; from shared import logs; logs.set_up('info', 'web', {url!r}); "
        "logging.getLogger('a').info('the last words')"
    )
    took = []
    for url in (redis_url, NOWHERE):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", program.format(url=url)], check=True, capture_output=True)
        took.append(time.monotonic() - began)

    assert messages(redis) == ["the last words"]
    assert took[1] < took[0] + 3


def test_lines_are_found_by_level_text_and_time(log: logging.Logger, redis: Redis) -> None:
    log.debug("Asking TMDB", extra={"scanJobId": "AA0B"})
    log.info("STRASSE")
    log.error("tmdb is away")
    flushed(log)

    def found(levels: frozenset[str] = ALL, text: str = "", since: datetime | None = None) -> list[str]:
        return [entry["message"] for entry in log_stream.read(redis, 10, levels, text, since)]

    assert found(frozenset({"error", "warn", "info"})) == ["tmdb is away", "STRASSE"]
    assert found(text="tmdb") == ["tmdb is away", "Asking TMDB"]
    assert found(text="straße") == ["STRASSE"]
    assert found(text="aa0b") == ["Asking TMDB"]
    assert len(found(since=datetime.now(UTC) - timedelta(minutes=5))) == 3
    assert found(since=datetime.now(UTC) + timedelta(seconds=5)) == []
    assert found(since=datetime(1, 1, 1, tzinfo=UTC)) == found()


def test_the_whole_log_is_read_by_few_questions(log: logging.Logger, redis: Redis) -> None:
    entry = json.dumps(described(logging.LogRecord("a.b", 20, "", 1, "x" * 200, None, None), "scan", {"taskId": "a"}))
    with redis.pipeline() as pipeline:
        for _ in range(log_stream.KEPT + 100):
            pipeline.xadd(log_stream.STREAM, {"entry": entry})
        pipeline.execute()

    redis.config_resetstat()

    assert log_stream.read(redis, 1000, ALL, "not there") == []

    assert redis.info("commandstats")["cmdstat_xrevrange"]["calls"] <= 20
    assert log.name


def _has(redis: Redis, message: str) -> bool:
    try:
        return message in messages(redis)
    except RedisError:
        return False
