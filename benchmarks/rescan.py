r"""What does a scan of a library cost that was scanned before? From the POST to `scan:complete`, nothing being new.

The yardstick, measured in the same run: `find ROOT -printf '%s %T@ %p\n'`, which lists the same folders and asks for
the same sizes and times, and remembers nothing. Also what it costs where a hundred folders have a new file each, beside
what so many folders cost when they were scanned first; and how much memory each process needs at its peak, in a library
of so many files and in one ten times as large.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import av
from rich.console import Console
from rich.table import Table
from websocket import create_connection

from benchmarks.processes import peaks_of_memory
from tests.builders import a_new_postgres_database
from tests.installation import Installation
from tests.servers import postgres_server

EPISODES, SEASONS = 10, 10
#: What is allowed: so many times what `find` takes, and so many seconds more; and so much more memory for ten times as
#: many files.
TIMES, PLUS, MEMORY_RATIO = 3.0, 3.0, 1.3
#: Folders that get a new file before a scan.
CHANGED = 100
#: A first scan of 100,000 files takes minutes.
PATIENCE = 3600.0


class _WithPeaks(Protocol):
    """What was measured of one library on one database, with the peak of each kind of process in KiB."""

    database: str
    files: int
    peaks: dict[str, int]


@dataclass(slots=True)
class Measured:
    """What was measured of one library on one database: seconds, and each process's peak in KiB."""

    database: str
    files: int
    first: float = 0.0
    finds: list[float] = field(default_factory=list)
    rescans: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    peaks: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="in the larger library; a tenth are in the smaller")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for files in (given.files // 10, given.files):
            library = make_shows(Path(folder) / str(files), files)
            for kind in given.databases:
                with database(kind) as environ:
                    data_dir = Path(folder) / f"data-{files}-{kind}"
                    measured.append(measure(Measured(kind, files), data_dir, environ, library, given.runs))
    show(measured)


def make_shows(root: Path, files: int) -> Path:
    """Make ten episodes in each season's folder; each file is a real, tiny video of a size of its own."""
    video = a_picture(root.with_suffix(".mkv"))
    for number in range(files):
        folder = number // EPISODES
        name = f"Benchmark Show {folder // SEASONS:05d}"
        season = root / name / f"Season {folder % SEASONS + 1:02d}"
        if number % EPISODES == 0:
            season.mkdir(parents=True)
        file = season / f"{name} - S{folder % SEASONS + 1:02d}E{number % EPISODES + 1:02d}.mkv"
        file.write_bytes(video)
        os.truncate(file, len(video) + number)
    return root


def a_picture(path: Path) -> bytes:
    """Return a video of one picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    return path.read_bytes()


@contextmanager
def database(kind: str) -> Iterator[Mapping[str, str]]:
    """Run a database of this kind, and yield the settings that name it."""
    if kind == "sqlite":
        yield {}
        return
    with postgres_server() as url:
        yield {"DATABASE_URL": a_new_postgres_database(url)}


def measure(found: Measured, data_dir: Path, environ: Mapping[str, str], library: Path, runs: int) -> Measured:
    """Scan a library for the first time, and then unchanged, with the real processes."""
    with Installation(data_dir, environ) as server:
        # At two requests a second, TVmaze would be what is measured.
        server.put("/api/v1/settings/providers/tvmaze", {"enabled": False})
        server.wait_for_workers()
        assert server.process is not None
        with peaks_of_memory(server.process.pid, found.peaks):
            found.first = scan(server, library)
            for _ in range(runs):
                found.finds.append(find(library))
                found.rescans.append(scan(server, library))
            for _ in range(runs):
                change(library)
                found.changed.append(scan(server, library))
    return found


def change(library: Path) -> None:
    """Put one more episode into some folders, all over the library."""
    folders = sorted(folder for folder in library.glob("*/*") if folder.is_dir())
    for folder in folders[:: max(1, len(folders) // CHANGED)][:CHANGED]:
        *_, last = sorted(folder.iterdir())
        name, number = last.stem[:-2], int(last.stem[-2:])
        (folder / f"{name}{number + 1:02d}{last.suffix}").write_bytes(last.read_bytes())


def scan(server: Installation, library: Path) -> float:
    """Scan, and return the seconds from the POST to `scan:complete`."""
    socket = create_connection(f"{server.websocket_url}/ws?types=scan:complete,scan:error", timeout=PATIENCE)
    began = time.perf_counter()
    job = server.post("/api/v1/scan/path", {"path": str(library), "mediaType": "tv"})["data"]["scanJobId"]
    while (event := json.loads(socket.recv())).get("scanJobId") != job:
        pass
    seconds = time.perf_counter() - began
    socket.close()
    assert event["type"] == "scan:complete", event
    return seconds


def find(library: Path) -> float:
    """List the library with `find`; return the seconds."""
    began = time.perf_counter()
    subprocess.run(["find", library, "-printf", "%s %T@ %p\n"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def show(measured: list[Measured]) -> None:
    """Print what was measured, on what, and the ratios."""
    console = Console(width=130)
    table = Table(title="A scan of an unchanged library")
    for column in ("database", "files", "first scan s", "find s", "rescan s", "from", "to", "allowed s", "÷ find"):
        table.add_column(column)
    table.add_column(f"{CHANGED} changed s")
    table.add_column(f"÷ rescan + first scan of {CHANGED}")
    for one in measured:
        yardstick, rescan = statistics.median(one.finds), statistics.median(one.rescans)
        table.add_row(
            one.database,
            f"{one.files:,}",
            f"{one.first:.0f}",
            f"{yardstick:.2f}",
            f"{rescan:.2f}",
            f"{min(one.rescans):.2f}",
            f"{max(one.rescans):.2f}",
            f"{TIMES * yardstick + PLUS:.2f}",
            f"{rescan / yardstick:.1f}",
            f"{(changed := statistics.median(one.changed)):.2f}",
            f"{changed / (rescan + one.first * CHANGED * EPISODES / one.files):.2f}",
        )
    console.print(table)
    console.print(memory_table(measured, "first scan and rescans"))
    console.print(f"allowed: {TIMES:g} x find + {PLUS:g} s; memory ratio {MEMORY_RATIO:g} · runs: {len(one.rescans)}")
    console.print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")


def memory_table(measured: Sequence[_WithPeaks], during: str) -> Table:
    """Lay out each process's peak of memory in the smaller and the larger library."""
    table = Table(title=f"Peak memory (PSS) of the largest process of each kind, {during}, in MiB")
    small, large = min(one.files for one in measured), max(one.files for one in measured)
    for column in ("database", "process", f"{small:,} files", f"{large:,} files", "ratio"):
        table.add_column(column)
    for kind in dict.fromkeys(one.database for one in measured):
        peaks = {one.files: one.peaks for one in measured if one.database == kind}
        for process in sorted(peaks[small]):
            before, after = peaks[small][process] / 1024, peaks[large][process] / 1024
            table.add_row(kind, process, f"{before:.0f}", f"{after:.0f}", f"{after / before:.2f}")
    return table


if __name__ == "__main__":
    main()
