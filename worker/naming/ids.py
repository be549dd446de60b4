"""Providers' ids that people write into names."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from shared.kinds import Source
from worker.naming.spelling import any_of

Ids: TypeAlias = Mapping[Source, str]

_SOURCES = {
    "tmdb": Source.TMDB,
    "themoviedb": Source.TMDB,
    "imdb": Source.IMDB,
    "tvdb": Source.TVDB,
    "thetvdb": Source.TVDB,
    "tvmaze": Source.TVMAZE,
}
_ID = re.compile(
    r"[\[({]? ?(?<![a-z0-9])"
    rf"(?:(?P<source>{'|'.join(_SOURCES)})(?:[ _-]?id)? ?(?:[-=:_ ]|(?<=[\[({{].{{4}})|(?<=[\[({{].{{6}})) ?"
    r"(?P<id>tt[0-9]{5,10}|[0-9]{1,10})|(?P<imdb>tt[0-9]{7,10}))"
    r"(?![a-z0-9]) ?[\])}]?",
    re.IGNORECASE,
)
#: Those of sources that nobody is asked by.
_FOREIGN = re.compile(
    r"[\[({] ?(?:anidb|anilist|anisearch|mal|tvrage|trakt|kitsu|douban)[0-9]?(?:id)?"
    r" ?[-=:_] ?[a-z]?-?[0-9]{1,10} ?[\])}]",
    re.IGNORECASE,
)
_CUE = any_of(("db", "tvmaze", "anilist", "anisearch", "mal", "trakt", "kitsu", "douban", "tvrage"))
_IMDB_DIGITS = 7
#: ``The Letter`` has the letters of an IMDb id, and none of its figures.
_IMDB = re.compile(r"tt[0-9]")

#: None is the usual answer, and costs nothing this way.
NO_IDS: Ids = MappingProxyType({})


def likely_in(low: str) -> bool:
    """Tell in a moment whether a lowered name may have ids; most have none, and cost no more than this."""
    return _CUE.search(low) is not None or ("tt" in low and _IMDB.search(low) is not None)


def take(name: str) -> tuple[Ids, str]:
    """Take the ids out of a name: ``The Matrix (1999) {tmdb-603}`` is TMDB's 603, and ``The Matrix (1999)``."""
    if not likely_in(name.lower()):
        return NO_IDS, name
    ids: dict[Source, str] = {}

    def note(found: re.Match[str]) -> str:
        number = (found["imdb"] or found["id"]).lower()
        source = _SOURCES[(found["source"] or "imdb").lower()]
        if source is Source.IMDB:
            ids.setdefault(source, number if number.startswith("tt") else f"tt{number.zfill(_IMDB_DIGITS)}")
        elif number.isdigit():
            ids.setdefault(source, number)
        return " "

    rest = _ID.sub(note, _FOREIGN.sub(" ", name))
    return ids, rest


def nearest(levels: Iterable[Ids]) -> Ids:
    """Join the ids of all levels of a path; of two ids of one source the first stays."""
    joined: dict[Source, str] = {}
    for level in levels:
        for source, number in level.items():
            joined.setdefault(source, number)
    return joined
