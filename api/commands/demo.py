"""`dester demo`: show what the server does."""

import os

import click

from api import demo as demonstration


@click.command()
@click.option("--once", is_flag=True, envvar="DEMO_ONCE", help="Stop when everything has been shown.")
def demo(*, once: bool) -> None:
    """Make a small library, scan it, show what comes of it."""
    demonstration.run(os.environ, once=once)
