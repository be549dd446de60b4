"""Names as media servers ask for them, read at a glance: where no rule has anything to say, none is asked.

Most files of a well-kept library are named in one of two ways, and of plain words::

    Heat (1995)/Heat (1995) - 1080p.mkv
    The Wire (2002)/Season 01/The Wire - S01E02 - The Detail.mkv

What is read here is what the rules in full would read, and a test holds it to that; any doubt leaves it to them.
"""

import re
from functools import lru_cache

from worker.naming import aka, editions, extras, ids, movies, tags, three_d
from worker.naming.guess import Guess, Kind
from worker.naming.numbers import Numbers
from worker.naming.spelling import any_of, lowered, tidy

_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿ"
#: A title of words and short numbers, and its year.
_FILM = re.compile(
    rf"(?P<title>[{_LETTERS}][{_LETTERS}'&!?,-]*(?: (?:[{_LETTERS}'&!?,-]+|[0-9]{{1,3}}))*)"
    r" \((?P<year>(?:1[89]|20)[0-9]{2})\)"
)
#: What follows a show's title: its year, the number, and a title without figures.
_EPISODE = re.compile(
    r"(?: \((?:19|20)[0-9]{2}\))? - S(?P<season>[0-9]{1,2})E(?P<episode>[0-9]{1,3})"
    rf"(?P<tail> - (?P<title>[{_LETTERS}][{_LETTERS}'&!?.,-]*(?: [{_LETTERS}'&!?.,-]+)*))?"
)
#: A title without one of these is spelled as it is.
_MARKS = frozenset(".,-")
#: A title that has none of these is no extra's, ends in no edition, and has no other beside it.
_CUE_OF_FILM = any_of((*extras.CUES, *editions.CUES, *aka.CUES))
_CUE_OF_EPISODE = any_of(extras.CUES)
#: Whatever stands for a title of plain words, the rules say the same of what follows.
_STAND_IN = "Heat"
_ITS_YEAR = 1995


def film(dirs: tuple[str, ...], stem: str) -> Guess | None:
    """Read a film that is named as its folder is: ``Heat (1995)/Heat (1995) - 1080p``."""
    found = _FILM.match(stem)
    if not found or dirs != (found[0],):
        return None
    title = found["title"]
    if _CUE_OF_FILM.search(title.lower()) or ids.likely_in(stem.lower()):
        return None
    if tags.start(title) is not None or three_d.take_at_end(title)[0] or not _is_spelled_so(title):
        return None
    model = after_film(stem[found.end() :])
    if model is None:
        return None
    return Guess(
        Kind.MOVIE,
        title,
        int(found["year"]),
        edition=model.edition,
        part=model.part,
        three_d=model.three_d,
        ids={},
        sources={**model.sources},
    )


def _is_spelled_so(title: str) -> bool:
    """``Spider-Man`` stays as it is; ``Matrix, The`` and ``James Bond - Goldfinger`` are called otherwise, too."""
    return not _MARKS.intersection(title) or (tidy(title) == title and aka.without_series(title) is None)


@lru_cache(maxsize=1024)
def after_film(tail: str) -> Guess | None:
    """Ask the rules once what follows a film's title and year; most files of a library end alike."""
    name = f"{_STAND_IN} ({_ITS_YEAR})"
    said = movies.guess((name,), name + tail)
    is_plain = said.kind is Kind.MOVIE and (said.title, said.year) == (_STAND_IN, _ITS_YEAR) and not said.other_titles
    return said if is_plain else None


def episode(dirs: tuple[str, ...], show: str, stem: str) -> tuple[Numbers, str | None] | None:
    """Read the number and the title after a show's: ``The Wire - S01E02 - The Detail`` in ``The Wire``."""
    found = _EPISODE.fullmatch(stem, len(show)) if show and stem.startswith(show) else None
    low = lowered(stem)
    if not found or stem.startswith("[") or not low.startswith(lowered(show)):
        return None
    if ids.likely_in(low) or (_CUE_OF_EPISODE.search(low) and extras.find(dirs, stem, shelves=False)):
        return None
    title, tail = found["title"], found["tail"] or ""
    if title and (tags.start(tail) is not None or tags.only_flags(title)):
        return None
    if title and _MARKS.intersection(title) and tidy(tail) != title:
        return None
    numbers = Numbers(int(found["season"]), (int(found["episode"]),), stem[: found.start("season") - 1], tail)
    return numbers, title
