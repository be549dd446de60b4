"""How long does a first scan take? From the POST to `scan:complete`, with every title matched and coloured.

The yardstick, measured in the same run: the same requests and pictures from the same stand-in for TMDB, fetched one at
a time over kept connections, as the original server does it; no naming, no database, no colours.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import requests
from rich.console import Console
from rich.table import Table
from websocket import WebSocket, create_connection

from shared.colours import DEFAULT_PALETTE
from tests.installation import Installation
from tests.tmdb_stand_in import KEY

#: What the TypeScript original needs for 300 films at 50 ms on two cores, in seconds, as measured once elsewhere.
ORIGINAL = {(300, 50): 39.0}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--latency", type=int, default=50, help="of the provider, in milliseconds")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    ours, yardsticks, colours = [], [], []
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, StandIn(given.latency) as tmdb:
            library = make_films(Path(folder) / "films", given.films)
            yardsticks.append(one_at_a_time(tmdb.url, given.films))
            seconds, coloured = scan(Path(folder) / "data", library, tmdb.url)
            ours.append(seconds)
            colours.append(coloured)
    show(given, ours, yardsticks, colours)


class StandIn:
    """The stand-in for TMDB in a process of its own, so that it costs the API nothing but processor time."""

    def __init__(self, latency: int) -> None:
        command = [sys.executable, "-m", "tests.tmdb_stand_in", "--auto", "--latency", str(latency / 1000)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]
        self.environ = {"TMDB_BASE_URL": self.url, "TMDB_IMAGE_BASE_URL": self.url}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def make_films(root: Path, count: int) -> Path:
    """Make folders `Title NNN (Year)/Title NNN (Year).mkv` with a real, tiny video in each."""
    subprocess.run([sys.executable, "-m", "worker.demo_library", str(root.parent / "seed")], check=True)
    video = next((root.parent / "seed" / "movies").rglob("*.mkv")).read_bytes()
    for number in range(count):
        name = f"Benchmark Picture {number:05d} ({1950 + number % 70})"
        folder = root / name
        folder.mkdir(parents=True)
        (folder / f"{name}.mkv").write_bytes(video)
    return root


def one_at_a_time(url: str, count: int) -> float:
    """Fetch search, details, poster and backdrop of each film, one after the other; return the seconds."""
    session = requests.Session()
    key = {"api_key": KEY}
    began = time.perf_counter()
    for number in range(count):
        query = {"query": f"Benchmark Picture {number:05d}", "year": str(1950 + number % 70)}
        found = session.get(f"{url}/3/search/movie", params=key | query).json()["results"][0]
        details = session.get(f"{url}/3/movie/{found['id']}", params=key | {"append_to_response": "credits"}).json()
        for size, path in (("w500", details["poster_path"]), ("w1280", details["backdrop_path"])):
            session.get(f"{url}/t/p/{size}{path}").raise_for_status()
    return time.perf_counter() - began


def scan(data_dir: Path, library: Path, tmdb_url: str) -> tuple[float, int]:
    """Scan with the real processes; return the seconds to `scan:complete`, and how many titles have four colours."""
    environ = {"TMDB_BASE_URL": tmdb_url, "TMDB_IMAGE_BASE_URL": tmdb_url, "TMDB_RATE_LIMIT": "0"}
    with Installation(data_dir, environ) as server:
        server.put("/api/v1/settings", {"tmdbApiKey": KEY})
        server.wait_for_workers()
        socket = create_connection(f"{server.websocket_url}/ws", timeout=300)
        began = time.perf_counter()
        job = server.post("/api/v1/scan/path", {"path": str(library)})["data"]["scanJobId"]
        _wait_for_end(socket, job)
        seconds = time.perf_counter() - began
        palettes = [tuple(movie["media"]["meshGradientColors"]) for movie in server.all("/api/v1/movies")]
        return seconds, sum(len(palette) == 4 and palette != DEFAULT_PALETTE for palette in palettes)


def _wait_for_end(socket: WebSocket, job: str) -> None:
    while True:
        event = json.loads(socket.recv())
        if event.get("scanJobId") == job and event["type"] in {"scan:complete", "scan:error"}:
            assert event["type"] == "scan:complete", event
            return


def show(given: argparse.Namespace, ours: list[float], yardsticks: list[float], colours: list[int]) -> None:
    """Print what was measured, on what, and the ratio."""
    table = Table(title=f"First scan: {given.films} film folders, provider latency {given.latency} ms")
    for column in ("what", "median s", "from", "to", "ratio"):
        table.add_column(column)
    median = statistics.median(ours)
    yardstick = statistics.median(yardsticks)
    table.add_row("POST to scan:complete", f"{median:.1f}", f"{min(ours):.1f}", f"{max(ours):.1f}", "1")
    table.add_row(
        "the requests alone, one at a time",
        f"{yardstick:.1f}",
        f"{min(yardsticks):.1f}",
        f"{max(yardsticks):.1f}",
        f"{yardstick / median:.1f}",
    )
    if original := ORIGINAL.get((given.films, given.latency)):
        table.add_row("the TypeScript original, elsewhere", f"{original:.1f}", "", "", f"{original / median:.1f}")
    console = Console(width=100)
    console.print(table)
    console.print(f"titles with four colours: {min(colours)} of {given.films} · runs: {len(ours)}")
    console.print(f"{platform.platform()} · {os.cpu_count()} cores · Python {platform.python_version()}")


if __name__ == "__main__":
    main()
