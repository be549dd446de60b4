"""Libraries: folders that the user made libraries of."""

import re
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.catalogue.hidden import ASKED, hidden_before, hidden_by, hidden_titles
from shared.dialects import insert_new
from shared.errors import ConflictError, NotFoundError
from shared.kinds import MediaType
from shared.models import Library, LibraryMedia, TitleCount
from shared.models.base import new_id


def at_path(
    session: Session, path: Path, library_type: MediaType, *, name: str | None = None, description: str | None = None
) -> tuple[Library, bool]:
    """Return the library of this type at this path, locked until the transaction ends; made (then True) if need be."""
    here = (
        select(Library)
        .where(Library.library_path == str(path), Library.library_type == library_type)
        .with_for_update(key_share=True)
    )
    library = session.scalar(here)
    library_id = new_id()
    while library is None:
        _insert_unless_taken(
            session, path, library_type, id=library_id, name=name or path.name or str(path), description=description
        )
        library = session.scalar(here)
    return library, library.id == library_id


def create(session: Session, path: Path, library_type: MediaType, *, name: str, **more: Any) -> Library:
    """Make a library; ``more`` may have its description, the URLs of its pictures, and its providers.

    Raises:
        ConflictError: there is one of this type at this path.

    """
    library_id = new_id()
    library = None
    while library is None:
        refuse_taken(session, str(path), library_type)
        _insert_unless_taken(session, path, library_type, id=library_id, name=name, **more)
        library = session.get(Library, library_id)
    return library


def refuse_taken(session: Session, path: str, library_type: str) -> None:
    """Refuse a path at which there is a library of this type.

    Raises:
        ConflictError: there is one; the message names it.

    """
    taken = session.scalar(
        select(Library.name).where(Library.library_path == path, Library.library_type == library_type)
    )
    if taken is not None:
        raise ConflictError(f"There is a library of this type at this path already: “{taken}”.")


def one(session: Session, library_id: str) -> tuple[Library, int]:
    """Return a library, and how many titles it holds.

    Raises:
        NotFoundError: there is no such library.

    """
    library = session.get(Library, library_id)
    if library is None:
        raise NotFoundError("There is no library by this id.")
    return library, titles_in(session, library_id)


def titles_in(session: Session, library_id: str) -> int:
    """Count the titles that a library holds, and that are shown."""
    counted = session.scalar(select(func.sum(TitleCount.titles)).where(TitleCount.counted == library_id)) or 0
    return counted - _hidden_in(session, hidden_before(session)).get(library_id, 0)


def listed(
    session: Session, *, is_library: bool | None = None, library_type: MediaType | None = None
) -> list[tuple[Library, int]]:
    """Return libraries by name, each with how many titles it holds."""
    rows = session.execute(_all(is_library, library_type)).all()
    hidden = _hidden_in(session, hidden_by(rows[0])) if rows else {}
    return [(row.Library, row.titles - hidden.get(row.Library.id, 0)) for row in rows]


@cache
def _all(is_library: bool | None, library_type: MediaType | None) -> Select[Any]:  # noqa: FBT001
    """Make the query for libraries, once for each way to ask for them."""
    held = select(func.coalesce(func.sum(TitleCount.titles), 0)).where(TitleCount.counted == Library.id)
    query = select(Library, held.scalar_subquery().label("titles"), *ASKED)
    if is_library is not None:
        query = query.where(Library.is_library == is_library)
    if library_type is not None:
        query = query.where(Library.library_type == library_type)
    return query.order_by(func.lower(Library.name), Library.id)


def _hidden_in(session: Session, before: datetime | None) -> dict[str, int]:
    """Count the titles that are not shown, by library; none in the usual case."""
    if before is None:
        return {}
    hidden = select(LibraryMedia.library_id, func.count()).where(LibraryMedia.media_id.in_(hidden_titles(before)))
    return dict(session.execute(hidden.group_by(LibraryMedia.library_id)).all())


def _insert_unless_taken(session: Session, path: Path, library_type: MediaType, *, name: str, **more: Any) -> None:
    """Insert a library; not when somebody else makes it, or another of the same slug, at this very moment."""
    row = {
        "id": new_id(),
        "name": name,
        "slug": _free_slug(session, name),
        "library_path": str(path),
        "library_type": library_type,
        "is_library": True,
    }
    insert_new(session, Library, [row | more])


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:80] or "library"
    taken = set(session.scalars(select(Library.slug).where(Library.slug.like(f"{slug}%"))))
    number = 2
    free = slug
    while free in taken:
        free = f"{slug}-{number}"
        number += 1
    return free
