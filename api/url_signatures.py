"""URLs that are good by themselves for some hours, for players and loaders of pictures, which send no headers. Pure.

``?exp=…&sig=…``: until when, in seconds since 1970, and a signature of the path and of that. All URLs that are made
within six hours end at the same moment, six to twelve hours later, so that an answer is the same for as long, and its
ETag, too; and nobody is told that he has an answer already whose URLs are about to end.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable

#: In seconds.
EVERY = 6 * 3600
#: So much of SHA-256 is sent, in bytes: RFC 2104 allows half, and each list has hundreds.
_LENGTH = 16
_LONGEST_EXPIRY = 12


def expiry(now: float) -> int:
    """Return until when a URL is good that is made now."""
    return (int(now) // EVERY + 2) * EVERY


def query(key: bytes, path: str, expires: int) -> str:
    """Return what makes a path good until then."""
    return f"exp={expires}&sig={_signature(key, path, expires)}"


def is_good(keys: Iterable[bytes], path: str, expires: str, signature: str, now: float) -> bool:
    """Whether one of these keys signed this very path, and its time is not over."""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= _LONGEST_EXPIRY) or int(expires) <= now:
        return False
    given = signature.encode(errors="replace")
    return any(hmac.compare_digest(_signature(key, path, int(expires)).encode(), given) for key in keys)


def _signature(key: bytes, path: str, expires: int) -> str:
    digest = hmac.digest(key, f"{expires} {path}".encode(errors="replace"), "sha256")
    return urlsafe_b64encode(digest[:_LENGTH]).rstrip(b"=").decode()
