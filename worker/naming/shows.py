"""A show's path: the folder that bears its title, the season's folder, the episode's file."""

from functools import lru_cache
from typing import NamedTuple

from worker.naming import episodes, extras, fallback, ids, tags
from worker.naming.episodes import Numbers
from worker.naming.guess import Guess, Kind
from worker.naming.seasons import bare_number, season_folder
from worker.naming.spelling import lowered, same, tidy
from worker.naming.titles import NOTHING, Name, read, whole_series


class Place(NamedTuple):
    """What the folders say: the show, and where its name stood; the season, and where its number stood."""

    show: Name = NOTHING
    show_source: str = "folder"
    season: int | None = None
    season_source: str = "folder"


_SHELF_NAMES = """
    tv,tv shows,tv-shows,tvshows,tv series,shows,series,serien,séries,seriale,anime,animation,cartoons,documentaries,
    documentary,docs,kids,kinder,miniseries,mini-series,downloads,download,complete,completed,new,unsorted,hd,4k,uhd,
    incoming,media,video,videos,drama,comedy,reality,british,ended,continuing,airing
"""
_SHELVES = frozenset(name.strip() for name in _SHELF_NAMES.split(","))
_FOUR_DIGITS = range(1900, 2100)


def guess(dirs: tuple[str, ...], stem: str) -> Guess:
    """Read an episode's path: ``The Show (2008)/Season 01/The Show - S01E01-E02 - Pilot`` is 1 and 2 of season 1.

    An extra's is read like it: ``The Show (2008)/Season 1/Featurettes/Making of`` is one of the same season.
    """
    file_ids, text = ids.take(stem)
    extra = extras.find(dirs, text, shelves=False)
    if extra:
        place = place_of(dirs[: extra.depth])
        numbers, numbered = episodes.find(extra.stem) or Numbers(None, (), extra.stem, ""), "file"
    else:
        place = place_of(dirs)
        numbers, numbered = _numbers(dirs, text, place)
    show, source, year = _show(place, numbers.head)
    if not show.title:
        show, source = read(extra.stem if extra else text), "file"
    season, season_source = _season(place, numbers, numbered)
    found, ids_source = _ids(dirs, show, source, file_ids)
    title = None if extra else _episode_title(text, numbers, show, season)
    filled = {
        "title": source,
        "year": (source if show.year else "file") if show.year or year else None,
        "season": None if season is None else season_source,
        "episodes": numbered if numbers.episodes else None,
        "episode_title": "file" if title else None,
        "ids": ids_source if found else None,
        "extra": extra.source if extra else None,
    }
    return Guess(
        kind=Kind.EXTRA if extra else Kind.EPISODE,
        title=show.title,
        year=show.year or year,
        season=season,
        episodes=numbers.episodes,
        episode_title=title,
        ids=found,
        extra=extra.type if extra else None,
        sources={name: where for name, where in filled.items() if where},
    )


@lru_cache(maxsize=1024)
def place_of(dirs: tuple[str, ...]) -> Place:
    """``Anime/The Show (2008)/Season 2/Disc 1`` is season 2 of ``The Show``, 2008."""
    season, at, first, first_show = None, 0, len(dirs), ""
    for depth, name in enumerate(dirs):
        folder = season_folder(name)
        number = folder.number if folder else bare_number(name) if depth else None
        if number is None or (depth == 0 and folder and not folder.show and (len(dirs) > 1 or read(name).year)):
            continue
        if first == len(dirs):
            first, first_show = depth, folder.show if folder else ""
        season, at = number, depth
    show, depth = _show_folder(dirs[:first], nearest=first < len(dirs))
    if not show.title and first_show:
        show, depth = show_name(first_show), first
    return Place(show, _level(dirs, depth), season, _level(dirs, at))


