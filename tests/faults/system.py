"""The system that is to survive: `dester up` with its processes, each of which can be found and ended."""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
from redis import Redis
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from shared.models import Enrichment, ScanFolder, ScanJob
from shared.scan_states import ENRICHMENT_OPEN, EnrichmentStatus, FolderStatus
from tests.builders import a_new_postgres_database
from tests.faults.clock import a_clock
from tests.faults.library import Library
from tests.faults.stand_in import MoodyTmdb
from tests.installation import Installation, wait_until
from tests.servers import postgres_cluster
from worker.leases import due

WORKERS = ("scan", "metadata", "artwork")
#: Room for DATA_DIR: enough for the largest library here, and soon filled.
_DISK = "256m"
#: After so many seconds a worker has no work, and is not only between two batches, or starting.
_IDLE = 10.0
#: The steps of a folder and of a title that are behind each status.
_FOLDER = {FolderStatus.PENDING: 1, FolderStatus.REGISTERED: 2}
_FETCHED = {EnrichmentStatus.METADATA: 0, EnrichmentStatus.DETAILS: 1}
_ALL_STEPS = 3


@dataclass(frozen=True, slots=True)
class Work:
    """What one kind of worker has done of some scans, in steps, and whether it has more to do, and may do it now."""

    done: int
    is_open: bool
    is_due: bool


