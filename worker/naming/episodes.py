"""The numbers of episodes that say what they are, in the names of their files."""

import re

from worker.naming import dates, numbers
from worker.naming.numbers import CHINESE, ROMAN, Numbers
from worker.naming.spelling import lowered

_EDGE = r"(?<![^\W_])"
_STOP = r"(?![0-9])"
_SEASON_WORD = (
    r"(?:season|series|saison|staffel|temporada|temp\.?|stagione|seizoen|säsong|sesong|sæson|kausi|sezon|sezona|évad|série"
    r"|сезон|עונה|الموسم|시즌|シーズン)"
)
_EPISODE_WORD = (
    r"(?:episodes?|épisode|episodio|episódio|epis|eps?|folge|aflevering|puntata|díl|dil|epizod[ay]?|epizóda|episodul|deel|avsnitt|afsnit|jakso|odcinek|capitulo|capítulo"
    r"|cap|bölüm|rész|серия|серія|פרק|الحلقة|выпуск|эпизод|επεισόδιο|tập)"
)

_S_E = re.compile(
    r"(?<![a-z0-9'\u2019])s(?:ea?)? ?([0-9]{1,4})[ ._\-,x\]\[()]{0,4}(?:e(?:p(?:isode)?)?\.?|f)[ ._-]{0,2}"
    r"([0-9]{1,4})(?![0-9])"
)
_T_E = re.compile(
    r"(?<![a-z0-9'\u2019])t([0-9]{1,2})[ ._-]{0,3}(?:ep?|cap(?:[ií]tulo)?)\.?[ ._-]?([0-9]{1,3})(?![0-9])"
)
_X = re.compile(
    r"(?<![a-z0-9])s?(?:([0-9]{1,2})(?:x| x (?=[0-9]{2}(?![0-9])))|((?:19|20)[0-9]{2})x(?=[0-3]?[0-9]{2}(?![0-9])))"
    r"([0-9]{1,4})(?:(?![0-9a-uwyz])|(?=[a-c](?![a-z0-9])|e[0-9]))"
)
_SPELLED = re.compile(
    rf"{_EDGE}(?:{_SEASON_WORD}|book|livre|libro|buch)[ ._#:-]{{0,3}}([0-9]{{1,4}})"
    rf"[ ._,:()\[\]-]{{0,4}}(?:{_EPISODE_WORD}|chapter|chapitre)[ ._#:-]{{0,3}}([0-9]{{1,4}}){_STOP}"
)
_SPELLED_BACK = re.compile(
    rf"{_EDGE}([0-9]{{1,2}})(?:\.|ª|º|th|st|nd|rd)?[ ._-]?{_SEASON_WORD}[ ._,:-]{{0,4}}"
    rf"([0-9]{{1,4}})?\.?[ ._]?{_EPISODE_WORD}[ ._#-]{{0,3}}([0-9]{{1,4}})?{_STOP}"
)
_S_DASH = re.compile(r"(?<![a-z0-9])s([0-9]{1,2})[ ._]{0,2}-[ ._]{0,2}([0-9]{1,4})(?:v[0-9])?(?![0-9a-z])")
#: ``ShowNameS01E02``, with nothing before the season.
_GLUED = re.compile(r"s([0-9]{2})e([0-9]{2,3})(?![0-9a-df-z])")
_WORDED = re.compile(
    rf"{_EDGE}(?P<word>{_EPISODE_WORD}(?:[ ._#:]{{0,2}}|-)|e|#|n[º°]|№)(?P<number>[0-9]{{1,4}}){_STOP}"
    r"|第 ?(?P<east>[0-9]{1,4}) ?[話话集回]|(?<![0-9])제? ?(?P<after>[0-9]{1,4})(?:화|회|話|话|集| ?(?:серия|выпуск))"
)
_SPECIAL = re.compile(
    rf"{_EDGE}(?:(?:sp|specials?|ova|oad|oav)[ ._#-]{{0,3}}([0-9]{{1,3}})(?:v[0-9])?|ova|oad|oav)(?![^\W_])"
)
_SEASON_ONLY = re.compile(
    rf"(?<![a-z0-9])s([0-9]{{1,2}})(?![0-9a-z])|{_EDGE}{_SEASON_WORD}[ ._#-]{{0,3}}([0-9]{{1,2}})(?![0-9])"
    rf"|{_EDGE}([0-9]{{1,2}})(?:st|nd|rd|th|\.|ª)[ ._]{_SEASON_WORD}|第 ?([0-9]{{1,2}}|[{''.join(CHINESE)}]) ?[季期]"
    rf"|(?<![0-9])([0-9]{{1,2}})기(?![^\W_])|{_EDGE}(?:{_SEASON_WORD}|livre|book)[ ._]({'|'.join(ROMAN)})(?![^\W_])"
)
#: ``Show - Episode 23 [S01E23]``: the same number once more, before the one that says it all.
_SAID_BEFORE = re.compile(rf"[\s._\-]+{_EPISODE_WORD}[ ._#-]{{0,3}}[0-9]{{1,4}}[\s._\-\[(]*\Z")
#: Before what would be a special: then it is the show's own name, as in ``[Group] Special - 04``.
_GROUP_ALONE = re.compile(r"\s*\[[^\[\]]*\]\s*")
#: ``[Cap.105_106]``
_CAP_MORE = re.compile(r"[_\-]([0-9]{1,2})([0-9]{2})(?![0-9])")
#: ``Show.E368.170903``
_SIX_DIGITS = re.compile(r"[ ._][0-9]{6}(?![0-9])")
#: ``Show - 119 - S03E20``: the number through all seasons, before the one within its own.
_ABSOLUTE_BEFORE = re.compile(r"(?<=[^\W_]) - [0-9]{2,3} ?(?:- |[(\[])\Z")
_CENTURY = 100
_MOST_SEASONS = 50


