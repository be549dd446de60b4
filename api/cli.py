"""The command line: the group, and how errors are told. Each command is a module of ``api.commands``."""

import importlib
import sys

import click

from api.commands import CommandError
from api.commands.target import Target, checked_url
from api.version import API_VERSION
from shared.config import ConfigError


class _Commands(click.Group):
    """Commands that are imported when they are meant: `dester up` goes on for as long as the server, and needs few."""

    names = (
        "up",
        "demo",
        "scan",
        "jobs",
        "libraries",
        "search",
        "guess",
        "settings",
        "users",
        "rotate-secret",
        "openapi",
        "doctor",
        "backup",
        "restore",
    )

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(self.names)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in self.names:
            return None
        name = name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"api.commands.{name}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--url", default="", callback=checked_url, help="The server to talk to; without it, that of this folder's settings."
)
@click.option(
    "--api-key", envvar="DESTER_API_KEY", default="", help="What the server asks for while route guards are on."
)
@click.version_option(API_VERSION, prog_name="dester")
@click.pass_context
def dester(context: click.Context, url: str, api_key: str) -> None:
    """Run a self-hosted media-library server, and talk to it."""
    context.obj = Target(url, api_key)


def main() -> None:
    """Run the command line; what can't work ends it with one sentence."""
    try:
        dester()
    except (ConfigError, CommandError) as error:
        click.secho(f"dester: {error}", fg="red", err=True)
        sys.exit(1)
