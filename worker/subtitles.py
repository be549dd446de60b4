"""The subtitles that lie beside a video, by their names: whose they are, in which language, and what for."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any
from unicodedata import normalize

from worker import languages
from worker.naming.spelling import plain

#: File extensions of subtitles. ``.idx`` and ``.sub`` of one name are one; a ``.sub`` alone is text.
EXTENSIONS = frozenset([".srt", ".ass", ".ssa", ".vtt", ".sub", ".sup", ".idx"])
#: Folders beside a video that hold its subtitles, in lower case.
FOLDERS = frozenset(["subs", "subtitles", "sub"])

_UNKNOWN = "und"
_HEARING_IMPAIRED = frozenset(["sdh", "hi", "cc"])
_FORCED = frozenset(["forced", "foreign"])
_DEFAULT = "default"
_FLAGS = _HEARING_IMPAIRED | _FORCED | {_DEFAULT}
#: What is a flag in the midst of other words too.
_SURE_FLAGS = frozenset(["sdh", "forced"])
#: Hearing impaired, or Hindi where nothing else is a language.
_HINDI = "hi"

_SEPARATOR = re.compile(r"[. _-]|\Z")
_BETWEEN = re.compile(r"[\s_,;()\[\]{}\u2013-]+")
_EDGES = " _-,;()[]{}\t\u2013"
_WORD = re.compile(r"[^\W_]+")
_TRACK = re.compile(r"\A[0-9]{1,3}[\s._-]+(?=\S)")
#: ``Subs/Heat (1995)``, and no further.
_DEEPEST = 2
#: So many words at the start of a name are the video's own, not by chance.
_ENOUGH = 2


def beside(videos: Collection[str], names: Collection[str], only: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Give each of a folder's videos its subtitles.

    ``videos`` are the names of all videos in the folder, extras too; ``names`` the paths of subtitle files, relative to
    the folder, see ``worker.walk.subtitle_names``. ``only`` is the one video among them that is no extra, if there is
    just one: what lies in a subtitle folder and names nobody belongs to it.

    Each subtitle is ``{"path", "format", "language", "title", "forced", "hearingImpaired", "default"}``: its path as
    in ``names``, the file's extension without the dot (``idx`` for a pair of ``.idx`` and ``.sub``), the BCP 47 tag or
    None, the words that are left or None, and three booleans. Default ones come first, then by language and path.

    A name belongs to the video with the longest stem that it begins with: ``Heat (1995) - Extended.en.srt`` to
    ``Heat (1995) - Extended.mkv`` and not to ``Heat (1995).mkv``.
    """
    found: dict[str, list[dict[str, Any]]] = {video: [] for video in videos}
    owners: dict[str, list[str]] = {}
    for video in found:
        owners.setdefault(_folded(PurePosixPath(video).stem), []).append(video)
    for path in _playable(names):
        for video, rest, folder in _owned(path, owners, only):
            found[video].append(_described(path, rest, folder))
    for subtitles in found.values():
        subtitles.sort(key=_order)
    return found


def _playable(names: Collection[str]) -> list[PurePosixPath]:
    """Drop half of each pair: the pictures of an ``.idx`` are in its ``.sub``, and an ``.idx`` alone shows nothing."""
    paths = [path for name in sorted(set(names)) if (path := PurePosixPath(name)).suffix.lower() in EXTENSIONS]
    indexed, pictured = (
        {_folded(str(path.with_suffix(""))) for path in paths if path.suffix.lower() == half}
        for half in (".idx", ".sub")
    )
    pairs = indexed & pictured
    unplayable = {True: ".sub", False: ".idx"}
    return [path for path in paths if path.suffix.lower() != unplayable[_folded(str(path.with_suffix(""))) in pairs]]


