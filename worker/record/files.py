"""Record the files of folders: named, browsable and playable before any provider has answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import enrichments
from shared.catalogue import emptied
from shared.dialects import insert_for, insert_new, insert_rows
from shared.models import LibraryMedia, MediaFile, Movie, ScanJob, TVShow
from shared.models.base import new_id, now
from worker.found import FoundFile
from worker.placing import held_in
from worker.record import episodes, guesses, moves, titles, unseen
from worker.record.moves import Move

#: Where a file lies does not change what its name says.
_ANYWHERE = Path()


@dataclass(frozen=True, slots=True)
class Registered:
    """What a batch of folders came to."""

    media_ids: frozenset[str]
    new_media_ids: frozenset[str]
    #: Titles whose last file turned out to be another title's.
    removed_media_ids: frozenset[str]


def register(
    session: Session,
    scan_job: ScanJob,
    folder_ids: Sequence[str],
    found: Sequence[FoundFile],
    *,
    gone: Collection[str] = (),
    moved: Collection[Move] = (),
    is_asked: bool = False,
) -> Registered:
    """Put the files of a batch of folders into the catalogue.

    1. Files that were ``moved`` here keep their rows, and their titles unless their new names say another one.
    2. Files that are known keep their title; what changed about them is noted.
    3. New files get the title that goes by their name, or a new one; extras get none.
    4. Files that are ``gone`` from these folders are noted as unseen, see ``worker.record.unseen``.
    5. Their titles are sent to the providers: something about their folders is new, or a user asked.
    """
    library_id = scan_job.library_id
    moves_made = moves.record(session, library_id, {file.path: file for file in found}, moved)
    known = _known_files(session, library_id, folder_ids, [file.path for file in found])
    left = moves_made.left | _refresh(session, known, found)
    unseen.note(session, [known[path].id for path in gone if path in known], is_unseen=True)

    owners = titles.titles_by_file(session, [row.id for row in known.values()])
    homeless = [
        file for file in found if not file.extra_type and (file.path not in known or known[file.path].id not in owners)
    ]
    by_key, new_titles = titles.titles_of(session, library_id, homeless)
    _house(session, library_id, known, found, {file.path: by_key[file.key] for file in homeless})
    rows = {file.key: known[file.path] for file in found if file.path in known and not file.extra_type}
    titles.name(session, library_id, [(key, owners[row.id]) for key, row in rows.items() if row.id in owners])

    touched = set(by_key.values()) | set(owners.values())
    enrichments.fetch(session, touched, scan_job.id, is_asked=is_asked)
    moves.settle(session, moves_made)
    removed = emptied.remove_titles(session, left)
    return Registered(frozenset(touched - removed), frozenset(new_titles), frozenset(removed))


def paths_in(session: Session, folder_ids: Sequence[str]) -> set[str]:
    """Return the paths that the catalogue has in these folders."""
    return set(session.scalars(select(MediaFile.path).where(MediaFile.folder_id.in_(folder_ids))))


def _known_files(
    session: Session, library_id: str, folder_ids: Sequence[str], paths: Sequence[str]
) -> dict[str, MediaFile]:
    rows = [
        # Folders are of one library; to name that too has SQLite look through all of its files.
        *session.scalars(select(MediaFile).where(MediaFile.folder_id.in_(folder_ids))),
        *session.scalars(select(MediaFile).where(MediaFile.library_id == library_id, MediaFile.path.in_(paths))),
    ]
    return {row.path: row for row in rows}


def _refresh(session: Session, known: Mapping[str, MediaFile], found: Sequence[FoundFile]) -> set[str]:
    """Note what changed about files; return the titles that lose one because its name says something else now.

    That is one that turned out to be an extra, or another episode than before.
    """
    strayed: list[MediaFile] = []
    for file in found:
        row = known.get(file.path)
        if row is None:
            continue
        if (row.size, row.modified_at) != (file.size, file.modified_at):
            row.size, row.modified_at, row.probe, row.fingerprint = file.size, file.modified_at, {}, None
        row.missing_since, row.is_unseen = None, False
        if _is_elsewhere(row, file):
            strayed.append(row)
        for column, value in _facts(file).items():
            setattr(row, column, value)
    session.flush()
    return titles.take_out(session, strayed)


def _is_elsewhere(row: MediaFile, file: FoundFile) -> bool:
    """Whether a file stands where its name no longer has it."""
    before = guesses.from_json(row.guess)
    if before is None:
        return file.extra_type is not None
    episodes_before = [] if row.extra_type else held_in(_ANYWHERE, before)
    episodes_now = [] if file.extra_type else held_in(_ANYWHERE, file.guess)
    return bool(row.extra_type) != bool(file.extra_type) or episodes_before != episodes_now


def _house(
    session: Session,
    library_id: str,
    known: Mapping[str, MediaFile],
    found: Sequence[FoundFile],
    homes: Mapping[str, str],
) -> None:
    """Add the files that are new, and give those that have a title now, by path, to its film or episodes."""
    media_ids = sorted(set(homes.values()))
    insert_new(session, LibraryMedia, [{"library_id": library_id, "media_id": media_id} for media_id in media_ids])
    films = _ids_by_media(session, Movie, media_ids)
    shows = _ids_by_media(session, TVShow, media_ids)
    films_of = {path: films[media_id] for path, media_id in homes.items() if media_id in films}
    for path in films_of.keys() & known.keys():
        known[path].movie_id = films_of[path]
    ids = {path: row.id for path, row in known.items()}
    ids |= _add_files(session, library_id, [file for file in found if file.path not in known], films_of)
    episodes.hold(
        session,
        [
            (
                ids[file.path],
                (shows[homes[file.path]], held.season, held.episode),
                episodes.provisional(held, file.guess),
            )
            for file in found
            if homes.get(file.path) in shows
            for held in file.episodes
        ],
    )


def _ids_by_media(session: Session, table: type[Movie] | type[TVShow], media_ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(select(table.media_id, table.id).where(table.media_id.in_(media_ids)))
    return {media_id: row_id for media_id, row_id in rows}  # noqa: C416 - dict() loses the types of rows


def _facts(file: FoundFile) -> dict[str, Any]:
    """Return what a file's row says of its place and name."""
    return {
        "folder_id": file.folder_id,
        "edition": file.guess.edition,
        "part": file.guess.part,
        "guess": guesses.to_json(file.guess),
        "extra_type": file.extra_type,
        "owner_key": file.key,
        "owner_folder": file.title_folder,
        "subtitles": [dict(subtitle) for subtitle in file.subtitles],
    }


def _add_files(
    session: Session, library_id: str, fresh: Sequence[FoundFile], films: Mapping[str, str]
) -> dict[str, str]:
    """Add files, and return their ids by path; ``films`` has those of the films that they are of."""
    instant = now()
    ids = {file.path: new_id() for file in fresh}
    rows = [
        {
            "id": ids[file.path],
            "library_id": library_id,
            "movie_id": films.get(file.path),
            "path": file.path,
            "size": file.size,
            "modified_at": file.modified_at,
            "probe": {},
            "created_at": instant,
            **_facts(file),
        }
        for file in fresh
    ]
    insert_rows(session, insert_for(session, MediaFile), rows)
    return ids
