"""The picture cache on disk: the artwork worker writes it, the API reads it.

A picture is named by its content, so a stored file never changes, may be cached for ever, and is stored once however
many titles show it. Nothing here decodes a picture.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from shared.kinds import PictureKind

#: The widths in which a picture is kept beside its master, by what it shows.
RENDITION_WIDTHS: Mapping[PictureKind, tuple[int, ...]] = {
    PictureKind.POSTER: (185, 342),
    PictureKind.BACKDROP: (300, 780),
    PictureKind.STILL: (),
}
#: How a master may end; the likeliest first. Renditions are always JPEG.
MASTER_SUFFIXES = ("jpg", "png", "webp")

_ALL_WIDTHS = sorted({width for widths in RENDITION_WIDTHS.values() for width in widths})
_IMAGE_ID = re.compile(r"[0-9a-f]{32}")
_FILE = re.compile(rf"[0-9a-f]{{32}}(?:-\d{{1,4}}\.jpg|\.(?:{'|'.join(MASTER_SUFFIXES)}))")


class ImageStore:
    """Pictures under ``root``: ``ab/<id>.jpg`` is a master, ``ab/<id>-<width>.jpg`` a rendition."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes, suffix: str, renditions: Mapping[int, bytes]) -> str:
        """Store a master and its renditions; give the picture's id.

        The master comes last: where it is, its renditions are. Two processes may store the same picture at once.
        """
        if suffix not in MASTER_SUFFIXES or not renditions.keys() <= set(_ALL_WIDTHS):
            raise ValueError(f"A picture {suffix} with the widths {sorted(renditions)} could never be found again.")
        image_id = sha256(data).hexdigest()[:32]
        folder = self._folder(image_id)
        folder.mkdir(parents=True, exist_ok=True)
        for width, rendition in renditions.items():
            _write(folder / f"{image_id}-{width}.jpg", rendition)
        _write(folder / f"{image_id}.{suffix}", data)
        return image_id

    def find(self, image_id: str, width: int | None) -> Path | None:
        """Find the smallest rendition at least ``width`` wide, else the master; None for an unknown id."""
        if not _IMAGE_ID.fullmatch(image_id):
            return None
        wide_enough = [kept for kept in _ALL_WIDTHS if width is not None and kept >= width]
        names = [f"{image_id}-{kept}.jpg" for kept in wide_enough]
        names += [f"{image_id}.{suffix}" for suffix in MASTER_SUFFIXES]
        folder = self._folder(image_id)
        return next((folder / name for name in names if (folder / name).is_file()), None)

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
