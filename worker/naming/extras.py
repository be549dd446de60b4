"""Trailers, samples and what else lies beside a film without being one."""

import re
from typing import NamedTuple

from worker.naming.guess import ExtraType
from worker.naming.spelling import lowered


class Extra(NamedTuple):
    """An extra, and where its film or show is named: in the folders above ``depth`` and in what is left of the stem."""

    type: ExtraType
    depth: int
    stem: str
    source: str


_FOLDERS = {
    "trailer": ExtraType.TRAILER,
    "trailers": ExtraType.TRAILER,
    "sample": ExtraType.SAMPLE,
    "samples": ExtraType.SAMPLE,
    "featurette": ExtraType.FEATURETTE,
    "featurettes": ExtraType.FEATURETTE,
    "behind the scenes": ExtraType.BEHIND_THE_SCENES,
    "behindthescenes": ExtraType.BEHIND_THE_SCENES,
    "making of": ExtraType.BEHIND_THE_SCENES,
    "deleted scenes": ExtraType.DELETED_SCENE,
    "deleted": ExtraType.DELETED_SCENE,
    "deletedscenes": ExtraType.DELETED_SCENE,
    "backdrops": ExtraType.THEME,
    "theme": ExtraType.THEME,
    "themes": ExtraType.THEME,
    "theme videos": ExtraType.THEME,
}
#: These may also be a shelf of films, or a show's own name.
_SHELVES = {
    "interview": ExtraType.INTERVIEW,
    "interviews": ExtraType.INTERVIEW,
    "scene": ExtraType.SCENE,
    "scenes": ExtraType.SCENE,
    "clips": ExtraType.SCENE,
    "short": ExtraType.SHORT,
    "shorts": ExtraType.SHORT,
    "extra": ExtraType.OTHER,
    "extras": ExtraType.OTHER,
    "bonus": ExtraType.OTHER,
    "bonus features": ExtraType.OTHER,
    "special features": ExtraType.OTHER,
    "other": ExtraType.OTHER,
    "others": ExtraType.OTHER,
}
_EITHER = {**_FOLDERS, **_SHELVES}
_LETTERS = frozenset(word[0] for word in _EITHER)
_OWN_YEAR = re.compile(r"\S.*\((?:1[89]|20)[0-9]{2}\)")

_SUFFIXES = {
    "trailer": ExtraType.TRAILER,
    "sample": ExtraType.SAMPLE,
    "featurette": ExtraType.FEATURETTE,
    "behindthescenes": ExtraType.BEHIND_THE_SCENES,
    "deleted": ExtraType.DELETED_SCENE,
    "deletedscene": ExtraType.DELETED_SCENE,
    "interview": ExtraType.INTERVIEW,
    "scene": ExtraType.SCENE,
    "clip": ExtraType.SCENE,
    "short": ExtraType.SHORT,
    "other": ExtraType.OTHER,
    "extra": ExtraType.OTHER,
}
_CLEAR_WORDS = ("trailer", "sample", "featurette", "behindthescenes", "deletedscene", "deleted")
_CLEAR = "|".join(_CLEAR_WORDS)
_WHOLE_STEMS = {"theme": ExtraType.THEME, **{word: _SUFFIXES[word] for word in _CLEAR_WORDS}}
_SUFFIX = re.compile(
    rf"(?:(?P<clear>(?<=[-._]){_CLEAR})|(?<=[)\]])(?: - | )(?P<spaced>{_CLEAR})"
    r"|(?<=[^\s]-)(?P<doubtful>interview|scene|clip|short|other|extra))[ ._-]?[0-9]{0,2}\Z"
)
_ENDINGS = frozenset("srewtpda0123456789")
_SAMPLE_FIRST = re.compile(r"sample[-_.](?=\S)")
_EPISODE_LAST = re.compile(r"(?:e|x)[0-9]{1,4}-\Z")


def find(dirs: tuple[str, ...], stem: str, *, shelves: bool) -> Extra | None:
    """Tell an extra: ``Heat (1995)/Trailers/Teaser`` and ``Heat (1995)/Heat (1995)-trailer`` are ones of Heat.

    Among films a folder such as ``Shorts`` may be a shelf of them; among shows, the first folder is a show's.
    """
    for depth, name in enumerate(dirs):
        if name[:1].lower() in _LETTERS and (kind := _folder(dirs, depth, stem, shelves=shelves)):
            inner = next((kind for later in reversed(dirs[depth + 1 :]) if (kind := _FOLDERS.get(_plain(later)))), kind)
            return Extra(inner, depth, "" if depth else stem, "folder" if depth == len(dirs) - 1 else "parent")
    return _file(dirs, stem)


def _folder(dirs: tuple[str, ...], depth: int, stem: str, *, shelves: bool) -> ExtraType | None:
    """``Shorts/La Luna (2011)/La Luna (2011)`` is a film on a shelf; ``Heat (1995)/Shorts/x`` is an extra."""
    name = _plain(dirs[depth])
    kind = _EITHER.get(name)
    if kind is None or name not in _SHELVES:
        return kind if depth or (shelves and kind is not ExtraType.THEME) else None
    if not depth or not shelves:
        return kind if depth else None
    owned = _OWN_YEAR.search(dirs[depth - 1])
    return kind if owned or not any(_OWN_YEAR.search(below) for below in (*dirs[depth + 1 :], stem)) else None


def _file(dirs: tuple[str, ...], stem: str) -> Extra | None:
    """``Heat (1995)-trailer`` is a trailer and ``sample`` a sample; ``The-Interview`` is a film."""
    low = lowered(stem)
    if dirs and low in _WHOLE_STEMS:
        return Extra(_WHOLE_STEMS[low], len(dirs), "", "file")
    if first := _SAMPLE_FIRST.match(low):
        return Extra(ExtraType.SAMPLE, len(dirs), stem[first.end() :], "file")
    if not low or low[-1] not in _ENDINGS or not (found := _SUFFIX.search(low)):
        return None
    word = found["clear"] or found["spaced"]
    if not word:
        word = found["doubtful"]
        before = low[: found.start("doubtful")]
        if _EPISODE_LAST.search(before) or not (dirs or _OWN_YEAR.search(before)):
            return None
    rest = stem[: found.start()].rstrip(" -._")
    return Extra(_SUFFIXES[word], len(dirs), rest, "file") if rest or dirs else None


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").replace(".", " ").lower().split())
