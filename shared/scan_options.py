"""How a scan is to be done, as it stands in its job."""

from dataclasses import asdict, dataclass
from typing import Any

from shared.scan_scope import Scope

#: What is taken for a video where a scan doesn't say.
VIDEO_EXTENSIONS = frozenset(
    [
        ".3gp",
        ".asf",
        ".avi",
        ".divx",
        ".f4v",
        ".flv",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".ogm",
        ".ogv",
        ".rm",
        ".rmvb",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
        ".wtv",
    ]
)


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """The options of one scan; the defaults are those of a scan that says nothing."""

    #: How many folders deep; None: as deep as it goes.
    max_depth: int | None = None
    #: Lower-case, with the dot.
    file_extensions: tuple[str, ...] = ()
    #: Do everything again, also where nothing changed.
    rescan: bool = False
    follow_symlinks: bool = True
    #: Regular expressions; a file or folder that doesn't hold a match is passed over.
    filename_pattern: str | None = None
    directory_pattern: str | None = None
    #: Which folders alone are looked at; None: all.
    only: Scope | None = None
    #: What the scan does not see is gone, however much it is: the user says so.
    accept_missing: bool = False

    @property
    def extensions(self) -> frozenset[str]:
        return frozenset(self.file_extensions) or VIDEO_EXTENSIONS

    def covers(self, other: "ScanOptions", *, levels: int = 0) -> bool:
        """Whether a scan with these options does all that one with the others does, so many folders further down."""
        reaches = self.max_depth is None or (other.max_depth is not None and other.max_depth + levels <= self.max_depth)
        # What a pattern passes over on the way down, it never comes to.
        enters = self.directory_pattern is None or (levels == 0 and self.directory_pattern == other.directory_pattern)
        looks = self.only is None or (levels == 0 and self.only == other.only)
        return (
            reaches
            and enters
            and looks
            and self.rescan >= other.rescan
            and self.accept_missing >= other.accept_missing
            and self.follow_symlinks >= other.follow_symlinks
            and self.extensions >= other.extensions
            and self.filename_pattern in (None, other.filename_pattern)
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ScanOptions":
        only = values.get("only")
        more = {"file_extensions": tuple(values.get("file_extensions", ())), "only": Scope.of(**only) if only else None}
        return cls(**values | more)
