"""Files that were renamed or moved, known again by what is in them. Reads the disk outside of any transaction."""

import os
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from shared.database import Database
from shared.kinds import MediaType
from shared.models import Library
from shared.opening import Opener
from worker.fingerprint import fingerprint
from worker.found import FoundFile, key_of
from worker.record import moves as record
from worker.record.moves import Candidate, Move


def find(database: Database, library: Library, found: Collection[FoundFile], opener: Opener) -> list[Move]:
    """Say which of these files are in the catalogue by another path, at which there is nothing any more.

    Only where there is no doubt: not when one of several files could be meant, or several could be it. A file at its
    old path whose name is read otherwise than before is told, too.
    """
    with database.read() as session:
        known = {candidate.path: candidate for candidate in record.known_at(session, library, found)}
        candidates = record.candidates(session, library, found)
    gone = [candidate for candidate in candidates if _is_gone(candidate)]
    pairs = _pairs(library.id, found, gone, opener)
    pairs += [(known[file.path], file) for file in found if file.path in known and _is_read_otherwise(known, file)]
    if not pairs:
        return []
    with database.read() as session:
        beside = record.paths_by_name(session, {(candidate.library_id, candidate.key) for candidate, _ in pairs})
    media_type = MediaType(library.library_type or MediaType.MOVIE)
    return [
        Move(
            candidate.id,
            candidate.path,
            file.path,
            is_whole=not any(
                _still_goes_by(candidate, path, media_type) for path in beside[candidate.library_id, candidate.key]
            ),
        )
        for candidate, file in pairs
    ]


def _is_read_otherwise(known: Mapping[str, Candidate], file: FoundFile) -> bool:
    """Whether a name says another title than before; of files from before names were kept nobody can tell."""
    return known[file.path].key not in ("", file.key)


def _still_goes_by(candidate: Candidate, path: str, media_type: MediaType) -> bool:
    """Whether there is a file at a path that goes by the name that a candidate had."""
    return os.path.lexists(path) and key_of(path, candidate.root, media_type) == candidate.key


def _pairs(
    library_id: str, found: Collection[FoundFile], candidates: Collection[Candidate], opener: Opener
) -> list[tuple[Candidate, FoundFile]]:
    by_print: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_print[candidate.fingerprint or ""].append(candidate)
    sizes = {candidate.size for candidate in candidates}
    places: dict[str, list[FoundFile]] = defaultdict(list)
    for file in found:
        if file.size in sizes and (read := _read(file.path, opener)) and read in by_print:
            places[read].append(file)
    pairs = []
    for read, files in places.items():
        # The same file may be in another library, too, whose folder is around or within this one's.
        nearest = [known for known in by_print[read] if known.library_id == library_id] or by_print[read]
        if len(files) == len(nearest) == 1:
            pairs.append((nearest[0], files[0]))
    return pairs


def _is_gone(candidate: Candidate) -> bool:
    """Whether a file's path is gone, and not only because its whole disk is."""
    if os.path.lexists(candidate.path):
        return False
    try:
        with os.scandir(candidate.root) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _read(path: str, opener: Opener) -> str:
    try:
        return fingerprint(Path(path), opener)
    except OSError:
        return ""
