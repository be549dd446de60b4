"""Providers' ids that people write into names."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from shared.kinds import Source

Ids: TypeAlias = Mapping[Source, str]

_ID = re.compile(
    r"[\[({]? ?(?<![a-z0-9])"
    r"(?:(?P<source>tmdb|tvdb|imdb)(?:id)? ?[-=:_ ] ?(?P<id>tt[0-9]{5,10}|[0-9]{1,10})|(?P<imdb>tt[0-9]{7,10}))"
    r"(?![a-z0-9]) ?[\])}]?",
    re.IGNORECASE,
)
_IMDB_DIGITS = 7

#: None is the usual answer, and costs nothing this way.
NO_IDS: Ids = MappingProxyType({})


def take(name: str) -> tuple[Ids, str]:
    """Take the ids out of a name: ``The Matrix (1999) {tmdb-603}`` is TMDB's 603, and ``The Matrix (1999)``."""
    low = name.lower()
    if "tt" not in low and "db" not in low:
        return NO_IDS, name
    ids: dict[Source, str] = {}

    def note(found: re.Match[str]) -> str:
        number = (found["imdb"] or found["id"]).lower()
        source = Source[(found["source"] or "imdb").upper()]
        if source is Source.IMDB:
            ids.setdefault(source, number if number.startswith("tt") else f"tt{number.zfill(_IMDB_DIGITS)}")
        elif number.isdigit():
            ids.setdefault(source, number)
        return " "

    rest = _ID.sub(note, name)
    return ids, rest


def nearest(levels: Iterable[Ids]) -> Ids:
    """Join the ids of all levels of a path; of two ids of one source the first stays."""
    joined: dict[Source, str] = {}
    for level in levels:
        for source, number in level.items():
            joined.setdefault(source, number)
    return joined
