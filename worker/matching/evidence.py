"""What else than its title speaks for a candidate or against it: year, country, episodes, duration. Pure.

Each part is from 0 to 1; None where one side says nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

from worker.episode_titles import alike, by_title, telling
from worker.matching.values import Candidate
from worker.placing import aired, placed
from worker.providers.base import HeldEpisode, Wanted

#: A year that is off by more than one is another film, whatever the title.
SAME_YEAR, OTHER_YEAR = 1.0, 0.3
_NEXT_YEAR, _CANDIDATE_UNDATED, _NAME_UNDATED = 0.9, 0.8, 0.8

#: ``The Office (US)`` is not from Great Britain.
_OTHER_COUNTRY, _COUNTRY_UNKNOWN = 0.9, 0.93
#: A show that lacks some, or all, of the episodes that are held; a new season may only be missing in the list.
_SOME_LACK, _ALL_LACK = 0.98, 0.96
#: A show of whose seasons only some episodes are held: seasons come whole. That a few are whole may be chance.
_NOT_WHOLE, _FEW_HELD = 0.99, 6
#: A show none of whose episodes is called or dated as a file's is; titles may be in another language.
_NONE_CALLED_SO, _NONE_AIRED_THEN = 0.985, 0.96
#: So many of them are enough: titles are spelled in many ways, and are shortened.
_ENOUGH_CALLED_SO = 0.5
#: A show that began after a file's episode was shown.
_NOT_YET = 0.9

#: How far, of the candidate's, a duration may be off. It is little to go by: there are cuts, and PAL runs faster.
_SAME, _NEAR, _FAR = 0.05, 0.1, 0.25
_NEAR_BY, _BETWEEN, _OTHER_DURATION = 0.99, 0.98, 0.94


def year_part(wanted: int | None, offered: int | None) -> float:
    if wanted is None:
        return _NAME_UNDATED
    if offered is None:
        return _CANDIDATE_UNDATED
    off = abs(wanted - offered)
    return SAME_YEAR if not off else _NEXT_YEAR if off == 1 else OTHER_YEAR


def country_part(country: str | None, candidate: Candidate) -> float | None:
    if country is None:
        return None
    if not candidate.countries:
        return _COUNTRY_UNKNOWN
    return 1.0 if country in candidate.countries else _OTHER_COUNTRY


def seasons_part(wanted: Wanted, candidate: Candidate) -> float | None:
    """Say how many of the held episodes have a place in the candidate's seasons, specials and dates aside."""
    counted = [held for held in wanted.episodes if held.season and held.air_date is None]
    if not counted or not candidate.seasons:
        return None
    sizes = {number: size for number, size in candidate.seasons if number}
    share = placed(counted, sizes) / len(counted)
    if share < 1:
        return _ALL_LACK + (_SOME_LACK - _ALL_LACK) * share
    return 1.0 if len(counted) < _FEW_HELD or _are_whole_seasons(counted, sizes) else _NOT_WHOLE


def _are_whole_seasons(held: Sequence[HeldEpisode], sizes: Mapping[int, int]) -> bool:
    if any(episode.is_absolute for episode in held):
        return len({episode.episode for episode in held}) in accumulate(sizes[number] for number in sorted(sizes))
    counts = Counter(season for season, _ in {(episode.season, episode.episode) for episode in held})
    return all(sizes.get(season) == count for season, count in counts.items())


def titles_part(wanted: Wanted, candidate: Candidate) -> float | None:
    """Say how many of the held episodes the candidate calls as their files do, at the same place or at any other."""
    called = [held for held in wanted.episodes if telling(held.title)]
    if not called or not any(telling(episode.title) for episode in candidate.episodes):
        return None
    titles = {(episode.season, episode.episode): episode.title for episode in candidate.episodes}
    anywhere = by_title(candidate.episodes)
    agreeing = sum(
        telling(held.title) in anywhere or alike(held.title, titles.get((held.season, held.episode))) for held in called
    )
    share = min(agreeing / len(called) / _ENOUGH_CALLED_SO, 1.0)
    return _NONE_CALLED_SO + (1.0 - _NONE_CALLED_SO) * share


def dates_part(wanted: Wanted, candidate: Candidate) -> float | None:
    """Say how many of the episodes that are held by their dates were shown then, or could have been."""
    dated = [held for held in wanted.episodes if held.air_date is not None]
    if not dated:
        return None
    first = min(held.season for held in dated)
    if candidate.year is not None and first < candidate.year:
        return _NOT_YET
    if not any(episode.air_date for episode in candidate.episodes):
        return None
    share = sum(aired(held, candidate.episodes) is not None for held in dated) / len(dated)
    return _NONE_AIRED_THEN + (1.0 - _NONE_AIRED_THEN) * share


def duration_part(wanted: Wanted, candidate: Candidate) -> float | None:
    if not wanted.duration or not candidate.duration:
        return None
    off = abs(wanted.duration - candidate.duration) / candidate.duration
    return 1.0 if off <= _SAME else _NEAR_BY if off <= _NEAR else _BETWEEN if off <= _FAR else _OTHER_DURATION
