"""What do 2,000 open WebSockets cost? One API process, 10 events a second for 10 seconds, to every client.

Measured: whether every client was told every event in order; how long after it was published an event was read, over
all clients; what the process used of a core; and the same with 100 more clients that never read. The yardstick is what
the machine itself can do: events of the same size written to as many connections by a bare loop, for the same readers.

With `--scan`, that many film folders are scanned by the whole system, without clients and with them.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import psutil
from redis import Redis
from rich.console import Console
from rich.table import Table

from api.frames import encoded
from benchmarks.machine import machine
from shared import events
from shared.database import Database
from shared.events import MediaUpdated
from shared.migrate import migrate
from tests.contract.gunicorns import gunicorn
from tests.installation import Installation, wait_until
from tests.servers import redis_server

PER_SECOND, SECONDS = 10, 10
_HANDSHAKE = (
    "GET /ws{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_PING, _PONG = b"\x89\0", b"\x8a\x80\0\0\0\0"


@dataclass(frozen=True)
class Heard:
    """What the readers saw: delays in seconds, and how many clients were told all events in their order."""

    delays: list[float]
    complete: int


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--deaf", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scan", type=int, default=0, metavar="FILMS")
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    console = Console(width=110)
    table = Table(title=f"{given.clients} clients, {PER_SECOND} events/s for {SECONDS} s")
    for column in ("what", "told everything in order", "p50 ms", "p99 ms", "from", "to", "API, % of a core"):
        table.add_column(column)
    measured = {
        "all of them read": [one_round(given.clients, 0) for _ in range(given.runs)],
        f"and {given.deaf} more never read": [one_round(given.clients, given.deaf) for _ in range(given.runs)],
        "yardstick: a bare loop": [yardstick(given.clients) for _ in range(given.runs)],
    }
    for what, rounds in measured.items():
        slowest = [percentile(heard.delays, 99) * 1000 for heard, _ in rounds]
        table.add_row(
            what,
            f"{min(heard.complete for heard, _ in rounds)} of {given.clients}",
            f"{statistics.median(percentile(heard.delays, 50) * 1000 for heard, _ in rounds):.0f}",
            f"{statistics.median(slowest):.0f}",
            f"{min(slowest):.0f}",
            f"{max(slowest):.0f}",
            f"{statistics.median(share for _, share in rounds):.0f}",
        )
    console.print(table)
    if given.scan:
        show_scans(console, given.scan, given.clients, given.runs)
    console.print(machine())


def one_round(clients: int, deaf: int) -> tuple[Heard, float]:
    """Start an API process, connect, publish; return what was heard and the API's share of a core in per cent."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, redis_server() as redis_url:
        migrate(Database(f"sqlite:///{folder}/dester.db"))
        with gunicorn(Path(folder), redis_url) as api:
            assert api.process is not None
            (worker,) = psutil.Process(api.process.pid).children()
            with Readers(api.port, clients, deaf) as readers:
                return measured_at(worker, readers, lambda: publish(redis_url))


def yardstick(clients: int) -> tuple[Heard, float]:
    """Do the same with a loop that does nothing else."""
    ours, theirs = multiprocessing.Pipe()
    bare = multiprocessing.Process(target=_write_to_all, args=(theirs, clients), daemon=True)
    bare.start()
    with Readers(ours.recv(), clients, 0) as readers:
        found = measured_at(psutil.Process(bare.pid), readers, lambda: ours.send("go"))
    bare.terminate()
    return found


def measured_at(process: psutil.Process, readers: "Readers", begin: Callable[[], None]) -> tuple[Heard, float]:
    """Begin, wait until all have heard all; return what they heard, and the process's share of a core in per cent."""
    before = cpu_seconds(process)
    began = time.perf_counter()
    begin()
    heard = readers.heard()
    return heard, (cpu_seconds(process) - before) / (time.perf_counter() - began) * 100


