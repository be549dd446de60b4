"""How a name is spelled: one Unicode form, spaces for separators, the article where it belongs."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

#: What no database or wire keeps: control characters, and bytes of a file name that were no Unicode.
_UNKEEPABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UNDECODED = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

#: Letters, figures and brackets as wide as those of the East: ``\uff08`` is ``(``.
_FULL_WIDTH = {0x3000: " "} | {
    wide: chr(wide - 0xFEE0)
    for wide in (0xFF08, 0xFF09, 0xFF3B, 0xFF3D, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_ACRONYM = re.compile(r"(?<![^\s._])(?:[^\W\d_]\.){3,}|\A(?:[^\W\d_]\.){2,}(?=[^\W_]{2}|\s|\Z)")
_LAST_LETTER = re.compile(r"(?<![^\s.])(?:[^\W\d_]\.){2,}[^\W\d_]\Z")
_FIGURES = re.compile(r"\d[\d.\-]*\Z")
#: ``Haus (das)`` has its article behind; ``Dark (DE)`` a country.
_ARTICLE_LAST = re.compile(
    r"(?P<title>.*[^\s,])(?:\s?, ?|\s\((?!(?-i:DE)\))(?=[^()]+\)\Z))"
    r"(?P<article>the|an?|der|die|das|ein|eine|les?|la|l'|une?|el|los|las|il|lo|gli|de|het|een|os?|as)\)?",
    re.IGNORECASE,
)
_LEFT_EDGE = " \t-_\u2013\u2014,;:~+|)]}=\u00a0\u3000"
_RIGHT_EDGE = " \t-_\u2013\u2014,;:~+|([{=\u00a0\u3000"
_JOINED_BY_HYPHENS = 2
#: The length of a letter between the dots of an acronym.
_SINGLE = 1


def plain(raw: str) -> str:
    """Bring a name into one Unicode form that can be kept: an accent of its own joins its letter."""
    if raw.isascii() and raw.isprintable():
        return raw
    text = _UNDECODED.sub("\ufffd", raw).translate(_FULL_WIDTH)
    return unicodedata.normalize("NFC", _UNKEEPABLE.sub(" ", _INVISIBLE.sub("", text)))


def lowered(text: str) -> str:
    """Lower a text without moving a letter: ``İ`` alone would become two."""
    low = text.lower()
    return low if len(low) == len(text) else text.replace("İ", "I").lower()


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Make one rule of many words: ``cut``, ``colo`` and ``in1`` are ``c(?:olo|ut)|in1``.

    A search skips to the first letters, which costs a fraction of looking for each word.
    """
    by_first = {
        first: [re.escape(word[1:]) for word in alike] for first, alike in groupby(sorted(words), itemgetter(0))
    }
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in by_first.items()))


def tidy(text: str) -> str:
    """Make a title of a piece of a name: ``The.Matrix_`` is ``The Matrix`` and ``Matrix, The`` is too."""
    if "_" in text:
        text = text.replace("_", " ")
    if "." in text:
        text = _without_dots(text)
    elif "-" in text and " " not in text.strip():
        text = _without_hyphens(text.strip())
    text = " ".join(text.split())
    if text and (text[0] in _LEFT_EDGE or text[-1] in _RIGHT_EDGE):
        text = text.lstrip(_LEFT_EDGE).rstrip(_RIGHT_EDGE)
    if ("," in text or text.endswith(")")) and (last := _ARTICLE_LAST.fullmatch(text)):
        article = last["article"]
        text = f"{article}{'' if article.endswith(chr(39)) else ' '}{last['title']}"
    return text


def same(one: str, other: str) -> bool:
    """Tell whether two spellings are one title: ``spider man`` and ``Spider-Man``."""
    return one == other or skeleton(one) == skeleton(other)


def skeleton(text: str) -> str:
    """Keep only what is read aloud: ``Spider-Man: Home`` is ``spidermanhome``."""
    return "".join(filter(str.isalnum, text)).casefold()


def _without_dots(text: str) -> str:
    """``Agents.of.S.H.I.E.L.D.`` is ``Agents of S.H.I.E.L.D.``; ``Mr. Robot`` and ``11.22.63`` stay."""
    bare = text.strip()
    if bare.count(".") <= bare.count(" ") or (_FIGURES.match(bare) and len(bare) > 1 and not bare.endswith(".")):
        return text
    if _SINGLE in map(len, bare.split(".")):
        bare = _LAST_LETTER.sub(lambda found: found[0].replace(".", "\0") + "\0", bare)
        bare = _ACRONYM.sub(lambda found: found[0].replace(".", "\0") + " ", bare)
    return bare.replace(".", " ").replace("\0", ".")


def _without_hyphens(text: str) -> str:
    """``the-matrix-reloaded`` is ``the matrix reloaded``; ``X-Men`` and ``9-1-1`` stay."""
    if text.strip("-").count("-") < _JOINED_BY_HYPHENS or _FIGURES.match(text):
        return text
    return text.replace("-", " ")
