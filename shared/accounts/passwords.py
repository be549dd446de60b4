"""Passwords, as argon2id keeps them."""

import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: What OWASP's Password Storage Cheat Sheet asks for first: 19 MiB, two passes, one lane; about 20 ms.
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
#: Nobody's password: checking it takes as long as checking anybody's, and no password fits it.
_NOBODYS = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
#: So many of a process are worked on at once, whoever asks: each takes its memory and a processor.
_at_once = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """Return what is kept of a password: argon2's own spelling, with parameters and salt."""
    with _at_once:
        return _hasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password of which that is kept; None is nobody's, and takes as long."""
    from argon2.exceptions import VerificationError  # noqa: PLC0415 - only who signs somebody in needs it in memory

    with _at_once:
        try:
            return _hasher().verify(kept or _NOBODYS, password)
        except VerificationError:
            return False


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415 - only who signs somebody in needs it in memory

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
