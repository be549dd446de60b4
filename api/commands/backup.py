"""`dester backup`: everything that can't be made again, in one file."""

from pathlib import Path

import click

from api.commands import CommandError, output
from api.commands.target import settings
from api.version import API_VERSION
from shared.backup.archive import ArchiveError
from shared.backup.making import make
from shared.database import Database
from shared.images import ImageStore
from shared.vault import SealedError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-keys", is_flag=True, help="Put in the keys that open its secrets: who has it has those, too.")
def backup(file: Path, *, with_keys: bool) -> None:
    """Back up the database and the pictures of this folder's installation into FILE, also while it runs."""
    in_force = settings()
    store = ImageStore(in_force.images_dir)
    try:
        make(file, Database(in_force.database_url), store, API_VERSION, output.line, with_keys=with_keys)
    except (ArchiveError, SealedError, OSError) as error:
        raise CommandError(str(error)) from None
    output.line(f"{file}: {file.stat().st_size / 1024**2:.1f} MiB")
