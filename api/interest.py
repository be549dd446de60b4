"""What one client wants to hear, and has heard."""

from collections.abc import Sequence

from api.frames import Frame
from shared.events import ScanComplete, ScanError

#: What ends a run of a scan.
_ENDS = frozenset({ScanComplete.type, ScanError.type})


class News:
    """What all clients are told next, looked at once for however many of them."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = frames
        #: For each scan the first progress in it and the last; None if one ends or goes back, so that each client may
        #: have been told something else.
        self.progress: dict[str, tuple[int, int]] | None = {}
        self._wires: dict[tuple[frozenset[str], frozenset[str]], bytes] = {}
        for frame in frames:
            if frame.type in _ENDS:
                self.progress = None
            if self.progress is None:
                break
            if frame.progress is not None:
                first, last = self.progress.get(frame.scan_job_id, (frame.progress, -1))
                self.progress[frame.scan_job_id] = (first, frame.progress)
                if frame.progress < last:
                    self.progress = None

    def wire_of(self, types: frozenset[str], hidden: frozenset[str]) -> bytes:
        """Return the frames of these types, or of all if there are none, but for the hidden ones, as they go out."""
        wanted = (types, hidden)
        if wanted not in self._wires:
            frames = (frame for frame in self.frames if frame.type not in hidden)
            self._wires[wanted] = b"".join(frame.wire for frame in frames if not types or frame.type in types)
        return self._wires[wanted]


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

    def all_at_once(self, news: News) -> bytes | None:
        """Return what the client is to be sent of the news; None if each frame has to be looked at."""
        if news.progress is None:
            return None
        for scan_job_id, (first, _) in news.progress.items():
            if first < self._progress.get(scan_job_id, -1):
                return None
        for scan_job_id, (_, last) in news.progress.items():
            self._progress[scan_job_id] = last
        return news.wire_of(self._types, self._hidden)
