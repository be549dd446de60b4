"""Fields of a provider's JSON, each of which may be missing, null or of another type than documented. Pure."""

import html
import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

Json = dict[str, Any]

_MOST = 2**31 - 1
_LINE_END = re.compile(r"<\s*(?:br\s*/?|/\s*(?:p|div|li))\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>]*>", re.IGNORECASE)


def text(value: object) -> str | None:
    """Read a text as any database can store it: no NUL, no half of a surrogate pair, and not empty."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").encode("utf-8", "ignore").decode().strip() or None


def plain(value: object) -> str | None:
    """Read a text that is written in HTML, without its tags."""
    if not isinstance(value, str):
        return None
    lines = html.unescape(_TAG.sub("", _LINE_END.sub("\n", value))).splitlines()
    return text("\n".join(line for words in lines if (line := " ".join(words.split()))))


def day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= _MOST and math.isfinite(value) else None


def whole(value: object) -> int | None:
    """Read a whole number that is not negative and fits any database."""
    read = number(value)
    return int(read) if read is not None and read >= 0 and read == int(read) else None


def mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def mappings(values: object) -> Iterator[Json]:
    return (value for value in values if isinstance(value, dict)) if isinstance(values, list) else iter(())
