"""Episodes by their titles, as files' names and providers give them. Pure."""

import re
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz

from shared.catalogue.normal import normalised
from worker.providers.base import EpisodeMetadata

#: ``Episode 5``, ``Folge 12``: a title that only counts says nothing that the number doesn't.
_COUNTING = re.compile(r"(?:[^\W\d]+ )?\d+")
_FIGURES = re.compile(r"\d+")
#: From 0 to 100, of titles that are spelled otherwise: ``The Colour of Money`` and ``The Color of Money``.
_ALIKE = 85.0


def telling(title: str | None) -> str | None:
    """Spell a title so that it can be compared; None where it tells nothing."""
    spelled = normalised(title) if title else ""
    return None if not spelled or _COUNTING.fullmatch(spelled) else spelled


def alike(one: str | None, other: str | None) -> bool:
    """Whether two titles are the same but for their spelling; ``The End (1)`` is not ``The End (2)``."""
    first, second = telling(one), telling(other)
    if first is None or second is None:
        return False
    return first == second or (
        _FIGURES.findall(first) == _FIGURES.findall(second) and fuzz.ratio(first, second) >= _ALIKE
    )


def by_title(episodes: Iterable[EpisodeMetadata]) -> Mapping[str, EpisodeMetadata]:
    """Index episodes by their titles, spelled as ``telling`` does; what several are called is nobody's."""
    found: dict[str, EpisodeMetadata | None] = {}
    for episode in episodes:
        if spelled := telling(episode.title):
            found[spelled] = None if spelled in found else episode
    return {spelled: episode for spelled, episode in found.items() if episode is not None}
