"""How far a scan is, on standard error: a bar on a terminal, else a line for each phase."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from api.commands.following import Standing, Told
from api.commands.output import printable

_MINUTE, _HOUR = 60, 3600


@contextmanager
def bar(name: str) -> Iterator[Told]:
    """Show a bar under this name; yield what tells how far it is."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if not console.is_interactive:
        yield _lines(name)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(30),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[details]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        # It pulses until there is something to measure.
        task = progress.add_task(printable(name), total=None, details=Text(""))
        yield lambda standing: _update(progress, task, standing)


def details(standing: Standing) -> str:
    """Say the phase, the counts, the time that is left, and what is waited for."""
    parts = [standing.phase]
    if standing.total:
        parts.append(f"{standing.current} of {standing.total} {standing.unit}")
    if standing.eta_seconds is not None:
        parts.append(f"{duration(standing.eta_seconds)} left")
    if standing.waiting_for:
        parts.append(f"waiting: {standing.waiting_for}")
    if not standing.is_connected:
        parts.append("the server does not answer; trying again")
    return printable(" · ".join(part for part in parts if part))


def duration(seconds: float) -> str:
    """Write a time as people do: `45 s`, `12 min`, `1 h 05 min`."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    minutes = -(-whole // _MINUTE)
    return f"{minutes} min" if whole < _HOUR else f"{minutes // 60} h {minutes % 60:02} min"


def _update(progress: Progress, task: TaskID, standing: Standing) -> None:
    total = 100 if standing.percent else None
    progress.update(task, completed=standing.percent, total=total, details=details(standing))


def _lines(name: str) -> Told:
    last: list[tuple[str, str, bool]] = []

    def told(standing: Standing) -> None:
        step = (standing.phase, standing.waiting_for, standing.is_connected)
        if last[-1:] != [step]:
            last[:] = [step]
            click.echo(f"{printable(name)}  {standing.percent:>3} %  {details(standing)}", err=True)

    return told
