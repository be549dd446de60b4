"""The numbers of the episodes in one file: one, several, or from one to another."""

import re
from datetime import date
from typing import NamedTuple


class Numbers(NamedTuple):
    """What a name says of its episodes, with what stands before and after."""

    season: int | None
    episodes: tuple[int, ...]
    head: str
    tail: str
    air_date: date | None = None


#: Numbers in words, as people write them after "Season" and "Part".
WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
}  # fmt: skip
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
CHINESE = {figure: number for number, figure in enumerate("一二三四五六七八九十", start=1)}

_AND = r"[ ._](?:and|und|et|y)[ ._]"
_MORE = re.compile(
    rf"(?:(?P<dash>[ ._]{{0,2}}[-~\u2013][ ._]{{0,2}}|[ ._]to[ ._]|[ ._]bis[ ._])|{_AND}|[ ._&+,]{{0,3}}|\]\[)"
    r"(?:s[0-9]{1,4}[ ._]?)?e(?:p(?:isode)?)?[ ._]?(?P<named>[0-9]{1,4})(?![0-9])"
    r"|(?P<through>[-~])(?P<bare>[0-9]{1,4})(?![0-9a-z])|(?: ?[_+&] ?| and )(?P<next>[0-9]{1,4})(?![0-9a-z])"
    r"|(?:(?P<to>[ ._]?-[ ._]?)|[ ._&+,]{0,3})(?P<again>[0-9]{1,2})?x(?P<crossed>[0-9]{1,3})(?![0-9a-wyz])"
)
#: No file holds more; beyond it ``S01E02-720`` is no range.
_LONGEST_RUN = 60


def run(low: str, at: int, first: int, season: int | None = None) -> tuple[tuple[int, ...], int]:
    """Read on after the first number: ``E03`` in ``S01E02E03`` is one more, ``-E04`` in ``S01E02-E04`` two.

    Return all numbers, and where they end.
    """
    episodes = [first]
    while found := _MORE.match(low, at):
        last, number = episodes[-1], int(found["named"] or found["bare"] or found["next"] or found["crossed"])
        ahead = last < number <= last + _LONGEST_RUN
        if (found["bare"] and not ahead) or (found["next"] and number != last + 1):
            break
        if found["dash"] and number > last + _LONGEST_RUN:
            break
        if found["again"] and season is not None and int(found["again"]) != season:
            break
        ranged = ahead and (found["dash"] or found["through"] or found["to"])
        episodes.extend(range(last + 1, number + 1) if ranged else [number])
        at = found.end()
    return tuple(dict.fromkeys(episodes)), at
