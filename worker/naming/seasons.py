"""Folders that hold one season of a show."""

import re
from functools import lru_cache
from typing import NamedTuple

from worker.naming import ids, tags
from worker.naming.numbers import CHINESE, ORDINALS, ROMAN, WORDS
from worker.naming.titles import whole_series

_WORD = (
    r"(?:seasons?|series|saisons?|staffel|temporada|temp\.?|stagione|seizoen|säsong|sesong|sæson|saeson|kausi|sezonas?|sezonul"
    r"|sezona|sezóna|sezon|série|serie|seria|séria|évad|evad|hooaeg|σεζόν|κύκλος|сезон|řada|עונה|الموسم|シーズン|시즌|mùa|musim|ฤดูกาล)"
)
_SPECIALS = (
    r"(?:the[ ._])?specials?|spéciaux|épisodes? spéciaux|speciali|especiales|especiais|specialit|ovas?|oads?|oav|sp"
    r"|спецвыпуски|спешлы|sonderfolgen|extras? episodes|特典|特别篇"
)
_END = r"(?![^\W_])"
_WHOLE = re.compile(
    rf"\W*(?:(?:{_WORD}|books?|vol(?:ume|\.)?|livre|libro|buch)[\s._#(-]*(?P<after>[0-9]{{1,4}})|(?P<before>[0-9]{{1,2}})"
    rf"(?:\.|ª|º|°|e|ème|th|nd|st|rd|de|a|-?й)?[\s._-]*{_WORD}(?![\s._#-]*[0-9])"
    rf"|{_WORD}[\s._-]+(?P<word>{'|'.join(WORDS)}|{'|'.join(ROMAN)})"
    rf"|(?:the[\s._])?(?:complete[\s._])?(?P<ordinal>{'|'.join(ORDINALS)})[\s._]season"
    rf"|(?:s|t(?![0-9]{{3}}))(?P<short>[0-9]{{1,4}})(?:[ ._-]?d[0-9]{{1,2}})?"
    rf"|第\s?(?P<east>[0-9]{{1,2}}|[{''.join(CHINESE)}])\s?[季期]|(?P<korean>[0-9]{{1,2}})\s?기"
    rf"|(?P<specials>{_SPECIALS})){_END}",
    re.IGNORECASE,
)
#: What may follow the number: a bracket, a dash, release words; not the rest of a title.
_REST = re.compile(
    r"\s*(?:\Z|[\[()\-\u2013:].*|[._]+.*)|\s+(?:complete|[0-9]{3,4}p|web|blu|extras?|bonus|featurettes"
    r"|special features|(?:part|cour)[ ._]?[0-9]).*",
    re.IGNORECASE | re.DOTALL,
)
#: ``Batman.The.Animated.Series.1992`` ends in the show's year; ``Show Season 2010`` is a season.
_YEAR_OF_SERIES = r"(?!s[eé]ri(?:es?|a)[\s._#-]+(?:19|20)[0-9]{2}(?![0-9]))"
_AT_END = re.compile(
    rf"[\s._\-(\[](?:complete[\s._]+)?(?:(?:{_YEAR_OF_SERIES}{_WORD}|s(?=[0-9]))[\s._#-]*(?P<number>[0-9]{{1,4}}){_END}(?![-\u2013]\s?[0-9]{{4}})"
    rf"|(?P<before>[0-9]{{1,2}})(?:\.|ª|º|°|e|th|nd|st|rd)?[\s._]*{_WORD}{_END}(?![\s._#-]*[0-9]|[\s._]of[\s._])"
    rf"|(?P<korean>[0-9]{{1,2}})기{_END}|(?:the[\s._])?(?:complete[\s._])?(?P<ordinal>{'|'.join(ORDINALS)})[\s._]season{_END}"
    rf"|(?P<specials>specials?|ovas?){_END}(?=[\s._\-\])]*\Z))",
    re.IGNORECASE,
)
_BARE = re.compile(r"[0-9]{1,2}|(?:19|20)[0-9]{2}")


class SeasonFolder(NamedTuple):
    """A season's number, and what stands before it: nothing, or the show's name."""

    number: int
    show: str


@lru_cache(maxsize=4096)
def season_folder(name: str) -> SeasonFolder | None:
    """``Season 01`` is 1, ``2. Staffel`` 2, ``Specials`` 0, and ``Show.Name.S03.1080p`` 3 after ``Show.Name``."""
    if (one := whole_series(name)) != name and not _WHOLE.fullmatch(one):
        return None
    _, name = ids.take(name)
    if (found := _WHOLE.match(name)) and _ends(name, found.end()):
        if found["specials"]:
            return SeasonFolder(0, "")
        if found["word"]:
            word = found["word"].lower()
            return SeasonFolder(WORDS.get(word) or ROMAN[word], "")
        if found["ordinal"]:
            return SeasonFolder(ORDINALS[found["ordinal"].lower()], "")
        if east := found["east"]:
            return SeasonFolder(CHINESE.get(east) or int(east), "")
        return SeasonFolder(int(found["after"] or found["before"] or found["short"] or found["korean"]), "")
    if (found := _AT_END.search(name)) and any(map(str.isalnum, show := name[: found.start() + 1])):
        if found["ordinal"]:
            return SeasonFolder(ORDINALS[found["ordinal"].lower()], show)
        number = found["number"] or found["before"] or found["korean"]
        return SeasonFolder(0 if found["specials"] else int(number), show)
    return None


def _ends(name: str, at: int) -> bool:
    """``Season 1 x265`` and ``Season 1 German`` are a season's, ``Season 1 of Something`` is not."""
    rest = name[at:]
    return _REST.fullmatch(name, at) is not None or tags.only_flags(rest) or tags.start(rest) == 1


def is_season_folder(name: str) -> bool:
    """Tell whether a folder is a season's, not the show's own: ``Season 1``, and ``Show.Name.S01.1080p``."""
    return season_folder(name) is not None


def bare_number(name: str) -> int | None:
    """``Show/1``, ``Show/02`` and ``Show/2010`` are seasons too, though nothing says so but their place."""
    return int(name) if _BARE.fullmatch(name) else None
