"""Scans during which things break, and what the catalogue is afterwards."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

import requests

from tests.faults.catalogue import Difference, Row, difference, identities, rows
from tests.faults.kinds import Fault
from tests.faults.system import System, Work

#: Within so many seconds something must settle after a fault, and a scan end.
STANDS_STILL, TAKES_TOO_LONG = 180.0, 900.0
#: For so many seconds a fault waits until there is something to interrupt: longer than a provider is left alone.
WAITS_FOR_WORK = 60.0
#: Between two faults, in seconds.
_PAUSES = (0.5, 3.0)
Say = Callable[[str], None]
T = TypeVar("T")


@dataclass(slots=True)
class Happened:
    """A fault, on which database, and after how many seconds from its end the next item settled."""

    kind: str
    database: str
    seconds: float


@dataclass(slots=True)
class Round:
    """A scan of everything with the faults that happened during it, and how its catalogue differs."""

    database: str
    happened: list[Happened] = field(default_factory=list)
    difference: Difference | None = None
    #: Whether a file under the media roots is other than before.
    touched: bool = False
    seconds: float = 0.0


def reference(system: System, say: Say) -> list[Row]:
    """Scan without faults, and return the catalogue."""
    began = time.monotonic()
    _wait_for_end(system, _scan(system))
    say(f"{system.kind}: a scan without faults takes {time.monotonic() - began:.0f} s")
    return _catalogue(system)


def rounds(system: System, wanted: Sequence[Row], plan: Sequence[Fault], random: Random, say: Say) -> Iterator[Round]:
    """Scan again and again until all faults have happened; every second time into an empty catalogue."""
    left = list(plan)
    number = 0
    while left:
        again = number % 2 == 1
        if not again:
            _forget(system)
        yield _round(system, wanted, left, random, say, again=again)
        number += 1


def _round(system: System, wanted: Sequence[Row], left: list[Fault], random: Random, say: Say, *, again: bool) -> Round:
    done = Round(system.kind)
    before = system.library.digest()
    # What was there already keeps the ids by which clients know it.
    known = _identities(system) if again else []
    began = time.monotonic()
    scan_job_ids = _scan(system, rescan=again)
    needs_scan = False
    time.sleep(random.uniform(0, 2))
    while left and _are_running(system, scan_job_ids):
        fault = left.pop()
        done.happened.append(_broken(system, fault, scan_job_ids, random))
        needs_scan |= fault.needs_scan
        say(f"{system.kind}: {fault.name}: {done.happened[-1].seconds:.1f} s")
        time.sleep(random.uniform(*_PAUSES))
    ended = _wait_for_end(system, scan_job_ids)
    if needs_scan:
        for scan_job_id in [scan_job_id for scan_job_id, status in ended.items() if status == "FAILED"]:
            _patient(lambda id_=scan_job_id: system.server.post(f"/api/v1/scan/resume/{id_}", {}))
            _wait_for_end(system, [scan_job_id])
        _wait_for_end(system, _scan(system))
    done.seconds = time.monotonic() - began
    found = _identities(system) if again else []
    done.difference = difference([*wanted, *known], [*_catalogue(system), *found])
    done.touched = system.library.digest() != before
    return done


def _broken(system: System, fault: Fault, scan_job_ids: Sequence[str], random: Random) -> Happened:
    """Have something break, and wait until the next item settles of what it interrupted, or nothing of it is due.

    It breaks when there is something to interrupt: not while all that is left waits for a provider, as it is to.
    """
    _while(system, scan_job_ids, WAITS_FOR_WORK, lambda work: not _open(fault, work))
    fault.happen(system, random)
    over = time.monotonic()
    before: list[dict[str, Work]] = []

    def is_stuck(work: dict[str, Work]) -> bool:
        before.append(work)
        interrupted = _open(fault, work)
        return bool(interrupted) and all(work[worker].done == before[0][worker].done for worker in interrupted)

    _while(system, scan_job_ids, STANDS_STILL, is_stuck)
    return Happened(fault.name, system.kind, time.monotonic() - over)


def _while(
    system: System, scan_job_ids: Sequence[str], within: float, condition: Callable[[dict[str, Work]], bool]
) -> None:
    """Wait for as long as this holds, or the database is away; no longer than so many seconds, or the scans run."""
    until = time.monotonic() + within
    while time.monotonic() < until and _are_running(system, scan_job_ids):
        work = system.work(scan_job_ids)
        if work and not condition(work):
            break
        time.sleep(0.05)


def _open(fault: Fault, work: Mapping[str, Work]) -> list[str]:
    """Return whose work has to go on: whom the fault interrupted, or everybody's where that one has no more to do."""
    has_more = [
        worker for worker, of_worker in work.items() if (of_worker.is_open if fault.puts_off else of_worker.is_due)
    ]
    return [fault.worker] if fault.worker in has_more else has_more


def _scan(system: System, **options: bool) -> list[str]:
    return [
        _patient(lambda path=path, media_type=media_type: _asked(system, path, media_type, options))
        for media_type, path in system.library.roots.items()
    ]


def _asked(system: System, path: object, media_type: str, options: dict[str, bool]) -> str:
    body = {"path": str(path), "mediaType": media_type, "options": options}
    return str(system.server.post("/api/v1/scan/path", body)["data"]["scanJobId"])


def _patient(ask: Callable[[], T]) -> T:
    """Ask until there is an answer: the API may just be starting again."""
    until = time.monotonic() + 60
    while True:
        try:
            return ask()
        except (requests.RequestException, AssertionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _are_running(system: System, scan_job_ids: Sequence[str]) -> bool:
    jobs = system.jobs(scan_job_ids)
    return not jobs or any(status in {"PENDING", "IN_PROGRESS"} for status in jobs.values())


def _wait_for_end(system: System, scan_job_ids: Sequence[str]) -> dict[str, str]:
    until = time.monotonic() + TAKES_TOO_LONG
    while _are_running(system, scan_job_ids):
        if time.monotonic() > until:
            raise TimeoutError(f"The scans {scan_job_ids} did not end: {system.jobs(scan_job_ids)}")
        time.sleep(0.1)
    return system.jobs(scan_job_ids)


def _catalogue(system: System) -> list[Row]:
    """Return every row of the catalogue, once all pictures are there."""
    until = time.monotonic() + TAKES_TOO_LONG
    while not system.has_all_pictures():
        if time.monotonic() > until:
            raise TimeoutError("Some titles still lack pictures.")
        time.sleep(0.1)
    with system.database.read() as session:
        return rows(session)


def _identities(system: System) -> list[Row]:
    with system.database.read() as session:
        return identities(session)


def _forget(system: System) -> None:
    """Empty the catalogue."""
    for library in _patient(lambda: system.server.get("/api/v1/library"))["data"]:
        _patient(lambda id_=library["id"]: system.server.delete(f"/api/v1/library/{id_}"))
