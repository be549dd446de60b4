"""What goes over a WebSocket: an event as one frame, read and encoded once for however many clients. Pure."""

import json
import re
from dataclasses import dataclass

EVENT_ID = re.compile(r"\d{1,19}(-\d{1,19})?", re.ASCII)
#: RFC 6455, section 5.2: a frame that is the whole of a message of text; a server's frames are not masked.
_WHOLE_TEXT = 0x81
#: A length up to the first stands in one byte; longer ones in two or eight more, which these two announce.
_LONGEST_IN_ONE_BYTE, _TWO_BYTES, _EIGHT_BYTES = 125, 126, 127


@dataclass(frozen=True, slots=True)
class Frame:
    """An event as it goes out, and what the relay must know of it."""

    text: str
    #: The bytes of ``text`` as a frame, to be sent as they are.
    wire: bytes
    type: str
    #: Empty for the state that a client is told when it connects.
    event_id: str = ""
    scan_job_id: str = ""
    progress: int | None = None

    @classmethod
    def of(cls, text: str) -> "Frame":
        """Read an event, and encode it.

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
        return cls(text, encoded(text), event["type"], event_id, str(event.get("scanJobId", "")), progress)


def encoded(text: str) -> bytes:
    """Return a message of text as one frame of a server."""
    payload = text.encode()
    length = len(payload)
    if length <= _LONGEST_IN_ONE_BYTE:
        head = bytes((_WHOLE_TEXT, length))
    elif length < 1 << 16:
        head = bytes((_WHOLE_TEXT, _TWO_BYTES)) + length.to_bytes(2, "big")
    else:
        head = bytes((_WHOLE_TEXT, _EIGHT_BYTES)) + length.to_bytes(8, "big")
    return head + payload


def is_after(event_id: str, told: str) -> bool:
    """Whether an event came after the one that a client was told last; any did if it was told none."""
    return not told or _order(event_id) > _order(told)


def _order(event_id: str) -> tuple[int, int]:
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number or 0)
