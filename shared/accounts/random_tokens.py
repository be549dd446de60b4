"""Tokens that are nothing but random, and how they are recognised again."""

import secrets
from hashlib import sha256

#: Of what nobody may guess, and of what has to be different alone.
_SECRET_BYTES, _NAME_BYTES = 32, 16


def a_secret() -> str:
    """Make a secret of 256 random bits; its hash needs no salt and no work, as there is nothing to guess."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def a_name() -> str:
    """Make a name of 128 random bits that nobody else has, nor can guess."""
    return secrets.token_urlsafe(_NAME_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode(errors="replace")).hexdigest()
