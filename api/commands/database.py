"""The database of this machine's installation, for what has to work when nobody can sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from api.commands import CommandError
from api.commands.target import Target, settings
from shared.database import Database
from shared.errors import DomainError
from shared.redaction import redacted


@contextmanager
def own_database(target: Target) -> Iterator[Database]:
    """Lend the database that the settings of this folder name; what can't be done there is said in a sentence.

    Raises:
        CommandError: it can't be.
        ConfigError: the settings can't work.

    """
    if target.given:
        raise CommandError("This works on the database of this folder's settings; leave --url out.")
    url = make_url(settings().database_url)
    # To open a SQLite database that isn't there would make one.
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise CommandError("There is no database yet; start the server by `make up`, which makes it.")
    try:
        yield Database(url.render_as_string(hide_password=False))
    except DomainError as error:
        raise CommandError(str(error)) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise CommandError(f"The database can't be used: {redacted(reason)}") from None
