"""How long does a first scan take? From the POST to `scan:complete`, with every title matched and coloured.

The yardstick, measured in the same run: the same requests from the same stand-in for TMDB, sent one at a time over kept
connections, as the original server does it, and the posters; no naming, no database, no colours. That is done for a
tenth of the titles, and counted ten times. `--limit 40` tells how much of TMDB's budget is used, and `--shows` scans
shows of two seasons of ten episodes instead of films.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
import requests
from rich.console import Console
from rich.table import Table
from websocket import create_connection

from benchmarks.machine import machine
from benchmarks.processes import processor_seconds
from shared.colours import DEFAULT_PALETTE
from tests.installation import Installation
from tests.tmdb_stand_in import KEY

SEASONS, EPISODES = 2, 10
#: Every so many titles one is fetched for the yardstick.
TENTH = 10
#: What the TypeScript original needs on two cores, in seconds, as measured once elsewhere: of films and of shows, by
#: how many there are and the latency in milliseconds.
ORIGINAL = {
    ("movie", 300, 50): 39.0,
    ("movie", 1000, 50): 129.0,
    ("movie", 1000, 150): 334.0,
    ("tv", 100, 0): 37.0,
    ("tv", 100, 50): 58.0,
    ("tv", 100, 150): 99.0,
}


@dataclass(slots=True)
class Measured:
    """What was measured of one scan; seconds."""

    took: float = 0.0
    yardstick: float = 0.0
    #: By kind of process, and of the stand-in.
    processor: dict[str, float] = field(default_factory=dict)
    #: Of each title, after the POST, until clients were told that it is there.
    browsable: list[float] = field(default_factory=list)
    coloured: int = 0
    #: Requests that the limit is for, and how many came a second from the first to the last.
    requests: int = 0
    per_second: float = 0.0


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=1000)
    parser.add_argument("--shows", type=int, default=0, help="so many shows instead of films")
    parser.add_argument("--latency", type=int, default=50, help="of the provider, in milliseconds")
    parser.add_argument("--limit", type=int, default=0, help="requests to the provider a second; 0: no limit")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    given.type, given.titles = ("tv", given.shows) if given.shows else ("movie", given.films)
    show(given, [measure(given) for _ in range(given.runs)])


def measure(given: argparse.Namespace) -> Measured:
    """Make a library, and scan it beside a stand-in of its own."""
    found = Measured()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        make = make_films if given.type == "movie" else make_shows
        library = make(Path(folder) / "library", given.titles)
        with StandIn(given.latency) as tmdb:
            if not given.limit:
                some = -(-given.titles // TENTH)
                found.yardstick = one_at_a_time(tmdb.url, given.type, some) * given.titles / some
        with StandIn(given.latency) as tmdb:
            scan(found, Path(folder) / "data", library, tmdb, given)
        found.requests, found.per_second = tmdb.counted, tmdb.per_second
    return found


class StandIn:
    """The stand-in for TMDB in a process of its own, so that it costs the API nothing but processor time."""

    def __init__(self, latency: int) -> None:
        command = [sys.executable, "-m", "tests.tmdb_stand_in", "--auto", "--latency", str(latency / 1000)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        self.environ = {"TMDB_BASE_URL": self.url, "TMDB_IMAGE_BASE_URL": self.url}
        #: Known once it has ended: how many requests came that a limit is for, and how many a second.
        self.counted, self.per_second = 0, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        said, _ = self._process.communicate()
        told = dict(word.split("=") for word in said.split())
        self.counted, self.per_second = int(told["counted"]), float(told["per_second"])

    @property
    def processor_seconds(self) -> float:
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)


def make_films(root: Path, count: int) -> Path:
    """Make folders `Title NNN (Year)/Title NNN (Year).mkv` with a real, tiny video in each."""
    video = _a_video(root)
    for number in range(count):
        name = f"Benchmark Picture {number:05d} ({1950 + number % 70})"
        folder = root / name
        folder.mkdir(parents=True)
        (folder / f"{name}.mkv").write_bytes(video)
    return root


def make_shows(root: Path, count: int) -> Path:
    """Make shows of two seasons of ten episodes, with a real, tiny video for each."""
    video = _a_video(root)
    for number in range(count):
        name = f"Benchmark Show {number:05d} ({1980 + number % 40})"
        for season in range(1, SEASONS + 1):
            folder = root / name / f"Season {season:02d}"
            folder.mkdir(parents=True)
            for episode in range(1, EPISODES + 1):
                (folder / f"{name} - S{season:02d}E{episode:02d}.mkv").write_bytes(video)
    return root


def _a_video(root: Path) -> bytes:
    seed = root.parent / "seed"
    subprocess.run([sys.executable, "-m", "worker.demo_library", str(seed)], check=True, stdout=subprocess.DEVNULL)
    return next((seed / "movies").rglob("*.mkv")).read_bytes()


def one_at_a_time(url: str, kind: str, count: int) -> float:
    """Fetch search, details and poster of each title, one after the other; return the seconds."""
    session = requests.Session()
    key = {"api_key": KEY}
    parts = "credits" if kind == "movie" else ",".join(["credits", *(f"season/{one + 1}" for one in range(SEASONS))])
    began = time.perf_counter()
    for number in range(count):
        query = {"query": f"Benchmark {'Picture' if kind == 'movie' else 'Show'} {number:05d}"}
        found = session.get(f"{url}/3/search/{kind}", params=key | query).json()["results"][0]
        details = session.get(f"{url}/3/{kind}/{found['id']}", params=key | {"append_to_response": parts}).json()
        session.get(f"{url}/t/p/w500{details['poster_path']}").raise_for_status()
    return time.perf_counter() - began


def scan(found: Measured, data_dir: Path, library: Path, tmdb: StandIn, given: argparse.Namespace) -> None:
    """Scan with the real processes."""
    with Installation(data_dir, tmdb.environ | {"TMDB_RATE_LIMIT": str(given.limit)}) as server:
        assert server.process is not None
        server.put("/api/v1/settings", {"tmdbApiKey": KEY})
        server.wait_for_workers()
        socket = create_connection(f"{server.websocket_url}/ws", timeout=600)
        before, theirs = processor_seconds(server.process.pid), tmdb.processor_seconds
        began = time.perf_counter()
        body = {"path": str(library), "mediaType": given.type}
        job = server.post("/api/v1/scan/path", body)["data"]["scanJobId"]
        event: dict[str, Any] = {}
        while event.get("scanJobId") != job or event["type"] not in {"scan:complete", "scan:error"}:
            event = json.loads(socket.recv())
            if event["type"] == "media:added":
                found.browsable += [time.perf_counter() - began] * len(event["mediaIds"])
        found.took = time.perf_counter() - began
        assert event["type"] == "scan:complete", event
        found.processor = dict(processor_seconds(server.process.pid) - before)
        found.processor["stand-in"] = tmdb.processor_seconds - theirs
        titles = server.all("/api/v1/movies" if given.type == "movie" else "/api/v1/tvshows")
        palettes = [tuple(title["media"]["meshGradientColors"]) for title in titles]
        found.coloured = sum(
            len(palette) == len(DEFAULT_PALETTE) and palette != DEFAULT_PALETTE for palette in palettes
        )


def show(given: argparse.Namespace, measured: Sequence[Measured]) -> None:
    """Print what was measured, on what, and the ratio."""
    limit = f"{given.limit} requests a second" if given.limit else "no limit"
    things = f"{given.titles} film folders" if given.type == "movie" else f"{given.titles} shows"
    table = Table(title=f"First scan: {things}, provider latency {given.latency} ms, {limit}")
    for column in ("what", "median s", "from", "to", "ratio"):
        table.add_column(column)
    ours, yardsticks = [each.took for each in measured], [each.yardstick for each in measured]
    median = statistics.median(ours)
    table.add_row("POST to scan:complete", f"{median:.1f}", f"{min(ours):.1f}", f"{max(ours):.1f}", "1")
    if not given.limit:
        yardstick = statistics.median(yardsticks)
        spread = (f"{yardstick:.1f}", f"{min(yardsticks):.1f}", f"{max(yardsticks):.1f}")
        table.add_row("the requests alone, one at a time", *spread, f"{yardstick / median:.1f}")
    if original := ORIGINAL.get((given.type, given.titles, given.latency)):
        table.add_row("the TypeScript original, elsewhere", f"{original:.1f}", "", "", f"{original / median:.1f}")
    middle = min(measured, key=lambda each: abs(each.took - median))
    browsable = sorted(middle.browsable)
    table.add_row(
        "a title browsable after the POST", f"{statistics.median(browsable):.1f}", "", f"{browsable[-1]:.1f}", ""
    )
    console = Console(width=100)
    console.print(table)
    spent = sorted(middle.processor.items(), key=lambda kind: -kind[1])
    shares = ", ".join(f"{kind} {1000 * seconds / given.titles:.1f}" for kind, seconds in spent)
    total = sum(middle.processor.values())
    console.print(f"processor time of the median run: {1000 * total / given.titles:.1f} ms a title ({shares})")
    if given.limit:
        share = middle.requests / (given.limit * middle.took)
        between = middle.per_second / given.limit
        console.print(
            f"requests: {middle.requests}; {share:.1%} of the budget from the POST to scan:complete, "
            f"{between:.1%} from the first to the last request"
        )
    console.print(f"titles with four colours: {min(each.coloured for each in measured)} of {given.titles}")
    console.print(f"runs: {len(ours)} · {machine()}")


if __name__ == "__main__":
    main()
