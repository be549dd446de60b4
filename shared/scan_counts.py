"""How far a scan is, in numbers, and how long it may still take."""

from dataclasses import dataclass
from math import ceil

#: What each step is worth: about its share of a first scan's time. Together 100.
_NAMING, _PROBING, _FETCHING, _PAINTING = 20, 15, 45, 20
#: From less than this, in seconds and in per cent, no rate can be told.
_SHORTEST, _LEAST = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many folders and titles of a scan job are how far."""

    #: Found by the walk.
    folders: int = 0
    folders_named: int = 0
    #: Looked into, or failed.
    folders_settled: int = 0
    folders_failed: int = 0
    #: Found in the folders that are named.
    titles: int = 0
    titles_fetched: int = 0
    titles_settled: int = 0
    failures: int = 0

    @property
    def percent(self) -> int:
        """How much is done, from 0 to 99."""
        return min(99, int(self.done(self.folders, self.titles)))

    def done(self, folders: int, titles: int) -> float:
        """How much of a scan of so many folders and titles is done, from 0 to 100; without titles to 35."""
        share = (_NAMING * self.folders_named + _PROBING * self.folders_settled) / (folders or 1)
        return share + (_FETCHING * self.titles_fetched + _PAINTING * self.titles_settled) / (titles or 1)


def eta_seconds(begun: Counts, current: Counts, elapsed: float) -> int | None:
    """How many seconds a scan will still take if it goes on as it did; None when nobody can know.

    ``begun`` is how far it was when all folders were listed, ``elapsed`` seconds ago: what was settled until then, as
    unchanged folders are, says nothing about the rate.
    """
    if current.folders_named < current.folders or elapsed < _SHORTEST:
        # As long as not all folders are named, nobody knows how many titles there are.
        return None
    done = current.done(current.folders, current.titles)
    gained = done - begun.done(current.folders, current.titles)
    if gained < _LEAST:
        return None
    whole = _NAMING + _PROBING + (_FETCHING + _PAINTING if current.titles else 0)
    return ceil(max(whole - done, 0.0) / gained * elapsed)
