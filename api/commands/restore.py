"""`dester restore`: put back what `dester backup` wrote."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.commands import CommandError, output
from api.commands.target import settings
from shared.backup.archive import ArchiveError
from shared.backup.restoring import restore as restore_into
from shared.database import Database
from shared.images import ImageStore
from shared.vault import SealedError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Remove what the database holds first.")
def restore(file: Path, *, replace: bool) -> None:
    """Restore the backup FILE into the database and the pictures of this folder's installation, which must not run."""
    in_force = settings()
    try:
        with _stopped(in_force.data_dir):
            store = ImageStore(in_force.images_dir)
            restore_into(file, Database(in_force.database_url), store, output.line, replace=replace)
    except (ArchiveError, SealedError, OSError) as error:
        raise CommandError(str(error)) from None
    output.line("Restored. Start the server.")


@contextmanager
def _stopped(data_dir: Path) -> Iterator[None]:
    """Keep `dester up` from running meanwhile."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"The server of DATA_DIR {data_dir} runs; stop it first.") from None
        yield
