"""Trailers, samples and what else lies beside a film without being one."""

import re
from typing import NamedTuple

from shared.kinds import ExtraType
from worker.naming import tags
from worker.naming.spelling import any_of, lowered


class Extra(NamedTuple):
    """An extra, and where its film or show is named: in the folders above ``depth`` and in what is left of the stem."""

    type: ExtraType
    depth: int
    stem: str
    source: str


_FOLDERS = {
    "trailer": ExtraType.TRAILER,
    "trailers": ExtraType.TRAILER,
    "teaser": ExtraType.TRAILER,
    "teasers": ExtraType.TRAILER,
    "sample": ExtraType.SAMPLE,
    "samples": ExtraType.SAMPLE,
    "featurette": ExtraType.FEATURETTE,
    "featurettes": ExtraType.FEATURETTE,
    "behind the scenes": ExtraType.BEHIND_THE_SCENES,
    "behindthescenes": ExtraType.BEHIND_THE_SCENES,
    "making of": ExtraType.BEHIND_THE_SCENES,
    "deleted scene": ExtraType.DELETED_SCENE,
    "deleted scenes": ExtraType.DELETED_SCENE,
    "deleted": ExtraType.DELETED_SCENE,
    "deletedscenes": ExtraType.DELETED_SCENE,
    "backdrops": ExtraType.THEME,
    "theme": ExtraType.THEME,
    "themes": ExtraType.THEME,
    "theme videos": ExtraType.THEME,
    "theme music": ExtraType.THEME,
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
    "bonuses": ExtraType.OTHER,
    "bonus disc": ExtraType.OTHER,
    "bonus features": ExtraType.OTHER,
    "bonus material": ExtraType.OTHER,
    "extra features": ExtraType.OTHER,
    "extras disc": ExtraType.OTHER,
    "special features": ExtraType.OTHER,
    "supplements": ExtraType.OTHER,
    "bloopers": ExtraType.OTHER,
    "gag reel": ExtraType.OTHER,
    "outtakes": ExtraType.OTHER,
    "promos": ExtraType.OTHER,
    "other": ExtraType.OTHER,
    "others": ExtraType.OTHER,
    "specials": ExtraType.OTHER,
}
#: A show's are episodes.
_OF_FILMS = frozenset({"specials"})
_EITHER = {**_FOLDERS, **_SHELVES}
_BEGINNINGS = frozenset(word[:4] for word in _EITHER)
_ARTICLES = frozenset({"the", "a", "an", "der", "die", "das", "le", "la"})
_OWN_YEAR = re.compile(r"\S.*\((?:1[89]|20)[0-9]{2}\)")

_SUFFIXES = {
    "trailer": ExtraType.TRAILER,
    "sample": ExtraType.SAMPLE,
    "featurette": ExtraType.FEATURETTE,
    "behindthescenes": ExtraType.BEHIND_THE_SCENES,
    "deleted": ExtraType.DELETED_SCENE,
    "deletedscene": ExtraType.DELETED_SCENE,
    "deletedscenes": ExtraType.DELETED_SCENE,
    "makingof": ExtraType.BEHIND_THE_SCENES,
    "interview": ExtraType.INTERVIEW,
    "scene": ExtraType.SCENE,
    "clip": ExtraType.SCENE,
    "short": ExtraType.SHORT,
    "other": ExtraType.OTHER,
    "extra": ExtraType.OTHER,
}
_CLEAR_WORDS = ("trailer", "sample", "featurette", "behindthescenes", "deletedscene", "deleted")
_CLEAR = "|".join(_CLEAR_WORDS)
#: Spelled as words, as they only are behind a year in brackets.
_WORDY = r"teaser|behind[ ._]the[ ._]scenes|deleted[ ._]scenes?|making[ ._]of"
_PRAISED = r"(?:(?:official|theatrical|teaser|final|international|original)[ ._])"
_WHOLE_STEM = re.compile(rf"(?:{_PRAISED}*({_CLEAR}|theme)|(teaser))s?[ ._-]?[0-9]{{0,2}}")
_SUFFIX = re.compile(
    rf"(?:(?P<clear>(?<=[-._]){_PRAISED}?(?:{_CLEAR}))|(?<=[)\]])(?: - |- | )"
    rf"(?P<spaced>{_PRAISED}*(?:{_CLEAR}|{_WORDY}))"
    rf"|(?<=[\w!?.]) (?:- )?(?P<loose>{_PRAISED}*(?:trailer|teaser|sample))"
    r"|(?<=[^\s]-)(?P<doubtful>(?:interview|scene|clip|short|other|extra)s?))[ ._-]?[0-9]{0,2}\Z"
)
_ENDINGS = frozenset("srewtpdaf0123456789")
_SUFFIX_CUES = frozenset("-)]._")
#: One of these is in every suffix; most names have none, and cost no more than this.
_SUFFIX_WORDS = ("trailer", "sample", "teaser", "featurette", "behind", "deleted", "making", "interview", "scene",
                 "clip", "short", "other", "extra")  # fmt: skip
