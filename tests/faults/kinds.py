"""What may go wrong. A fault is begun, lasts for a while, and is over; most are over at once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.faults.system import WORKERS, System
from tests.installation import wait_until

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault; ``happen`` returns when it is over."""

    name: str
    happen: Callable[[System, Random], None]
    #: The worker whose work it interrupts; None: everybody's.
    worker: str | None = None
    #: Whether somebody has to ask for a scan afterwards: what could not be read then is found by the next one.
    needs_scan: bool = False
    #: Whether what it interrupts is put off, and has to go on all the same.
    puts_off: bool = False
    #: Why it can't be had on this system; None if it can.
    missing: Callable[[System], str | None] = lambda _: None


def _kill_child(worker: str) -> Callable[[System, Random], None]:
    def happen(system: System, random: Random) -> None:
        system.child_at_work(worker, random).kill()

    return happen


def _kill(name: str) -> Callable[[System, Random], None]:
    """Kill a process with all that it started, as when its container dies."""

    def happen(system: System, _: Random) -> None:
        os.killpg(system.process(name).pid, signal.SIGKILL)

    return happen


def _kill_redis(*, wiped: bool) -> Callable[[System, Random], None]:
    def happen(system: System, _: Random) -> None:
        process = system.process("redis")
        if not wiped:
            system.redis.save()
        process.kill()
        if wiped:
            (system.data_dir / "redis" / "dump.rdb").unlink(missing_ok=True)
        wait_until(lambda: not process.is_running(), 10, "Redis is gone")
        system.process("redis")

    return happen


def _kill_postgres(system: System, random: Random) -> None:
    system.kill_postgres()
    time.sleep(random.uniform(0.5, 4))
    system.start_postgres()


def _rolling_restart(system: System, _: Random) -> None:
    for worker in WORKERS:
        process = system.process(worker)
        process.terminate()
        wait_until(lambda process=process: not process.is_running(), 30, f"{worker} stops")
        system.process(worker)


def _provider(mood: int) -> Callable[[System, Random], None]:
    def happen(system: System, random: Random) -> None:
        system.tmdb.feel(mood)
        time.sleep(random.uniform(1, 5))
        system.tmdb.feel(None)

    return happen


def _unreadable_folder(system: System, random: Random) -> None:
    folder = random.choice(system.library.folders())
    mode = folder.stat().st_mode
    folder.chmod(0)
    time.sleep(random.uniform(1, 4))
    folder.chmod(mode)


def _unmounted_root(system: System, random: Random) -> None:
    root = random.choice(list(system.library.roots.values()))
    away = root.with_name(f"{root.name}-away")
    root.rename(away)
    time.sleep(random.uniform(1, 4))
    away.rename(root)


def _empty_mount_point(system: System, random: Random) -> None:
    root = random.choice(list(system.library.roots.values()))
    away = root.with_name(f"{root.name}-away")
    root.rename(away)
    root.mkdir()
    time.sleep(random.uniform(1, 4))
    root.rmdir()
    away.rename(root)


def _full_disk(system: System, random: Random) -> None:
    with _filled(system.data_dir / "filling"):
        time.sleep(random.uniform(1, 4))


@contextmanager
def _filled(path: Path) -> Iterator[None]:
    block = b"x" * 65536
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            block = b"x"
        yield
    path.unlink()


def _moved_clock(by: int) -> Callable[[System, Random], None]:
    def happen(system: System, _: Random) -> None:
        assert system.clock is not None
        system.clock.set(by)

    return happen


def _no_postgres(system: System) -> str | None:
    return None if system.kind == "postgresql" else "SQLite has no server"


def _no_disk(system: System) -> str | None:
    return None if system.has_own_disk else "DATA_DIR can be given no disk of its own here: mounting takes root"


def _no_permissions(system: System) -> str | None:
    is_bound = os.geteuid() != 0 or bool(system.server.under)
    return None if is_bound else "root reads every folder, and there is no setpriv to take that from it"


def _no_clock(system: System) -> str | None:
    return None if system.clock else "there is no compiler for a clock that can be set"


KINDS = (
    *(Fault(f"kill -9 a process of worker {worker}", _kill_child(worker), worker) for worker in WORKERS),
    *(Fault(f"kill -9 worker {worker}", _kill(worker), worker) for worker in WORKERS),
    Fault("kill -9 beat", _kill("beat")),
    Fault("kill -9 web", _kill("web")),
    Fault("kill -9 Redis, its data saved", _kill_redis(wiped=False)),
    Fault("kill -9 Redis, its data lost", _kill_redis(wiped=True)),
    Fault("kill -9 PostgreSQL", _kill_postgres, missing=_no_postgres),
    Fault("SIGTERM to all workers in turn", _rolling_restart),
    Fault("provider answers 429", _provider(429), "metadata", puts_off=True),
    Fault("provider answers 500", _provider(500), "metadata", puts_off=True),
    Fault("provider answers nothing", _provider(0), "metadata", puts_off=True),
    Fault("a folder can't be read", _unreadable_folder, "scan", needs_scan=True, missing=_no_permissions),
    Fault("a root is unmounted", _unmounted_root, "scan", needs_scan=True),
    Fault("a root is an empty mount point", _empty_mount_point, "scan", needs_scan=True),
    Fault("DATA_DIR is full", _full_disk, missing=_no_disk),
    Fault("the clock goes an hour ahead", _moved_clock(HOUR), missing=_no_clock),
    Fault("the clock goes back an hour", _moved_clock(-HOUR), missing=_no_clock),
)
