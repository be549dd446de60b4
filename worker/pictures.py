"""A picture's address → its bytes → what is stored of it: a master, a poster's palette, smaller ones when asked for."""

import errno
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote, unquote_to_bytes, urlsplit

import requests
from PIL import Image, ImageChops, ImageOps
from urllib3.exceptions import HTTPError

from shared import opening
from shared.kinds import PictureKind
from shared.opening import Allowed, RefusedError
from worker.palette import Palette, as_rgba, palette
from worker.public_web import PrivateAddressError

MAX_BYTES = 20 * 1024 * 1024
#: A JPEG is decoded at a fraction of its size, any other picture in full: 4 bytes of memory a pixel.
MAX_JPEG_PIXELS = 89_000_000
MAX_PIXELS = 50_000_000
#: A wider master is scaled down.
MASTER_WIDTHS: Mapping[PictureKind, int] = {
    PictureKind.POSTER: 1000,
    PictureKind.BACKDROP: 1920,
    PictureKind.STILL: 640,
}

#: Seconds to wait for a connection, for the next bytes, and for the whole picture.
_CONNECT, _READ, _WHOLE = 5.0, 15.0, 60.0
_CHUNK = 64 * 1024
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
#: The formats of which the original may be kept, each with its suffix.
_KEPT = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_KEPT_MODES = ("RGB", "L")
_MASTER_QUALITY, _RENDITION_QUALITY = 88, 85
#: A picture whose bytes are kept is decoded no larger than this, in pixels of width: colours need no more, and a JPEG
#: that is cut short shows it as well.
_GLANCE = 48
_ORIENTATION, _UPRIGHT, _FIRST_TURNED = 0x0112, 1, 5
#: The share of a truncated JPEG that must be there.
_ENOUGH = 0.7
_END_OF_JPEG = b"\xff\xd9"
_GREY = 128
_AWAY = frozenset({"picture-missing", "picture-forbidden", "picture-unavailable"})


