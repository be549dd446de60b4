"""Keys that secrets are sealed with, as SECRETS_KEY and ``DATA_DIR/secrets.key`` have them."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

_BYTES = 32


def new_key() -> str:
    """Make a key: 32 random bytes in base64."""
    return urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode()


def keys_in(text: str) -> tuple[str, ...]:
    """Read keys that have commas or blanks between them.

    Raises:
        ValueError: one of them is no key.

    """
    keys = tuple(text.replace(",", " ").split())
    if not all(_is_key(key) for key in keys):
        raise ValueError("A key is 32 random bytes in base64, such as `openssl rand -base64 32` prints.")
    return keys


def _is_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == _BYTES
    except ValueError:
        return False
