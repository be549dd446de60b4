"""Where a file of a show stands: what the folders above it say of the show, and of the season."""

import re
from functools import lru_cache
from typing import NamedTuple

from worker.naming import aka, episodes, extras
from worker.naming.ids import Ids
from worker.naming.seasons import bare_number, season_folder
from worker.naming.spelling import tidy
from worker.naming.titles import NOTHING, Name, read, whole_series


class Place(NamedTuple):
    """What the folders say: the show, and where its name stood; the season, and where its number stood."""

    show: Name = NOTHING
    show_source: str = "folder"
    season: int | None = None
    season_source: str = "folder"
    #: What the folder above the season's is called where it could be a shelf.
    shelf: str = ""
    #: The names of the folders between the show's and the file.
    others: tuple[Name, ...] = ()
    #: Whether the folders alone make a file an extra.
    of_extras: bool = False


_SHELF_NAMES = """
    tv,tv shows,tv-shows,tvshows,tv series,shows,series,serien,séries,seriale,anime,animation,cartoons,documentaries,
    documentary,docs,kids,kinder,miniseries,mini-series,downloads,download,complete,completed,new,unsorted,hd,4k,uhd,
    incoming,media,video,videos,drama,comedy,reality,british,ended,continuing,airing
"""
_SHELVES = frozenset(name.strip() for name in _SHELF_NAMES.split(","))
_LETTER_SHELF = re.compile(r"[A-Z]|[A-Z] ?- ?[A-Z]|0-9|#")
_FOUR_DIGITS = range(1900, 2100)
#: ``[Group] Name - 01-26 [BD]``
_BATCH = re.compile(r"[\s_][\s_]*(?:-[\s_]+)?[\[(]?[0-9]{2,3} ?[-~] ?[0-9]{2,3}[\])]?(?=[\s_]*(?:[\[(]|\Z))")
#: ``[Group] Name - Vol 01``: one disc of a show, not its season.
_VOLUME = re.compile(r"(?<=[^\W_])\s+-\s+vol(?:ume\b|\.|\b)\s?[0-9]{1,2}(?=\s*(?:[\[(]|\Z))", re.IGNORECASE)


@lru_cache(maxsize=1024)
def place_of(dirs: tuple[str, ...]) -> Place:
    """``Anime/The Show (2008)/Season 2/Disc 1`` is season 2 of ``The Show``, 2008."""
    season, at, first, first_show = None, 0, len(dirs), ""
    for depth, name in enumerate(dirs):
        folder = season_folder(name)
        below_show = any(above.lower() not in _SHELVES for above in dirs[:depth])
        number = folder.number if folder else bare_number(name) if below_show else None
        if season in _FOUR_DIGITS and not folder:
            continue
        if number is None or (depth == 0 and folder and not folder.show and (len(dirs) > 1 or read(name).year)):
            continue
        if first == len(dirs):
            first, first_show = depth, folder.show if folder else ""
        season, at = number, depth
    show, depth = _show_folder(dirs[:first], nearest=first < len(dirs))
    if not show.title and first_show:
        show, depth = show_name(first_show), first
    others = tuple(show_name(name) for name in dirs[:first] if name.lower() not in _SHELVES) if first > 1 else ()
    shelf = dirs[first - 1] if 0 < first < len(dirs) and not show.title else ""
    of_extras = extras.in_folder(dirs, "", shelves=False) is not None
    return Place(show, _level(dirs, depth), season, _level(dirs, at), shelf, others, of_extras)


@lru_cache(maxsize=1024)
def ids_in(dirs: tuple[str, ...]) -> tuple[tuple[Ids, str], ...]:
    """Read the ids that folders have, outermost first, with where they stood; most have none."""
    return tuple((found, _level(dirs, depth)) for depth, name in enumerate(dirs) if (found := read(name).ids))


def _show_folder(above: tuple[str, ...], *, nearest: bool) -> tuple[Name, int]:
    """Choose the show's folder: the one with a year or an id, else the one above the season's, else the first.

    A letter is a shelf's name where a show's stands below it: ``Q/QI``.
    """
    last = len(above) - 1
    names = [
        (show_name(name), depth)
        for depth, name in enumerate(above)
        if name.lower() not in _SHELVES and (depth == last or not _LETTER_SHELF.fullmatch(name))
    ]
    if not names:
        return NOTHING, 0
    known = next((named for named in names if named[0].year or named[0].ids), None)
    return known or names[-1 if nearest else 0]


@lru_cache(maxsize=4096)
def show_name(folder: str) -> Name:
    """``Show.Name.S01E02.1080p-GRP`` and ``Show.Name.Complete.Series`` are both ``Show Name``."""
    numbers = episodes.find(folder) if "1080" in folder or "." in folder or "_" in folder else None
    if numbers and (numbers.season is not None or numbers.air_date) and any(map(str.isalnum, numbers.head)):
        return doubtful_year(read(numbers.head))
    name = doubtful_year(read(_VOLUME.sub("", _BATCH.sub("", whole_series(folder), count=1))))
    return name if name.title else name._replace(title=tidy(folder) or folder)


def doubtful_year(name: Name) -> Name:
    """``Space 1999`` may be ``Space`` of 1999, or may not."""
    if not name.year or name.bracketed:
        return name
    return name._replace(others=aka.others(name.title, (*name.others, f"{name.title} {name.year}")))


def _level(dirs: tuple[str, ...], depth: int) -> str:
    return "folder" if depth == len(dirs) - 1 else "parent"
