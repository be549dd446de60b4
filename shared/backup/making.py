"""Make a backup while everything runs.

The rows are those of one moment: SQLite's log and PostgreSQL's snapshots let one read what was while others write.
Pictures are named by their content and written before the rows that name them, so that those of that moment are among
the files that are there afterwards.
"""

import gzip
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from shared import migrate, vault
from shared.backup import archive, tables
from shared.backup.archive import ArchiveError, Writing
from shared.database import Database
from shared.images import ImageStore

#: Says what was done.
Tell = Callable[[str], None]

_PICTURES_A_LINE = 5_000
#: Rows are packed little: pictures, which are packed already, are most of an archive.
_PACKED = 3


def make(path: Path, database: Database, images: ImageStore, version: str, tell: Tell, *, with_keys: bool) -> None:
    """Write an archive of the database and the pictures; ``with_keys``, also of the keys that open its secrets.

    Raises:
        ArchiveError: the database has not this version's tables.
        FileExistsError: there is a file of that name.
        OSError: it can't be written.
        SealedError: the keys can't be read.

    """
    with archive.writing(path) as writing:
        with _snapshot(database) as connection:
            revision = migrate.revision_of(connection)
            if revision != migrate.known_revisions()[0]:
                raise ArchiveError(
                    f"The database is at {revision or 'nothing'}, this version at {migrate.known_revisions()[0]}. "
                    "Back it up with its own version, or run `python -m shared.migrate` first."
                )
            shapes = tables.shapes()
            rows = {shape.name: _add_table(writing, connection, shape) for shape in shapes}
            tell(f"{sum(rows.values()):,} rows of {len(rows)} tables")
        tell(f"{_add_pictures(writing, images, tell):,} pictures")
        keys = vault.keys_at_hand()
        if with_keys:
            writing.add_text("secrets.keys", "\n".join(keys))
        writing.finish(
            {
                "version": version,
                "revision": revision,
                "madeAt": datetime.now(UTC).isoformat(timespec="seconds"),
                "database": database.engine.dialect.name,
                "tables": [shape.to_json() for shape in shapes],
                "rows": rows,
                # Tells whoever restores it whether the secrets in it can be opened.
                "sealed": vault.seal("") if keys else None,
            }
        )


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Read all that was committed until now, and nothing that comes later."""
    level = {} if database.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def _add_table(writing: Writing, connection: Connection, shape: tables.Shape) -> int:
    count = 0
    with tempfile.TemporaryFile() as file:
        with gzip.open(file, "wb", _PACKED) as packed:
            for line in tables.lines(connection, shape):
                packed.write(line)
                count += 1
        file.seek(0)
        writing.add(f"tables/{shape.name}.jsonl.gz", file)
    return count


def _add_pictures(writing: Writing, images: ImageStore, tell: Tell) -> int:
    count = 0
    for name, path in images.files():
        try:
            with path.open("rb") as file:
                writing.add(f"images/{name}", file)
        except FileNotFoundError:
            # Somebody clears the cache. What is missing there is fetched again.
            continue
        count += 1
        if count % _PICTURES_A_LINE == 0:
            tell(f"{count:,} pictures …")
    return count
