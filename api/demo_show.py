"""How the demo looks: steps, progress and tables; plain lines where there is no terminal."""

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.style import Style
from rich.table import Table
from rich.text import Text

#: Columns where there is no terminal that has some.
_WIDTH = 120
#: Fewer columns hold only two colours' codes in a line.
_WIDE = 110
_BLOCK = "   "
_NOTHING = "-"

#: What is told of a scan: its name, its per cent, its phase, and a message.
Told = Callable[[str, int, str, str], None]
Json = dict[str, Any]


class Show:
    """What the newcomer sees."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Titles may hold what an old terminal can't print.
            sys.stdout.reconfigure(errors="replace")
        self._console = Console(highlight=False, markup=False, emoji=False)
        if not self._console.is_terminal:
            self._console.width = max(self._console.width, _WIDTH)
        self._steps = 0

    def step(self, name: str, what: str = "") -> None:
        self._steps += 1
        self._console.print()
        self._print(Text.assemble((f"{self._steps}. {name}", "bold cyan"), what and f": {what}"))

    def line(self, text: str) -> None:
        self._print(Text(f"   {text}"))

    @contextmanager
    def scans(self, names: Iterable[str]) -> Iterator[Told]:
        """Show a bar for each scan, or a line for each of its phases; yield what tells how far one is."""
        if not self._console.is_interactive:
            yield self._lines()
            return
        columns = (
            TextColumn("   {task.description:<7}"),
            BarColumn(30),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[phase]}", style="cyan"),
            TextColumn("{task.fields[message]}", markup=False),
        )
        with Progress(*columns, console=self._console) as progress:
            bars = {name: progress.add_task(name, total=100, phase="waiting", message="") for name in names}
            yield lambda name, percent, phase, message: progress.update(
                bars[name], completed=percent, phase=phase, message=message
            )

    def _lines(self) -> Told:
        last: dict[str, str] = {}

        def told(name: str, percent: int, phase: str, message: str) -> None:
            if last.get(name) != phase:
                last[name] = phase
                self.line(f"{name:<7}{percent:>4} %  {phase:<17}  {message}")

        return told

    def catalogue(self, films: list[Json], shows: list[Json]) -> None:
        """Show every title with its colours."""
        table = Table("Title", "Year", "What there is", "Rating", "Matched by", box=SIMPLE_HEAD)
        # Blocks of colour are blanks, which would be wrapped away.
        table.add_column("Colours", no_wrap=True)
        for row in films:
            table.add_row(*self._cells(row["media"], _length(row)))
        table.add_section()
        for row in shows:
            table.add_row(*self._cells(row["media"], _episodes(row)))
        self._console.print(table)
        for row in shows:
            for text in _shared_files(row):
                self.line(text)

    def links(self, port: int, film: Json) -> None:
        """Name what to open."""
        self.step("Open it")
        addresses = {
            "API documentation": f"http://127.0.0.1:{port}/api/docs",
            "OpenAPI document": f"http://127.0.0.1:{port}/api/docs.json",
            "WebSocket": f"ws://127.0.0.1:{port}/ws",
            "A poster": film["media"]["posterUrl"],
            "A film": film["streamUrl"],
        }
        for name, address in addresses.items():
            self.line(f"{name:<19}{address}")

    def _cells(self, media: Json, what: str) -> tuple[str | Text, ...]:
        # The demo knows no other source of metadata than the .nfo files in its library.
        match = ".nfo" if media["matchStatus"] == "matched" else f"({media['matchStatus']})"
        year = (media["releaseDate"] or _NOTHING)[:4]
        rating = _NOTHING if media["rating"] is None else f"{media['rating']:.1f}"
        return media["title"], year, what, rating, match, self._colours(media["meshGradientColors"])

    def _colours(self, colours: list[str]) -> Text:
        if self._console.color_system is None or self._console.no_color:
            per_line = 4 if self._console.width >= _WIDE else 2
            lines = (colours[start : start + per_line] for start in range(0, len(colours), per_line))
            return Text("\n".join(" ".join(line) for line in lines))
        return Text.assemble(*((_BLOCK, Style(bgcolor=colour)) for colour in colours))

    def _print(self, text: Text) -> None:
        # A URL that is broken into two lines can't be clicked.
        self._console.print(text, soft_wrap=True)


def _length(film: Json) -> str:
    """Return the length and the resolution of a film's first file, and how many files there are."""
    first, *others = film["files"] or [{}]
    seconds, width, height = (first.get(name) for name in ("duration", "width", "height"))
    parts = [f"{seconds:.0f} s" if seconds else _NOTHING, f"{width}x{height}" if width else _NOTHING]
    return ", ".join([*parts, f"{len(others) + 1} versions"] if others else parts)


def _episodes(show: Json) -> str:
    counts = {season["seasonNumber"]: len(season["episodes"]) for season in show["seasons"]}
    specials = counts.pop(0, 0)
    return f"{len(counts)} seasons, {sum(counts.values())} episodes, {specials} special{'' if specials == 1 else 's'}"


def _shared_files(show: Json) -> Iterator[str]:
    """Name the files that hold several episodes."""
    numbers = [
        (episode["filePath"], f"S{season['seasonNumber']:02}E{episode['episodeNumber']:02}")
        for season in show["seasons"]
        for episode in season["episodes"]
        if episode["filePath"]
    ]
    for path, held in Counter(path for path, _ in numbers).items():
        if held > 1:
            which = " and ".join(number for other, number in numbers if other == path)
            yield f"{show['media']['title']}: {which} are one file, {path.rpartition('/')[2]}"
