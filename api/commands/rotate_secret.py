"""`dester rotate-secret`: have another secret sign access tokens and URLs."""

import click

from api.commands import output
from api.commands.database import own_database
from api.commands.target import Target
from shared.accounts import signing_keys


@click.command()
@click.option("--leaked", is_flag=True, help="Somebody knows the old one: what it signed ends at once.")
@click.pass_obj
def rotate_secret(target: Target, *, leaked: bool) -> None:
    """Have another secret sign access tokens and URLs, on the server's own machine.

    What the old one signed is good until its time is over, twelve hours at most.
    """
    with own_database(target) as database, database.begin() as session:
        signing_keys.rotate(session, leaked=leaked)
    output.line("A new secret signs from now on.")
