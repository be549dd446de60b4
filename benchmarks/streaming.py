"""Send a file in the page cache to 8 clients at once, by the API itself and through its front proxy.

The yardstick, measured in the same run and in turns: nginx with sendfile, the same file, the same clients. Ranges of
the file are asked for, as a player does that seeks: while nothing else is sent, and beside the 8 clients. Meanwhile the
API is also asked for a list, again and again. Clients are a process each, and throw away what they read.
"""

import argparse
import multiprocessing
import socket
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import requests
from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from shared.database import Database
from shared.migrate import migrate
from tests import nginx
from tests.builders import a_file, a_movie
from tests.contract.gunicorns import gunicorn
from tests.servers import redis_server

_READS_AT_ONCE = 1024 * 1024


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    names = ("nginx with sendfile", "the API itself", "the API behind deploy/nginx.conf")
    rates: dict[str, list[float]] = {name: [] for name in names}
    times: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="bench-") as text, redis_server() as redis_url:
        folder = Path(text)
        film = a_film(folder / "films", given.mebibytes)
        with (
            an_api(folder / "alone", film, redis_url, "none") as (alone, path),
            an_api(folder / "behind", film, redis_url, "nginx") as (behind, path_behind),
            nginx.serving(film.parent, folder / "yardstick") as yardstick,
            nginx.front_proxy(behind, folder / "front") as front,
        ):
            api = f"http://127.0.0.1:{alone}"
            urls = (f"{yardstick}/{film.name}", api + path, front + path_behind)
            for _ in range(given.runs):
                for name, url in zip(names, urls, strict=True):
                    rates[name].append(rate(url, given.clients, film.stat().st_size))
                for name, url in zip(names, urls, strict=True):
                    offsets = [film.stat().st_size // 100 * percent for percent in range(1, 100)]
                    times[f"first byte of a seek, {name}"] += [first_byte(url, offset) for offset in offsets]
                for name, server, url in zip(names, (None, api, front), urls, strict=True):
                    answers, seeks = asked_during(server, url, given.clients, film.stat().st_size)
                    times[f"the same beside {given.clients} clients, {name}"] += seeks
                    if server is not None:
                        times[f"a list beside {given.clients} clients, {name}"] += answers
    show(given, rates, times)


def show(given: argparse.Namespace, rates: dict[str, list[float]], times: dict[str, list[float]]) -> None:
    console = Console(width=110)
    table = Table(title=f"{given.mebibytes} MiB to {given.clients} clients at once")
    for column in ("by", "median GB/s", "from", "to", "ratio"):
        table.add_column(column)
    yardstick = statistics.median(next(iter(rates.values())))
    for name, values in rates.items():
        median = statistics.median(values)
        table.add_row(name, f"{median:.2f}", f"{min(values):.2f}", f"{max(values):.2f}", f"{median / yardstick:.2f}")
    console.print(table)
    table = Table(title="Milliseconds")
    for column in ("what", "median", "p99", "most", "number"):
        table.add_column(column)
    for name, values in sorted(times.items()):
        ordered = sorted(value * 1000 for value in values)
        p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
        table.add_row(name, f"{statistics.median(ordered):.1f}", f"{p99:.1f}", f"{ordered[-1]:.1f}", str(len(ordered)))
    console.print(table)
    console.print(machine())


def a_film(folder: Path, mebibytes: int) -> Path:
    """Write a file and read it once, so that it is in the page cache."""
    folder.mkdir()
    film = folder / "film.mkv"
    with film.open("wb") as file:
        for number in range(mebibytes):
            file.write(bytes([number % 256]) * 1024 * 1024)
    film.read_bytes()
    return film


@contextmanager
def an_api(folder: Path, film: Path, redis_url: str, front_proxy: str) -> Iterator[tuple[int, str]]:
    """Run an API process that knows one film; yield its port, and the path of the film's stream."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'dester.db'}")
    migrate(database)
    with database.begin() as session:
        movie = a_movie(session)
        a_file(session, film, movie=movie, size=film.stat().st_size)
    with gunicorn(folder, redis_url, FRONT_PROXY=front_proxy) as api:
        yield api.port, f"/api/v1/stream/{movie.id}"


def rate(url: str, clients: int, size: int) -> float:
    """Let so many clients read a file at once; return the GB (10^9 bytes) per second of all together."""
    pipes = [multiprocessing.Pipe() for _ in range(clients)]
    readers = [multiprocessing.Process(target=_read_all, args=(theirs, url, size), daemon=True) for _, theirs in pipes]
    for reader in readers:
        reader.start()
    for ours, _ in pipes:
        assert ours.recv() == "connected"
    began = time.perf_counter()
    for ours, _ in pipes:
        ours.send("go")
    read = sum(ours.recv() for ours, _ in pipes)
    seconds = time.perf_counter() - began
    for reader in readers:
        reader.join()
    assert read == size * clients, f"{read} bytes came instead of {size * clients}"
    return size * clients / seconds / 1e9


def _read_all(parent: Connection, url: str, size: int) -> None:
    connection = _connected(url)
    parent.send("connected")
    parent.recv()
    parent.send(_ask(connection, url, "", size))


def _connected(url: str) -> socket.socket:
    host, _, port = url.split("/")[2].partition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def _ask(connection: socket.socket, url: str, header: str, size: int) -> int:
    """Ask for a file; return how many of so many bytes of it came."""
    path = "/" + url.split("/", 3)[3]
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n".encode())
    buffer = bytearray(_READS_AT_ONCE)
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        assert part, head
        head += part
    assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")), head[:500]
    read = len(head.split(b"\r\n\r\n", 1)[1])
    while read < size and (count := connection.recv_into(buffer)):
        read += count
    return read


def first_byte(url: str, offset: int) -> float:
    """Ask for a megabyte from an offset on; return the seconds until its first byte is there, the connection's too."""
    began = time.perf_counter()
    with _connected(url) as connection:
        _ask(connection, url, f"Range: bytes={offset}-{offset + 1_000_000}\r\n", 1)
        return time.perf_counter() - began


def asked_during(server: str | None, url: str, clients: int, size: int) -> tuple[list[float], list[float]]:
    """Ask for lists and ranges until so many clients have read the file; return the seconds of each list and seek."""
    sending = threading.Thread(target=rate, args=(url, clients, size))
    sending.start()
    session = requests.Session()
    random = Random(size)
    answers, seeks = [], []
    while sending.is_alive():
        if server is not None:
            began = time.perf_counter()
            session.get(f"{server}/api/v1/movies", timeout=30).raise_for_status()
            answers.append(time.perf_counter() - began)
        seeks.append(first_byte(url, random.randrange(size - 2_000_000)))
        # As many requests as a person at a time; the processor is for the streams.
        time.sleep(0.01)
    return answers, seeks


if __name__ == "__main__":
    main()
