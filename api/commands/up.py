"""`dester up`: run the whole system."""

import os

import click

from api.commands.target import settings
from api.supervisor import Supervisor


@click.command()
def up() -> None:
    """Run the whole system in the foreground, until Ctrl-C."""
    in_force = settings()
    click.echo(
        f"API on http://{in_force.host}:{in_force.port} · documentation at /api/docs · data in {in_force.data_dir}"
    )
    Supervisor(in_force, os.environ).run()