def find(stem: str) -> Numbers | None:
    """Read a number that says what it is: ``S01E02-E04``, ``1x02``, ``Season 1 Episode 2``, ``Folge 2``, ``OVA 1``.

    A date, too: ``Show - 2024-03-15 - Guest``, alone or beside a number.
    """
    low = lowered(stem)
    dated = dates.find(low)
    if found := _numbered(stem, low, dated):
        if dated is None and _SIX_DIGITS.match(found.tail) and (short := dates.find_short(found.tail)):
            return found._replace(tail=found.tail[short.end :], air_date=short.day)
        return found if dated is None else _with_date(found, dated)
    if dated:
        return Numbers(None, (), stem[: dated.start], stem[dated.end :], dated.day)
    return None


def season_in(stem: str) -> int | None:
    """``Show.S00.Making.Of`` is a special without a number, ``Name S2`` a season without its episode."""
    found = _SEASON_ONLY.search(lowered(stem))
    if not found:
        return None
    return CHINESE.get(found[4]) or ROMAN.get(found[6]) or int(found[1] or found[2] or found[3] or found[4] or found[5])


def _numbered(stem: str, low: str, dated: dates.Dated | None) -> Numbers | None:
    for rule in (_S_E, _X, _SPELLED, _T_E):
        if found := rule.search(low):
            return _run(stem, low, found)
    if (found := _S_DASH.search(low) or _GLUED.search(low)) and not (dated and dated.start < found.end()):
        return _run(stem, low, found)
    if (found := _SPELLED_BACK.search(low)) and (number := found[2] or found[3]):
        return Numbers(int(found[1]), (int(number),), stem[: found.start()], stem[found.end() :])
    if (found := _WORDED.search(low)) and not (dated and found.start() <= dated.start < found.end()):
        return _worded(stem, low, found)
    if dated is None and (found := _SPECIAL.search(low)) and not _GROUP_ALONE.fullmatch(low[: found.start()]):
        return Numbers(0, (int(found[1]),) if found[1] else (), stem[: found.start()], stem[found.end() :])
    return None


def _run(stem: str, low: str, found: re.Match[str]) -> Numbers:
    """``S01E02E03`` is two and three, ``S01E02-E04`` and ``S01E02-04`` two to four."""
    season, first = (int(group) for group in found.groups() if group is not None)
    episodes, end = numbers.run(low, found.end(), first, season)
    head = stem[: found.start()]
    is_open = head.endswith((" ", "(", "["))
    said = _SAID_BEFORE.search(low[: found.start()]) if "e" in low[: found.start()] else None
    if said := said or (_ABSOLUTE_BEFORE.search(head) if is_open else None):
        head = stem[: said.start()]
    return Numbers(season, episodes, head, stem[end:])


def _worded(stem: str, low: str, found: re.Match[str]) -> Numbers:
    """``Episode 2`` is one of no season, ``Cap.904`` the fourth of season 9."""
    digits = found["number"] or found["east"] or found["after"]
    head = low[: found.start()]
    season = 0 if _SPECIAL.search(head) else season_in(head)
    first = int(digits)
    if (found["word"] or "").startswith("cap") and first > _CENTURY and first % _CENTURY:
        tens, last = divmod(first, _CENTURY)
        if season in (None, tens) and tens < _MOST_SEASONS:
            more = _CAP_MORE.match(low, found.end())
            run = range(last, int(more[2]) + 1) if more and int(more[1]) == tens else (last,)
            return Numbers(tens, tuple(run), stem[: found.start()], stem[(more or found).end() :])
    episodes, end = numbers.run(low, found.end(), first)
    return Numbers(season, episodes, stem[: found.start()], stem[end:])


def _with_date(found: Numbers, dated: dates.Dated) -> Numbers:
    """Cut the date out of what stands around the number: of `` (14-01-2008)`` no title is left."""
    head, tail = found.head, found.tail
    in_head, in_tail = dates.find(lowered(head)), dates.find(lowered(tail))
    if in_head:
        head = head[: in_head.start] if any(map(str.isalnum, head[: in_head.start])) else head[in_head.end :]
    if in_tail:
        tail = f"{tail[: in_tail.start].rstrip(' ([.-_')} {tail[in_tail.end :].lstrip(')]')}"
    return Numbers(found.season, found.episodes, head, tail, dated.day)
