"""What clients are told over the WebSocket. Each message is one type; this file is the protocol.

Events go out after the commit that made them true. Redis numbers them, keeps the last ones in a stream for clients that
missed some, and publishes them to every API process: all in one script, so that their order is the same everywhere.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypedDict

from redis import Redis
from redis.exceptions import RedisError

from shared.wire import camel

log = logging.getLogger(__name__)

CHANNEL = "dester:events"
STREAM = "dester:events:kept"
#: How many events a client may have missed and still be told.
KEPT = 10_000
#: One event names so many titles.
TITLES_AN_EVENT = 500

#: Adds an event to the stream, whose entry id is the event's id, and publishes it.
_TELL = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[2])
redis.call('PUBLISH', KEYS[2], '{"eventId":"' .. id .. '",' .. string.sub(ARGV[2], 2))
return id
"""

#: Gives an event its number and publishes it, but keeps only the number: the stream knows by it where it is.
_TELL_UNKEPT = """
local id = redis.call('XADD', KEYS[1], '*', 'event', '')
redis.call('XDEL', KEYS[1], id)
redis.call('PUBLISH', KEYS[2], '{"eventId":"' .. id .. '",' .. string.sub(ARGV[1], 2))
"""

#: The same for progress, which must not go back and need not be told more often than every ARGV[5] milliseconds.
#: KEYS[3] holds the highest progress told; KEYS[4] exists while it is too early for the next event. If it would exist
#: for longer, the clock was set back.
_TELL_PROGRESS = """
local early = redis.call('PTTL', KEYS[4])
if early > 0 and early <= tonumber(ARGV[5]) then return false end
redis.call('SET', KEYS[4], 1, 'PX', ARGV[5])
local told = tonumber(redis.call('GET', KEYS[3]) or '-1')
if tonumber(ARGV[3]) < told then return false end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[2])
redis.call('PUBLISH', KEYS[2], '{"eventId":"' .. id .. '",' .. string.sub(ARGV[2], 2))
return id
"""

#: At most four progress events a second and scan job: each counts what its scan has done.
PROGRESS_EVERY_MS = 250
_PROGRESS_REMEMBERED_SECONDS = 24 * 3600
#: More than any progress.
_ENDED = 1000


#: What a scan is at, in the words that clients know.
Phase = Literal[
    "discovering", "scanning", "fetching-metadata", "fetching-episodes", "saving", "batching", "batch-complete"
]
Level = Literal["error", "warn", "info", "http", "debug"]


class BatchItem(TypedDict):
    """The folder or title that was just saved; ``totalItems`` counts the titles of the scan."""

    folderName: str
    itemsSaved: int
    totalItems: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything that clients are told. Fields that are None stay out of the frame."""

    type: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """Return the frame as it goes out, but for its ``eventId``."""
        values = {camel(f.name): getattr(self, f.name) for f in fields(self)}
        return {"type": self.type} | {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanProgress(Event):
    """How far a scan is; ``progress`` in per cent, ``current`` and ``total`` in the phase's own unit.

    ``eta_seconds`` is how long it will still take, at the rate of ``folders_per_second`` and ``titles_per_second`` that
    was measured, and ``waiting_for`` what it waits for, where that is known.
    """

    type: ClassVar[str] = "scan:progress"
    phase: Phase
    progress: int
    current: int
    total: int
    message: str
    library_id: str
    scan_job_id: str
    eta_seconds: int | None = None
    folders_per_second: float | None = None
    titles_per_second: float | None = None
    waiting_for: str | None = None
    batch_item_complete: BatchItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanComplete(Event):
    """A scan is done; ``total_items`` counts the titles that its library now holds."""

    type: ClassVar[str] = "scan:complete"
    library_id: str
    total_items: int
    message: str
    scan_job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanError(Event):
    """A scan could not be done, or was cancelled."""

    type: ClassVar[str] = "scan:error"
    library_id: str | None = None
    scan_job_id: str | None = None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPaused(Event):
    """The user paused a scan; it tells its progress again when it is resumed."""

    type: ClassVar[str] = "scan:paused"
    library_id: str
    scan_job_id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAdded(Event):
    """Titles came into a library."""

    type: ClassVar[str] = "media:added"
    library_id: str
    media_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUpdated(Event):
    """Titles have new metadata, pictures or colours."""

    type: ClassVar[str] = "media:updated"
    media_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRemoved(Event):
    """Titles are gone: they turned out to be another one, which has their files now, or no library holds them."""

    type: ClassVar[str] = "media:removed"
    media_ids: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryUpdated(Event):
    """A library was made or changed."""

    type: ClassVar[str] = "library:updated"
    library_id: str
    library_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryDeleted(Event):
    """A library is gone; ``media:removed`` follows for the titles that only it held."""

    type: ClassVar[str] = "library:deleted"
    library_id: str
    library_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMessage(Event):
    """A process logged something. `/logs` has it too, so it isn't kept for clients that missed it."""

    type: ClassVar[str] = "log:message"
    level: Level
    logger: str
    message: str
    timestamp: str
    meta: dict[str, Any]


