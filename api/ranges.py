"""Byte ranges as RFC 9110, section 14, has them. Pure."""

import re
from dataclasses import dataclass

#: Python reads no number of more than 4,300 digits.
_SPEC = re.compile(r"(\d{0,4000})-(\d{0,4000})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def content_range(self, size: int) -> str:
        return f"bytes {self.first}-{self.last}/{size}"


class UnsatisfiableError(Exception):
    """The range is well-formed, but the file has none of its bytes."""


def parse(header: str | None, size: int) -> ByteRange | None:
    """Return the range that is asked of a file of ``size`` bytes; None means all of it.

    `bytes=0-499` is the first 500 bytes, `bytes=500-` all from the 501st on, `bytes=-500` the last 500. A last byte
    past the end means the end. What is no byte range, or is malformed (`bytes=9-2`, `bytes=abc`), is ignored, and so is
    a set of several ranges: a server may answer either with the whole file.

    Raises:
        UnsatisfiableError: no byte of the range is there.

    """
    unit, separator, spec = (header or "").partition("=")
    matched = _SPEC.fullmatch(spec.strip())
    if not separator or unit.strip().lower() != "bytes" or matched is None:
        return None
    first, last = matched.groups()
    if not first and not last:
        return None
    if not first:
        return _suffix(int(last), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return ByteRange(int(first), min(int(last), size - 1) if last else size - 1)


def _suffix(length: int, size: int) -> ByteRange:
    if length == 0 or size == 0:
        raise UnsatisfiableError
    return ByteRange(max(0, size - length), size - 1)
