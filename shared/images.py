"""The picture cache on disk: the artwork worker writes it, the API reads it.

A picture is named by its content, so a stored file never changes, may be cached for ever, and is stored once however
many titles show it. Nothing here decodes a picture.
"""

import re
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

#: The widths in which a picture is kept beside its master, once somebody asked for it so.
RENDITION_WIDTHS = (185, 300, 342, 780)
#: How a master may end; the likeliest first. Renditions are always JPEG.
MASTER_SUFFIXES = ("jpg", "png", "webp")

_IMAGE_ID = re.compile(r"[0-9a-f]{32}")
_FILE = re.compile(rf"[0-9a-f]{{32}}(?:-\d{{1,4}}\.jpg|\.(?:{'|'.join(MASTER_SUFFIXES)}))")


class ImageStore:
    """Pictures under ``root``: ``ab/<id>.jpg`` is a master, ``ab/<id>-<width>.jpg`` a rendition."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes, suffix: str) -> str:
        """Store a master; give the picture's id. Two processes may store the same picture at once."""
        if suffix not in MASTER_SUFFIXES:
            raise ValueError(f"A picture {suffix} could never be found again.")
        image_id = sha256(data).hexdigest()[:32]
        self._folder(image_id).mkdir(parents=True, exist_ok=True)
        _write(self._folder(image_id) / f"{image_id}.{suffix}", data)
        return image_id

    def put_rendition(self, image_id: str, width: int, data: bytes) -> None:
        """Store a JPEG of a picture that is ``width`` wide, or as wide as its master if that is narrower."""
        if width not in RENDITION_WIDTHS:
            raise ValueError(f"A picture of the width {width} could never be found again.")
        _write(self._rendition(image_id, width), data)

    def find(self, image_id: str, width: int | None) -> Path | None:
        """Find the smallest rendition at least ``width`` wide, else the master; None for an unknown id."""
        if not _IMAGE_ID.fullmatch(image_id):
            return None
        paths = [self._rendition(image_id, kept) for kept in _wide_enough(width)]
        paths += [self._folder(image_id) / f"{image_id}.{suffix}" for suffix in MASTER_SUFFIXES]
        return next((path for path in paths if path.is_file()), None)

    def lacking(self, image_id: str, width: int | None) -> int | None:
        """Return the width of the rendition that would serve best who asks for ``width``; None if it is there."""
        best = next(iter(_wide_enough(width)), None)
        return best if best and not self._rendition(image_id, best).is_file() else None

    def _rendition(self, image_id: str, width: int) -> Path:
        return self._folder(image_id) / f"{image_id}-{width}.jpg"

    def files(self) -> Iterator[tuple[str, Path]]:
        """List everything that is kept, by its path below the root; drafts are not."""
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if _FILE.fullmatch(path.name):
                    yield f"{folder.name}/{path.name}", path

    def add(self, name: str, data: bytes) -> None:
        """Keep a file of another store under the name that it had there."""
        if not _FILE.fullmatch(name):
            raise ValueError(f"No picture is called {name!r}.")
        folder = self._folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / name, data)

    def _folder(self, image_id: str) -> Path:
        return self._root / image_id[:2]


def _wide_enough(width: int | None) -> list[int]:
    return [kept for kept in RENDITION_WIDTHS if width is not None and kept >= width]


def _write(path: Path, data: bytes) -> None:
    """Write a file that is either whole or not there; one that is there has this content already."""
    if path.is_file():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
