"""What was touched in a library and not looked at yet, and when it is time to look. Pure; the clock is the caller's.

Instants are seconds of a clock that never goes back.
"""

from dataclasses import dataclass

from shared.scan_scope import Touched
from worker.watching.rules import Extent, Touch

#: Who copies files touches a folder again and again: it has become quiet when nothing happened in it for so long.
QUIET = 2.0
#: While others go on, those that are quiet wait for so long at most.
LONGEST = 30.0
#: One that never becomes quiet, as while something is being recorded, is looked at nevertheless after so long.
LONGEST_BUSY = 300.0
#: Beyond so many touched paths the whole library is looked at.
MOST = 5000
_ALL = Touch("", Extent.TREE)


@dataclass(slots=True)
class _Since:
    first: float
    last: float


class Collected:
    """The touched paths of one library."""

    def __init__(self) -> None:
        self._since: dict[Touch, _Since] = {}

    def add(self, touch: Touch, instant: float) -> None:
        """Note that something was touched."""
        known = self._since.get(touch)
        if known is not None:
            known.last = instant
        elif len(self._since) < MOST:
            self._since[touch] = _Since(instant, instant)
        else:
            self._since = {_ALL: _Since(min(since.first for since in self._since.values()), instant)}

    def add_all(self, instant: float) -> None:
        """Note that anything may have been touched."""
        self.add(_ALL, instant)

    def due(self, instant: float) -> frozenset[Touch]:
        """Return what is to be looked at by now; few scans of much rather than many of little."""
        quiet = {touch: since for touch, since in self._since.items() if since.last <= instant - QUIET}
        busy = {touch: since for touch, since in self._since.items() if touch not in quiet}
        due = {touch for touch, since in busy.items() if since.first <= instant - LONGEST_BUSY}
        if not busy or due or any(since.first <= instant - LONGEST for since in quiet.values()):
            due |= quiet.keys()
        return frozenset(due)

    def forget(self, touches: frozenset[Touch], instant: float) -> None:
        """Forget what has been asked for, as it was at this instant; what was touched again since then stays."""
        for touch in touches:
            since = self._since.get(touch)
            if since is not None and since.last <= instant:
                del self._since[touch]
            elif since is not None:
                since.first = since.last


def by_extent(touches: frozenset[Touch]) -> Touched:
    """Sort what was touched as a scan is asked for it."""
    folders, trees, gone = (frozenset(touch.path for touch in touches if touch.extent is extent) for extent in Extent)
    return Touched(folders, trees, gone)
