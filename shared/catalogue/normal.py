"""How a title is spelled when case, accents and punctuation don't count: for comparing, for grouping, for searching."""

import re
import unicodedata
from functools import lru_cache

import regex

#: Accents of Latin, Greek and Cyrillic; vowel signs and hamza of Arabic; niqqud of Hebrew; marks of Syriac. (The vowel
#: signs of Indic scripts and the dakuten of kana are no such thing: they make another letter.) With them what is only
#: there to look well: tatweel, soft hyphens, joiners, marks of direction, variation selectors.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u08d3-\u08e1\u08e3-\u08ff\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u0640\u00ad\u200d-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h"}
    # Alef wasla, alef maqsura, teh marbuta; and Persian's and Urdu's own yeh, kaf and heh.
    | {"\u0671": "\u0627", "\u0649": "\u064a", "\u0629": "\u0647", "\u06cc": "\u064a", "\u06a9": "\u0643"}
    | {"\u06d5": "\u0647", "\u06c1": "\u0647", "\u06be": "\u0647"}
)
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4\u2032\u05f3]")
#: Superscripts and fractions: ``Alien³`` is ``alien 3``, ``8½`` is ``8 1 2``.
_SUPERSCRIPTS = re.compile("[\u00b2\u00b3\u00b9\u2070-\u2079\u00bc-\u00be\u2150-\u215e]")
_PUNCTUATION = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
#: ``S.W.A.T.`` and ``S W A T`` are ``swat``.
_SINGLE_LETTERS = re.compile(r"\b[a-z](?: [a-z]\b)+")


@lru_cache(maxsize=4096)
def normalised(title: str) -> str:
    """Bring a title into the one spelling in which titles are compared: ``Amélie & Co.`` is ``amelie and co``."""
    text = unicodedata.normalize("NFKD", _SUPERSCRIPTS.sub(_spaced_figure, title.replace("&", " and "))).casefold()
    text = _ACCENTS.sub("", text).translate(_LETTERS)
    text = _PUNCTUATION.sub(" ", _APOSTROPHES.sub("", text))
    words = " ".join(unicodedata.normalize("NFC", text).split())
    words = _SINGLE_LETTERS.sub(lambda run: run[0].replace(" ", ""), words)
    return words or " ".join(title.casefold().split())


def _spaced_figure(found: re.Match[str]) -> str:
    return f" {unicodedata.normalize('NFKD', found[0])} "
