"""How much faster does the metadata phase become with more workers? `python -m benchmarks.scaling`.

The real processes on PostgreSQL and Redis, a provider that answers after half a second, and no limit on requests. The
queues of metadata and pictures are paused until all folders are looked into; then all workers are let go at the same
instant, and time is taken until each title has been searched for and asked about in full. Each worker is that of the
Procfile, with as many processes as ``--processes`` says; a process asks about 16 titles at once.
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.first_scan import KEY, StandIn, make_films
from benchmarks.machine import machine
from tests.builders import a_new_postgres_database
from tests.installation import Installation, wait_until
from tests.servers import postgres_server, redis_server

ROOT = Path(__file__).parents[1]
#: What must be reached, by the number of workers.
TARGETS = {2: 1.8, 4: 3.4}
PATIENCE = 600.0
#: Workers look every two seconds at what is said of their queues.
SEEN_BY_ALL = 5.0


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=576)
    parser.add_argument("--latency", type=int, default=500, help="of the provider, in milliseconds")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--processes", type=int, default=1, help="of each worker")
    given = parser.parse_args()
    measured = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, postgres_server() as postgres:
        library = make_films(Path(folder) / "films", given.films)
        for workers in given.workers:
            with StandIn(given.latency) as tmdb, redis_server() as redis:
                environ = {"DATABASE_URL": a_new_postgres_database(postgres), "REDIS_URL": redis, **tmdb.environ}
                measured[workers] = measure(
                    Path(folder) / f"data-{workers}", environ, library, workers, given.processes
                )
    show(given, measured)


def measure(
    data_dir: Path, environ: Mapping[str, str], library: Path, workers: int, processes: int
) -> tuple[float, float]:
    """Return the seconds of the phase with so many workers, and the processor's seconds that they used."""
    with Installation(data_dir, {**environ, "TMDB_RATE_LIMIT": "0"}) as server, ExitStack() as stack:
        server.put("/api/v1/settings", {"tmdbApiKey": KEY})
        server.wait_for_workers()
        others = [stack.enter_context(another_worker(server, number)) for number in range(1, workers)]
        running = [psutil.Process(pid) for pid in (server.pid_of("-Q metadata"), *others)]
        wait_until(lambda: drain(server) == workers, 60, f"{workers} workers drain the queue")
        server.put("/api/v1/queues/metadata", {"paused": True, "concurrency": processes})
        server.put("/api/v1/queues/artwork", {"paused": True})
        time.sleep(SEEN_BY_ALL)
        job = server.post("/api/v1/scan/path", {"path": str(library)})["data"]["scanJobId"]
        wait_until(lambda: are_folders_done(server, job), PATIENCE, "all folders are looked into")
        with psycopg.connect(environ["DATABASE_URL"].replace("+psycopg", ""), autocommit=True) as database:
            # The workers hear one after the other that they may go on; so long nobody can take a title.
            with database.transaction():
                database.execute("LOCK TABLE enrichments IN SHARE ROW EXCLUSIVE MODE")
                server.put("/api/v1/queues/metadata", {"paused": False})
                time.sleep(SEEN_BY_ALL)
            began, spent = time.perf_counter(), processor_seconds(running)
            wait_until(lambda: count(database, "status IN ('METADATA', 'DETAILS')") == 0, PATIENCE, "all are known")
            seconds = time.perf_counter() - began
            assert count(database, "status = 'FAILED'") == 0
            return seconds, processor_seconds(running) - spent


@contextmanager
def another_worker(server: Installation, number: int) -> Iterator[int]:
    """Run the Procfile's worker of metadata once more, with a name of its own; yield its process's id."""
    line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("metadata:"))
    command = shlex.split(line.partition(":")[2].replace("metadata@%h", f"metadata{number}@%h"))
    program = Path(sys.executable).with_name(command[0])
    environ = {**server.environ, "PYTHONPATH": str(ROOT), "REMAP_SIGTERM": "SIGQUIT"}
    process = subprocess.Popen(
        [program, *command[1:]], env=environ, cwd=server.data_dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def drain(server: Installation) -> int:
    """Return how many workers drain the queue of metadata."""
    queues = server.get("/api/v1/queues")["data"]
    return sum(len(queue["workers"]) for queue in queues if queue["name"] == "metadata")


def are_folders_done(server: Installation, job: str) -> bool:
    progress = server.get(f"/api/v1/scan/job/{job}")["data"]["progress"]
    time.sleep(0.5)
    return bool(progress["totalFolders"] and progress["processedFolders"] == progress["totalFolders"])


def count(database: psycopg.Connection, where: str) -> int:
    row = database.execute(f"SELECT count(*) FROM enrichments WHERE {where}").fetchone()  # noqa: S608 - our own words
    assert row is not None
    return int(row[0])


def processor_seconds(workers: Sequence[psutil.Process]) -> float:
    """Return how much processor time these workers with all their processes have used."""
    family = [process for worker in workers for process in (worker, *worker.children())]
    return sum(times.user + times.system for times in (process.cpu_times() for process in family))


def show(given: argparse.Namespace, measured: Mapping[int, tuple[float, float]]) -> None:
    """Print what was measured, on what, and the ratios."""
    table = Table(
        title=f"Metadata of {given.films} films, {given.latency} ms a request, {given.processes} process(es) a worker"
    )
    for column in ("workers", "seconds", "titles a second", "times faster", "target", "cores they used"):
        table.add_column(column)
    first = measured[min(measured)][0]
    for workers, (seconds, spent) in measured.items():
        target = TARGETS.get(workers)
        table.add_row(
            str(workers),
            f"{seconds:.1f}",
            f"{given.films / seconds:.0f}",
            f"{first / seconds:.2f}",
            f"{target:g}" if target else "",
            f"{spent / seconds:.1f}",
        )
    console = Console(width=100)
    console.print(table)
    console.print(machine())


if __name__ == "__main__":
    main()
