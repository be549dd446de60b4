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


@dataclass(frozen=True, slots=True)
class Rate:
    """How many folders and titles settle in a second."""

    folders: float
    titles: float


def rate(begun: Counts, current: Counts, elapsed: float) -> Rate | None:
    """Return at which rate folders and titles settled since ``begun``, ``elapsed`` seconds ago; None: too soon."""
    if elapsed < _SHORTEST:
        return None
    folders = max(current.folders_settled - begun.folders_settled, 0)
    titles = max(current.titles_settled - begun.titles_settled, 0)
    return Rate(round(folders / elapsed, 2), round(titles / elapsed, 2))


def eta_seconds(begun: Counts, current: Counts, elapsed: float) -> int | None:
    """How many seconds a scan will still take if it goes on as it did; None when nobody can know.

    ``begun`` is how far it was when all folders were listed, or after its last pause, ``elapsed`` seconds ago: what was
    settled until then, as unchanged folders are, says nothing about the rate.
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
