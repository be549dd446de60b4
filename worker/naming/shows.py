"""A show's path: the folder that bears its title, the season's folder, the episode's file."""

import re
from functools import lru_cache
from typing import NamedTuple

from worker.naming import aka, counted, episode_titles, episodes, extras, fallback, glance, ids, tags
from worker.naming.guess import Guess, Kind
from worker.naming.numbers import Numbers
from worker.naming.places import Place, doubtful_year, ids_in, place_of
from worker.naming.seasons import SeasonFolder, season_folder
from worker.naming.spelling import lowered, same, tidy
from worker.naming.titles import Name, read

_FOUR_DIGITS = range(1900, 2100)
#: A folder named by more episodes holds a file for each.
_FEW = 2
_BRACKETED = re.compile(r"[\[【]([^\[\]【】]+)[\]】]")
#: ``03-Name.5x03`` and ``03.Name.5x03``, not ``2.Broken.Clocks.S01E02``; of ``24.US.S08E24`` no name would be left.
_ECHO = re.compile(r"(?:(0?[0-9]{1,3})[ ._]?-[ ._]?|(0[0-9]{1,2})\.[ ._]?)(?=[^\W\d])")
#: ``(Group) Name - 05``; ``(Un)Well`` stays.
_GROUP_IN_PARENTHESES = re.compile(r"\A\([^\W\d_][^()\s]*\)[\s_]+(?=\w)")
_ALL_BRACKETS = re.compile(r"(?:[\s._\-]*(?:★[^★\[\]【】]*★)?[\s._\-★]*[\[【][^\[\]【】]*[\]】])+[\s._\-]*")


class _Reading(NamedTuple):
    """What a path says, before it is put together."""

    place: Place
    numbers: Numbers
    #: Where the numbers stood.
    numbered: str
    show: Name
    show_source: str
    others: tuple[str, ...]
    title: str | None
    file_ids: ids.Ids = ids.NO_IDS
    extra: extras.Extra | None = None


def guess(dirs: tuple[str, ...], stem: str) -> Guess:
    """Read an episode's path: ``The Show (2008)/Season 01/The Show - S01E01-E02 - Pilot`` is 1 and 2 of season 1.

    An extra's is read like it: ``The Show (2008)/Season 1/Featurettes/Making of`` is one of the same season.
    """
    seen = at_a_glance(dirs, stem)
    return _put_together(dirs, seen) if seen else in_full(dirs, stem)


def at_a_glance(dirs: tuple[str, ...], stem: str) -> _Reading | None:
    """Read what follows the show's title without asking the rules, where they have nothing to say."""
    place = place_of(dirs)
    seen = None if place.of_extras else glance.episode(dirs, place.show.title, stem)
    if seen is None:
        return None
    numbers, title = seen
    return _Reading(place, numbers, "file", *_show(place, numbers), title)


def in_full(dirs: tuple[str, ...], stem: str) -> Guess:
    """Read an episode's path by all rules: what ``guess`` says of it, too."""
    file_ids, text = ids.take(stem)
    extra = extras.find(dirs, text, shelves=False)
    if extra:
        place = place_of(dirs[: extra.depth])
        numbers, numbered = _extra_numbers(extra, text), "file"
    else:
        place = place_of(dirs)
        numbers, numbered = _numbers(dirs, text, place)
    show, source, others = _show(place, numbers)
    tail = numbers.tail
    if not show.title and place.shelf and not extra and not any(map(str.isalnum, numbers.head)):
        show, source = read(place.shelf), "parent"
    elif not show.title:
        show, tail = (read(extra.stem or text), tail) if extra else _titled_after(text, tail)
        source = "file"
    title = None if extra else _episode_title(text, numbers._replace(tail=tail), show, place)
    return _put_together(dirs, _Reading(place, numbers, numbered, show, source, others, title, file_ids, extra))


def _put_together(dirs: tuple[str, ...], seen: _Reading) -> Guess:
    """Believe the season's folder where the file is silent; where both are, no season is known."""
    place, numbers, numbered, show, source, others, title, file_ids, extra = seen
    season, season_source = numbers.season, numbered
    if season is None:
        season, season_source = place.season, place.season_source
    found, ids_source = _ids(dirs, show, source, file_ids)
    year = show.year or _file_year(place, numbers.head)
    filled = {
        "title": source,
        "year": (source if show.year else "file") if year else None,
        "other_titles": source if others else None,
        "season": None if season is None else season_source,
        "episodes": numbered if numbers.episodes else None,
        "air_date": numbered if numbers.air_date else None,
        "episode_title": "file" if title else None,
        "ids": ids_source if found else None,
        "extra": extra.source if extra else None,
    }
    return Guess(
        kind=Kind.EXTRA if extra else Kind.EPISODE,
        title=show.title,
        year=year,
        other_titles=others,
        season=season,
        episodes=numbers.episodes,
        air_date=numbers.air_date,
        episode_title=title,
        ids=found,
        extra=extra.type if extra else None,
        sources={name: where for name, where in filled.items() if where},
    )


def _extra_numbers(extra: extras.Extra, text: str) -> Numbers:
    """``Show.S01E03.720p/Sample/show.s01e03.sample`` is one of episode 3, ``Show/Trailers/Season 1`` of none."""
    found = episodes.find(extra.stem or text)
    if found and (extra.stem or (found.season is not None and found.episodes)):
        return found
    return Numbers(None, (), extra.stem, "")


