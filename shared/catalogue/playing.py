"""Which file is played, and what lies beside it."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from sqlalchemy.orm import Session, selectinload

from shared.catalogue.views import FileView
from shared.errors import NotFoundError
from shared.models import Episode, MediaFile, Movie

File = TypeVar("File", bound=FileView | MediaFile)


def file_to_play(session: Session, playable_id: str) -> MediaFile:
    """Return the best file of a film or an episode, or the file that has this id itself."""
    film = session.get(Movie, playable_id, options=[selectinload(Movie.files)])
    if film is not None:
        return _best(film.files)
    episode = session.get(Episode, playable_id, options=[selectinload(Episode.files)])
    if episode is not None:
        return _best(episode.files)
    file = session.get(MediaFile, playable_id)
    if file is None:
        raise NotFoundError("There is no movie, episode or file by this id.")
    return file


def subtitles_of_file(session: Session, file_id: str, position: str) -> str:
    """Return the path of the subtitles at a position of a file's list, which is counted from 0.

    Raises:
        NotFoundError: there is no such file, or it has none there.

    """
    file = session.get(MediaFile, file_id)
    if file is None:
        raise NotFoundError("There is no file by this id.")
    listed = {str(number): subtitles["path"] for number, subtitles in enumerate(file.subtitles)}
    if position not in listed:
        raise NotFoundError("The file has no subtitles at this position.")
    return str(PurePosixPath(file.path).parent / listed[position])


def best_first(files: Sequence[File]) -> list[File]:
    """Put the file first that a player should get: present, the first part, of the highest resolution."""
    return sorted(
        files,
        key=lambda file: (
            file.missing_since is not None,
            "error" in file.probe,
            file.part or 0,
            -(file.probe.get("height") or 0),
            -file.size,
            file.path,
        ),
    )


def _best(files: Sequence[MediaFile]) -> MediaFile:
    if not files:
        raise NotFoundError("There is no file to play.")
    return best_first(files)[0]
