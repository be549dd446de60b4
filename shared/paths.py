"""Which folders may be scanned and which files streamed, and what a client's path means here."""

import os
import re
import stat
from pathlib import Path

from shared.config import Config
from shared.errors import InvalidError

#: Folders of the operating system: nothing at or below them is anybody's media.
_SYSTEM = (
    "/bin/",
    "/boot/",
    "/dev/",
    "/etc/",
    "/lib/",
    "/lib32/",
    "/lib64/",
    "/libx32/",
    "/proc/",
    "/sbin/",
    "/sys/",
    "/usr/",
    "/System/",
    "/Library/",
)
#: Folders that are too much as a whole; a folder of media may lie below.
_SYSTEM_ROOTS = frozenset({"/", "/home/", "/opt/", "/root/", "/run/", "/var/"})

#: Longer paths can't be opened on Linux (PATH_MAX).
LONGEST_PATH = 4096


def checked_folder(config: Config, text: str, field: str = "path") -> Path:
    """Turn a client's path into the folder it means here; ``field`` is what the client calls it.

    Raises:
        InvalidError: it isn't one, or may not be scanned.

    """
    path = _here(config, _checked_text(text, field), field)
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - one system call, whatever Path adds to it
        real = path.resolve(strict=True)
    except FileNotFoundError:
        raise InvalidError(field, "There is no such folder on the server. Check the path and its mounts.") from None
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "symbolic links go in circles"
        raise InvalidError(field, f"The server can't open this folder: {reason}.") from None
    if not stat.S_ISDIR(mode):
        raise InvalidError(field, "This is a file; name the folder that holds it.")
    if not is_allowed(config, real):
        raise InvalidError(field, _why_not(config))
    if not _is_unicode(str(real)):
        raise InvalidError(field, "The name of the folder that this leads to is not valid Unicode; rename it.")
    # Without links: one folder is one library, whatever leads to it.
    return real


def named_path(config: Config, text: str, field: str = "path") -> Path:
    """Turn a client's path, which need not be absolute nor lead anywhere, into what it means here.

    Raises:
        InvalidError: it can't be a path.

    """
    return _mapped(config, _checked_text(text, field))


def is_allowed(config: Config, real: Path | str) -> bool:
    """Whether a path without symbolic links lies where media may be; the server's own data are never media.

    Each folder and file of a scan is asked about.
    """
    path = _begins(real)
    own = _begins(config.data_dir)
    if not config.media_roots:
        return not path.startswith((*_SYSTEM, own)) and path not in _SYSTEM_ROOTS
    return any(_is_below_root(path, root, own) for root in config.media_roots)


def _is_below_root(path: str, root: Path, own: str) -> bool:
    """Whether a path is below a media root, which may itself be a link, or lie among the server's own data."""
    begins = _begins(root)
    if not path.startswith(begins):
        begins = _begins(root.resolve())
    return path.startswith(begins) and (begins.startswith(own) or not path.startswith(own))


def _begins(folder: Path | str) -> str:
    """Return how the path of a folder, and of all that is below it, begins, if each has a slash at its end."""
    return f"{folder}/".replace("//", "/")


def _checked_text(text: str, field: str) -> str:
    if not text.strip():
        raise InvalidError(field, "Name the folder.")
    if "\0" in text:
        raise InvalidError(field, "The path holds a NUL character.")
    if len(text.encode(errors="surrogatepass")) > LONGEST_PATH:
        raise InvalidError(field, f"The path is longer than {LONGEST_PATH} bytes.")
    if not _is_unicode(text):
        raise InvalidError(field, "The path is not valid Unicode.")
    if ".." in text.replace("\\", "/").split("/"):
        raise InvalidError(field, "The path may not hold '..'; name the folder itself.")
    return text


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _here(config: Config, text: str, field: str) -> Path:
    path = _mapped(config, text)
    if not path.is_absolute():
        raise InvalidError(field, "The path must be absolute, such as /media/movies.")
    return path


def _mapped(config: Config, text: str) -> Path:
    """Map the path that a client sees on its host to the one in this container."""
    # POSIX lets two leading slashes mean something of their own; nobody who types them does.
    path = Path(re.sub(r"\A/+", "/", text.strip()))
    if config.host_media_path and path.is_relative_to(config.host_media_path):
        path = Path(config.container_media_path) / path.relative_to(config.host_media_path)
    return path


def _why_not(config: Config) -> str:
    if config.media_roots:
        return "This folder is outside the media roots that the server may read (MEDIA_ROOTS)."
    return "This is a folder of the operating system or of this server; name a folder of media."
