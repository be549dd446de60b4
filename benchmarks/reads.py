"""How many reads a second the API answers, and how long the slowest hundredth take; also while a scan runs.

The yardstick of the same run is a request that asks nothing of the database: what web server and framework leave for a
read. What was asked before is answered from memory, so details and searches are measured twice: of a few titles again
and again, and of each title once ("new"). A catalogue of 50,000 films, 5,000 shows and 100,000 episodes; the processes
of the Procfile with a web process a core; 32 connections that ask again as soon as they are answered, by wrk (Debian's
package, which root has installed). Run it from the project's folder: ``python -m benchmarks.reads``. The catalogue
stays in ``--folder`` for the next time.
"""

import argparse
import os
import platform
import re
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import quote

import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from benchmarks.filling import fill, kept_database
from benchmarks.first_scan import StandIn, make_films
from shared.database import Database
from shared.kinds import MediaType
from shared.models import Media, Movie
from tests.installation import Installation
from tests.servers import installed_program
from tests.tmdb_stand_in import KEY

CONNECTIONS = 32
#: Requests a second that are wanted on two idle cores, and what DesterLib 0.2.0 answers there at 50,000 films.
WANTED = {
    "nothing": (0, 0),
    "list": (1000, 46),
    "details": (1400, 770),
    "new details": (1400, 770),
    "search": (800, 315),
    "new search": (800, 315),
    "libraries": (600, 6),
}
#: Titles that are asked for again and again.
FEW = 100
#: wrk asks for the lines of a file in any order, another one each time.
_SCRIPT = """
math.randomseed(tonumber(os.getenv("SEED")))
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of wrk saw: requests a second, milliseconds, and the processor's milliseconds a request."""

    rate: float
    p50: float
    p99: float
    cost: float


