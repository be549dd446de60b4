"""The command line: the group, what runs the server, and how errors are told. The other commands: ``api.commands``."""

import os
import sys

import click

from api import demo as demonstration
from api.client import ApiError
from api.commands.doctor import doctor
from api.commands.guess import guess
from api.commands.jobs import jobs
from api.commands.libraries import libraries
from api.commands.openapi import openapi
from api.commands.scan import scan
from api.commands.search import search
from api.commands.settings import settings
from api.commands.target import Target, checked_url
from api.commands.target import settings as settings_of_environment
from api.supervisor import Supervisor
from shared.config import ConfigError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--url", default="", callback=checked_url, help="The server to talk to; without it, that of this folder's settings."
)
@click.version_option(package_name="desterlib-server", prog_name="dester")
@click.pass_context
def dester(context: click.Context, url: str) -> None:
    """Run a self-hosted media-library server, and talk to it."""
    context.obj = Target(url)


@dester.command()
def up() -> None:
    """Run the whole system in the foreground, until Ctrl-C."""
    in_force = settings_of_environment()
    click.echo(
        f"API on http://{in_force.host}:{in_force.port} · documentation at /api/docs · data in {in_force.data_dir}"
    )
    Supervisor(in_force, os.environ).run()


@dester.command()
@click.option("--once", is_flag=True, envvar="DEMO_ONCE", help="Stop when everything has been shown.")
def demo(*, once: bool) -> None:
    """Make a small library, scan it, show what comes of it."""
    demonstration.run(os.environ, once=once)


for command in (scan, jobs, libraries, search, guess, settings, openapi, doctor):
    dester.add_command(command)


def main() -> None:
    """Run the command line; what can't work ends it with one sentence."""
    try:
        dester()
    except (ConfigError, ApiError, demonstration.DemoError) as error:
        click.secho(f"dester: {error}", fg="red", err=True)
        sys.exit(1)
