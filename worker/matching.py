"""Which of a provider's answers a name means, and how sure that is. Pure: a guess and candidates in, a match out.

A score is the title's part times the year's part, both from 0 to 1. A wrong match is worse than none, hence:

* An equal title is enough where no year contradicts it; a title that is only alike needs the same year beside it.
* Numbers are never "alike": ``Rocky II`` is not ``Rocky``, ``Kill Bill Vol. 1`` not ``Vol. 2``.
* A year that is off by more than one is another film, whatever the title.
* Popularity never lends a point. It only decides between equals, and then the score says that there was doubt.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from shared.catalogue.normal import normalised
from worker.providers.base import Match

#: Below this nothing is taken: an equal title without a year reaches it, even in doubt; a title alike does not.
THRESHOLD = 0.75

_RUNNERS_UP = 5

#: The title's part: for the title or the original one, for another one of its titles, and with something left aside.
_EQUAL, _ALSO_KNOWN_AS, _SPELLED_OTHERWISE, _WITHOUT_SUBTITLE = 1.0, 0.99, 0.99, 0.82
#: The most that titles with different numbers are worth.
_OTHER_NUMBER = 0.5
#: Shorter words than these are too easily alike: ``Up`` and ``Us``.
_SHORTEST_ALIKE = 5

#: The year's part.
_SAME_YEAR, _NEXT_YEAR, _CANDIDATE_UNDATED, _NAME_UNDATED, _OTHER_YEAR = 1.0, 0.9, 0.8, 0.8, 0.3

#: Two that are closer than this can't be told apart by their names.
_CLOSE = 0.005
_DOUBT = 0.95


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a provider offers: somebody's film or show under one id."""

    external_id: str
    title: str
    original_title: str | None = None
    other_titles: tuple[str, ...] = ()
    year: int | None = None
    popularity: float = 0.0


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    title: float
    year: float

    @property
    def score(self) -> float:
        return self.title * self.year


def choose(title: str, year: int | None, candidates: Sequence[Candidate]) -> tuple[Candidate, Match] | None:
    """Choose the candidate that a name means, or None where none fits well enough."""
    scored = [_Scored(each, _title_part(title, each), _year_part(year, each.year)) for each in candidates]
    scored.sort(key=lambda each: (-each.score, -each.candidate.popularity, each.candidate.external_id))
    if not scored:
        return None
    best, *others = scored
    others = [other for other in others if other.candidate.external_id != best.candidate.external_id]
    doubtful = bool(others) and best.score - others[0].score < _CLOSE
    score = best.score * _DOUBT if doubtful else best.score
    if score < THRESHOLD:
        return None
    parts = {"title": round(best.title, 4), "year": round(best.year, 4)}
    if doubtful:
        parts["doubt"] = _DOUBT
    return best.candidate, Match(round(score, 4), parts, tuple(_runner_up(other) for other in others[:_RUNNERS_UP]))


_NUMBER_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13",
    "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10", "xi": "11",
    "xii": "12", "xiii": "13", "xiv": "14", "xv": "15",
}  # fmt: skip
#: After these even a lone ``i`` or ``one`` counts.
_COUNTED = frozenset({"part", "chapter", "episode", "volume", "vol", "book"})
_FIRST = frozenset({"i", "one"})
_SUBTITLE = re.compile(r"\s*:\s+|:\s*|\s+[-\u2013\u2014]\s+")
_SUBTITLE_WORDS = re.compile(r" (?:episode|part|chapter|vol|volume) ")
_ARTICLE = re.compile(r"(?:the|an?) (?=\S)")
#: In capitals, for ``The Office US`` has a country, and ``Between Us`` none.
_COUNTRY = re.compile(r"(?<=\S)\s+\(?(?:US|USA|UK|GB|AU|NZ|CA|IE)\)?\s*\Z")


def _title_part(title: str, candidate: Candidate) -> float:
    wanted = normalised(title)
    best = 0.0
    for offered, worth in _titles_of(candidate):
        best = max(best, worth * _likeness(title, wanted, offered))
        if best == _EQUAL:
            break
    return best


def _titles_of(candidate: Candidate) -> Iterator[tuple[str, float]]:
    yield candidate.title, _EQUAL
    if candidate.original_title:
        yield candidate.original_title, _EQUAL
    for other in candidate.other_titles:
        yield other, _ALSO_KNOWN_AS


def _likeness(title: str, wanted: str, offered_title: str) -> float:
    """Compare two titles: 1 for equal ones, less for each liberty that has to be taken."""
    offered = normalised(offered_title)
    if not wanted or not offered:
        return 0.0
    if wanted == offered:
        return _EQUAL
    if _bare(title) == _bare(offered_title):
        return _SPELLED_OTHERWISE
    alike = fuzz.ratio(wanted, offered) / 100
    alike = alike * alike if min(len(wanted), len(offered)) >= _SHORTEST_ALIKE else min(alike, _OTHER_NUMBER)
    if _one_has_a_subtitle(title, wanted, offered_title, offered):
        return max(_WITHOUT_SUBTITLE, 0.0 if _numbers(wanted) != _numbers(offered) else alike)
    return min(alike, _OTHER_NUMBER) if _numbers(wanted) != _numbers(offered) else alike


@lru_cache(maxsize=4096)
def _bare(title: str) -> str:
    """Leave aside how a title is written: ``The Office (US)`` is ``office``, ``Rocky II`` ``rocky2``."""
    words = _figures(_ARTICLE.sub("", normalised(_COUNTRY.sub("", title)), count=1))
    return "".join(word for word in words if word != "and")


def _figures(title: str) -> list[str]:
    """Write a title's numbers in figures: ``part two`` and ``part ii`` are ``part 2``."""
    words = title.split()
    return [
        "1" if word in _FIRST and at and words[at - 1] in _COUNTED else _NUMBER_WORDS.get(word, word) if at else word
        for at, word in enumerate(words)
    ]


def _numbers(title: str) -> list[str]:
    return sorted(word.lstrip("0") or "0" for word in _figures(title) if word.isdecimal())


def _one_has_a_subtitle(title: str, wanted: str, offered_title: str, offered: str) -> bool:
    """Tell ``Star Wars`` for ``Star Wars: Episode IV - A New Hope``; ``Rocky`` is none for ``Rocky II``."""
    for short, long, long_title in ((wanted, offered, offered_title), (offered, wanted, title)):
        if not long.startswith(f"{short} "):
            continue
        mains = {normalised(long_title[: mark.start()]) for mark in _SUBTITLE.finditer(long_title)}
        if short in mains or _SUBTITLE_WORDS.match(long[len(short) :]):
            return True
    return False


def _year_part(wanted: int | None, offered: int | None) -> float:
    if wanted is None:
        return _NAME_UNDATED
    if offered is None:
        return _CANDIDATE_UNDATED
    off = abs(wanted - offered)
    return _SAME_YEAR if not off else _NEXT_YEAR if off == 1 else _OTHER_YEAR


def _runner_up(scored: _Scored) -> Mapping[str, str | int | float | None]:
    candidate = scored.candidate
    return {
        "title": candidate.title,
        "year": candidate.year,
        "externalId": candidate.external_id,
        "score": round(scored.score, 4),
    }
