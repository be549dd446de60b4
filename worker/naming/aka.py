"""What else a title may be called: in its other language, without its series' name, in one of two scripts."""

import re
from collections.abc import Iterable

from worker.naming.spelling import any_of, skeleton

_AKA = re.compile(r"[\s(\[]+(?:aka|a\.k\.a\.?|a k a)\s+|\s*[/\u2044\uff0f|\uff5c]\s*", re.IGNORECASE)
#: One of these is in every name of several titles, in one script.
CUES = (")", "]", "/", "|", "aka", "a.k", "a k")
#: ``Birdman or (The Unexpected Virtue of Ignorance)`` is one title.
_GOES_ON = re.compile(r".*\s(?:or|and|the|of|a|to|in|no)\Z", re.IGNORECASE)
_CUE = any_of(CUES)
_COUNTRY_NAMES = """
    us uk au nz ca de fr it es nl be dk se no fi jp kr cn in br mx usa australia canada france germany india ireland
    japan korea sweden
"""
COUNTRIES = frozenset(_COUNTRY_NAMES.split())
#: What stands in brackets and is no title: a language, a version.
_ASIDE_NAMES = """
    english german french spanish italian japanese korean chinese russian polish dutch catalan swedish danish norwegian
    finnish portuguese hindi turkish czech hungarian tv bd dvd web dub dubbed sub subbed uncensored
"""
_ASIDES = frozenset(_ASIDE_NAMES.split())
_EAST = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
_EAST_FIRST = re.compile(rf"([{_EAST}][^A-Za-z]*)[\s._\-]([A-Za-z0-9][^{_EAST}]*)")
_EAST_LAST = re.compile(rf"([^{_EAST}]+)[\s._\-]([{_EAST}][^A-Za-z]*)")
_WORD = re.compile(r"[A-Za-z]{2}")
_DASH = re.compile(r"\s[-\u2013\u2014]\s")
_NO_TITLE = re.compile(r"(?:part|pt|vol(?:ume)?|chapter|episode|disc)\b.{0,6}|[\W\d_]*|.{1,2}", re.IGNORECASE)
#: ``1 - 12 Monkeys`` may be the first of many, ``3 - 10 to Yuma`` is not.
_COUNTED = re.compile(r"[1-9]|0[0-9]{1,2}")
_MOST = 3


def split(title: str) -> tuple[str, tuple[str, ...]]:
    """Tell a title from its other ones: ``Amélie AKA Amelie`` is the first, ``Spirited (千と千尋)`` too.

    Of two scripts the Latin one is the title: ``標題 English Title`` is ``English Title``, also called ``標題``.
    """
    if title.isascii() and not _CUE.search(title.lower()):
        return title, ()
    pieces = [piece.strip(" ()[]-") for piece in _AKA.split(title)]
    if len(pieces) > 1 and all(any(map(str.isalnum, piece)) for piece in pieces):
        return pieces[0], tuple(pieces[1 : _MOST + 1])
    if title.endswith((")", "]")) and (at := max(title.rfind("("), title.rfind("["))) > 0:
        head, other = title[:at].rstrip(" -"), title[at + 1 : -1].strip()
        if _is_title(other) and any(map(str.isalnum, head)) and not _GOES_ON.fullmatch(head):
            return head, (title,) if other.lower() in _ASIDES else (other, title)
    if not title.isascii() and (found := _EAST_FIRST.fullmatch(title)) and _WORD.search(found[2]):
        return found[2].strip(" -"), (found[1].strip(" -"), title)
    if not title.isascii() and (found := _EAST_LAST.fullmatch(title)) and _WORD.search(found[1]):
        return found[1].strip(" -"), (found[2].strip(" -"), title)
    return title, ()


def without_series(title: str) -> str | None:
    """Leave out what a collection is called: ``James Bond - Goldfinger`` is ``Goldfinger``, ``1 - 12 Monkeys`` too."""
    pieces = _DASH.split(title)
    if len(pieces) == 1 or _NO_TITLE.fullmatch(pieces[-1]):
        return None
    return pieces[-1] if any(map(str.isalpha, pieces[0])) or _COUNTED.fullmatch(pieces[0]) else None


def _is_title(text: str) -> bool:
    return any(map(str.isalpha, text)) and len(text) > 1 and text.lower() not in COUNTRIES and ")" not in text


def others(title: str, candidates: Iterable[str | None]) -> tuple[str, ...]:
    """Keep what differs from the title and from each other, at most three: ``The Matrix`` is no other of itself."""
    named = [candidate for candidate in candidates if candidate and candidate != title]
    if not named:
        return ()
    known = {skeleton(title), ""}
    kept: list[str] = []
    for candidate in named:
        if (bones := skeleton(candidate)) not in known:
            known.add(bones)
            kept.append(candidate)
    return tuple(kept[:_MOST])
