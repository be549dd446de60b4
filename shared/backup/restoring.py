"""Restore a backup: all of it, or nothing.

1. The archive is read to its end and held against its manifest, before anything is written.
2. Its pictures are added to the cache; a picture too many does no harm.
3. In one transaction the database is emptied, brought to the revision that the archive was made at, filled, and brought
   up to this version's.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, func, select
from sqlalchemy import table as named_table

from shared import migrate, vault
from shared.backup import archive, tables
from shared.backup.archive import ArchiveError, Json
from shared.backup.making import Tell
from shared.backup.tables import Shape
from shared.database import Database
from shared.images import ImageStore
from shared.migrate import NewerError
from shared.sealing_keys import keys_in
from shared.vault import SealedError


def restore(path: Path, database: Database, images: ImageStore, tell: Tell, *, replace: bool) -> None:
    """Restore an archive into a database, which may be of another kind and must be empty unless it is to be replaced.

    Raises:
        ArchiveError: the archive can't be restored here; nothing was written.
        SealedError: its keys can't be kept.

    """
    manifest = archive.verified(path)
    revision, shapes = _checked(path, manifest)
    tell(f"The archive is whole: made by version {manifest['version']} on {manifest['madeAt']}.")
    with database.begin() as session:
        connection = session.connection()
        try:
            current = migrate.known_revision_of(connection)
        except NewerError as error:
            raise ArchiveError(f"{error} {error.remedy} Or restore into an empty database.") from None
        if not replace and not tables.is_empty(connection):
            raise ArchiveError("The database is not empty; --replace removes all that is in it first.")
        tell(f"{_restore_pictures(path, images):,} pictures")
        _restore_keys(path, manifest, tell)
        tables.clear(connection)
        if current is not None:
            migrate.downgrade(connection, "base")
        migrate.upgrade(connection, revision)
        # A new installation's own rows.
        tables.clear(connection)
        rows = _fill(path, connection, shapes, manifest["rows"])
        migrate.upgrade(connection)
    tell(f"{rows:,} rows of {len(shapes)} tables")


def _checked(path: Path, manifest: Json) -> tuple[str, dict[str, Shape]]:
    try:
        revision, shapes = str(manifest["revision"]), [Shape.from_json(told) for told in manifest["tables"]]
        expected = {f"tables/{shape.name}.jsonl.gz" for shape in shapes}
        is_whole = {name for name in manifest["files"] if name.startswith("tables/")} == expected
        is_whole &= manifest["rows"].keys() == {shape.name for shape in shapes}
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError(f"The manifest of {path} can't be understood: {error}.") from None
    if not is_whole:
        raise ArchiveError(f"{path} has other tables than its manifest says.")
    if revision not in migrate.known_revisions():
        raise ArchiveError(
            f"{path} was made by a newer version ({manifest['version']}, {revision}); restore it with that one."
        )
    return revision, {shape.name: shape for shape in shapes}


def _restore_pictures(path: Path, images: ImageStore) -> int:
    count = 0
    for name, content in archive.files(path, lambda name: name.startswith("images/")):
        images.add(name.rpartition("/")[2], content.read())
        count += 1
    return count


def _restore_keys(path: Path, manifest: Json, tell: Tell) -> None:
    for _, content in archive.files(path, lambda name: name == "secrets.keys"):
        vault.keep(keys_in(content.read().decode()))
    try:
        vault.unseal(manifest["sealed"] or "")
    except SealedError as error:
        tell(f"The secrets in it can't be opened here. {error.remedy}")


def _fill(path: Path, connection: Connection, shapes: dict[str, Shape], expected: dict[str, int]) -> int:
    total = 0
    # They are in the archive in the order in which they refer to each other.
    for name, content in archive.files(path, lambda name: name.startswith("tables/")):
        shape = shapes[name.removeprefix("tables/").removesuffix(".jsonl.gz")]
        count = tables.insert(connection, shape, _unpacked(content))
        written = connection.scalar(select(func.count()).select_from(named_table(shape.name)))
        if not count == written == expected[shape.name]:
            raise ArchiveError(f"Of {shape.name} {written} rows were restored, not {expected[shape.name]}.")
        total += count
    return total


def _unpacked(content: IO[bytes]) -> Iterator[bytes]:
    with gzip.open(content, "rb") as packed:
        yield from packed