_SUFFIX_WORD = any_of(_SUFFIX_WORDS)
_SAMPLE_FIRST = re.compile(r"sample[-_.](?=\S)")
_EPISODE_LAST = re.compile(r"(?:e|x)[0-9]{1,4}-\Z")
#: ``Show - S02E05 - Free Sample`` is an episode.
_EPISODE_AND_MORE = re.compile(r"(?:e|x)[0-9]{1,4}[\s._\-]+[^\W\d]")
#: ``Heat.1995.SAMPLE.1080p`` and ``Heat Official Trailer (1995)``: words that only release words or a year follow.
_INSIDE = re.compile(
    rf"(?<=[^\s._-])[\s._-]+(?P<praised>{_PRAISED}+)?(?P<word>trailer|sample|featurette)(?:[ ._-]?#?[0-9])?"
    r"(?=[\s._\-(\[])"
)
_YEAR_NEXT = re.compile(r"[\s._\-(\[]+(?:19|20)[0-9]{2}(?![0-9])[)\]]?")
#: ``Heat.1995.Sample-GRP``
_GROUP_LAST = re.compile(r"-[a-z0-9]+")
#: ``RARBG.com``: where a release comes from, shown in a few seconds.
_ADVERT = re.compile(
    r"(?:www\.)?(?:rarbg|etrg|yts|yify|ettv|eztv|1337x|torrentgalaxy)(?:\.[a-z]{2,3})?|www\.[\w-]+\.[a-z]{2,4}"
)
#: No advertisement has a longer name.
_LONGEST_ADVERT = 24
#: ``Heat - Trailer (HD)`` and ``Trailer 1080p``: of which quality it is.
_QUALITY = re.compile(
    r"(?<=[r0-9])(?: ?[\[(](?:u?hd|sd|4k|[0-9]{3,4}p|[a-z]{2,3})[\])]| (?:hd|4k|[0-9]{3,4}p))\Z", re.IGNORECASE
)
#: What lies beside a film in its own folder and is not it.
_BESIDE = re.compile(
    r"(?:the[ ._])?(?:(?P<scenes>making[ ._-]of|behind[ ._-]the[ ._-]scenes)|(?P<interview>interviews?[ ._-]with)"
    r"|(?P<deleted>(?:deleted|extended|alternate)[ ._-]scenes?)|(?P<featurette>featurettes?)|(?P<other>gag[ ._-]reel"
    r"|bloopers?|outtakes?|alternate[ ._-]ending|promos?(?=[ ._-]*[0-9]*\Z)|tv[ ._-]spots?))(?![^\W_]).*"
)
_BESIDE_CUE = any_of(("making", "behind", "interview", "deleted", "extended", "alternate", "featurette", "gag",
                      "bloop", "outtake", "promo", "tv"))  # fmt: skip
