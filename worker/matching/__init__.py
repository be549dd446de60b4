"""Which of a provider's answers a name means, and how sure that is. Pure: a question and candidates in, a choice out.

A score is the product of its parts, each from 0 to 1: the title's, the year's and, where they are known, those of the
country, the episodes and the duration. A wrong match is worse than none, hence:

* An equal title is enough where no year contradicts it; a title that is only alike needs the same year beside it.
* Popularity never lends a point. It only decides between equals, and only where one is clearly more popular.
* Where it decided, or a liberty was taken, the match is doubtful.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from worker.matching import evidence
from worker.matching.readings import Reading, Search, readings, searches
from worker.matching.titles import SAME_TITLE, likeness
from worker.matching.values import Candidate, Choice
from worker.providers.base import MOST_RUNNERS_UP, Match, RunnerUp, Wanted

__all__ = ["THRESHOLD", "Candidate", "Choice", "Search", "choose", "finalists", "searches"]

#: Below this nothing is taken: an equal title without a year reaches it; a title alike does not.
THRESHOLD = 0.75

#: How many of those that are near, and how many of equals, are worth a request each.
_FINALISTS, _EQUALS = 3, 5

#: What another one of its titles is worth: too little to be sure of where no year supports it.
_ALSO_KNOWN_AS, _SURE_UNDATED = 0.96, 0.965

#: Two that are closer than this can't be told apart; two that are closer than that may turn out to be.
_CLOSE, _WITHIN_REACH = 0.005, 0.1
#: By how much the more popular one of equals has to be so, to be taken at all, and to be taken without doubt.
_CLEARLY, _BY_FAR = 2.0, 10.0
_LEAST_POPULAR = 0.01


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    reading: Reading
    parts: Mapping[str, float]
    score: float

    @property
    def is_dated(self) -> bool:
        return self.reading.year is not None and self.candidate.year is not None

    @property
    def has_the_title(self) -> bool:
        """Whether no liberty was taken."""
        return self.parts["title"] >= (SAME_TITLE if self.is_dated else _SURE_UNDATED) and not self.reading.is_bold


def choose(wanted: Wanted, candidates: Iterable[Candidate]) -> Choice | None:
    """Choose the candidate that a name means; None where there are no candidates at all."""
    ranked = _ranked(wanted, candidates)
    if not ranked:
        return None
    equals = [each for each in ranked if ranked[0].score - each.score < _CLOSE]
    best = min(equals, key=_popular_first)
    rivals = [each.candidate.popularity for each in equals if each is not best]
    ahead = best.candidate.popularity / max(*rivals, _LEAST_POPULAR) if rivals else math.inf
    is_taken = best.score >= THRESHOLD and (not rivals or (best.has_the_title and ahead >= _CLEARLY))
    is_clear = best.has_the_title and (not rivals or (best.is_dated and ahead >= _BY_FAR))
    others = [each for each in ranked if each is not best] if is_taken else ranked
    match = Match(
        score=round(best.score, 4),
        parts=best.parts,
        runners_up=tuple(_runner_up(each) for each in others[:MOST_RUNNERS_UP]),
        is_doubtful=not (is_taken and is_clear),
    )
    is_final = best.has_the_title and (best.reading.year is None or best.parts["year"] == evidence.SAME_YEAR)
    return Choice(best.candidate if is_taken else None, match, is_final=is_final)


def finalists(wanted: Wanted, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the few among whom more knowledge could decide: the equals, or those whose other titles may fit."""
    year = readings(wanted)[0].year
    ranked = [
        each
        for each in _ranked(wanted, candidates)
        if each.score >= THRESHOLD or evidence.year_part(year, each.candidate.year) > evidence.OTHER_YEAR
    ]
    if ranked and ranked[0].has_the_title and ranked[0].score >= THRESHOLD:
        ranked = [each for each in ranked if ranked[0].score - each.score < _WITHIN_REACH]
    equals = sum(ranked[0].score - each.score < _CLOSE for each in ranked)
    return [each.candidate for each in ranked[: min(max(equals, _FINALISTS), _EQUALS)]]


def _ranked(wanted: Wanted, candidates: Iterable[Candidate]) -> list[_Scored]:
    by_id = {candidate.external_id: candidate for candidate in candidates}
    asked = readings(wanted)
    return sorted((_scored(wanted, asked, candidate) for candidate in by_id.values()), key=_best_first)


def _best_first(each: _Scored) -> tuple[float, float, str]:
    return (-each.score, *_popular_first(each))


def _popular_first(each: _Scored) -> tuple[float, str]:
    return -each.candidate.popularity, each.candidate.external_id


def _scored(wanted: Wanted, asked: Iterable[Reading], candidate: Candidate) -> _Scored:
    """Score a candidate by the reading that suits it best."""
    evidently = {
        "seasons": evidence.seasons_part(wanted, candidate),
        "episodeTitles": evidence.titles_part(wanted, candidate),
        "airDates": evidence.dates_part(wanted, candidate),
        "duration": evidence.duration_part(wanted, candidate),
    }
    read = []
    for reading in asked:
        parts = {
            "title": _title_part(reading, candidate),
            "year": evidence.year_part(reading.year, candidate.year),
            "country": evidence.country_part(reading.country, candidate),
            **evidently,
        }
        known = {name: round(part, 4) for name, part in parts.items() if part is not None}
        read.append(_Scored(candidate, reading, known, math.prod(known.values())))
    return max(read, key=lambda each: each.score)


def _title_part(reading: Reading, candidate: Candidate) -> float:
    part = max(worth * likeness(reading.title, title) for title, worth in _titles_of(candidate))
    return 0.0 if reading.is_bold and part < SAME_TITLE else reading.worth * part


def _titles_of(candidate: Candidate) -> Iterator[tuple[str, float]]:
    yield candidate.title, 1.0
    if candidate.original_title:
        yield candidate.original_title, 1.0
    for other in candidate.other_titles:
        yield other, _ALSO_KNOWN_AS


def _runner_up(scored: _Scored) -> RunnerUp:
    candidate = scored.candidate
    return {
        "source": candidate.source,
        "externalId": candidate.external_id,
        "title": candidate.title,
        "year": candidate.year,
        "score": round(scored.score, 4),
    }