def _owned(path: PurePosixPath, owners: Mapping[str, list[str]], only: str | None) -> list[tuple[str, str, str]]:
    """Return whose subtitle this is, with what its name says beyond the video's and the folder that may say more."""
    *folders, _ = path.parts
    stem = path.stem
    if folders and (folders[0].lower() not in FOLDERS or len(folders) > _DEEPEST):
        return []
    inner = folders[1] if len(folders) > 1 else ""
    if inner and (videos := owners.get(_folded(inner))):
        return [(video, _beyond(stem, PurePosixPath(video).stem), "") for video in videos]
    ends = [separator.start() for separator in _SEPARATOR.finditer(stem)]
    for end in reversed(ends):
        if videos := owners.get(_folded(stem[:end])):
            return [(video, stem[end:], inner) for video in videos]
    if folders and only is not None:
        return [(only, _beyond(stem, PurePosixPath(only).stem), inner)]
    return []


def _beyond(stem: str, video: str) -> str:
    """Drop the video's own words and the track's number: ``2_English`` and ``heat.1995.English`` say ``English``."""
    own = [_folded(word) for word in _WORD.findall(video)]
    words = list(_WORD.finditer(stem))
    same = list(takewhile(lambda pair: _folded(pair[0][0]) == pair[1], zip(words, own, strict=False)))
    if same and (len(same) >= _ENOUGH or len(same) == len(own)):
        return stem[same[-1][0].end() :]
    return _TRACK.sub("", stem)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two dots."""

    #: Without what is in ``flags``.
    text: str
    #: What it is as a whole.
    language: str | None
    flags: list[str]


def _described(path: PurePosixPath, rest: str, folder: str) -> dict[str, Any]:
    pieces = [_read(text) for part in rest.split(".") if (text := part.strip(_EDGES))]
    flags = [flag for piece in pieces for flag in piece.flags]
    language, left = _language([piece for piece in pieces if piece.text])
    if language is None and folder:
        language, _ = _language([_read(folder)])
    if language is None and _HINDI in flags:
        flags.remove(_HINDI)
        language = _HINDI
    return {
        "path": str(path),
        "format": path.suffix[1:].lower(),
        "language": None if language == _UNKNOWN else language,
        "title": " ".join(plain(" ".join(left)).split()) or None,
        "forced": not _FORCED.isdisjoint(flags),
        "hearingImpaired": not _HEARING_IMPAIRED.isdisjoint(flags),
        "default": _DEFAULT in flags,
    }


def _read(text: str) -> _Piece:
    """Read ``eng`` and ``English (SDH)``, which are all language and flags; of other words take what is sure."""
    words = _words(text)
    rest, flags = _apart(words, _FLAGS)
    language = _agreed(rest)
    if not language and rest and _HINDI in flags and (language := languages.tag([_HINDI, *rest])):
        flags.remove(_HINDI)
    if language or not rest:
        return _Piece(" ".join(rest), language, flags)
    rest, flags = _apart(words, _SURE_FLAGS)
    return _Piece(" ".join(rest) if flags else text, None, flags)


def _language(pieces: list[_Piece]) -> tuple[str | None, list[str]]:
    """Take the last or the first piece that is a language as a whole, else the last name in the midst of words.

    Returns what is left, too.
    """
    texts = [piece.text for piece in pieces]
    for piece in (*pieces[-1:], *pieces[:1]):
        if piece.language:
            return piece.language, [other.text for other in pieces if other.language != piece.language]
    for at in reversed(range(len(texts))):
        words = _words(texts[at])
        if named := languages.within(words):
            start, end, language = named
            return language, [*texts[:at], *words[:start], *words[end:], *texts[at + 1 :]]
    return None, texts


def _agreed(words: list[str]) -> str | None:
    """Return what the words are together, or each of them: ``eng,English``."""
    tags = {languages.tag([word]) for word in words}
    return languages.tag(words) or (tags.pop() if len(tags) == 1 else None)


def _apart(words: list[str], flags: Collection[str]) -> tuple[list[str], list[str]]:
    rest = [word for word in words if word.lower() not in flags]
    return rest, [word.lower() for word in words if word.lower() in flags]


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(text) if word]


def _order(subtitle: dict[str, Any]) -> tuple[bool, bool, str, str]:
    language = subtitle["language"]
    return not subtitle["default"], language is None, language or "", subtitle["path"]


def _folded(name: str) -> str:
    return normalize("NFC", name).casefold()
