"""The numbers of episodes in the names of their files."""

import re
from typing import NamedTuple

from worker.naming import tags
from worker.naming.seasons import COUNT_WORDS
from worker.naming.spelling import lowered, tidy


class Numbers(NamedTuple):
    """What a name says of its episodes, with what stands before and after."""

    season: int | None
    episodes: tuple[int, ...]
    head: str
    tail: str


_EDGE = r"(?<![^\W_])"
_STOP = r"(?![0-9])"
_SEASON_WORD = r"(?:season|series|saison|staffel|temporada|stagione|seizoen|säsong|sesong|sæson|kausi|sezona?|сезон)"
_EPISODE_WORD = (
    r"(?:episodes?|épisode|episodio|episódio|epis|eps?|folge|aflevering|avsnitt|afsnit|jakso|odcinek|capitulo|capítulo"
    r"|cap|bölüm|rész|серия|серія|выпуск|эпизод|επεισόδιο|tập)"
)

_S_E = re.compile(rf"(?<![a-z0-9])s([0-9]{{1,4}})[ ._-]{{0,3}}ep?[ ._-]?([0-9]{{1,4}}){_STOP}")
_X = re.compile(r"(?<![a-z0-9])([0-9]{1,2})x([0-9]{1,4})(?![0-9a-uwyz])")
_SPELLED = re.compile(
    rf"{_EDGE}{_SEASON_WORD}[ ._#-]{{0,3}}([0-9]{{1,4}})"
    rf"[ ._,:-]{{0,4}}{_EPISODE_WORD}[ ._#-]{{0,3}}([0-9]{{1,4}}){_STOP}"
)
_SPELLED_BACK = re.compile(
    rf"{_EDGE}([0-9]{{1,2}})(?:\.|ª|º)?[ ._-]?{_SEASON_WORD}[ ._,:-]{{0,4}}"
    rf"([0-9]{{1,4}})?\.?[ ._]?{_EPISODE_WORD}[ ._#-]{{0,3}}([0-9]{{1,4}})?{_STOP}"
)
_S_DASH = re.compile(r"(?<![a-z0-9])s([0-9]{1,2})[ ._]{0,2}-[ ._]{0,2}([0-9]{1,4})(?:v[0-9])?(?![0-9a-z])")
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}([ ._-])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])([ ._-])(?:0[1-9]|1[0-2])\2(?:19|20)[0-9]{2})(?![0-9])"
)
_WORDED = re.compile(
    rf"{_EDGE}(?:{_EPISODE_WORD}[ ._#-]{{0,3}}|e|#)([0-9]{{1,4}}){_STOP}|第 ?([0-9]{{1,4}}) ?[話话集回]"
    r"|(?<![0-9])([0-9]{1,4})(?:화|회|話|话|集| ?серия)"
)
_SPECIAL = re.compile(
    rf"{_EDGE}(?:(?:sp|specials?|ova|oad|oav)[ ._#-]{{0,3}}([0-9]{{1,3}})(?:v[0-9])?|ova|oad|oav)(?![^\W_])"
)
_SEASON_ONLY = re.compile(r"(?<![a-z0-9])s([0-9]{1,2})(?![0-9a-z])")
_LEADING = re.compile(r"[ ._#\[(]*([0-9]{1,4})(?:v[0-9])?(?=[ ._]*[-\u2013_.)\]:]|[ ._]*\Z|( ))")
_DASHED = re.compile(
    r"[ ._]-[ ._]{0,2}#?([0-9]{1,4})(?:v[0-9]| ?end| ?final)?"
    r"(?=[ ._]*(?:\Z|[\[(]|[-\u2013][ ._])|-[0-9]|[ ._]+[0-9]{3,4}[pi]|[._][a-z])"
)
_LAST = re.compile(r"(?:\A|[ ._#-])([0-9]{1,4})(?:v[0-9]| ?end)?(?=[ ._]*(?:\Z|[\[(]))")
_OF = re.compile(r"(?<![^\W_])([0-9]{1,2}) ?of ?[0-9]{1,2}(?![^\W_])")
_PART = re.compile(
    rf"{_EDGE}(?:part|pt|chapter|chapitre|teil|partie|parte|kapitel|глава|часть)[ ._-]?"
    rf"(?:([0-9]{{1,3}})|({'|'.join(COUNT_WORDS)}))(?![^\W_])"
)

_MORE = re.compile(
    r"(?:(?P<dash>[ ._]?-[ ._]?)|[ ._&+,]{0,3})(?:s[0-9]{1,4}[ ._]?)?ep?(?P<named>[0-9]{1,4})(?![0-9])"
    r"|-(?P<bare>[0-9]{1,4})(?![0-9a-z])|(?:-?[0-9]{1,2})?x(?P<crossed>[0-9]{1,2})(?![0-9])"
)
_ASIDE = re.compile(r"\[[^\[\]]*\]|\{[^{}]*\}|\((?:19|20)[0-9]{2}\)")
_VERSION = re.compile(r"\Av[0-9](?![0-9a-z])", re.IGNORECASE)
#: ``S05E101 - 101 - Title``: the number over all seasons, beside the one in its own.
_ABSOLUTE_TOO = re.compile(r"\A ?- ?[0-9]{2,4} ?(?=- )")
_COPY = re.compile(r"\([0-9]{1,2}\)")
_AFTER_NUMBER = " -\u2013_.)]:"
_LONGEST_RUN = 60
_HUNDRED = 100
_FOUR_DIGITS = range(1900, 2100)