def _show(place: Place, numbers: Numbers) -> tuple[Name, str, tuple[str, ...]]:
    """Take the show from its folder, or else from what stands before the number: ``Show.Name.2008.S01E02``.

    What the other one says is another title; where a folder further in says what the file says, it is the show's.
    """
    show, head = place.show, numbers.head
    if not any(map(str.isalnum, head)):
        return show, place.show_source, show.others
    if numbers.episodes and (echo := _ECHO.match(head)) and int(echo[1] or echo[2]) == numbers.episodes[0]:
        rest = head[echo.end() :]
        head = head if tidy(rest).lower() in aka.COUNTRIES else rest
    named = name_before_number(head)
    if not show.title:
        return named, "file", named.others
    if same(named.title, show.title):
        return show, place.show_source, show.others
    for other in place.others:
        if same(named.title, other.title):
            return other, "parent", other.others
    if not (numbers.episodes or numbers.air_date):
        return show, place.show_source, show.others
    return show, place.show_source, aka.others(show.title, (*show.others, named.title, *named.others))


@lru_cache(maxsize=4096)
def name_before_number(head: str) -> Name:
    """Read the show's name before a number: ``Name 2nd Season - ``, ``[Group][Name]``, ``03-Name.``."""
    season = _season_named(head)
    text = season.show if season else head
    if text.endswith(".") and text.count(".") == 1:
        text = text[:-1]
    if text.startswith("("):
        text = _GROUP_IN_PARENTHESES.sub("", text, count=1)
    if " " not in text.strip():
        text, _ = tags.before_year(text, "")
    return _in_brackets(text) if _ALL_BRACKETS.fullmatch(text) else doubtful_year(read(text))


def _season_named(head: str) -> SeasonFolder | None:
    """``[Group] Name 2nd Season`` names its season; ``[Group] Specials`` is a show's name."""
    season = season_folder(head.strip())
    return season if season and any(map(str.isalnum, _BRACKETED.sub("", season.show))) else None


def _in_brackets(text: str) -> Name:
    """``[Group][Name][2022]`` is ``Name``, 2022: the first group made the file."""
    groups = [group.strip() for group in _BRACKETED.findall(text)]
    years = [int(group) for group in groups if group.isdecimal() and int(group) in _FOUR_DIGITS]
    words = [group for group in groups if any(map(str.isalpha, group))]
    title = words[1] if len(words) > 1 else words[0] if words else ""
    return read(title)._replace(year=years[0] if years else None)


def _titled_after(text: str, tail: str) -> tuple[Name, str]:
    """``2x05 - Name - Title`` and ``03-Name`` say the show's name after the number."""
    piece, dash, rest = tail.strip(" -._").partition(" - ")
    name = read(piece)
    if any(map(str.isalpha, name.title)) and not tags.only_flags(piece):
        return name, rest if dash else ""
    return read(text), tail


def _file_year(place: Place, head: str) -> int | None:
    """``Doctor Who/Doctor.Who.2005.S01E01`` is the one of 2005."""
    if not place.show.title or place.show.year or not any(map(str.isalnum, head)):
        return None
    named = name_before_number(head)
    return named.year if same(named.title, place.show.title) else None


def _numbers(dirs: tuple[str, ...], text: str, place: Place) -> tuple[Numbers, str]:
    """Ask the sure rules first, then the file's own folder, then the number's place in the name, then guessit."""
    body = _beyond(text, place.show.title)
    if found := episodes.find(body):
        return found._replace(head=text[: len(text) - len(body)] + found.head), "file"
    if (
        dirs
        and not season_folder(dirs[-1])
        and (found := episodes.find(dirs[-1]))
        and (0 < len(found.episodes) <= _FEW or found.air_date)
    ):
        return found._replace(tail=""), "folder"
    if (found := counted.find(body, place.season)) or (found := _number_as_title(text, body, place.season)):
        season = _season_named(found.head) if found.season is None else None
        found = found._replace(season=season.number) if season else found
        return (found if body is text else found._replace(head="")), "file"
    if any(map(str.isdecimal, tags.before(body))):
        opinion = fallback.ask_episode(text)
        if opinion.episodes and opinion.episodes[0] not in _FOUR_DIGITS:
            head = opinion.title or text
            return Numbers(opinion.season, opinion.episodes, head, opinion.episode_title or ""), "file"
    return Numbers(episodes.season_in(text), (), text, ""), "file"


def _number_as_title(text: str, body: str, season: int | None) -> Numbers | None:
    """Of ``24 - Name`` in a season of ``24`` the number is the episode's, as there is no other."""
    is_number = body is not text and text[: len(text) - len(body)].isdecimal()
    return counted.find(text, season) if is_number and season is not None else None


def _episode_title(text: str, numbers: Numbers, show: Name, place: Place) -> str | None:
    """Read the title after the number; ``Specials/Christmas Special`` is one by itself."""
    if place.season == 0 and numbers.season is None and not numbers.episodes:
        return episode_titles.title_in(_beyond(text, show.title), spaced=True)
    return episode_titles.title_in(numbers.tail, spaced=" " in text or "_-_" in text or ".-." in text)


def _ids(dirs: tuple[str, ...], show: Name, source: str, file_ids: ids.Ids) -> tuple[ids.Ids, str]:
    """Join the ids: the show's own before those of its seasons and files, which may be of less."""
    levels = [(show.ids, source), *ids_in(dirs), (file_ids, "file")]
    return ids.nearest(found for found, _ in levels), next((where for found, where in levels if found), source)


def _beyond(text: str, title: str) -> str:
    """Pass over a title, whose numbers count nothing: of ``The 100 - 05`` in ``The 100`` `` - 05`` is left."""
    if title and lowered(text).startswith(lowered(title)) and not text[len(title) : len(title) + 1].isalnum():
        return text[len(title) :]
    return text
