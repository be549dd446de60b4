"""What does the whole system cost while nothing happens? `dester up` on embedded defaults, its Redis included.

Three things: the seconds from the start until the API answers and a worker of each kind is ready; the memory of all
processes, each shared page counted once (PSS); and the share of one core that they use. The first start of a new
installation is one more number: it makes the tables.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import psutil
import requests
from rich.console import Console
from rich.table import Table

from benchmarks.machine import machine
from tests.installation import Installation

#: How long everything has been idle when it is looked at, in seconds: a worker rests half a minute after the last task,
#: and looks every half minute whether it may.
SETTLES_WITHIN = 65


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="for which the processor time is measured")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    ready, memory, shares, accepted = [], [], [], []
    by_process: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Installation(Path(folder) / "data").__enter__().stop()
        for _ in range(given.runs):
            began = time.perf_counter()
            with Installation(Path(folder) / "data") as server:
                answers = time.perf_counter() - began
                server.wait_for_workers()
                ready.append((answers, time.perf_counter() - began))
                (server.data_dir / "logs" / "dester.log").write_text("")
                accepted.append(milliseconds_to_accept(server, Path(folder)))
                time.sleep(SETTLES_WITHIN)
                assert server.process is not None
                by_process = memory_of(server.process.pid)
                memory.append(sum(by_process.values()))
                shares.append(share_of_a_core(server.process.pid, given.seconds))
    table = Table(title="Idle, on embedded defaults")
    for column in ("what", "median", "from", "to", "at most"):
        table.add_column(column)
    rows = (
        ("seconds until the API answers", [first for first, _ in ready], "5"),
        ("seconds until all workers are ready", [last for _, last in ready], "5"),
        ("ms until a scan is accepted (202)", accepted, "50"),
        ("memory of all processes, MB of PSS", memory, "500"),
        ("share of one core, %", shares, "2"),
    )
    for what, values, limit in rows:
        table.add_row(what, f"{statistics.median(values):.1f}", f"{min(values):.1f}", f"{max(values):.1f}", limit)
    console = Console(width=110)
    console.print(table)
    for name, megabytes in sorted(by_process.items(), key=lambda entry: -entry[1]):
        console.print(f"{megabytes:7.1f} MB  {name}", highlight=False)
    console.print(machine())


def processes(pid: int) -> list[psutil.Process]:
    """Return a process and all that stem from it."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def memory_of(pid: int) -> dict[str, float]:
    """Return the MB (10^6 bytes) of PSS of each process of a tree, by its number and command."""
    found = {}
    for process in processes(pid):
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        (kib,) = (int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        words = [Path(word).name if word.startswith("/") else word for word in process.cmdline()]
        found[f"{process.pid} {' '.join(words)[:80]}"] = kib * 1024 / 1e6
    return found


def share_of_a_core(pid: int, seconds: float) -> float:
    """Return how much of one core a tree of processes uses, in per cent."""

    def used() -> float:
        return sum(sum(process.cpu_times()[:2]) for process in processes(pid))

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds * 100


def milliseconds_to_accept(server: Installation, folder: Path) -> float:
    """Ask for a scan of an empty folder, and return how long the answer takes."""
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    began = time.perf_counter()
    answer = requests.post(f"{server.url}/api/v1/scan/path", json={"path": str(empty)}, timeout=30)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 202, answer.text
    server.wait_for(answer.json()["data"]["scanJobId"])
    return took


if __name__ == "__main__":
    main()