_BESIDE_TYPES = {
    "scenes": ExtraType.BEHIND_THE_SCENES,
    "deleted": ExtraType.DELETED_SCENE,
    "interview": ExtraType.INTERVIEW,
    "featurette": ExtraType.FEATURETTE,
    "other": ExtraType.OTHER,
}
#: The opening and the ending of an anime without its credits.
_CREDITLESS = re.compile(
    r"(?:[\s._\-\[(]+|\A)(?:(?:nc ?|(?:creditless|clean|textless)[ ._-])(?:op(?:ening)?|ed|ending)s?)"
    r"[ ._-]?[0-9]{0,2}[a-z]?(?:v[0-9])?(?![^\W_]).*"
)
_CREDITLESS_CUES = ("ncop", "nced", "ncen", "nc op", "nc ed", "nc en", "creditless", "clean", "textless")
_CREDITLESS_CUE = any_of(_CREDITLESS_CUES)
#: One of these is in every extra's own name, where that has a year in brackets or an episode's number.
CUES = (*_SUFFIX_WORDS, *_CREDITLESS_CUES)
#: What else fansubs number: ``[Group] Name - PV2 [BD]`` and ``[Group] Name [Menu 01]``.
_BESIDE_ANIME = re.compile(
    r"\[.*[^\s._\-\[(](?:[\s_]+-[\s_]+|[\s_]*[\[(])(?P<kind>"
    r"(?P<trailer>pv|trailer|teaser|(?:web ?)?preview)|cm|op(?:ening)?|ed|ending|menu|iv|making|promo)"
    r"[ ._-]?[0-9]{0,2}[a-z]?(?:v[0-9])?(?=[\s_]*(?:\Z|[\[(\])])).*"
)
#: ``Season 2 Extras`` is a folder of season 2.
_OF_A_SEASON = re.compile(
    r"(?:season|series|staffel|saison|temporada|stagione|s)[ ._]?[0-9]{1,2}[ ._-]+(?P<what>.*)", re.IGNORECASE
)


def find(dirs: tuple[str, ...], stem: str, *, shelves: bool) -> Extra | None:
    """Tell an extra: ``Heat (1995)/Trailers/Teaser`` and ``Heat (1995)/Heat (1995)-trailer`` are ones of Heat."""
    by_folder = in_folder(dirs, stem, shelves=shelves)
    return by_folder or _file(dirs, stem) or (_beside(dirs, stem) if shelves else _creditless(dirs, stem))


def in_folder(dirs: tuple[str, ...], stem: str, *, shelves: bool) -> Extra | None:
    """Tell what the folders alone make an extra: ``Heat (1995)/Trailers/Teaser`` is a trailer of Heat.

    Among films a folder such as ``Shorts`` may be a shelf of them; among shows, the first folder is a show's.
    """
    for depth, name in enumerate(dirs):
        of_season = not shelves and depth and name[:1] in "SsTt" and name[-1:].isalpha()
        if (of_season or name[:4].lower() in _BEGINNINGS) and (kind := _folder(dirs, depth, stem, shelves=shelves)):
            inner = next((kind for later in reversed(dirs[depth + 1 :]) if (kind := _FOLDERS.get(_plain(later)))), kind)
            source = "folder" if depth == len(dirs) - 1 else "parent"
            own = depth + (not shelves and _OF_A_SEASON.fullmatch(name) is not None)
            return Extra(inner, own, "" if depth else stem, source)
    return None


def _folder(dirs: tuple[str, ...], depth: int, stem: str, *, shelves: bool) -> ExtraType | None:
    """``Shorts/La Luna (2011)/La Luna (2011)`` is a film on a shelf; ``Heat (1995)/Shorts/x`` is an extra."""
    name = _plain(dirs[depth])
    if not shelves and name[-1:].isalpha() and (season := _OF_A_SEASON.fullmatch(name)):
        return _EITHER.get(season["what"]) if depth and season["what"] not in _OF_FILMS else None
    kind = None if name in _OF_FILMS and not shelves else _EITHER.get(name)
    if kind is None or name not in _SHELVES:
        return kind if depth or (shelves and kind is not ExtraType.THEME) else None
    if not depth or not shelves:
        shows_own = any(lowered(later).startswith(name) for later in (*dirs[depth + 1 :], stem))
        return kind if depth and not shows_own else None
    owned = _OWN_YEAR.search(dirs[depth - 1])
    return kind if owned or not any(_OWN_YEAR.search(below) for below in (*dirs[depth + 1 :], stem)) else None


