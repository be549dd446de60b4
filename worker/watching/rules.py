"""Which changes on disk are a reason to look, and where. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from worker.subtitles import FOLDERS as SUBTITLE_FOLDERS


class Extent(StrEnum):
    """How far around a touched path to look."""

    #: The folder itself.
    FOLDER = "folder"
    #: The folder and all below it.
    TREE = "tree"
    #: What lay at and below a path that is gone.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is of interest in a library: extensions in lower case with the dot, names of folders in lower case."""

    videos: frozenset[str]
    sidecars: frozenset[str]
    passed_over: frozenset[str]


@dataclass(frozen=True, slots=True)
class Touch:
    """Where to look; the path is relative to the library, and empty for its own folder."""

    path: str
    extent: Extent


def touches(path: str, *, is_folder: bool, is_gone: bool, kinds: Kinds) -> list[Touch]:
    """Say where to look when something came, went or changed at a path relative to the library.

    ::

        "Heat (1995)/Heat (1995).mkv"        its folder
        "The Wire/tvshow.nfo"                its folder with all below: an .nfo of a show belongs to all its seasons
        "Heat (1995)/Subs/en.srt"            the folder beside whose videos the subtitles are
        "Heat (1995)", a folder              all of it
        "Heat (1995)", gone                  what lay there, if the catalogue knows of something there
        "Heat (1995)/.Heat.mkv.x2F"          nowhere; so with "…/Heat (1995).mkv.part" and everything else
    """
    parts = PurePosixPath(path).parts
    if any(part[0] == "." or part.lower() in kinds.passed_over for part in parts):
        return []
    if is_folder:
        return [Touch(_beside_videos(parts), Extent.TREE)]
    found = [Touch(path, Extent.GONE)] if is_gone and parts else []
    extension = PurePosixPath(path).suffix.lower()
    folder = _beside_videos(parts[:-1])
    if extension in kinds.videos:
        found.append(Touch(folder, Extent.FOLDER))
    elif extension in kinds.sidecars:
        # What stands beside the library's own folders belongs to none of them.
        found.append(Touch(folder, Extent.TREE if folder else Extent.FOLDER))
    return found


def _beside_videos(parts: tuple[str, ...]) -> str:
    """Return a folder, or the one whose subtitles it holds."""
    holding = next((number for number, part in enumerate(parts) if part.lower() in SUBTITLE_FOLDERS), len(parts))
    return "/".join(parts[:holding])
