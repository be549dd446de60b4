"""Secrets at rest: texts that are sealed, so that who reads the database or a copy of it can't read them.

The key is in SECRETS_KEY, or else in ``DATA_DIR/secrets.key``, which is made when something is first sealed. All
processes, on all machines, must have the same one. Several keys, the newest first, let a key be changed: the first one
seals, each of them opens.
"""

import logging
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from shared import config
from shared.errors import UnavailableError
from shared.sealing_keys import keys_in, new_key

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

log = logging.getLogger(__name__)

#: What a sealed text begins with. Texts from before there was a vault don't.
SEALED = "sealed:v1:"
#: Within DATA_DIR.
KEY_FILE = "secrets.key"

_FOR_OTHERS = 0o077


class SealedError(UnavailableError):
    """A secret can't be sealed or opened; ``remedy`` is what to do about it, and part of the message."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.what = what
        self.remedy = remedy


def seal(text: str) -> str:
    """Seal a text, of any length; equal texts are sealed differently each time.

    Raises:
        SealedError: there is no key, and none can be made.

    """
    return SEALED + _cipher(_keys(make=True)).encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """Open a sealed text; one that never was sealed is returned as it is.

    Raises:
        SealedError: it was sealed with a key that is not at hand, or is damaged.

    """
    if not is_sealed(text):
        return text
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - only who keeps secrets needs it in memory

    try:
        return _cipher(_keys(make=False)).decrypt(text.removeprefix(SEALED)).decode()
    except (InvalidToken, ValueError):
        raise SealedError(
            "A secret in the database was sealed with another key.",
            "Put back the SECRETS_KEY, or the secrets.key of DATA_DIR, with which it was sealed; or set it again.",
        ) from None


def is_sealed(text: str) -> bool:
    """Whether a text is one that ``seal`` made."""
    return text.startswith(SEALED)


def keys_at_hand() -> tuple[str, ...]:
    """Return the keys, the newest first; none where nothing was sealed yet.

    Raises:
        SealedError: they can't be read.

    """
    settings = config.load(os.environ)
    return _keys(make=False) if settings.secrets_keys or (settings.data_dir / KEY_FILE).exists() else ()


def keep(keys: Sequence[str]) -> None:
    """Add keys to the file, where they open what they sealed; those that are there go on to seal.

    Without any there is no file either: one without keys would keep the first from being made.
    """
    path = config.load(os.environ).data_dir / KEY_FILE
    if not keys:
        return
    if not path.exists():
        _make(path, keys)
        return
    known = keys_in(_read(path))
    if new := [key for key in keys if key not in known]:
        with path.open("a") as file:
            file.writelines(f"{key}\n" for key in new)


@cache
def _cipher(keys: tuple[str, ...]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - only who keeps secrets needs it in memory

    return MultiFernet([Fernet(key) for key in keys])


def _keys(*, make: bool) -> tuple[str, ...]:
    settings = config.load(os.environ)
    if settings.secrets_keys:
        return settings.secrets_keys
    path = settings.data_dir / KEY_FILE
    try:
        if make and not path.exists():
            _make(path, [new_key()])
        keys = keys_in(_read(path))
    except FileNotFoundError:
        keys = ()
    except OSError as error:
        what = f"The key {path} can't be used: {error.strerror}."
        raise SealedError(what, "Mend that, or set SECRETS_KEY.") from None
    except ValueError as error:
        raise SealedError(f"{path} holds something else than keys.", str(error)) from None
    if not keys:
        raise SealedError("There is no key to open secrets with.", f"Put back {path}, or set SECRETS_KEY.")
    return keys


def _read(path: Path) -> str:
    """Read a key file, after taking it away from everybody but its owner."""
    with path.open() as file:
        if os.fstat(file.fileno()).st_mode & _FOR_OTHERS:
            os.fchmod(file.fileno(), 0o600)
            log.warning("%s could be read by others than its owner, and no longer can.", path)
        if os.fstat(file.fileno()).st_mode & _FOR_OTHERS:
            raise PermissionError(0, "others can read it, and its file system doesn't let that be changed")
        return file.read()


def _make(path: Path, keys: Sequence[str]) -> None:
    """Make a key file. Of several processes that make it at once, one does; nobody sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w") as file:  # noqa: PTH123 - the descriptor has the mode from its beginning
            file.writelines(f"{key}\n" for key in keys)
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