class System:
    """One installation on one kind of database, its provider, and its library."""

    def __init__(self, kind: str, folder: Path, library: Library, tmdb: MoodyTmdb) -> None:
        self.kind = kind
        self.folder = folder
        self.library = library
        self.tmdb = tmdb
        self.clock = a_clock(folder)
        self.data_dir = folder / "data"
        self._stack = ExitStack()
        self._postgres = ExitStack()
        environ = {"TMDB_BASE_URL": tmdb.url, "TMDB_IMAGE_BASE_URL": tmdb.url, "TMDB_RATE_LIMIT": "500"}
        if kind == "postgresql":
            self.cluster = self._stack.enter_context(postgres_cluster())
            self._postgres.enter_context(self.cluster.running(signal.SIGQUIT))
            environ["DATABASE_URL"] = a_new_postgres_database(self.cluster.url)
        environ |= self.clock.environ if self.clock else {}
        self.data_dir.mkdir()
        self.has_own_disk = self._mount()
        self.server = Installation(self.data_dir, environ)
        self.server.under = without_privileges()
        self.database = self.server.database

    def start(self) -> None:
        self.server.start()
        self._stack.callback(self._stop_server)
        self.server.wait_for_workers()
        self.server.put("/api/v1/settings", {"tmdbApiKey": self.tmdb.key})

    def _stop_server(self) -> None:
        try:
            self.server.stop()
        except subprocess.TimeoutExpired:
            # The undertaker ends the rest.
            assert self.server.process is not None
            self.server.process.kill()

    def stop(self) -> None:
        self.database.engine.dispose()
        # The disk of DATA_DIR goes with its mount.
        shutil.copytree(self.data_dir / "logs", self.folder / "logs", dirs_exist_ok=True)
        self._stack.close()
        self._postgres.close()

    def _mount(self) -> bool:
        """Give DATA_DIR a small disk of its own, where we may."""
        if not works(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(self.data_dir)]):
            return False
        self._stack.callback(subprocess.run, ["umount", "--lazy", str(self.data_dir)], check=True)
        return True

    def process(self, name: str) -> psutil.Process:
        """Return the first process of a line of the Procfile, or of Redis; wait until it is there."""
        wait_until(lambda: self._find(name) is not None, 60, f"{name} runs")
        found = self._find(name)
        assert found is not None
        return found

    def _find(self, name: str) -> psutil.Process | None:
        assert self.server.process is not None
        for child in psutil.Process(self.server.process.pid).children(recursive=True):
            try:
                # The supervisor's own start sessions of their own; their command lines may end in blanks.
                words = " ".join(child.cmdline()).rstrip()
                if (
                    os.getsid(child.pid) == child.pid
                    and child.status() != psutil.STATUS_ZOMBIE
                    and _is_called(name, words)
                ):
                    return child
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue
        return None

    def child_at_work(self, worker: str, random: Random) -> psutil.Process:
        """Return one of a worker's own processes: one that holds work, unless none does for a while."""
        until = time.monotonic() + _IDLE
        while True:
            children = [child for child in self.process(worker).children() if child.is_running()]
            busy = [child for child in children if child.pid in self.holders()]
            if busy or (children and time.monotonic() > until):
                return random.choice(busy or children)
            time.sleep(0.02)

    def holders(self) -> set[int]:
        """Return the processes that hold work at this moment."""
        with self.database.read() as session:
            names = [
                name
                for table in (ScanJob, ScanFolder, Enrichment)
                for name in session.scalars(select(table.holder).where(table.lease_until.is_not(None)).distinct())
            ]
        return {int(name.rpartition("/")[2]) for name in names if name}

    @property
    def redis(self) -> Redis:
        """Return a client of the embedded Redis, whose address its users know."""
        return Redis.from_url(self.process("web").environ()["REDIS_URL"], socket_timeout=5)

    def kill_postgres(self) -> None:
        """Kill PostgreSQL with all its processes, as when its container dies."""
        for process in self.cluster.processes():
            process.kill()
        self._postgres.close()

    def start_postgres(self) -> None:
        self._postgres.enter_context(self.cluster.running(signal.SIGQUIT))

    def work(self, scan_job_ids: Sequence[str]) -> dict[str, Work] | None:
        """Return how far each kind of worker is with these scans; None while the database is away."""
        try:
            with self.database.read() as session:
                folders, titles = (_counted(session, table, scan_job_ids) for table in (ScanFolder, Enrichment))
                is_listed = not session.scalar(
                    select(ScanJob.id).where(ScanJob.id.in_(scan_job_ids), ScanJob.discovered_at.is_(None)).limit(1)
                )
        except (DBAPIError, PoolTimeoutError):
            return None
        named = sum(count * _FOLDER.get(FolderStatus(status), _ALL_STEPS) for (status, _), count in folders.items())
        fetched = sum(count * _FETCHED.get(EnrichmentStatus(status), 2) for (status, _), count in titles.items())
        painted = sum(count for (status, _), count in titles.items() if status not in ENRICHMENT_OPEN)
        left = {
            "scan": (folders, _FOLDER),
            "metadata": (titles, _FETCHED),
            "artwork": (titles, [EnrichmentStatus.ARTWORK]),
        }
        done = {"scan": named, "metadata": fetched, "artwork": painted}
        work = {}
        for worker, (counted, statuses) in left.items():
            is_due = any(counted[status, True] for status in statuses) or (worker == "scan" and not is_listed)
            work[worker] = Work(done[worker], is_due or any(counted[status, False] for status in statuses), is_due)
        return work

    def has_all_pictures(self) -> bool:
        """Whether what follows a scan is done as well; no while the database is away."""
        try:
            with self.database.read() as session:
                lacking = select(Enrichment.media_id).where(Enrichment.status == EnrichmentStatus.PICTURES)
                return session.scalar(lacking.limit(1)) is None
        except (DBAPIError, PoolTimeoutError):
            return False

    def jobs(self, scan_job_ids: Sequence[str]) -> dict[str, str]:
        """Return the status of each of these scans; nothing while the database is away."""
        try:
            with self.database.read() as session:
                wanted = select(ScanJob.id, ScanJob.status).where(ScanJob.id.in_(scan_job_ids))
                return dict(session.execute(wanted).tuples().all())
        except (DBAPIError, PoolTimeoutError):
            return {}


def _counted(
    session: Session, table: type[ScanFolder | Enrichment], scan_job_ids: Sequence[str]
) -> Counter[tuple[str, bool]]:
    """Count what scans have by its status, and by whether it is due: what a provider put off is not."""
    rows = select(table.status, due(table)).where(table.scan_job_id.in_(scan_job_ids))
    return Counter((status, bool(is_due)) for status, is_due in session.execute(rows))


def without_privileges() -> list[str]:
    """Return how root runs a command that permissions hold for; nothing where there is no way, or nobody is root."""
    through = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"]
    return through if os.geteuid() == 0 and works([*through, "true"]) else []


def works(command: Sequence[str]) -> bool:
    """Whether a command is there and may do what it does."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def a_system(kind: str, folder: Path, library: Library, tmdb: MoodyTmdb) -> Iterator[System]:
    folder.mkdir()
    system = System(kind, folder, library, tmdb)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def _is_called(name: str, words: str) -> bool:
    if name == "web":
        return "gunicorn" in words
    if name == "redis":
        return "redis-server" in words
    if name == "beat":
        return words.endswith(" beat")
    return f" -n {name}@" in words