def at_their_times() -> Iterator[int]:
    """Yield the number of each event when its time has come."""
    began = time.monotonic()
    for number in range(PER_SECOND * SECONDS):
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        yield number


def _write_to_all(parent: Connection, clients: int) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=clients) as server:
        parent.send(server.getsockname()[1])
        connections: list[socket.socket] = []
        while len(connections) < clients:
            connection, _ = server.accept()
            connection.recv(4096)
            connection.sendall(encoded('{"type": "connection:established"}'))
            connections.append(connection)
        parent.recv()
        for number in at_their_times():
            told = MediaUpdated(media_ids=[str(number), str(time.monotonic())]).payload()
            frame = encoded(json.dumps(told | {"eventId": "1795465057505-0"}))
            for connection in connections:
                connection.send(frame)
        parent.recv()


def publish(redis_url: str) -> None:
    """Tell of so many events, each with the time at which it was published."""
    with Redis.from_url(redis_url) as redis:
        for number in at_their_times():
            events.tell(redis, MediaUpdated(media_ids=[str(number), str(time.monotonic())]))


class Readers:
    """Clients in a process of their own, so that they take nothing of the API's but the processor."""

    def __init__(self, port: int, clients: int, deaf: int) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_read, args=(theirs, port, clients, deaf), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        assert self._ours.recv() == "connected"
        return self

    def heard(self) -> Heard:
        """Wait until every client has been told everything, or no more comes."""
        heard: Heard = self._ours.recv()
        return heard

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def _read(parent: Connection, port: int, clients: int, deaf: int) -> None:
    """Connect, and read until all have heard all, or for three seconds nobody has heard anything."""
    selector = selectors.DefaultSelector()
    connections = _all_connected(port, clients)
    for connection in connections:
        selector.register(connection, selectors.EVENT_READ, _Client())
    # They are open for as long as this lasts.
    _deaf = _all_connected(port, deaf)
    parent.send("connected")
    everything = PER_SECOND * SECONDS
    delays: list[float] = []
    waiting = clients
    while waiting and (ready := selector.select(timeout=3 if delays else 30)):
        for key, _ in ready:
            client: _Client = key.data
            delays += client.read(key.fileobj)  # type: ignore[arg-type]
            if len(client.numbers) == everything:
                waiting -= 1
                selector.unregister(key.fileobj)
    found = [key.data.numbers for key in selector.get_map().values()]
    in_order = clients - len(found)
    parent.send(Heard(delays, in_order))
    parent.recv()


class _Client:
    """What one client has read; an event out of its place ends the measurement."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._rest = b""

    def read(self, connection: socket.socket) -> list[float]:
        """Read what there is, in frames of less than 64 KiB; return how old the events in them are, in seconds."""
        delays = []
        now = time.monotonic()
        buffer = self._rest + connection.recv(65536)
        while len(buffer) >= 4 or buffer == _PING:
            head, length = (4, int.from_bytes(buffer[2:4], "big")) if buffer[1] == 126 else (2, buffer[1])
            if len(buffer) < head + length:
                break
            frame, buffer = buffer[: head + length], buffer[head + length :]
            if frame == _PING:
                connection.sendall(_PONG)
                continue
            event: dict[str, Any] = json.loads(frame[head:])
            if event["type"] == "media:updated":
                number, published = event["mediaIds"]
                assert int(number) == len(self.numbers), f"{number} came after {len(self.numbers)} events"
                self.numbers.append(int(number))
                delays.append(now - float(published))
        self._rest = buffer
        return delays


def _all_connected(port: int, clients: int, query: str = "?types=media:updated") -> list[socket.socket]:
    """Open so many WebSockets; that may take so long that the first must say meanwhile that they are there."""
    connections: list[socket.socket] = []
    while len(connections) < clients:
        if len(connections) % 250 == 0:
            for connection in connections:
                connection.send(_PONG)
        connections.append(_connected(port, query))
    return connections


def _connected(port: int, query: str) -> socket.socket:
    """Open a WebSocket, and wait for the greeting."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(_HANDSHAKE.format(query=query).encode())
    seen = b""
    while b"connection:established" not in seen:
        part = connection.recv(4096)
        assert part, f"the API closed the connection after {seen!r}"
        seen += part
    connection.settimeout(0)
    return connection