def main() -> None:
    """Measure and print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=5, help="of one run")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scanned", type=int, default=8_000, help="films in the folder that is scanned meanwhile")
    parser.add_argument("--kind", choices=["postgresql", "sqlite"], action="append")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/dester-reads"))  # noqa: S108 - to be found again
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    installed_program("wrk", package="wrk")
    for kind in given.kind or ("postgresql", "sqlite"):
        with kept_database(given.folder, kind, lambda database: fill(database, given.films)) as url:
            measure(given, kind, url)


def measure(given: argparse.Namespace, kind: str, url: str) -> None:
    asked = questions(Database(url))
    folder = given.folder / f"scanned-{time.time_ns()}"
    environ = {"DATABASE_URL": url, "WEB_CONCURRENCY": str(os.cpu_count()), "TMDB_RATE_LIMIT": "0"}
    with StandIn(50) as tmdb, Installation(folder / "data", environ | tmdb.environ) as server:
        server.put("/api/v1/settings", {"tmdbApiKey": KEY})
        server.wait_for_workers()
        idle = {name: [ask(given, server, paths) for _ in range(given.runs)] for name, paths in asked.items()}
        accepted = [accept(server, folder / f"empty-{number}") for number in range(20)]
        make_films(folder / "films", given.scanned)
        job = server.post("/api/v1/scan/path", {"path": str(folder / "films")})["data"]["scanJobId"]
        busy = {name: [ask(given, server, paths) for _ in range(given.runs)] for name, paths in asked.items()}
        status = server.get(f"/api/v1/scan/job/{job}")["data"]["status"]
        remove_scanned(server, folder)
    show(kind, idle, busy, status)
    print(f"202 for a scan: median {median(accepted):.0f} ms, the slowest {max(accepted):.0f} ms, wanted 50 ms")


def remove_scanned(server: Installation, folder: Path) -> None:
    """Leave the catalogue as it was: what is still to be fetched would be, while the next run measures."""
    for library in server.get("/api/v1/library")["data"]:
        if (library["libraryPath"] or "").startswith(str(folder)):
            server.delete(f"/api/v1/library/{library['id']}")


def questions(database: Database) -> dict[str, Sequence[str]]:
    """Return the paths that are asked for: every list, any details, titles as somebody types them.

    Not of what becomes one with another title while it is asked for: what an earlier run has scanned, and films whose
    names have the same last word, which the provider takes for the same when they are looked at.
    """
    random = Random(6)
    with database.read() as session:
        kept = Media.title.not_like("Benchmark Picture%")
        rows = session.execute(select(Movie.id, Media.title).join(Media, Media.id == Movie.media_id).where(kept)).all()
        last_words = Counter(title.split()[-1] for _, title in rows)
        ids = [movie_id for movie_id, title in rows if last_words[title.split()[-1]] == 1]
        titles = session.scalars(select(Media.title).where(Media.type == MediaType.MOVIE, kept)).all()
    details = [f"/api/v1/movies/{movie_id}" for movie_id in random.sample(ids, len(ids))]
    searches = [f"/api/v1/search?query={quote(title[:100])}" for title in random.sample(titles, len(titles))]
    return {
        "nothing": ["/health"],
        "list": ["/api/v1/movies"],
        "details": details[:FEW],
        "new details": details[FEW:],
        "search": searches[:FEW],
        "new search": searches[FEW:],
        "libraries": ["/api/v1/library"],
    }


def accept(server: Installation, folder: Path) -> float:
    """Ask for a scan; return the milliseconds until it is accepted."""
    folder.mkdir()
    began = time.perf_counter()
    server.post("/api/v1/scan/path", {"path": str(folder)})
    return (time.perf_counter() - began) * 1000


def ask(given: argparse.Namespace, server: Installation, paths: Sequence[str]) -> Measured:
    script, asked = given.folder / "wrk.lua", given.folder / "paths.txt"
    script.write_text(_SCRIPT)
    asked.write_text("\n".join(paths))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{given.seconds}s", "--latency", "-s", str(script), server.url]
    before = processor_seconds()
    environ = os.environ | {"PATHS": str(asked), "SEED": str(time.time_ns() % 1_000_000)}
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    spent = processor_seconds() - before
    assert "Non-2xx" not in said, said
    count = int(found(said, r"(\d+) requests in"))
    rate = float(found(said, r"Requests/sec:\s+([\d.]+)"))
    return Measured(rate, milliseconds(said, "50%"), milliseconds(said, "99%"), spent * 1000 / count)


def processor_seconds() -> float:
    """Return what web servers and PostgreSQL have used so far, also by processes that have ended since."""
    spent = 0.0
    for process in psutil.process_iter(["name", "cmdline"]):
        # Under `dester up` a web process is only seen by its command.
        command = process.info["cmdline"] or [""]
        if process.info["name"] == "postgres" or Path(command[0]).name == "gunicorn":
            # PostgreSQL ends processes of its own as it likes; their parent then has their time among its children's.
            with suppress(psutil.NoSuchProcess):
                spent += sum(process.cpu_times()[:4])
    return spent


def milliseconds(said: str, share: str) -> float:
    value, unit = re.search(rf"\n\s+{share}\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def found(said: str, pattern: str) -> str:
    return re.search(pattern, said)[1]  # type: ignore[index]


def show(kind: str, idle: dict[str, list[Measured]], busy: dict[str, list[Measured]], status: str) -> None:
    """Print what was measured beside what is wanted and what users have now."""
    table = Table(title=f"Reads on {kind}, {CONNECTIONS} connections")
    columns = (
        "what",
        "req/s",
        "from",
        "to",
        "wanted",
        "before",
        "ratio",
        "cpu ms",
        "p50 ms",
        "p99 ms",
        "p99 in a scan",
    )
    for column in columns:
        table.add_column(column)
    for name, runs in idle.items():
        rates = [run.rate for run in runs]
        wanted, before = WANTED[name]
        p99 = median(run.p99 for run in runs)
        busiest = median(run.p99 for run in busy[name])
        cells = [median(rates), min(rates), max(rates), wanted, before, median(rates) / before if before else 0]
        cells += [median(run.cost for run in runs), median(run.p50 for run in runs), p99]
        texts = [f"{cell:,.2f}" if cell < 10 else f"{cell:,.0f}" for cell in cells]
        table.add_row(name, *texts, f"{busiest:,.0f} ({busiest / p99:.1f}x)")
    console = Console(width=130)
    console.print(table)
    console.print(f"after the last run the scan was {status}; before: DesterLib 0.2.0 on two idle cores, elsewhere")
    console.print(f"{platform.platform()} · {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
