"""The archive: a tar of files, each of a name that is expected, and last a manifest with the checksum of each."""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

MANIFEST = "manifest.json"
FORMAT = 1
_NAMES = re.compile(
    r"manifest\.json|secrets\.keys|tables/[a-z_]{1,60}\.jsonl\.gz|images/([0-9a-f]{2})/\1[0-9a-f]{30}(-\d{1,4})?\.(jpg|png|webp)"
)
_CHUNK = 1024 * 1024
#: A manifest names each picture; of a million of them it has 130 MB.
_LONGEST_MANIFEST = 512 * 1024 * 1024

Json = dict[str, Any]


class ArchiveError(Exception):
    """An archive can't be restored from; the message says why."""


class Writing:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._checksums: dict[str, str] = {}

    def add(self, name: str, content: IO[bytes]) -> None:
        """Add a file from where it is open."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = os.fstat(content.fileno()).st_size, 0o600
        reader = _Summing(content)
        self._tar.addfile(member, reader)
        # It would keep a record of each.
        self._tar.members.clear()  # type: ignore[attr-defined]
        self._checksums[name] = reader.hexdigest()

    def add_text(self, name: str, text: str) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(text.encode()), 0o600
        self._tar.addfile(member, io.BytesIO(text.encode()))
        self._checksums[name] = hashlib.sha256(text.encode()).hexdigest()

    def finish(self, about: Mapping[str, Any]) -> None:
        """Add the manifest, which makes the archive whole."""
        manifest = json.dumps({"format": FORMAT, **about, "files": self._checksums})
        self.add_text(MANIFEST, manifest)


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """Write an archive that only its owner may read; under its name there is all of it or nothing.

    Raises:
        FileExistsError: there is a file of that name.

    """
    if path.exists():
        raise FileExistsError(f"{path} exists already; name another file.")
    draft = path.with_name(f".{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - the descriptor has the mode from its beginning
            with tarfile.open(fileobj=file, mode="w|") as tar:
                yield Writing(tar)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def verified(path: Path) -> Json:
    """Read an archive to its end, hold each file against the manifest, and return that.

    Raises:
        ArchiveError: something in it is not as it was written.

    """
    found: dict[str, str] = {}
    manifest = b""
    for name, content in files(path):
        if name in found or MANIFEST in found:
            raise ArchiveError(f"{path} holds {name} where it should not.")
        digest = hashlib.sha256()
        try:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
                if name == MANIFEST and len(manifest) < _LONGEST_MANIFEST:
                    manifest += chunk
        except tarfile.TarError:
            raise ArchiveError(f"{path} is cut short: {name} is not there as a whole.") from None
        found[name] = digest.hexdigest()
    if found.pop(MANIFEST, None) is None:
        raise ArchiveError(f"{path} is cut short, or no backup: it has no manifest at its end.")
    try:
        told: Json = json.loads(manifest)
        expected: dict[str, str] = told["files"]
    except (ValueError, KeyError, TypeError):
        raise ArchiveError(f"The manifest of {path} can't be read.") from None
    if told["format"] != FORMAT:
        raise ArchiveError(f"{path} is of a format that this version doesn't know ({told['format']}).")
    if wrong := sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)):
        raise ArchiveError(f"{path} is damaged: {wrong[0]} is not what was backed up.")
    return told


def files(path: Path, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of an archive in their order, each to be read before the next.

    Raises:
        ArchiveError: it is no archive, or holds what is not expected.

    """
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if not member.isreg() or not _NAMES.fullmatch(member.name):
                    raise ArchiveError(f"{path} holds {member.name!r}, which no backup has.")
                # It would keep a record of each.
                tar.members.clear()  # type: ignore[attr-defined]
                content = tar.extractfile(member)
                if content is not None and wanted(member.name):
                    yield member.name, content
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{path} can't be read as a backup: {error}.") from None
    except OSError as error:
        raise ArchiveError(f"{path} can't be read: {error.strerror or error}.") from None


class _Summing:
    """Reads on from a file, and sums up what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._digest.update(chunk)
        return chunk

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
