"""What one client wants to hear, and has heard."""

from api.frames import Frame
from shared.events import ScanComplete, ScanError

#: What ends a run of a scan.
_ENDS = frozenset({ScanComplete.type, ScanError.type})


class Interest:
    """The types that a client asked for, none meaning all, and how far it was told that each scan is."""

    def __init__(self, types: frozenset[str], hidden: frozenset[str] = frozenset()) -> None:
        """``hidden`` types are not for this client, whatever it asks for."""
        self._types = types
        self._hidden = hidden
        self._progress: dict[str, int] = {}

    def is_news(self, frame: Frame) -> bool:
        """Whether a frame is one that the client wants, and no progress that went before what it was told."""
        if frame.type in _ENDS:
            # The next run begins at 0 again.
            self._progress.pop(frame.scan_job_id, None)
        if frame.type in self._hidden or (self._types and frame.type not in self._types):
            return False
        if frame.progress is not None:
            told = self._progress.get(frame.scan_job_id, -1)
            self._progress[frame.scan_job_id] = max(told, frame.progress)
            return frame.progress >= told
        return True
