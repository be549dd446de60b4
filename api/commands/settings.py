"""`dester settings`: read and change what the API calls settings, by the names that it gives them."""

import json
import sys
from typing import Any

import click

from api.client import ApiError, Json
from api.commands import output
from api.commands.target import Target

#: Absent from the answer while there is none; never typed where a shell would remember it.
_KEY = "tmdbApiKey"
_PROMPTED = "-"


@click.group()
def settings() -> None:
    """Read and change the server's settings."""


@settings.command("get")
@click.argument("name", required=False)
@output.json_option
@click.pass_obj
def get(target: Target, name: str | None, *, as_json: bool) -> None:
    """Show all settings, or that of this NAME."""
    in_force = target.client().get("/api/v1/settings")
    if name is None:
        _show_all(in_force, as_json=as_json)
        return
    if name not in in_force and name != _KEY:
        raise ApiError(f"There is no setting {name}; there are {', '.join(sorted({*in_force, _KEY}))}.")
    value = in_force.get(name)
    if as_json:
        output.data(value)
    else:
        output.line(_shown(value))


@settings.command("set")
@click.argument("name")
@click.argument("value", required=False)
@click.pass_obj
def change(target: Target, name: str, value: str | None) -> None:
    """Set NAME to VALUE.

    Without a VALUE, or with -, the TMDB key (tmdbApiKey) is asked for, or read from standard input. An empty one ("")
    disables TMDB.
    """
    if name == _KEY:
        sent: Any = _asked_for() if value in {None, _PROMPTED} else value
    elif value is None:
        raise click.UsageError(f"What is {name} to be? Say: dester settings set {name} VALUE")
    else:
        sent = parsed(value)
    target.client().put("/api/v1/settings", {name: sent})
    output.line(f"{name} is set." if sent != "" else f"{name} is cleared.")


def parsed(value: str) -> bool | int | float | str | Json:
    """Read what was typed: booleans, numbers and objects as JSON writes them, anything else as the text that it is."""
    try:
        read = json.loads(value, parse_constant=str)
    except ValueError:
        return value
    return read if isinstance(read, bool | int | float | dict) else value


def _asked_for() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("TMDB key", hide_input=True)).strip()
    key = sys.stdin.readline().strip()
    if not key:
        raise ApiError('Standard input holds no key. To disable TMDB, say: dester settings set tmdbApiKey ""')
    return key


def _show_all(in_force: Json, *, as_json: bool) -> None:
    if as_json:
        output.data(in_force)
        return
    rows = {_KEY: None} | in_force
    output.table(("Setting", "Value"), ((name, _shown(value)) for name, value in sorted(rows.items())))


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value)