def find(stem: str) -> Numbers | None:
    """Read a number that says what it is: ``S01E02-E04``, ``1x02``, ``Season 1 Episode 2``, ``Folge 2``, ``OVA 1``."""
    low = lowered(stem)
    for rule in (_S_E, _X, _SPELLED, _S_DASH):
        if found := rule.search(low):
            return _run(stem, low, found)
    if (found := _SPELLED_BACK.search(low)) and (number := found[2] or found[3]):
        return Numbers(int(found[1]), (int(number),), stem[: found.start()], stem[found.end() :])
    if found := _DATE.search(low):
        return Numbers(None, (), stem[: found.start()], stem[found.end() :])
    if found := _WORDED.search(low):
        first = int(found[1] or found[2] or found[3])
        run, end = _more(low, found.end(), first)
        head = low[: found.start()]
        season = 0 if _SPECIAL.search(head) else _season_alone(head)
        return Numbers(season, run, stem[: found.start()], stem[end:])
    if found := _SPECIAL.search(low):
        return Numbers(0, (int(found[1]),) if found[1] else (), stem[: found.start()], stem[found.end() :])
    return None


def find_bare(stem: str, season: int | None) -> Numbers | None:
    """Read a number that only its place explains: ``02 - Title`` in a season, ``[Group] Name - 24v2 (1080p)``."""
    low = lowered(stem)
    if found := _LEADING.match(low):
        number = int(found[1])
        roomy = found[2] is None or season is not None or found[1].startswith("0")
        if roomy and number not in _FOUR_DIGITS:
            run, end = _more(low, found.end(), number)
            return Numbers(None, tuple(_within(each, season) for each in run), "", stem[end:].lstrip(_AFTER_NUMBER))
    for rule in (_OF, _DASHED, _LAST):
        for found in rule.finditer(low):
            if (number := int(found[1])) not in _FOUR_DIGITS:
                run, end = _more(low, found.end(), number)
                return Numbers(_season_alone(low[: found.start()]), run, stem[: found.start()], stem[end:])
    if found := _PART.search(low):
        number = int(found[1]) if found[1] else COUNT_WORDS[found[2]]
        return Numbers(None, (number,), stem[: found.start()], stem[found.end() :])
    return None


def title_in(tail: str, *, spaced: bool) -> str | None:
    """Read an episode's title: `` - Pilot (1080p)`` is ``Pilot``, ``.The.Title.1080p.WEB-GRP`` ``The Title``."""
    if not tail:
        return None
    text = _ABSOLUTE_TOO.sub("", _VERSION.sub("", tail, count=1), count=1)
    if not spaced and text.startswith("-"):
        return None
    cut = tags.start(text)
    if cut is not None:
        text = tags.without_flags(text[:cut])
    elif not spaced:
        text = text.rsplit("-", 1)[0]
    if tags.only_flags(text):
        return None
    title = tidy(_ASIDE.sub(" ", text))
    return title if any(map(str.isalnum, title)) and not _COPY.fullmatch(title) else None


def _run(stem: str, low: str, found: re.Match[str]) -> Numbers:
    """``S01E02E03`` is two and three, ``S01E02-E04`` and ``S01E02-04`` two to four."""
    episodes, end = _more(low, found.end(), int(found[2]))
    return Numbers(int(found[1]), episodes, stem[: found.start()], stem[end:])


def _more(low: str, at: int, first: int) -> tuple[tuple[int, ...], int]:
    episodes = [first]
    while found := _MORE.match(low, at):
        last, number = episodes[-1], int(found["named"] or found["bare"] or found["crossed"])
        if found["bare"] and not last < number <= last + _LONGEST_RUN:
            break
        ranged = (found["dash"] or found["bare"] or low[at] == "-") and last < number <= last + _LONGEST_RUN
        episodes.extend(range(last + 1, number + 1) if ranged else [number])
        at = found.end()
    return tuple(dict.fromkeys(episodes)), at


def _season_alone(head: str) -> int | None:
    """``Name S2 - 05``, ``Show.S02.Extras``: a season without its episode."""
    found = _SEASON_ONLY.search(head)
    return int(found[1]) if found else None


def _within(number: int, season: int | None) -> int:
    """``Season 2/205 - Title`` is episode 5 of season 2."""
    return number % _HUNDRED if season and number // _HUNDRED == season and number % _HUNDRED else number


def season_in(stem: str) -> int | None:
    """``Show.S00.Making.Of`` is a special without a number."""
    return _season_alone(lowered(stem))
