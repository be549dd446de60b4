"""What else than its title speaks for a candidate or against it: year, country, seasons, duration. Pure.

Each part is from 0 to 1; None where one side says nothing.
"""

from worker.matching.values import Candidate
from worker.providers.base import HeldEpisode, Wanted

#: A year that is off by more than one is another film, whatever the title.
SAME_YEAR, OTHER_YEAR = 1.0, 0.3
_NEXT_YEAR, _CANDIDATE_UNDATED, _NAME_UNDATED = 0.9, 0.8, 0.8

#: ``The Office (US)`` is not from Great Britain.
_OTHER_COUNTRY, _COUNTRY_UNKNOWN = 0.9, 0.93
#: A show that has none of the episodes that are held; a new season may only be missing in the list.
_NONE_HELD = 0.94

#: How far, of the candidate's, a duration may be off. It is little to go by: there are cuts, and PAL runs faster.
_NEAR, _FAR = 0.1, 0.25
_BETWEEN, _OTHER_DURATION = 0.98, 0.94


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
    sizes = dict(candidate.seasons)
    placed = sum(_has_place(held, sizes) for held in counted)
    return _NONE_HELD + (1.0 - _NONE_HELD) * placed / len(counted)


def duration_part(wanted: Wanted, candidate: Candidate) -> float | None:
    if not wanted.duration or not candidate.duration:
        return None
    off = abs(wanted.duration - candidate.duration) / candidate.duration
    return 1.0 if off <= _NEAR else _BETWEEN if off <= _FAR else _OTHER_DURATION


def _has_place(held: HeldEpisode, sizes: dict[int, int]) -> bool:
    if held.is_absolute:
        return held.episode <= sum(size for number, size in sizes.items() if number)
    return held.episode <= sizes.get(held.season, 0)
