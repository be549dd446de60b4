"""The files of folders, as their names say what they are: the disk is read, and nothing is written."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from shared.kinds import MediaType
from shared.models import Library, ScanFolder
from shared.opening import Allowed, RefusedError
from shared.scan_options import ScanOptions
from worker import subtitles
from worker.found import FoundFile, found_file, unplaced
from worker.walk import Passed, VideoFile, subtitle_names, video_files

#: A folder's files, None where it can't be read; and what was passed over in it.
Named = tuple[ScanFolder, list[FoundFile] | None, list[Passed]]


def named(library: Library, folders: Iterable[ScanFolder], options: ScanOptions, allowed: Allowed) -> Iterator[Named]:
    """List folders one after the other, and read the names of their files."""
    for folder in folders:
        try:
            videos, problems = video_files(folder.path, options, allowed)
        except OSError as error:
            cause = "outside" if isinstance(error, RefusedError) else "folder-gone"
            why = f"The folder can't be read any more: {error.strerror}."
            yield folder, None, [Passed(folder.path, cause, why)]
            continue
        found = _found(library, folder, videos)
        yield folder, found, problems + unplaced(found)


def _found(library: Library, folder: ScanFolder, videos: Iterable[VideoFile]) -> list[FoundFile]:
    """Read the names of the files of a folder, and give each its subtitles."""
    root = PurePosixPath(library.library_path or folder.path)
    media_type = MediaType(library.library_type or MediaType.MOVIE)
    found = [found_file(video, folder_id=folder.id, root=root, media_type=media_type) for video in videos]
    names = subtitle_names(folder.path)
    if not names:
        return found
    watched = [PurePosixPath(file.path).name for file in found if not file.extra_type]
    only = watched[0] if len(watched) == 1 else None
    given = subtitles.beside([PurePosixPath(file.path).name for file in found], names, only)
    return [replace(file, subtitles=given[PurePosixPath(file.path).name]) for file in found]
