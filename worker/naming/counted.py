"""The numbers of episodes that only their place in a name explains."""

import re

from worker.naming import dates, episodes, numbers, tags
from worker.naming.numbers import ROMAN, WORDS, Numbers
from worker.naming.spelling import lowered
from worker.naming.titles import whole_series

_LEADING = re.compile(r"[ ._#\[(]*([0-9]{1,4})(?:v[0-9])?(?=[ ._]*[-\u2013_.)\]:+&~]|[ ._]*\Z|( ))")
#: ``02 - 05 - Title`` outside of a season's folder.
_SEASON_FIRST = re.compile(r"0?([1-9][0-9]?)[ _]-[ _]([0-9]{2})[ _]-[ _](?=[^\W_])")
#: ``86_04`` and ``9-1-1.201``: the first number is the show's name, as nothing else is.
_ONLY_FIGURES = re.compile(r"(?:[ ._\-]+[0-9]+)+[ ._\-]*")
#: ``2.07 Title`` and ``2-07`` in season 2, where ``01-02`` is a run.
_OF_SEASON = re.compile(r"([1-9][0-9]?)(?:\.|(?<=\A[0-9])-)([0-9]{2})(?![^\W_])")
_DASHED = re.compile(
    r"[ ._]-[ ._]{0,2}#?([0-9]{1,4})(?:v[0-9]|[a-c](?![a-z])| ?end| ?final)?"
    r"(?=[ ._]*(?:\Z|[\[(]|[-~\u2013][ ._])|(?:[-~]| ?[&+] ?)[0-9]|[ ._]+[0-9]{3,4}[pi]|[._][a-z])"
)
_LAST = re.compile(r"(?:\A|[ ._#-])([0-9]{1,4})(?:v[0-9]| ?end)?(?=(?:(?<=[0-9]{2})[-~][0-9]{2,4})?[ ._]*(?:\Z|[\[(]))")
_OF = re.compile(r"(?<![^\W_])([0-9]{1,2})[ ._]?of[ ._]?[0-9]{1,2}(?![^\W_])")
#: ``[Group][Name][04v2][1080P]`` and ``Name (01-12)``
_IN_BRACKETS = re.compile(
    r"[\[【] ?(?:ep?)?([0-9]{1,4})(?:v[0-9])?(?:[-~]([0-9]{1,4}))?(?: ?(?:end|fin|完))?(?:v[0-9])? ?[\]】]"
    r"|\( ?([0-9]{1,4})[-~]([0-9]{1,4}) ?\)"
)
_BEFORE_DASH = re.compile(r"(?<=[^\s._\-])[ ._]([0-9]{2,4})(?:v[0-9])?(?=[ ._]+[-\u2013][ ._])")
#: ``Name - 05.5``: what was shown between two episodes.
_HALF = re.compile(r"[ ._]-[ ._]{0,2}[0-9]{2,4}\.[1-9](?=[ ._]*(?:\Z|[\[(]|-))")
#: ``Name - 1.02 - Title`` and ``Name (5.03)``
_DOTTED = re.compile(r"(?:[ _]-[ _]|[\[(])([1-9][0-9]?)\.([0-9]{2})(?=[\])]|[ _]-[ _]|[ _]*\Z)")
#: ``fargo.2.04``, with nothing beside it; three numbers are a day, or a part of the title.
_DOTTED_ALONE = re.compile(r"(?:[^\W\d_](?:[^\s_]*[^\s_0-9])?)?\.([1-9][0-9]?)\.([0-9]{1,2})")
_PADDED = re.compile(r"(?<=[^\s._\-])[._](0[0-9]{1,2})(?=[._])")
_COUNT = rf"(?:([0-9]{{1,3}})|({'|'.join(WORDS)})|({'|'.join(ROMAN)}))(?![^\W_])"
_PART_WORD = r"(?:part|pt|episode|chapter|chapitre|teil|partie|parte|kapitel|глава|часть)"
_PART = re.compile(rf"(?<![^\W_]){_PART_WORD}[ ._-]{{0,2}}{_COUNT}")
_PART_MORE = re.compile(rf"(?:[ ._]?(?:and|und|et|y|&|\+)[ ._]?|[ ._]?-[ ._]?)(?:{_PART_WORD}[ ._-]?)?{_COUNT}")
_PART_BEFORE = re.compile(rf"(?<![^\W_]){_PART_WORD}\Z")
#: ``show.name.102.hdtv``: season and episode in one number.
_JOINED = re.compile(r"(?<=[^\s._\-])[ ._\[]+([0-9]{1,2})([0-9]{2})(?=[ ._\]]|\Z)")
_PACK = re.compile(
    r"(?<=[^\s._\-])[ ._-]+(?:(?:season|saison|staffel|temporada|stagione|series)[ ._]?|s)([0-9]{1,2})"
    r"(?:d[0-9]{1,2})?(?![0-9a-z])"
)
#: ``Season 2 - 05`` is an episode, ``S01-S05`` a whole series.
_SPACED_DASH = re.compile(r"[ _]-[ _]")
_BRACKETED = re.compile(r"[\[【][^\[\]【】]*[\]】]")
_AFTER_NUMBER = " -\u2013_.)]:"
_HUNDRED = 100
#: A later episode of one season is rarer than a number over all seasons.
_MOST_JOINED = 45
_FOUR_DIGITS = range(1900, 2100)