def _show_folder(above: tuple[str, ...], *, nearest: bool) -> tuple[Name, int]:
    """Choose the show's folder: the one with a year or an id, else the one above the season's, else the first."""
    names = [(show_name(name), depth) for depth, name in enumerate(above) if name.lower() not in _SHELVES]
    if not names:
        return NOTHING, 0
    known = next((named for named in names if named[0].year or named[0].ids), None)
    return known or names[-1 if nearest else 0]


@lru_cache(maxsize=4096)
def show_name(folder: str) -> Name:
    """``Show.Name.S01E02.1080p-GRP`` and ``Show.Name.Complete.Series`` are both ``Show Name``."""
    numbers = episodes.find(folder) if "1080" in folder or "." in folder or "_" in folder else None
    if numbers and numbers.season is not None and any(map(str.isalnum, numbers.head)):
        return read(numbers.head)
    name = read(whole_series(folder))
    return name if name.title else name._replace(title=tidy(folder) or folder)


def _show(place: Place, head: str) -> tuple[Name, str, int | None]:
    """Take the show from its folder, or else from what stands before the number: ``Show.Name.2008.S01E02``."""
    if place.show.year or not any(map(str.isalnum, head)):
        return place.show, place.show_source, None
    season = season_folder(head.strip())
    named = read(season.show if season and season.show else head)
    if not place.show.title:
        return named, "file", None
    return place.show, place.show_source, named.year if same(named.title, place.show.title) else None


def _numbers(dirs: tuple[str, ...], text: str, place: Place) -> tuple[Numbers, str]:
    """Ask the sure rules first, then the file's own folder, then the number's place in the name, then guessit."""
    if found := episodes.find(text):
        return found, "file"
    if dirs and not season_folder(dirs[-1]) and (found := episodes.find(dirs[-1])) and len(found.episodes) == 1:
        return found._replace(tail=""), "folder"
    body = _beyond(text, place.show.title)
    if found := episodes.find_bare(body, place.season):
        season = season_folder(found.head.strip()) if found.season is None else None
        found = found._replace(season=season.number) if season and season.show else found
        return (found if body is text else found._replace(head="")), "file"
    if any(map(str.isdecimal, tags.before(body))):
        opinion = fallback.ask_episode(text)
        if opinion.episodes and opinion.episodes[0] not in _FOUR_DIGITS:
            head = opinion.title or text
            return Numbers(opinion.season, opinion.episodes, head, opinion.episode_title or ""), "file"
    return Numbers(episodes.season_in(text), (), text, ""), "file"


def _season(place: Place, numbers: Numbers, numbered: str) -> tuple[int | None, str]:
    """Believe the file, then the folder; a number without a season counts from the first."""
    if numbers.season is not None:
        return numbers.season, numbered
    if place.season is not None:
        return place.season, place.season_source
    return (1 if numbers.episodes else None), numbered


def _episode_title(text: str, numbers: Numbers, show: Name, season: int | None) -> str | None:
    """Read the title after the number; ``Specials/Christmas Special`` is one by itself."""
    if season == 0 and numbers.season is None and not numbers.episodes:
        return episodes.title_in(_beyond(text, show.title), spaced=True)
    return episodes.title_in(numbers.tail, spaced=" " in text)


def _ids(dirs: tuple[str, ...], show: Name, source: str, file_ids: ids.Ids) -> tuple[ids.Ids, str]:
    """Join the ids: the show's own before those of its seasons and files, which may be of less."""
    levels = [(show.ids, source), *((read(name).ids, _level(dirs, at)) for at, name in enumerate(dirs))]
    levels.append((file_ids, "file"))
    return ids.nearest(found for found, _ in levels), next((where for found, where in levels if found), source)


def _beyond(text: str, title: str) -> str:
    """Pass over a title, whose numbers count nothing: of ``The 100 - 05`` in ``The 100`` `` - 05`` is left."""
    if title and lowered(text).startswith(lowered(title)) and not text[len(title) : len(title) + 1].isalnum():
        return text[len(title) :]
    return text


def _level(dirs: tuple[str, ...], depth: int) -> str:
    return "folder" if depth == len(dirs) - 1 else "parent"