class PictureError(Exception):
    """A picture can't be had; ``permanent`` says that asking again is no use, ``cause`` groups the failures."""

    def __init__(self, cause: str, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture ready to be stored."""

    master: bytes
    suffix: str
    #: Posters only.
    palette: Palette | None


def is_away(url: str, error: PictureError) -> bool:
    """Whether a picture that lies on a disk can't be had because that is away, or may not be read."""
    return urlsplit(url).scheme == "file" and error.cause in _AWAY


def fetch(url: str, session: requests.Session, allowed: Allowed) -> bytes:
    """Get a picture's bytes from the web, as far as the session goes, or from a file that is ``allowed``."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            return _read(Path(os.fsdecode(unquote_to_bytes(parts.path))), allowed)
        if parts.scheme in ("http", "https") and parts.hostname:
            return _download(url, parts, session)
    except ValueError as error:
        raise _unreadable("The picture's address leads nowhere.") from error
    raise _unreadable("The picture's address is neither a web address nor a local file.")


def prepare(data: bytes, kind: PictureKind) -> Prepared:
    """Decode a picture, no larger than need be, and make of it what is stored; of an animation the first frame.

    A truncated JPEG is accepted when most of it is there: with an end appended, libjpeg paints the rest grey. Pillow's
    own switch for this is a global that would change every other picture of the process too.
    """
    try:
        try:
            return _prepared(data, kind)
        except OSError:
            return _prepared(data + _END_OF_JPEG, kind, truncated=True)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except Exception as error:  # decoders raise whatever a byte led them to, from struct.error to SyntaxError
        raise _unreadable("The file is not a picture that can be read.") from error


def scaled(master: bytes, width: int) -> bytes:
    """Make a JPEG of a master that is so wide, or as wide as the master if that is narrower.

    Raises:
        PictureError: the master can't be read, though it could be when it was stored.

    """
    try:
        with Image.open(BytesIO(master), formats=_FORMATS) as image:
            _load(image, width)
            return _jpeg(_scaled(_normal(image), width), _RENDITION_QUALITY)
    except Exception as error:  # decoders raise whatever a byte led them to
        raise _unreadable("The picture can't be read any more.") from error


def _prepared(data: bytes, kind: PictureKind, *, truncated: bool = False) -> Prepared:
    with Image.open(BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > (MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS):
            raise _too_large()
        orientation = image.getexif().get(_ORIENTATION, _UPRIGHT)
        suffix = None if truncated or orientation != _UPRIGHT else _suffix_if_kept(image, kind)
        needed = _GLANCE if suffix else MASTER_WIDTHS[kind]
        _load(image, needed, is_turned=orientation >= _FIRST_TURNED)
        if truncated:
            _refuse_if_little_is_there(image)
        picture = _normal(ImageOps.exif_transpose(image))
    if suffix is None:
        picture = _scaled(picture, needed)
    master = data if suffix else _jpeg(picture, _MASTER_QUALITY)
    return Prepared(master, suffix or "jpg", palette(picture) if kind is PictureKind.POSTER else None)


def _load(image: Image.Image, width: int, *, is_turned: bool = False) -> None:
    """Decode a picture; a JPEG at the smallest fraction of its size that is still ``width`` wide once it is upright."""
    across, along = (image.height, image.width) if is_turned else image.size
    needed = min(across, width)
    tall = -(-along * needed // across)
    image.draft(None, (tall, needed) if is_turned else (needed, tall))
    image.load()


def _suffix_if_kept(image: Image.Image, kind: PictureKind) -> str | None:
    """Give the master's suffix if the original bytes serve as the master, as any browser shows them."""
    if image.mode not in _KEPT_MODES or image.width > MASTER_WIDTHS[kind] or getattr(image, "is_animated", False):
        return None
    return _KEPT.get(image.format or "")


def _refuse_if_little_is_there(image: Image.Image) -> None:
    grey = Image.new(image.mode, image.size, (_GREY,) * len(image.getbands()))
    there = ImageChops.difference(image, grey).getbbox()
    if image.mode not in _KEPT_MODES or there is None or there[3] < image.height * _ENOUGH:
        raise _unreadable("The picture is cut short: too much of it is missing.")


def _normal(image: Image.Image) -> Image.Image:
    """Convert to RGB, or to RGBA where there may be transparency."""
    if image.mode == "RGB":
        return image
    return image.convert("RGB") if image.mode in ("L", "CMYK", "YCbCr") else as_rgba(image)


def _scaled(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    size = (width, max(1, round(image.height * width / image.width)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """Encode; what is transparent becomes black, as most clients are dark."""
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size)
        flat.paste(image, mask=image.getchannel("A"))
        image = flat
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


def _read(path: Path, allowed: Allowed) -> bytes:
    name = _shown(path.name)
    try:
        with open(path, "rb", opener=opening.only(allowed)) as file:
            return _checked(file.read(MAX_BYTES + 1), name)
    except RefusedError as error:
        raise _unreadable(f"The picture {name} can't be used: {error.strerror}.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PictureError("picture-missing", f"The picture {name} is not there.", permanent=True) from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise PictureError("picture-forbidden", f"The picture {name} may not be read.", permanent=True) from error
        permanent = error.errno in (errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR)
        cause = "picture-unreadable" if permanent else "picture-unavailable"
        message = f"The picture {name} can't be read: {error.strerror}."
        raise PictureError(cause, message, permanent=permanent) from error


def _download(url: str, parts: SplitResult, session: requests.Session) -> bytes:
    name = f"{_shown(unquote(PurePosixPath(parts.path).name))} of {parts.hostname}"
    deadline = time.monotonic() + _WHOLE
    try:
        with session.get(url, stream=True, timeout=(_CONNECT, _READ)) as response:
            _refuse_status(response.status_code, name)
            _refuse_type(response.headers.get("Content-Type", ""), name)
            data = bytearray()
            # read1 gives what is there, so that a server that trickles can't outlast the deadline.
            while len(data) <= MAX_BYTES and (chunk := response.raw.read1(_CHUNK, decode_content=True)):
                data += chunk
                if time.monotonic() > deadline:
                    raise _unavailable(f"The picture {name} takes too long to arrive.")
            return _checked(bytes(data), name)
    except PrivateAddressError as error:
        raise _unreadable(f"The picture {name} is said to be within a private network.") from error
    except requests.TooManyRedirects as error:
        raise _unreadable(f"The picture {name} is redirected without end.") from error
    except ValueError as error:
        raise _unreadable(f"The picture {name} has a malformed address.") from error
    except (requests.Timeout, TimeoutError) as error:
        raise _unavailable(f"The picture {name} takes too long to arrive.") from error
    except (OSError, HTTPError) as error:  # what requests raises is an OSError, what the raw stream raises an HTTPError
        raise _unavailable(f"The picture {name} could not be downloaded.") from error


def _refuse_status(status: int, name: str) -> None:
    if status == HTTPStatus.OK:
        return
    message = f"The picture {name} is not given out (HTTP {status})."
    later = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in later:
        raise PictureError("picture-missing", message, permanent=True)
    raise _unavailable(message)


def _refuse_type(content_type: str, name: str) -> None:
    """Refuse what calls itself something else than a picture; servers that don't know call everything bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith("image/") and not kind.endswith("/octet-stream"):
        raise _unreadable(f"The picture {name} is {_shown(kind)}.")


def _checked(data: bytes, name: str) -> bytes:
    if not data:
        raise _unreadable(f"The picture {name} is empty.")
    if len(data) > MAX_BYTES:
        raise _unreadable(f"The picture {name} is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    return data


def _shown(name: str) -> str:
    """Make a file name fit for a message, whatever it is made of."""
    return "".join(sign if sign.isprintable() else "�" for sign in name)[:100]


def _too_large() -> PictureError:
    return _unreadable("The picture has too many pixels.")


def _unreadable(message: str) -> PictureError:
    return PictureError("picture-unreadable", message, permanent=True)


def _unavailable(message: str) -> PictureError:
    return PictureError("picture-unavailable", message, permanent=False)