def find(stem: str, season: int | None) -> Numbers | None:
    """Read a number that only its place explains: ``02 - Title`` in a season, ``[Group] Name - 24v2 (1080p)``."""
    if (one := whole_series(stem)) != stem and not _SPACED_DASH.search(stem, len(one)):
        return Numbers(None, (), one, "")
    low = lowered(stem)
    grouped = low.startswith(("[", "【"))
    if found := _of_many(stem, low) or _dotted_alone(stem, low) or _leading(stem, low, season):
        return found
    if dotted := _DOTTED.search(low):
        return Numbers(int(dotted[1]), (int(dotted[2]),), stem[: dotted.start()], stem[dotted.end() :])
    if half := _HALF.search(low):
        return Numbers(0, (), stem[: half.start()], stem[half.end() :])
    if dated := dates.find_short(low):
        return Numbers(None, (), stem[: dated.start], stem[dated.end :], dated.day)
    if pack := _pack(stem, low):
        return pack
    joined = None if grouped or season is not None else _joined(stem, low)
    return joined or _placed(stem, low, None if grouped else season) or _part(stem, low)


def _of_many(stem: str, low: str) -> Numbers | None:
    """``Show 2of7``, ``Show - [ 01 of 12 ]`` and ``Show Part 1 of 3`` are of a series of so many."""
    if not (found := _OF.search(low)):
        return None
    head = low[: found.start()].rstrip(" ._-")
    end = part.start() if (part := _PART_BEFORE.search(head)) else found.start()
    return Numbers(episodes.season_in(head), (int(found[1]),), stem[:end], stem[found.end() :])


def _leading(stem: str, low: str, season: int | None) -> Numbers | None:
    """``02 - Title``, ``[03] Title`` and, in a season's folder, ``205 Title``."""
    if not (found := _LEADING.match(low)):
        return None
    if season is None and (both := _SEASON_FIRST.match(low)):
        return Numbers(int(both[1]), (int(both[2]),), "", stem[both.end() :])
    number = int(found[1])
    if season == number and (own := _OF_SEASON.match(low)):
        return Numbers(None, (int(own[2]),), "", stem[own.end() :].lstrip(_AFTER_NUMBER))
    roomy = found[2] is None or season is not None or found[1].startswith("0")
    if not roomy or number in _FOUR_DIGITS:
        return None
    run, end = numbers.run(low, found.end(), number)
    if season is None and _ONLY_FIGURES.fullmatch(tags.before(low[end:])):
        return None
    return Numbers(None, tuple(_within(each, season) for each in run), "", stem[end:].lstrip(_AFTER_NUMBER))


