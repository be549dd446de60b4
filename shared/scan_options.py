"""How a scan is to be done, as it stands in its job."""

from dataclasses import asdict, dataclass
from typing import Any

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
    #: What the scan does not see is gone, however much it is: the user says so.
    accept_missing: bool = False

    @property
    def extensions(self) -> frozenset[str]:
        return frozenset(self.file_extensions) or VIDEO_EXTENSIONS

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ScanOptions":
        return cls(**values | {"file_extensions": tuple(values.get("file_extensions", ()))})
