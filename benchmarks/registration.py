r"""How fast do files become browsable? From the POST until every file of a large library is named and in the catalogue.

That is before any provider is asked or any file looked into. The yardstick, measured in the same run: `find ROOT
-printf '%s %T@ %p\n'`, which lists the same files and remembers nothing. Also how much memory each process needs at its
peak, in a library of so many files and in one of a tenth of them.
"""

import argparse
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from benchmarks.machine import machine
from benchmarks.processes import peaks_of_memory, processor_seconds
from benchmarks.rescan import database, find, make_shows, memory_table
from shared.database import Database
from shared.models import MediaFile, ScanFolder, ScanJob
from shared.scan_states import FolderStatus
from tests.installation import Installation

#: What is aimed at, and what Immich does on a machine like this, in files a second.
WANTED, IMMICH = 3000, "2,900 to 3,600"
#: Seconds between two looks.
LOOK_EVERY = 0.25
PATIENCE = 900.0


@dataclass(slots=True)
class Measured:
    """What was measured of one library on one database: seconds, and each process's peak in KiB."""

    database: str
    files: int
    took: list[float] = field(default_factory=list)
    finds: list[float] = field(default_factory=list)
    #: Processor time by kind of process, of all runs together.
    processor: Counter[str] = field(default_factory=Counter)
    peaks: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="in the larger library, ten in a folder")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for files in (given.files // 10, given.files):
            library = make_shows(Path(folder) / str(files), files)
            for kind in given.databases:
                found = Measured(kind, files)
                for run in range(given.runs):
                    with database(kind) as environ:
                        register(found, Path(folder) / f"data-{files}-{kind}-{run}", environ, library)
                # To look at memory takes a tenth of the processor, so that isn't timed.
                alone = Measured(kind, files)
                with database(kind) as environ:
                    register(alone, Path(folder) / f"data-{files}-{kind}-memory", environ, library, found.peaks)
                measured.append(found)
    show(measured)


def register(
    found: Measured, data_dir: Path, environ: Mapping[str, str], library: Path, peaks: dict[str, int] | None = None
) -> None:
    """Have a library scanned by the real processes until all of its files are named; note their ``peaks`` if given."""
    found.finds.append(find(library))
    with Installation(data_dir, environ) as server:
        server.put("/api/v1/settings/providers/tvmaze", {"enabled": False})
        server.wait_for_workers()
        assert server.process is not None
        catalogue = server.database
        before = processor_seconds(server.process.pid)
        with nullcontext() if peaks is None else peaks_of_memory(server.process.pid, peaks):
            began = time.perf_counter()
            job = server.post("/api/v1/scan/path", {"path": str(library), "mediaType": "tv"})["data"]["scanJobId"]
            while not is_registered(catalogue, job):
                assert time.perf_counter() - began < PATIENCE
                time.sleep(LOOK_EVERY)
            found.took.append(time.perf_counter() - began)
        found.processor += processor_seconds(server.process.pid) - before
        with catalogue.read() as session:
            assert session.scalar(select(func.count()).select_from(MediaFile)) == found.files
        server.post(f"/api/v1/scan/job/{job}/cancel", {})


def is_registered(catalogue: Database, job: str) -> bool:
    """Whether all folders are listed, and the files of each are in the catalogue."""
    unnamed = select(ScanFolder.id).where(ScanFolder.scan_job_id == job, ScanFolder.status == FolderStatus.PENDING)
    with catalogue.read() as session:
        is_listed = session.get_one(ScanJob, job).discovered_at is not None
        return is_listed and session.scalar(unnamed.limit(1)) is None


def show(measured: Sequence[Measured]) -> None:
    """Print what was measured, on what, and the ratios."""
    console = Console(width=110)
    table = Table(title="Files browsable, ten in a folder, before any provider is asked")
    for column in ("database", "files", "median s", "from", "to", "files/s", "÷ wanted", "CPU ms a file", "find s"):
        table.add_column(column)
    for one in measured:
        took = statistics.median(one.took)
        table.add_row(
            one.database,
            f"{one.files:,}",
            f"{took:.1f}",
            f"{min(one.took):.1f}",
            f"{max(one.took):.1f}",
            f"{one.files / took:,.0f}",
            f"{one.files / took / WANTED:.2f}",
            f"{_each(one, one.processor.total()):.2f}",
            f"{statistics.median(one.finds):.2f}",
        )
    console.print(table)
    for one in measured:
        shares = ", ".join(f"{kind} {_each(one, seconds):.2f}" for kind, seconds in one.processor.most_common(4))
        console.print(f"processor time a file, in ms, {one.database}, {one.files:,} files: {shares}")
    console.print(memory_table(measured, "while files become browsable"))
    console.print(f"wanted: {WANTED:,} files/s; Immich, elsewhere: {IMMICH} · runs: {len(one.took)} · {machine()}")


def _each(one: Measured, seconds: float) -> float:
    """Return milliseconds a file."""
    return 1000 * seconds / one.files / len(one.took)


if __name__ == "__main__":
    main()