def _placed(stem: str, low: str, season: int | None) -> Numbers | None:
    """``Name - 24v2 (1080p)``, ``[Group][Name][24]``, ``Name 24 [1080p]``, ``Name 024 - Title``."""
    for rule in (_DASHED, _IN_BRACKETS, _LAST, _BEFORE_DASH, _PADDED):
        for found in rule.finditer(low):
            first, *_ = (int(group) for group in found.groups() if group)
            bracketed = rule is _IN_BRACKETS
            if rule is _LAST and _PART_BEFORE.search(low[: found.start()]):
                continue
            if first in _FOUR_DIGITS or (bracketed and not any(map(str.isalnum, low[: found.start()]))):
                continue
            if bracketed:
                last = int(found[2] or found[4] or first)
                run = tuple(range(first, last + 1)) if first <= last < first + _HUNDRED else (first,)
                end = found.end()
            else:
                run, end = numbers.run(low, found.end(), first)
            head = low[: found.start()]
            named = tuple(_within(each, season) for each in run)
            return Numbers(episodes.season_in(head), named, stem[: found.start()], stem[end:])
    return None


def _dotted_alone(stem: str, low: str) -> Numbers | None:
    """``fargo.2.04`` and ``westworld.3.1.720p`` are season and episode."""
    cut = tags.start(low)
    found = _DOTTED_ALONE.fullmatch(low, 0, len(low) if cut is None else max(cut - 1, 0))
    return found and Numbers(int(found[1]), (int(found[2]),), stem[: found.start(1)], stem[found.end() :])


def _joined(stem: str, low: str) -> Numbers | None:
    """``show.name.102.hdtv`` and ``Show [102] Title`` are season 1, episode 2; ``Two.Piece.679`` is not.

    Only in a release's name or in brackets: elsewhere such a number counts through all seasons.
    """
    cut = tags.start(low)
    for found in _JOINED.finditer(low, 0, len(low) if cut is None else cut + 1):
        season, episode = int(found[1]), int(found[2])
        if not (0 < episode <= _MOST_JOINED) or int(found[1] + found[2]) in _FOUR_DIGITS:
            continue
        rest = low[found.end() :]
        bracketed = low[found.start(1) - 1] == "[" and rest.startswith("]")
        if season == 0 or not (bracketed or cut is not None or (" " not in low and "." in low)):
            continue
        if not bracketed and " " in low and "." not in low and "-" in low[: found.start(1)]:
            continue
        run, end = [episode], found.end()
        while (more := _JOINED.match(low, end)) and int(more[1]) == season and int(more[2]) == run[-1] + 1:
            run.append(int(more[2]))
            end = more.end()
        return Numbers(season, tuple(run), stem[: found.start()], stem[end:].removeprefix("]"))
    return None


def _pack(stem: str, low: str) -> Numbers | None:
    """``Show Season 2`` and ``Show.S02.1080p`` are a season in one file."""
    found = _PACK.search(low)
    if not found or not any(map(str.isalnum, _BRACKETED.sub("", low[: found.start()]))):
        return None
    rest = tags.before(f".{low[found.end() :]}")
    if any(map(str.isdecimal, rest)) or _PART.search(rest):
        return None
    return Numbers(int(found[1]), (), stem[: found.start()], stem[found.end() :])


def _part(stem: str, low: str) -> Numbers | None:
    """``Show.Part.IV``, ``Pt.II`` and ``Part 1 and Part 2`` number a miniseries."""
    if not (found := _PART.search(low)):
        return None
    run, end = [_count(found)], found.end()
    while more := _PART_MORE.match(low, end):
        run.append(_count(more))
        end = more.end()
    return Numbers(episodes.season_in(low[: found.start()]), tuple(run), stem[: found.start()], stem[end:])


def _count(found: re.Match[str]) -> int:
    return int(found[1]) if found[1] else WORDS[found[2]] if found[2] else ROMAN[found[3]]


def _within(number: int, season: int | None) -> int:
    """``Season 2/205 - Title`` is episode 5 of season 2."""
    return number % _HUNDRED if season and number // _HUNDRED == season and number % _HUNDRED else number
