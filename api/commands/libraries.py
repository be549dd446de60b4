"""`dester libraries`: what has been scanned."""

import click

from api.commands import output
from api.commands.target import Target


@click.command()
@output.json_option
@click.pass_obj
def libraries(target: Target, *, as_json: bool) -> None:
    """List the libraries."""
    listed = target.client().get("/api/v1/library")
    if as_json:
        output.data(listed)
        return
    output.table(
        ("Name", "Type", "Path", "Titles"),
        ((row["name"], row["libraryType"] or "-", row["libraryPath"] or "-", str(row["mediaCount"])) for row in listed),
    )
