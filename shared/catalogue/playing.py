"""Which file is played, and what lies beside it."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from sqlalchemy import bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Session

from shared.catalogue.views import FILE, FileView
from shared.database import Reader
from shared.errors import NotFoundError
from shared.models import Episode, MediaFile, Movie
from shared.models.catalogue import episode_files

File = TypeVar("File", bound=FileView | MediaFile)


#: The files of a film, of an episode, and a file itself; one statement, as a player asks anew with each seek.
_FILES = union_all(
    select(*FILE).where(MediaFile.movie_id == bindparam("id")),
    select(*FILE).join(episode_files).where(episode_files.c.episode_id == bindparam("id")),
    select(*FILE).where(MediaFile.id == bindparam("id")),
)


def file_to_play(session: Reader, playable_id: str) -> FileView:
    """Return the best file of a film or an episode, or the file that has this id itself.

    Raises:
        NotFoundError: there is none.

    """
    files = [FileView._make(row) for row in session.execute(_FILES, {"id": playable_id})]
    if files:
        return best_first(files)[0]
    if session.scalar(select(or_(*(exists().where(kind.id == playable_id) for kind in (Movie, Episode))))):
        raise NotFoundError("There is no file to play.")
    raise NotFoundError("There is no movie, episode or file by this id.")


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
