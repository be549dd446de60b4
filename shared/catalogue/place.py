"""Which library would read a path, and from where on the path says something."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import Config
from shared.errors import InvalidError, NotFoundError
from shared.kinds import MediaType
from shared.models import Library
from shared.paths import named_path


@dataclass(frozen=True, slots=True)
class Place:
    """A path, absolute, and the folder below which it says something."""

    path: Path
    root: Path
    media_type: MediaType
    library: Library | None


def place(session: Session, config: Config, text: str, media_type: MediaType | None, library_id: str | None) -> Place:
    """Settle how a path is to be read.

    1. By the library that is named; else by the one whose folder it is below, the nearest if there are several, and
       where a media type is said too, the nearest of that type.
    2. Else from the media root that it is below, or as a whole.
    3. A path that is not absolute is one below the library's folder.

    Raises:
        InvalidError: the path can't be one, or is not below the library that is named.
        NotFoundError: there is no such library.

    """
    path = named_path(config, text)
    library = _named(session, library_id) if library_id else _around(session, path, media_type)
    if library is not None:
        root = Path(library.library_path or "/")
        path = root / path
        if not path.is_relative_to(root) or path == root:
            raise InvalidError("path", f"The path is not below the folder of the library “{library.name}”.")
        is_tv = library.library_type == MediaType.TV_SHOW
        return Place(path, root, MediaType.TV_SHOW if is_tv else MediaType.MOVIE, library)
    path = Path("/") / path
    if not path.name:
        raise InvalidError("path", "Name a file.")
    root = next((folder for folder in config.media_roots if path != folder and path.is_relative_to(folder)), Path("/"))
    return Place(path, root, media_type or MediaType.MOVIE, None)


def _named(session: Session, library_id: str) -> Library:
    library = session.get(Library, library_id)
    if library is None:
        raise NotFoundError("There is no library by this id.")
    return library


def _around(session: Session, path: Path, media_type: MediaType | None) -> Library | None:
    above = select(Library).where(Library.library_path.in_([str(folder) for folder in path.parents]))
    if media_type is not None:
        above = above.where(Library.library_type == media_type)
    found = session.scalars(above.order_by(Library.library_type)).all()
    return max(found, key=lambda library: len(library.library_path or ""), default=None)
