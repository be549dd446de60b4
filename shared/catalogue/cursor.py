"""Where a list goes on: the sort key and the id of the last row that was shown, in one word that fits into a URL.

What the word holds is nobody's business but ours, and it is checked like anything else that comes from outside.
"""

import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from shared.errors import InvalidError

#: A title of 200 characters, each of the largest kind, makes half of this.
LONGEST = 2048

Value = datetime | date | float | str | None


@dataclass(frozen=True, slots=True)
class Position:
    """The last row that was shown: the value that the list is sorted by, and the row's id."""

    value: Value
    id: str


def encode(position: Position, of_list: str) -> str:
    """Spell a position in the list that ``of_list`` names: one order, one choice of filters."""
    value = position.value.isoformat() if isinstance(position.value, date) else position.value
    text = json.dumps([of_list, value, position.id], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(cursor: str, of_list: str, kind: type, *, may_miss: bool) -> Position:
    """Read a position in this list, whose sort key is of this kind and may be missing.

    Raises:
        InvalidError: it is none, or one of another list.

    """
    try:
        position = _read(cursor, kind)
        if encode(position, of_list) == cursor and (may_miss or position.value is not None):
            return position
    except (ValueError, TypeError, RecursionError):
        pass
    raise InvalidError(
        "cursor", "This cursor does not belong to this list; begin without one, and keep sort, order and filters."
    )


def _read(cursor: str, kind: type) -> Position:
    if len(cursor) > LONGEST:
        raise ValueError("too long")
    _, value, row_id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not isinstance(row_id, str) or str(UUID(row_id)) != row_id:
        raise ValueError("no id")
    return Position(None if value is None else _value(value, kind), row_id)


def _value(value: Any, kind: type) -> Value:
    if kind is datetime:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not UTC:
            raise ValueError("no instant in UTC")
        return instant
    if kind is date:
        return date.fromisoformat(value)
    if kind is float and isinstance(value, float) and math.isfinite(value):
        return value
    # No database that we know stores a NUL.
    if kind is str and isinstance(value, str) and "\0" not in value:
        return value
    raise ValueError("no value of this kind")
