"""Where a file's episodes stand: by its name, and in the seasons that a provider lists. Pure.

A name may give a date in place of a number, or a number that counts through all seasons, as anime has it. What no
provider can place stays where its name put it.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from zlib import crc32

from worker.episode_titles import alike, by_title, telling
from worker.naming import Guess
from worker.providers.base import EpisodeMetadata, HeldEpisode, SeasonMetadata

#: Season and episode.
Place = tuple[int, int]

#: So many numbers from here on are those of specials whose files have none; no show has so many specials.
_UNNUMBERED = 10_000

#: A name and a provider may be a day apart: one of them lives in another time zone.
_A_DAY = timedelta(days=1)
_NEAREST_DAYS = (timedelta(0), _A_DAY, -_A_DAY)


def held_in(file: Path, guess: Guess) -> list[HeldEpisode]:
    """Say which episodes a file holds, at the places that its name gives them; none where the name says none.

    ``Show - 2024.03.15`` is episode 315 of season 2024 for now, and ``Show - 30`` the thirtieth of season 1. A special
    that has a title and no number gets one of its own, until a provider's list has that title.
    """
    if guess.episodes:
        season = 1 if guess.season is None else guess.season
        title = guess.episode_title if len(guess.episodes) == 1 else None
        is_absolute = guess.season is None
        return [HeldEpisode(season, number, file, is_absolute=is_absolute, title=title) for number in guess.episodes]
    if (day := guess.air_date) is not None:
        number = day.month * 100 + day.day
        return [HeldEpisode(day.year, number, file, air_date=day, title=guess.episode_title)]
    if guess.season == 0 and (spelled := telling(guess.episode_title)):
        number = _UNNUMBERED + crc32(spelled.encode()) % _UNNUMBERED
        return [HeldEpisode(0, number, file, title=guess.episode_title)]
    return []


def provisional_title(held: HeldEpisode, guess: Guess | None) -> str:
    """Title an episode by its file's name, until a provider knows a better one; a name of two titles neither."""
    if guess is not None and guess.episode_title and len(guess.episodes) <= 1:
        return guess.episode_title
    return held.air_date.isoformat() if held.air_date else f"Episode {held.episode}"


def seasons_to_ask(
    held: Iterable[HeldEpisode], listed: Sequence[SeasonMetadata], absolute: Sequence[Place] = ()
) -> list[int]:
    """Name the seasons, among those that a provider lists, whose episodes are to be asked for, in order.

    For an episode by its date: the season that had begun by then, and the one after it, whose first day may be late.
    """
    numbers = {season.number for season in listed}
    sizes = _sizes(listed)
    wanted: set[int] = set()
    for episode in held:
        if episode.air_date is not None:
            wanted |= _running(episode, listed)
        elif (place := _listed(episode, absolute) or _counted(episode, sizes)) is not None:
            wanted.add(place[0])
        elif episode.season in numbers:
            wanted.add(episode.season)
    return sorted(wanted)


def places(
    held: Iterable[HeldEpisode],
    seasons: Sequence[SeasonMetadata],
    episodes: Sequence[EpisodeMetadata],
    absolute: Sequence[Place] = (),
) -> dict[HeldEpisode, Place]:
    """Say where each episode stands; where nobody knows, at the place that its name gives it.

    ``absolute`` lists the places of the episodes that are counted through all seasons, where the provider does.
    """
    known = {(episode.season, episode.episode): episode for episode in episodes}
    sizes = _sizes(seasons)
    all_held = list(held)
    counting = _counting_through(all_held, sizes, known)
    specials = by_title(episode for episode in episodes if not episode.season)
    return {
        episode: _aired_or_named(episode, episodes)
        if episode.air_date
        else _special(episode, specials)
        if not episode.season
        else _listed(episode, absolute) or _numbered(episode, sizes, known, counts_through=episode.season in counting)
        for episode in all_held
    }


def placed(held: Sequence[HeldEpisode], sizes: Mapping[int, int]) -> int:
    """Count those that seasons of these sizes have, by their numbers in a season or through all seasons."""
    counting = _counting_through(held, sizes, {})
    return sum(
        _counted(each, sizes, is_sure=True) is not None
        if each.season in counting
        else each.episode <= sizes.get(each.season, 0) or (each.is_absolute and _counted(each, sizes) is not None)
        for each in held
    )