@dataclass(frozen=True)
class Scanned:
    """How long a scan took, and what the clients' program and the API used of the processor meanwhile; in seconds."""

    seconds: float
    clients: float
    api: float


def show_scans(console: Console, films: int, clients: int, runs: int) -> None:
    """Scan without clients and with them, in turns, and print what the clients cost.

    Clients elsewhere would take nothing of this machine's processor. What they took of it here, on all cores alike, is
    left out in the last column.
    """
    alone, watched = [], []
    for _ in range(runs):
        alone.append(scan(films, 0))
        watched.append(scan(films, clients))
    table = Table(title=f"A scan of {films} film folders without a provider")
    for column in (
        "what",
        "median s",
        "from",
        "to",
        "API cpu s",
        "clients' cpu s",
        "speed",
        "but for the clients' cpu",
    ):
        table.add_column(column)
    before = statistics.median(each.seconds for each in alone)
    for what, scans in (("nobody listens", alone), (f"{clients} clients hear everything of it", watched)):
        seconds = [each.seconds for each in scans]
        elsewhere = statistics.median(each.seconds - each.clients / (os.cpu_count() or 1) for each in scans)
        cells = [statistics.median(seconds), min(seconds), max(seconds)]
        cells += [statistics.median(each.api for each in scans), statistics.median(each.clients for each in scans)]
        ratios = [f"{before / statistics.median(seconds):.2f}", f"{before / elsewhere:.2f}"]
        table.add_row(what, *(f"{cell:.1f}" for cell in cells), *ratios)
    console.print(table)


def scan(films: int, clients: int) -> Scanned:
    """Scan so many films by the whole system while so many clients hear everything of it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        library = make_films(Path(folder) / "films", films)
        with Installation(Path(folder) / "data") as server:
            server.wait_for_workers()
            hearing = multiprocessing.Process(target=_hear_everything, args=(server.port, clients), daemon=True)
            hearing.start()
            wait_until(lambda: has_clients(server, clients), 60, "all clients are connected")
            assert server.process is not None
            children = psutil.Process(server.process.pid).children(recursive=True)
            web = [child for child in children if "gunicorn" in " ".join(child.cmdline())]
            before = cpu_seconds(psutil.Process(hearing.pid)), sum(map(cpu_seconds, web))
            began = time.perf_counter()
            job = server.scan(library)
            took = time.perf_counter() - began
            after = cpu_seconds(psutil.Process(hearing.pid)), sum(map(cpu_seconds, web))
            assert job["status"] == "COMPLETED", job
            assert has_clients(server, clients), "some were dropped"
            hearing.terminate()
            hearing.join()
    return Scanned(took, after[0] - before[0], after[1] - before[1])


def cpu_seconds(process: psutil.Process) -> float:
    """Return what a process has used of the processor so far."""
    return float(sum(process.cpu_times()[:2]))


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


def has_clients(server: Installation, count: int) -> bool:
    """Whether so many connections to the API are open."""
    established = psutil.net_connections(kind="tcp4")
    return sum(end.laddr.port == server.port and end.status == "ESTABLISHED" for end in established) >= count


def _hear_everything(port: int, clients: int) -> None:
    """Read once a second what came: clients on other machines would not have this one woken for each message."""
    connections = _all_connected(port, clients, query="")
    for second in itertools.count():
        time.sleep(1)
        for connection in connections:
            with suppress(BlockingIOError):
                while connection.recv(1024 * 1024):
                    continue
            if second % 10 == 0:
                # Whoever says nothing for long is given up.
                connection.send(_PONG)


def percentile(values: list[float], percent: float) -> float:
    """Return the value that so many per cent are not above."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


if __name__ == "__main__":
    main()
