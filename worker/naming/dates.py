"""The day on which an episode was first shown, where a name has it in place of a number."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple


class Dated(NamedTuple):
    """A day, and where in the name it stands."""

    day: date
    start: int
    end: int


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_YEAR = r"((?:19|20)[0-9]{2})"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
#: One of these is in every day that is found for sure.
_ANY_YEAR = re.compile(r"19[0-9]{2}|20[0-9]{2}")
_EDGE, _STOP = r"(?<![^\W_])", r"(?![^\W_])"
_YEAR_FIRST = re.compile(rf"{_EDGE}{_YEAR}([._ -])([0-9]{{1,2}})\2([0-9]{{1,2}}){_STOP}")
_YEAR_LAST = re.compile(rf"{_EDGE}([0-9]{{1,2}})([._ -])([0-9]{{1,2}})\2{_YEAR}{_STOP}")
_DIGITS = re.compile(rf"{_EDGE}{_YEAR}([0-9]{{2}})([0-9]{{2}}){_STOP}")
_SHORT_DIGITS = re.compile(rf"{_EDGE}([0-9]{{2}})(\.?)([0-9]{{2}})\2([0-9]{{2}}){_STOP}")
_WORDED_YEAR_FIRST = re.compile(rf"{_EDGE}{_YEAR}[ ._-]{{1,2}}{_MONTH}[ ._-]{{1,2}}{_DAY}{_STOP}")
_WORDED_DAY_FIRST = re.compile(rf"{_EDGE}{_DAY}[ ._-]{{1,2}}(?:of[ ._])?{_MONTH},?[ ._-]{{1,2}}{_YEAR}{_STOP}")
_WORDED_MONTH_FIRST = re.compile(rf"{_EDGE}{_MONTH}[ ._-]{{1,2}}{_DAY},?[ ._-]{{1,2}}{_YEAR}{_STOP}")
#: Two digits for a year beyond these are of the last century.
_THIS_CENTURY = 40


def find(low: str) -> Dated | None:
    """Find a day in a lowered name: ``show.2024.03.15`` and ``15-03-2024`` are one, ``2024.13.40`` is none.

    Day before month, as most of the world writes it; ``03.15.2024`` only makes sense the other way round.
    """
    if not _ANY_YEAR.search(low):
        return None
    return next(_all(low), None)


def find_short(low: str) -> Dated | None:
    """Find a day in six digits: ``at_noon_140722_720p`` is of July 2014, ``late.show.24.03.15`` of March 2024.

    Only for names without a better number.
    """
    for found in _SHORT_DIGITS.finditer(low):
        first, second, third = int(found[1]), int(found[3]), int(found[4])
        day = _day(_whole_year(first), second, third)
        if day is None and found[2]:
            day = _day(_whole_year(third), second, first)
        if day:
            return Dated(day, found.start(), found.end())
    return None


def _whole_year(two_digits: int) -> int:
    return two_digits + (2000 if two_digits < _THIS_CENTURY else 1900)


def _all(low: str) -> Iterator[Dated]:
    for found in _YEAR_FIRST.finditer(low):
        if day := _day(int(found[1]), int(found[3]), int(found[4])):
            yield Dated(day, found.start(), found.end())
    for found in _YEAR_LAST.finditer(low):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if day := _day(year, second, first) or _day(year, first, second):
            yield Dated(day, found.start(), found.end())
    for found in _DIGITS.finditer(low):
        if day := _day(int(found[1]), int(found[2]), int(found[3])):
            yield Dated(day, found.start(), found.end())
    for rule, (year, month, number) in (
        (_WORDED_YEAR_FIRST, (1, 2, 3)),
        (_WORDED_DAY_FIRST, (3, 2, 1)),
        (_WORDED_MONTH_FIRST, (3, 1, 2)),
    ):
        for found in rule.finditer(low):
            if day := _day(int(found[year]), _MONTHS.index(found[month]) + 1, int(found[number])):
                yield Dated(day, found.start(), found.end())


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
