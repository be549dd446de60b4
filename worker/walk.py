"""The folders below a library's root that hold video files, as they stand on disk. Reads; never writes."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import regex

from shared import opening
from shared.opening import Allowed, RefusedError
from shared.scan_options import ScanOptions
from worker import subtitles

#: Files beside a video that say something about it: a change there is a change of the folder.
SIDECARS = frozenset([".nfo", ".jpg", ".jpeg", ".png", ".webp"]) | subtitles.EXTENSIONS

#: Folders that systems and servers keep for themselves.
PASSED_OVER = frozenset({"@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"})

#: A pattern of the user's that takes longer than this for one name, in seconds, does not match.
_PATTERN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video file as the disk shows it."""

    path: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class WalkedFolder:
    """A folder with video files directly in it."""

    path: str
    #: Changes when a file in it, a sidecar in a folder above it, or a subtitle in a subtitle folder comes, goes or
    #: changes; further down in that, when one comes or goes.
    signature: str
    files: int


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that could not be read, and why. ``path`` is fit to be shown, not to be opened."""

    path: str
    cause: str
    message: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    path: str
    depth: int
    #: The digest of the sidecars in the folders above: an .nfo of a show belongs to all its seasons.
    inherited: bytes
    #: Device and inode of each folder on the way here, to notice links that lead back.
    trail: frozenset[tuple[int, int]]


def walk(root: Path, options: ScanOptions, allowed: Allowed) -> Iterator[WalkedFolder | Passed]:
    """List the folders below ``root``, itself included, that hold video files; one after the other, in no order.

    A symbolic link is followed only where ``allowed`` says that media may be, which is asked of what was opened. Where
    the options name some folders only, the others are passed by; those on the way are read, as an .nfo in them belongs
    to what is below.

    Raises:
        OSError: the root itself can't be read, or may not be.

    """
    seen: set[tuple[int, int]] = set()
    only, below = options.only, len(str(root).rstrip("/")) + 1
    with opening.folder(str(root), allowed):
        pass
    waiting = [_Waiting(str(root), 0, b"", frozenset())]
    while waiting:
        folder = waiting.pop()
        if only is not None and not only.leads_to(folder.path[below:]):
            continue
        try:
            with opening.folder(folder.path, allowed) as descriptor:
                identity = _identity(descriptor)
                if problem := _why_not(folder, identity):
                    yield problem
                    continue
                if identity in seen:
                    continue
                seen.add(identity)
                visited = list(_visit(replace(folder, trail=folder.trail | {identity}), descriptor, options, waiting))
        except OSError as error:
            yield Passed(shown(folder.path), *_why(error))
            continue
        yield from (item for item in visited if only is None or only.covers(folder.path[below:]))


def _why_not(folder: _Waiting, identity: tuple[int, int]) -> Passed | None:
    if not readable_name(folder.path):
        return Passed(shown(folder.path), "name-not-utf8", "The folder's name is not valid UTF-8; rename it.")
    if identity in folder.trail:
        return Passed(folder.path, "symlink-loop", "A symbolic link leads back to a folder above it.")
    return None


def video_files(folder: str, options: ScanOptions, allowed: Allowed) -> tuple[list[VideoFile], list[Passed]]:
    """List the video files directly in ``folder``, and what there could not be taken for one.

    Raises:
        OSError: the folder can't be read, or may not be.

    """
    files: list[VideoFile] = []
    passed: list[Passed] = []
    with opening.folder(folder, allowed) as descriptor, os.scandir(descriptor) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not _wanted(entry.name, options):
                continue
            path = _in(folder, entry)
            try:
                status = entry.stat()
                if entry.is_symlink():
                    opening.refuse_outside(path, allowed)
            except OSError as error:
                passed.append(Passed(shown(path), *_why(error, entry)))
                continue
            if not stat.S_ISREG(status.st_mode):
                continue
            if not readable_name(entry.name):
                passed.append(Passed(shown(path), "name-not-utf8", "The file's name is not valid UTF-8; rename it."))
            elif status.st_size == 0:
                passed.append(Passed(path, "file-empty", "The file is empty."))
            else:
                files.append(VideoFile(path, status.st_size, datetime.fromtimestamp(status.st_mtime_ns / 1e9, UTC)))
    return files, passed


def subtitle_names(folder: str) -> list[str]:
    """List the subtitle files in ``folder`` and in its subtitle folders, by their paths relative to it.

    One below ``Subs/Heat (1995)`` is found, a deeper one is not. What can't be read holds none.
    """
    found, folders = _subtitle_listing(folder)
    for entry in folders:
        if entry.name.lower() in subtitles.FOLDERS:
            inside, below = _subtitle_listing(entry.path)
            found += inside
            found += [file for inner in below for file in _subtitle_listing(inner.path)[0]]
    return sorted(os.path.relpath(file.path, folder) for file in found)


def shown(path: str) -> str:
    """Spell a path so that it can be shown and stored: bytes that are no UTF-8 become replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def readable_name(name: str) -> bool:
    """Whether a name is valid UTF-8; a byte that is not comes as half a surrogate, which has no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _visit(
    folder: _Waiting,
    descriptor: int,
    options: ScanOptions,
    waiting: list[_Waiting],
) -> Iterator[WalkedFolder | Passed]:
    """Tell what stands directly in an opened folder, and have the folders in it wait."""
    with os.scandir(descriptor) as entries:
        listing = sorted((entry for entry in entries if entry.name[0] != "."), key=lambda entry: entry.name)
    own = blake2b(folder.inherited, digest_size=16)
    sidecars = blake2b(folder.inherited, digest_size=16)
    folders: list[os.DirEntry[str]] = []
    files = 0
    for entry in listing:
        try:
            if entry.is_dir(follow_symlinks=options.follow_symlinks):
                folders.append(entry)
                continue
            is_video = _wanted(entry.name, options)
            if not is_video and _extension(entry.name) not in SIDECARS:
                continue
            status = entry.stat()
        except OSError as error:
            yield Passed(shown(_in(folder.path, entry)), *_why(error, entry))
            continue
        fact = _fact(entry.name, status)
        own.update(fact)
        if is_video:
            files += stat.S_ISREG(status.st_mode)
        else:
            sidecars.update(fact)
    if files:
        for entry in folders:
            if entry.name.lower() in subtitles.FOLDERS:
                own.update(_facts_of_subtitles(_in(folder.path, entry)))
        yield WalkedFolder(folder.path, own.hexdigest(), files)
    if options.max_depth is None or folder.depth < options.max_depth:
        # What stands beside the root's own folders belongs to none of them.
        inherited = sidecars.digest() if folder.depth else b""
        waiting += [
            _Waiting(_in(folder.path, entry), folder.depth + 1, inherited, folder.trail)
            for entry in reversed(folders)
            if entry.name.lower() not in PASSED_OVER and _matches(options.directory_pattern, entry.name)
        ]


def _facts_of_subtitles(folder: str) -> bytes:
    """Say what a subtitle folder holds, by one listing: a folder in it has another time when a file comes or goes."""
    files, folders = _subtitle_listing(folder)
    facts: list[bytes] = []
    for entry in sorted(files + folders, key=lambda entry: entry.name):
        with suppress(OSError):
            facts.append(_fact(entry.name, entry.stat()))
    return b"".join(facts)


def _subtitle_listing(folder: str) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """List the subtitle files and the folders in a folder, but no links to folders; nothing if it can't be read."""
    files: list[os.DirEntry[str]] = []
    folders: list[os.DirEntry[str]] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name[0] == "." or not readable_name(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name.lower() not in PASSED_OVER:
                    folders.append(entry)
            elif _extension(entry.name) in subtitles.EXTENSIONS and entry.is_file():
                files.append(entry)
    return files, folders


def _fact(name: str, status: os.stat_result) -> bytes:
    return os.fsencode(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0")


def _wanted(name: str, options: ScanOptions) -> bool:
    if name[0] == "." or _extension(name) not in options.extensions:
        return False
    return _matches(options.filename_pattern, name)


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - hot loop


def _matches(pattern: str | None, name: str) -> bool:
    if pattern is None:
        return True
    try:
        return regex.search(pattern, name, timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


def _in(folder: str, entry: os.DirEntry[str]) -> str:
    """Return the path of an entry of an opened folder, which has a name alone."""
    return f"{folder}/{entry.name}" if folder != "/" else f"/{entry.name}"


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _why(error: OSError, entry: os.DirEntry[str] | None = None) -> tuple[str, str]:
    """Name the cause of a failure and say it in words, without the path that the system adds."""
    if isinstance(error, RefusedError):
        return "outside", f"The server may not read this: {error.strerror}."
    if entry is not None and entry.is_symlink():
        return "link-broken", "A symbolic link that leads nowhere."
    causes = {FileNotFoundError: "folder-gone", PermissionError: "folder-unreadable"}
    return causes.get(type(error), "disk-error"), f"The server can't read this: {error.strerror or error}."
