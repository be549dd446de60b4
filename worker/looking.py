"""Look into files one after the other: what is in them, what they are known by after a move, and which still grow."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.models import MediaFile
from shared.opening import Opener
from worker import growing, pace
from worker.fingerprint import fingerprint
from worker.probe import ProbeError, probe
from worker.record.folders import Seen, is_known
from worker.resources import Resources
from worker.walk import Passed

#: Seconds after which what was seen is to be kept before more files are looked into. Each takes ten at most, so a task
#: that is out of time, which is killed, has kept most of what it did.
KEPT_AFTER = 10.0


@dataclass(frozen=True, slots=True)
class Looked:
    """Files that were looked into."""

    #: Each with what was seen, and what was wrong with it.
    seen: Sequence[tuple[MediaFile, Seen, Passed | None]]
    #: Those that somebody is still writing, of which nothing counts that was seen.
    grown: Sequence[MediaFile]

    @property
    def count(self) -> int:
        return len(self.seen) + len(self.grown)


def look_into(resources: Resources, scan_job_id: str, files: Sequence[MediaFile]) -> Looked:
    """Look into the first of some files, as many as there is time for, and look at each again in the end."""
    started = began = time.monotonic()
    looks: dict[str, growing.Look] = {}

    def look(file: MediaFile) -> tuple[MediaFile, Seen, Passed | None]:
        nonlocal began
        began = time.monotonic()
        if (first := growing.look_at(file.path)) is not None:
            looks[file.path] = first
        return file, *_seen(file, resources.opener)

    looked: list[tuple[MediaFile, Seen, Passed | None]] = []
    with pace.watched(resources.redis, scan_job_id, map(look, files), pace.FILES) as walked:
        for each in walked:
            looked.append(each)
            if time.monotonic() - started > KEPT_AFTER:
                break
    changed = growing.changed_since(looks, began)
    grown = [file for file, *_ in looked if file.path in changed or _differs(file, looks.get(file.path))]
    return Looked([each for each in looked if each[0] not in grown], grown)


def _seen(file: MediaFile, opener: Opener) -> tuple[Seen, Passed | None]:
    """Look into a file, where nobody has since it changed, and digest what it is known again by."""
    with suppress(OSError):
        file.fingerprint = fingerprint(Path(file.path), opener)
    if is_known(file.probe):
        return Seen(file.probe, file.fingerprint), None
    try:
        return Seen(asdict(probe(Path(file.path), opener)), file.fingerprint), None
    except ProbeError as error:
        return Seen({"error": error.cause}, file.fingerprint), Passed(file.path, error.cause, str(error))


def _differs(file: MediaFile, look: growing.Look | None) -> bool:
    """Whether a file is no longer as it was when it was named; one that is gone is no other one."""
    return look is not None and (look.size, look.modified_at) != (file.size, file.modified_at)
