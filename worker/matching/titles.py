"""How like two titles are. Pure.

1 for titles that are equal but for case, accents and punctuation, and less for each liberty that has to be taken.
Numbers are never "alike": ``Rocky II`` is not ``Rocky``, ``Kill Bill Vol. 1`` not ``Vol. 2``.
"""

import re
from functools import lru_cache
from itertools import zip_longest

from rapidfuzz import fuzz

from shared.catalogue.normal import normalised

EQUAL = 1.0
#: ``The Matrix`` and ``Matrix``, ``Rocky 2`` and ``Rocky II``, ``Über`` and ``Ueber``.
SPELLED_OTHERWISE = 0.99
#: ``The Godfather 2`` for ``The Godfather Part II``.
NUMBERED_OTHERWISE = 0.97
#: ``Toy Story 1`` for ``Toy Story``.
FIRST_OF_MANY = 0.9
#: ``Star Wars`` for ``Star Wars: Episode IV - A New Hope``, ``Daredevil`` for ``Marvel's Daredevil``.
WITHOUT_SUBTITLE = 0.82
#: Below this a liberty was taken.
SAME_TITLE = 0.95
#: The most that titles are worth that are alike and yet surely two.
_ANOTHER = 0.5
#: Shorter titles than these are too easily alike: ``Up`` and ``Us``.
_SHORTEST_ALIKE = 5
_FEW_WORDS = 2

_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen")
_ROMAN = ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_WORDS = {word: str(number) for number, word in enumerate(_NUMBERS, start=2)}
#: ``V for Vendetta`` and ``X-Men`` begin with letters, ``Rocky V`` ends with a number.
_WORDS_INSIDE = _WORDS | {word: str(number) for number, word in enumerate(_ROMAN, start=2)}
#: After these even a lone ``i`` or ``one`` counts; ``Rogue One`` is no first part.
_FIRST = frozenset({"i", "one"})
_COUNTED = frozenset({"part", "chapter", "episode", "volume", "vol", "book", "pt"})

_ARTICLE = re.compile(r"\A(?:the|an?) (?=\S)")
_IN_BRACKETS = re.compile(r"(?<=\S)\s*\((?:(?:19|20)\d\d|USA?|UK|GB|AU|NZ|CA|IE)\)\s*\Z", re.ASCII)
_SUBTITLE = re.compile(r"\s*:\s*|\s+[-\u2013\u2014]\s+|\s+\(|\s*/\s*|[!?]\s+|,\s+or:?\s+|\s+or[:,]\s+|\s+or\s+(?=\()")
_SUBTITLE_WORDS = re.compile(r" (?:episode|part|chapter|vol|volume) ")
_OWNER = re.compile(r"\w['\u2019]s? ")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def likeness(asked: str, offered: str) -> float:
    """Compare a title that a name has with one that a provider has."""
    wanted, known = normalised(asked), normalised(offered)
    if not wanted or not known:
        return 0.0
    if wanted == known:
        return EQUAL
    if _bare(asked) & _bare(offered) or _bare(asked) & _bare(_IN_BRACKETS.sub("", offered)):
        return SPELLED_OTHERWISE
    one, other = _uncounted(asked), _uncounted(offered)
    if one and one == other:
        return NUMBERED_OTHERWISE
    if one == (*other, "1") or other == (*one, "1"):
        return FIRST_OF_MANY
    alike = _alike(wanted, known)
    return max(WITHOUT_SUBTITLE, alike) if _one_has_a_subtitle(asked, wanted, offered, known) else alike


def without_subtitle(title: str) -> str | None:
    """Return what stands before a subtitle, or None where there is none: ``Alien`` of ``Alien - Covenant``."""
    found = _SUBTITLE.search(title, 1)
    return title[: found.start()] if found else None


def _alike(wanted: str, known: str) -> float:
    if _numbers(wanted) != _numbers(known) or _is_another_form(wanted.split(), known.split()):
        return min(fuzz.ratio(wanted, known) / 100, _ANOTHER)
    alike = fuzz.ratio(wanted, known) / 100
    return alike * alike if min(len(wanted), len(known)) >= _SHORTEST_ALIKE else min(alike, _ANOTHER)


def _is_another_form(wanted: list[str], known: list[str]) -> bool:
    """Tell ``The Hunt`` from ``The Hunted``: in a short title, a longer form of a word is another word."""
    if len(wanted) != len(known) or len(wanted) > _FEW_WORDS:
        return False
    unlike = [(one, other) for one, other in zip(wanted, known, strict=True) if one != other]
    return len(unlike) == 1 and any(one.startswith(other) or other.startswith(one) for one, other in unlike)


@lru_cache(maxsize=4096)
def _bare(title: str) -> frozenset[str]:
    """Return the ways to write a title in one word, with and without its article: ``rocky2`` for ``Rocky II``."""
    spellings = {normalised(spelling) for spelling in (title, title.translate(_UMLAUTS))}
    spellings |= {_ARTICLE.sub("", spelling) for spelling in spellings}
    return frozenset({"".join(_figures(spelling)) for spelling in spellings} - {""})


@lru_cache(maxsize=4096)
def _uncounted(title: str) -> tuple[str, ...]:
    """Leave aside what a number counts as well: ``godfather 2`` for ``The Godfather Part II``."""
    words = _figures(_ARTICLE.sub("", normalised(title)))
    return tuple(word for word, after in zip_longest(words, words[1:]) if not (word in _COUNTED and _is_number(after)))


def _is_number(word: str | None) -> bool:
    return word is not None and word.isdecimal()


def _figures(title: str) -> list[str]:
    """Write the numbers of a normalised title in figures: ``part two`` and ``part ii`` are ``part 2``."""
    words = title.split()
    return [figure(word, words[at - 1] if at else "") for at, word in enumerate(words) if word != "and"]


def figure(word: str, before: str = "") -> str:
    """Write a number in figures by what stands before it; any other word as it is."""
    if word in _FIRST and before in _COUNTED:
        return "1"
    return (_WORDS_INSIDE if before else _WORDS).get(word, word)


def _numbers(title: str) -> list[str]:
    return sorted(word.lstrip("0") or "0" for word in _figures(title) if word.isdecimal())


def _one_has_a_subtitle(asked: str, wanted: str, offered: str, known: str) -> bool:
    """Tell ``Star Wars`` for ``Star Wars: Episode IV - A New Hope``; ``Rocky`` is none for ``Rocky II``."""
    for short, long, long_title in ((wanted, known, offered), (known, wanted, asked)):
        if long.startswith(f"{short} "):
            mains = {normalised(long_title[: mark.start()]) for mark in _SUBTITLE.finditer(long_title)}
            if short in mains or _SUBTITLE_WORDS.match(long[len(short) :]):
                return True
        if long.endswith(f" {short}"):
            owned = {normalised(long_title[mark.end() :]) for mark in _OWNER.finditer(long_title)}
            if short in owned:
                return True
    return False
