"""How commands answer: JSON for scripts, tables and lines for people."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

#: Columns where there is no terminal that has some.
_WIDTH = 200

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")


def data(value: Any) -> None:
    """Print a value as JSON, in ASCII: whatever the terminal speaks, it is read as it was meant."""
    click.echo(json.dumps(value, indent=2))


def line(text: str) -> None:
    click.echo(printable(text))


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print rows under the names of their columns."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    shown = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        shown.add_row(*(printable(cell) for cell in row))
    console.print(shown)


def printable(text: str) -> str:
    """Return a text without what would command a terminal: names of files may hold anything."""
    encoding = sys.stdout.encoding or "ascii"
    shown = "".join(
        letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    return shown.encode(encoding, "replace").decode(encoding)
