"""Record that files were renamed or moved: their rows stay, and with them their ids, their dates and their titles."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

from shared.catalogue.emptied import leave
from shared.catalogue.indexing import index_titles
from shared.catalogue.normal import normalised
from shared.dialects import insert_new
from shared.kinds import MatchStatus
from shared.models import (
    ExternalId,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    MediaName,
)
from worker.found import FoundFile
from worker.record import titles


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that is in the catalogue, and may lie elsewhere or go by another name by now."""

    id: str
    path: str
    size: int
    fingerprint: str | None
    #: By which its title goes so far.
    key: str
    library_id: str
    #: The library's folder.
    root: str


@dataclass(frozen=True, slots=True)
class Move:
    """A file that lies elsewhere now, or whose name says another title."""

    file_id: str
    from_path: str
    path: str
    #: Whether nothing is left that goes by the name that it had, so that its title goes by the new one.
    is_whole: bool


def candidates(session: Session, library: Library, found: Collection[FoundFile]) -> list[Candidate]:
    """Return the files of which one of these may be the new place: of the same size, in a library of the same type."""
    known = {candidate.path for candidate in known_at(session, library, found)}
    sizes = {file.size for file in found if file.path not in known}
    if not sizes:
        return []
    alike = (MediaFile.size.in_(sizes), MediaFile.fingerprint.is_not(None))
    return _candidates(session, *alike, Library.library_type == library.library_type)


def known_at(session: Session, library: Library, found: Collection[FoundFile]) -> list[Candidate]:
    """Return the files that are known at these very paths."""
    return _candidates(session, MediaFile.library_id == library.id, MediaFile.path.in_([file.path for file in found]))


def paths_by_name(session: Session, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Return for each of these names, with the library that it is of, the paths of the files that go by it."""
    paths: dict[tuple[str, str], set[str]] = {name: set() for name in names}
    rows = session.execute(
        select(MediaFile.library_id, MediaFile.owner_key, MediaFile.path).where(
            tuple_(MediaFile.library_id, MediaFile.owner_key).in_(list(names)), MediaFile.extra_type.is_(None)
        )
    )
    for library_id, key, path in rows:
        paths[library_id, key or ""].add(path)
    return paths


def _candidates(session: Session, *conditions: ColumnElement[bool]) -> list[Candidate]:
    columns = (MediaFile.id, MediaFile.path, MediaFile.size, MediaFile.fingerprint, MediaFile.owner_key)
    rows = session.execute(
        select(*columns, MediaFile.library_id, Library.library_path)
        .join(Library, Library.id == MediaFile.library_id)
        .where(*conditions)
    )
    return [
        Candidate(file_id, path, size, kept, key or "", library_id, root or "")
        for file_id, path, size, kept, key, library_id, root in rows
    ]


@dataclass(slots=True)
class Recorded:
    """What moves mean for titles."""

    #: Those that lost a file by it.
    left: set[str] = field(default_factory=set)
    #: Those that go by the name of this file from now on, with the title that the name had before.
    renamed: dict[str, tuple[str, FoundFile]] = field(default_factory=dict)
    #: Those that moved as a whole into one that was there already.
    heirs: dict[str, str] = field(default_factory=dict)


def record(session: Session, library_id: str, found: Mapping[str, FoundFile], moved: Collection[Move]) -> Recorded:
    """Record where files, found by their paths, were moved to.

    1. A file's row gets its new path and library, unless it is another one by now.
    2. The title stays the file's where it goes by the new name already, or where it moved as a whole: then that name
       means it from now on.
    3. Otherwise the new name says whose file it is: it is taken out of its title.
    """
    rows = _still_there(session, moved)
    here = [
        (rows[move.file_id], found[move.path], move) for move in moved if move.file_id in rows and move.path in found
    ]
    owners = titles.titles_by_file(session, list(rows))
    meant = titles.named(session, library_id, {file.key for _, file, _ in here})
    kept: dict[str, FoundFile] = {}
    recorded = Recorded()
    strayed: list[MediaFile] = []
    emptied: set[tuple[str, str]] = set()
    unused: set[tuple[str, str]] = set()
    for row, file, move in here:
        old_name, is_same_name = (row.library_id, row.owner_key or ""), row.owner_key == file.key
        media_id = owners.get(row.id)
        if media_id is not None and row.library_id != library_id:
            emptied.add((row.library_id, media_id))
        row.path, row.library_id = file.path, library_id
        if media_id is None or file.extra_type:
            continue
        if meant.setdefault(file.key, media_id if is_same_name or move.is_whole else "") == media_id:
            kept[media_id] = file
            if move.is_whole and not is_same_name:
                recorded.renamed[media_id] = (row.guess.get("title", ""), file)
                unused.add(old_name)
            continue
        strayed.append(row)
        recorded.heirs |= {media_id: meant[file.key]} if move.is_whole and meant[file.key] else {}
    session.flush()
    _name(session, library_id, kept, unused)
    recorded.left = titles.take_out(session, strayed)
    leave(session, emptied)
    return recorded


def settle(session: Session, recorded: Recorded) -> None:
    """Have titles follow their files: providers are asked by the new names, and what the user said holds on.

    Whoever calls this holds the way of these titles, see ``shared.enrichments``.
    """
    _rename(session, recorded.renamed)
    _inherit(session, recorded.heirs)


def _still_there(session: Session, moved: Collection[Move]) -> dict[str, MediaFile]:
    """Return the rows of the files that nobody else has found elsewhere meanwhile, and lock them."""
    if not moved:
        return {}
    from_paths = {move.file_id: move.from_path for move in moved}
    rows = session.scalars(select(MediaFile).where(MediaFile.id.in_(from_paths)).with_for_update())
    return {row.id: row for row in rows if row.path == from_paths[row.id]}


def _name(
    session: Session, library_id: str, kept: Mapping[str, FoundFile], unused: Collection[tuple[str, str]]
) -> None:
    """Have titles go by new names; a name that another worker gave away meanwhile stays where it is."""
    if unused:
        session.execute(delete(MediaName).where(tuple_(MediaName.library_id, MediaName.key).in_(sorted(unused))))
    titles.name(session, library_id, [(file.key, media_id) for media_id, file in kept.items()])
    insert_new(session, LibraryMedia, [{"library_id": library_id, "media_id": media_id} for media_id in kept])


def _rename(session: Session, renamed: Mapping[str, tuple[str, FoundFile]]) -> None:
    """Have providers asked by the new names, where they were by the old ones; whom nobody knows is shown by it.

    The ids of a title that is asked about by another name are free for whom they may be of, unless a user chose them.
    """
    for media in session.scalars(select(Media).where(Media.id.in_(renamed))):
        old_title, file = renamed[media.id]
        if media.guessed_title != old_title:
            continue
        if media.match_status != MatchStatus.MATCHED and media.title == old_title:
            media.title = file.guess.title
            media.search_title = normalised(media.title)
        for column, value in titles.guess_of(file).items():
            setattr(media, column, value)
        if not media.chosen:
            session.execute(delete(ExternalId).where(ExternalId.media_id == media.id))
    session.flush()
    index_titles(session, renamed)


def _inherit(session: Session, heirs: Mapping[str, str]) -> None:
    rows = {row.id: row for row in session.scalars(select(Media).where(Media.id.in_([*heirs, *heirs.values()])))}
    for media_id, heir_id in heirs.items():
        rows[heir_id].chosen = rows[heir_id].chosen or rows[media_id].chosen
