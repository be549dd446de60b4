"""Changing a library: what users may say of it, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.catalogue import refetch
from shared.catalogue.libraries import refuse_taken
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.models import Library, LibraryMedia, MediaFile, ScanFolder, ScanJob
from shared.scan_states import UNENDED

#: What the files of a library are read by.
_PLACE = ("library_path", "library_type")


@dataclass(frozen=True, slots=True)
class Changed:
    """A library as it is now."""

    library: Library
    is_different: bool
    #: How many titles are fetched now because others are asked about them; nudge the workers for them.
    waiting: int


def change(session: Session, library_id: str, wanted: Mapping[str, Any]) -> Changed:
    """Change columns of a library. The slug stays as it is.

    1. The library is locked; for a new parent all of them are, or two changes at once could make a circle.
    2. Its path and type change only while it holds nothing: what it holds was read by them.
    3. No other library of its type may stand at its path.
    4. Where other providers, or others first, are to be asked about its titles, they are.

    Raises:
        NotFoundError: there is no such library.
        InvalidError: it can't have this parent.
        ConflictError: its path and type can't change now, or are another library's.

    """
    libraries = _locked(session, None if wanted.get("parent_id") else library_id)
    library = libraries.get(library_id)
    if library is None:
        raise NotFoundError("There is no library by this id.")
    different = {name: value for name, value in wanted.items() if getattr(library, name) != value}
    if different.get("parent_id"):
        _check_parent({row.id: row.parent_id for row in libraries.values()}, library_id, different["parent_id"])
    if any(name in different for name in _PLACE):
        _leave_place(session, library)
        path, library_type = (different.get(name, getattr(library, name)) for name in _PLACE)
        if path is not None and library_type is not None:
            refuse_taken(session, path, library_type)
    for name, value in different.items():
        setattr(library, name, value)
    try:
        session.flush()
    except IntegrityError:
        raise ConflictError("Another library of this type was put at this path a moment ago.") from None
    waiting = refetch.of_library(session, library_id) if "providers" in different else 0
    return Changed(library, bool(different), waiting)


def _locked(session: Session, library_id: str | None) -> dict[str, Library]:
    """Lock a library, or all of them, against everybody but the workers, who only refer to it."""
    query = select(Library).order_by(Library.id).with_for_update(key_share=True)
    if library_id is not None:
        query = query.where(Library.id == library_id)
    return {library.id: library for library in session.scalars(query)}


def _check_parent(parents: Mapping[str, str | None], library_id: str, parent_id: str) -> None:
    if parent_id not in parents:
        raise InvalidError("parentId", "There is no library by this id.")
    above: str | None = parent_id
    while above is not None:
        if above == library_id:
            raise InvalidError("parentId", "A library can't stand below itself.")
        above = parents[above]


def _leave_place(session: Session, library: Library) -> None:
    """Forget what scans noted of the library's path, and make sure that nothing came of them."""
    scanned = exists().where(ScanJob.library_id == library.id, ScanJob.status.in_(UNENDED))
    if session.scalar(select(scanned)):
        raise ConflictError(
            f"The library “{library.name}” is being scanned. Change its path or type when the scan has ended."
        )
    # Who names the files of folders holds their rows: when these are gone, all that was named can be seen.
    for table in (ScanFolder, ScanJob):
        session.execute(
            delete(table).where(table.library_id == library.id).execution_options(synchronize_session=False)
        )
    filled = exists().where(MediaFile.library_id == library.id) | exists().where(LibraryMedia.library_id == library.id)
    if session.scalar(select(filled)):
        raise ConflictError(
            f"The library “{library.name}” holds what was found at {library.library_path}, so its path and type stay. "
            "Make another library for the new one, and delete this one."
        )
