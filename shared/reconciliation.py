"""Whether what a scan did not see is taken to be gone. Pure: rules, and what a job says of how they went.

A disk that is not mounted looks like a library whose files were all deleted. Where that may be, nothing is marked
missing, and the job says why; a user who knows better says so by ``acceptMissing``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

#: However small a library is, so few files may always vanish from it at once, as long as some are left.
ALWAYS_ALLOWED = 10


class Outcome(StrEnum):
    """What became of the files that a scan did not see."""

    #: They are marked missing, if there were any.
    DONE = "done"
    #: They stay as they were; the reason says why.
    STOPPED = "stopped"


class StopReason(StrEnum):
    """Why files that a scan did not see are not taken to be gone; also the cause of the failure that says so."""

    #: The library's folder is not there.
    ROOT_GONE = "root-gone"
    #: The library's folder can't be listed.
    ROOT_UNREADABLE = "root-unreadable"
    #: The library's folder has nothing of it any more, as that of a disk that isn't mounted.
    ROOT_EMPTY = "root-empty"
    #: The library's folder is on another disk than it was.
    OTHER_DISK = "root-on-other-disk"
    #: More than the set share of the library's files vanished at once.
    TOO_MANY = "too-many-missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """How it went; as a job keeps it."""

    status: Outcome
    reason: StopReason | None = None
    message: str | None = None
    #: Files that were in the catalogue and not missing, and those of them that the scan did not see.
    known_files: int = 0
    unseen_files: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Reconciliation | None":
        return cls(**kept) if kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a scan saw of a library: of so many known files so many not, and where its folder is."""

    known: int
    unseen: int
    #: See ``worker.disks``: where it was, and where it is; None where nobody knows.
    disk_before: str | None = None
    disk: str | None = None


def judge(sight: Sight, *, max_percent: int, is_accepted: bool) -> Reconciliation:
    """Say whether the files that were not seen are gone; ``is_accepted``: the user says so."""
    reason = None if is_accepted else _doubt(sight, max_percent)
    return Reconciliation(
        status=Outcome.DONE if reason is None else Outcome.STOPPED,
        reason=reason,
        message=None if reason is None else _said(reason, sight, max_percent),
        known_files=sight.known,
        unseen_files=sight.unseen,
    )


def stopped_at_root(reason: StopReason) -> Reconciliation:
    """Say that the library's folder could not be listed, so that nothing was seen at all."""
    words = {
        StopReason.ROOT_GONE: "The library's folder is not there",
        StopReason.ROOT_UNREADABLE: "The library's folder can't be read",
    }
    message = f"{words[reason]}, so none of its files is marked missing. Is its disk mounted?"
    return Reconciliation(status=Outcome.STOPPED, reason=reason, message=message)


def _doubt(sight: Sight, max_percent: int) -> StopReason | None:
    if sight.unseen == 0:
        return None
    if sight.unseen >= sight.known:
        return StopReason.ROOT_EMPTY
    if sight.disk_before and sight.disk and sight.disk_before != sight.disk:
        return StopReason.OTHER_DISK
    if sight.unseen >= ALWAYS_ALLOWED and sight.unseen * 100 > sight.known * max_percent:
        return StopReason.TOO_MANY
    return None


def _said(reason: StopReason, sight: Sight, max_percent: int) -> str:
    words = {
        StopReason.ROOT_EMPTY: f"None of the {sight.known} known files is left",
        StopReason.OTHER_DISK: f"The library's folder is on another disk than before, and {sight.unseen} of "
        f"{sight.known} known files are not there",
        StopReason.TOO_MANY: f"{sight.unseen} of {sight.known} known files are not there, which is more than "
        f"{max_percent} % at once",
    }
    return (
        f"{words[reason]}, so none is marked missing. If its disk isn't mounted, mount it and scan again; if they are "
        "gone, scan with the option acceptMissing."
    )
