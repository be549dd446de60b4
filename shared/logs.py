"""Log lines: one form for all processes, free of keys, on standard output and in the common log in Redis.

On a terminal and under `dester up` they are for people to read; elsewhere, as in containers, each is one line of JSON:

    {"timestamp": …, "level": …, "logger": …, "message": …, "meta": {"source": "scan", "taskId": …, "requestId": …}}

``meta`` holds the kind of process (``source``), what it was at (`shared/correlation.py`), what was given by ``extra=``,
and an ``exception``. The same object is kept in Redis (`shared/log_stream.py`).
"""

import json
import logging
import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from shared import correlation
from shared.log_stream import Entry, LogStream
from shared.redaction import is_secret, redacted

#: Between info and debug: a line for each request.
HTTP = 15
LEVELS = {
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "http": HTTP,
    "debug": logging.DEBUG,
}
#: Set by `dester up` for its processes, whose output is piped and yet read by people.
READABLE = "DESTER_READABLE_LOG"

_LONGEST_MESSAGE, _LONGEST_EXCEPTION, _LONGEST_VALUE = 2_000, 8_000, 500
_COLOURS_AND_CONTROL = re.compile(r"\x1b\[[0-9;]{0,20}m|[\x00-\x08\x0b-\x1f\x7f]")
#: Where a record that was described once has that.
_DESCRIBED = "described"
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", _DESCRIBED}
_encode = json.JSONEncoder(ensure_ascii=False).encode
_formatter = logging.Formatter()


def set_up(level: str, source: str, redis_url: str) -> None:
    """Send this process's log to standard output and to Redis, from ``level`` (see ``LEVELS``) upwards.

    ``source`` is the kind of process: web, scan, metadata, artwork, beat.
    """
    logging.addLevelName(HTTP, "HTTP")

    def entry(record: logging.LogRecord) -> Entry:
        known: Entry | None = getattr(record, _DESCRIBED, None)
        if known is None:
            known = described(record, source, correlation.at_hand())
            setattr(record, _DESCRIBED, known)
        return known

    is_readable = sys.stdout.isatty() or READABLE in os.environ
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(_Readable() if is_readable else _Json(entry))
    root = logging.getLogger()
    former, root.handlers[:] = root.handlers[:], [output, *([LogStream(redis_url, entry)] if redis_url else [])]
    for handler in former:
        handler.close()
    root.setLevel(LEVELS[level])
    # A line for each task received and done is Celery's own debugging.
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat", "kombu"):
        logging.getLogger(name).setLevel(max(LEVELS[level], logging.WARNING))


def described(record: logging.LogRecord, source: str, about: Mapping[str, str]) -> Entry:
    """Return a record as it is kept and told: bounded, and free of keys and colour codes."""
    meta: dict[str, Any] = {"source": source, **about}
    meta |= {name: _value(name, value) for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
    if record.exc_info or record.exc_text:
        # The end of a long one says what it was.
        last = _exception(record)[-2 * _LONGEST_EXCEPTION :]
        meta["exception"] = clean(last, 2 * _LONGEST_EXCEPTION)[-_LONGEST_EXCEPTION:]
    return {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "level": level_of(record.levelno),
        "logger": record.name,
        "message": clean(record.getMessage(), _LONGEST_MESSAGE),
        "meta": {name: value for name, value in meta.items() if value is not None},
    }


def level_of(number: int) -> str:
    """Return the name of the level that a number reaches."""
    return next((name for name, least in LEVELS.items() if number >= least), "debug")


def at_least(level: str) -> frozenset[str]:
    """Return the names of a level and of all that are more severe."""
    return frozenset(name for name, number in LEVELS.items() if number >= LEVELS[level])


def clean(text: str, longest: int) -> str:
    """Return a text without keys, colour codes and what is no Unicode, cut to so many characters."""
    # Cut twice: a key must not be cut in half before it is looked for.
    text = redacted(text[: 2 * longest].encode(errors="replace").decode())
    text = _COLOURS_AND_CONTROL.sub("", text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _value(name: str, value: object) -> object:
    """Return a value of ``extra``; None for what is not of a simple kind."""
    if is_secret(name):
        return "***"
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return clean(value, _LONGEST_VALUE) if isinstance(value, str) else None


def _exception(record: logging.LogRecord) -> str:
    return record.exc_text or (_formatter.formatException(record.exc_info) if record.exc_info else "")


class _Readable(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        about = correlation.at_hand()
        text = super().format(record)
        first, newline, rest = text.partition("\n")
        about_what = "".join(f" {name}={value}" for name, value in about.items())
        return clean(f"{first}{about_what}{newline}{rest}", _LONGEST_MESSAGE + _LONGEST_EXCEPTION)


class _Json(logging.Formatter):
    def __init__(self, entry: Callable[[logging.LogRecord], Entry]) -> None:
        super().__init__()
        self._entry = entry

    def format(self, record: logging.LogRecord) -> str:
        return _encode(self._entry(record))