def tell(redis: Redis, event: Event) -> bool:
    """Tell every client. An event that can't go out is logged and dropped (False): the rows are the truth."""
    try:
        redis.eval(_TELL, 2, STREAM, CHANNEL, KEPT, _encoded(event))
    except RedisError:
        log.warning("Redis can't be reached; %s is not told.", event.type)
        return False
    return True


def tell_all(redis: Redis, told: Sequence[Event]) -> None:
    """Tell every client several events, in this order and in one go: a Redis that doesn't answer is waited for once."""
    pipeline = redis.pipeline(transaction=False)
    for event in told:
        pipeline.eval(_TELL, 2, STREAM, CHANNEL, KEPT, _encoded(event))
    try:
        pipeline.execute()
    except RedisError:
        log.warning("Redis can't be reached; %d events are not told.", len(told))


def removals(media_ids: Sequence[str]) -> list[Event]:
    """Return the events that tell that titles are gone."""
    starts = range(0, len(media_ids), TITLES_AN_EVENT)
    return [MediaRemoved(media_ids=list(media_ids[start : start + TITLES_AN_EVENT])) for start in starts]


def tell_progress(redis: Redis, event: ScanProgress) -> None:
    """Tell every client how far a scan is, unless they were told just now or know better."""
    job = _progress_key(event.scan_job_id)
    try:
        redis.eval(
            _TELL_PROGRESS,
            4,
            STREAM,
            CHANNEL,
            job,
            f"{job}:early",
            KEPT,
            _encoded(event),
            event.progress,
            _PROGRESS_REMEMBERED_SECONDS,
            PROGRESS_EVERY_MS,
        )
    except RedisError:
        log.warning("Redis can't be reached; the progress of scan job %s is not told.", event.scan_job_id)


def tell_end(redis: Redis, event: ScanComplete | ScanError, scan_job_id: str) -> bool:
    """Tell every client how a run of a scan job ended; progress that comes late is not told any more.

    False when it could not go out.
    """
    try:
        redis.set(_progress_key(scan_job_id), _ENDED, ex=_PROGRESS_REMEMBERED_SECONDS)
    except RedisError:
        log.warning("Redis can't be reached; scan job %s may still tell progress.", scan_job_id)
    return tell(redis, event)


def tell_unkept(pipeline: Redis, event: Event) -> None:
    """Put the telling of an event on a pipeline; a client that is away now won't be told of it later."""
    pipeline.eval(_TELL_UNKEPT, 2, STREAM, CHANNEL, _encoded(event))


def forget_progress(redis: Redis, scan_job_id: str) -> None:
    """Let a new run of a scan job begin at 0 again."""
    try:
        job = _progress_key(scan_job_id)
        redis.delete(job, f"{job}:early", counts_key(scan_job_id))
    except RedisError:
        log.warning("Redis can't be reached; the progress of scan job %s may not be told.", scan_job_id)


def is_early(redis: Redis, scan_job_id: str) -> bool:
    """Whether clients were told of a job's progress so recently that the next event would be dropped."""
    try:
        return 0 < int(redis.pttl(f"{_progress_key(scan_job_id)}:early")) <= PROGRESS_EVERY_MS
    except RedisError:
        return True


def _progress_key(scan_job_id: str) -> str:
    return f"dester:progress:{scan_job_id}"


def counts_key(scan_job_id: str) -> str:
    """Name where the highest counts that clients were told of a run are kept."""
    return f"{_progress_key(scan_job_id)}:counts"


def since(redis: Redis, event_id: str) -> list[str]:
    """Return the frames of the events after this one, as far back as they are kept.

    Raises:
        RedisError: Redis can't be reached, or there can be no such event.

    """
    kept: Any = redis.xrange(STREAM, min=f"({event_id}", max="+")
    return [f'{{"eventId":"{entry.decode()}",{values[b"event"].decode()[1:]}' for entry, values in kept]


def _encoded(event: Event) -> str:
    return json.dumps(event.payload(), ensure_ascii=False, separators=(",", ":"))
