"""`dester openapi`: the API's document, without a running server."""

from pathlib import Path

import click

from api import document
from api.app import create_app
from api.client import ApiError
from shared import config

#: The document is the same under any settings. Nothing is connected to before it is asked for.
_ANY_SETTINGS = {"REDIS_URL": "redis://127.0.0.1:6379/0"}


@click.command()
@click.option("--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
def openapi(file: Path | None) -> None:
    """Print the API's OpenAPI document."""
    text = document.exported(create_app(config.load(_ANY_SETTINGS)))
    if file is None:
        # As UTF-8, whatever the terminal speaks.
        click.echo(text.encode(), nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ApiError(f"{file} can't be written: {error.strerror}.") from None