def _file(dirs: tuple[str, ...], stem: str) -> Extra | None:
    """``Heat (1995)-trailer`` is a trailer and ``sample`` a sample; ``The-Interview`` is a film."""
    stem, low, worded = _cued(stem)
    if dirs and (kind := _by_whole_name(low)):
        return Extra(kind, len(dirs), "", "file")
    if first := _SAMPLE_FIRST.match(low):
        return Extra(ExtraType.SAMPLE, len(dirs), stem[first.end() :], "file")
    if not worded and not (low[-1:] in _ENDINGS and _SUFFIX_WORD.search(low) and _SUFFIX_CUES.intersection(low)):
        return None
    if not (found := _SUFFIX.search(low)):
        return _inside(dirs, stem, low) if worded else None
    if loose := found["loose"]:
        rest = stem[: found.start()]
        if _EPISODE_AND_MORE.search(low[: found.start()]):
            return None
        if rest.lower().rsplit(" ", 1)[-1] in _ARTICLES or any(lowered(name).startswith(low) for name in dirs):
            return None
        return Extra(_SUFFIXES[_last_word(loose)], len(dirs), rest.rstrip(" -._"), "file")
    word = found["clear"] or found["spaced"]
    if not word:
        word = found["doubtful"]
        before = low[: found.start("doubtful")]
        if _EPISODE_LAST.search(before) or not (dirs or _OWN_YEAR.search(before)):
            return None
    rest = stem[: found.start()].rstrip(" -._")
    return Extra(_SUFFIXES[_last_word(word)], len(dirs), rest, "file") if rest or dirs else None


def _cued(stem: str) -> tuple[str, str, bool]:
    """Tell whether one of the commonest words is there; then ``Heat - Trailer (HD)`` is read as ``Heat - Trailer``."""
    low = lowered(stem)
    worded = "trailer" in low or "sample" in low or "teaser" in low or "featurette" in low
    if worded:
        stem = _QUALITY.sub("", stem)
    return stem, low[: len(stem)], worded


def _by_whole_name(low: str) -> ExtraType | None:
    """``Trailer 2`` is a trailer, and ``RARBG.com`` something else that is no film."""
    if whole := _WHOLE_STEM.fullmatch(low):
        word = whole[1] or "trailer"
        return ExtraType.THEME if word == "theme" else _SUFFIXES[word]
    return ExtraType.OTHER if len(low) < _LONGEST_ADVERT and _ADVERT.fullmatch(low) else None


def _inside(dirs: tuple[str, ...], stem: str, low: str) -> Extra | None:
    """``Heat.1995.Trailer.1080p`` is a trailer; ``Trailer.Park.1080p`` and ``The Trailer (1995)`` are films."""
    for found in _INSIDE.finditer(low):
        end = found.end()
        year = _YEAR_NEXT.match(low, end)
        of_group = found["word"] == "sample" and " " not in low and _GROUP_LAST.fullmatch(low, end)
        if of_group or tags.start(low, end) == end + 1 or (found["praised"] and year):
            rest = stem[: found.start()] + (stem[end : year.end()] if year else "")
            return Extra(_SUFFIXES[found["word"]], len(dirs), rest, "file")
    return None


def _beside(dirs: tuple[str, ...], stem: str) -> Extra | None:
    """``Heat (1995)/Making of Heat`` and ``Heat - Gag Reel`` are extras, ``Making of Heat (2005)`` is a film."""
    low = lowered(stem)
    if not dirs or not _BESIDE_CUE.search(low):
        return None
    if not (owned := _OWN_YEAR.search(dirs[-1])) or _OWN_YEAR.search(stem):
        return None
    title = lowered(owned[0])[: -len(" (1995)")].strip()
    found = _BESIDE.fullmatch(low[len(title) :].lstrip(" -._") if low.startswith(title) else low)
    if not found or lowered(dirs[-1]).startswith(found[0]):
        return None
    return Extra(_BESIDE_TYPES[found.lastgroup or "other"], len(dirs), "", "file")


def _creditless(dirs: tuple[str, ...], stem: str) -> Extra | None:
    """``[Group] Show - NCOP1 [1080p]`` is the opening of ``Show``, and ``[Group] Show - PV2`` a trailer."""
    low = lowered(stem)
    if _CREDITLESS_CUE.search(low) and (found := _CREDITLESS.search(low)):
        return Extra(ExtraType.OTHER, len(dirs), stem[: found.start()], "file")
    if low.startswith("[") and (found := _BESIDE_ANIME.fullmatch(low)):
        trailer = found["trailer"]
        head = stem[: found.start("kind")].rstrip(" _-[(")
        return Extra(ExtraType.TRAILER if trailer else ExtraType.OTHER, len(dirs), head, "file")
    return None


def _last_word(text: str) -> str:
    words = text.replace(".", " ").replace("_", " ").split()
    if "".join(words) in _SUFFIXES:
        return "".join(words)
    word = words[-1]
    return "trailer" if word == "teaser" else word if word in _SUFFIXES else word.removesuffix("s")


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").replace(".", " ").lower().split())