def aired(held: HeldEpisode, episodes: Sequence[EpisodeMetadata]) -> Place | None:
    """Find an episode by its date; where there is none on the day, one on the day beside it, and never a special."""
    for off in _NEAREST_DAYS:
        for episode in episodes:
            if held.air_date and episode.season and episode.air_date == held.air_date + off:
                return episode.season, episode.episode
    return None


def _aired_or_named(held: HeldEpisode, episodes: Sequence[EpisodeMetadata]) -> Place:
    return aired(held, episodes) or (held.season, held.episode)


def _listed(held: HeldEpisode, absolute: Sequence[Place]) -> Place | None:
    """Find an episode by its number through all seasons where the provider lists these."""
    return absolute[held.episode - 1] if held.is_absolute and 0 < held.episode <= len(absolute) else None


def _special(held: HeldEpisode, specials: Mapping[str, EpisodeMetadata]) -> Place:
    """Find a special by its title: everybody numbers specials in another way."""
    found = specials.get(telling(held.title) or "")
    return (found.season, found.episode) if found else (held.season, held.episode)


def _numbered(held: HeldEpisode, sizes: Mapping[int, int], known: Container[Place], *, counts_through: bool) -> Place:
    """Find an episode by its number; also one that counts through all seasons, within its season or by itself."""
    named = (held.season, held.episode)
    is_within = held.episode <= sizes.get(held.season, held.episode)
    if named in known and is_within and not counts_through:
        return named
    counted = _counted(held, sizes, is_sure=counts_through)
    if counted is None:
        return named
    # Some providers number a season's episodes through all seasons, too.
    through_all = (counted[0], held.episode)
    return through_all if through_all in known and counted not in known else counted


def _running(held: HeldEpisode, listed: Sequence[SeasonMetadata]) -> set[int]:
    """Return the season that had begun when an episode was shown, give or take a day, and the one after it."""
    begun = sorted((season.air_date, season.number) for season in listed if season.air_date and season.number > 0)
    numbers = [number for _, number in begun]
    past = sum(held.air_date is not None and day <= held.air_date + _A_DAY for day, _ in begun)
    return {*numbers[max(past - 1, 0) : past + 1]}


def _counting_through(
    held: Iterable[HeldEpisode], sizes: Mapping[int, int], known: Mapping[Place, EpisodeMetadata]
) -> set[int]:
    """Name the seasons in whose folders files are numbered through all seasons: ``Season 02/Show - 027``.

    They are when every number leads into that very season, and one is beyond its size, or the titles say so.
    """
    numbered: dict[int, list[HeldEpisode]] = defaultdict(list)
    for episode in held:
        if episode.season and episode.air_date is None and not episode.is_absolute:
            numbered[episode.season].append(episode)
    counting = set()
    for season, of_season in numbered.items():
        counted = [(episode, _counted(episode, sizes, is_sure=True)) for episode in of_season]
        if all(place is not None for _, place in counted):
            is_beyond = any(episode.episode > sizes.get(season, episode.episode) for episode in of_season)
            so_called = sum(_is_called(episode, known.get(place)) for episode, place in counted if place)
            if is_beyond or so_called > sum(_is_called(each, known.get((season, each.episode))) for each in of_season):
                counting.add(season)
    return counting


def _is_called(held: HeldEpisode, episode: EpisodeMetadata | None) -> bool:
    return episode is not None and alike(held.title, episode.title)


def _counted(held: HeldEpisode, sizes: Mapping[int, int], *, is_sure: bool = False) -> Place | None:
    """Count through the seasons: episode 30 is the fifth of season 2 where season 1 has 25; None where it isn't needed.

    A number in a season's own folder may count through all seasons as well: where it is beyond that season's size and
    counting leads into that very season, it does; ``is_sure``: also where it is within that size.
    """
    if held.season == 0 or (held.episode <= sizes.get(held.season, 0) and not is_sure):
        return None
    left = held.episode
    for number in sorted(sizes):
        if left <= sizes[number]:
            return (number, left) if held.is_absolute or number == held.season else None
        left -= sizes[number]
    return None


def _sizes(seasons: Sequence[SeasonMetadata]) -> Mapping[int, int]:
    """Return how many episodes each season has; specials count nothing."""
    return {season.number: season.episodes for season in seasons if season.number > 0 and season.episodes}
