"""Follow a scan job to its end: the WebSocket tells each step at once, the job itself what the steps leave out.

A connection that breaks off is opened again, and told what it missed; as long as there is none, the job is asked.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from api.client import Client, Events, Json, UnreachableError

#: How often the job itself is asked for, and a lost connection tried again, in seconds.
ASKS_EVERY = 2.0
ENDED = {"COMPLETED", "FAILED", "CANCELLED"}
_TYPES = ("scan:progress", "scan:complete", "scan:error")
_PHASES_OF_TITLES = {"fetching-metadata", "fetching-episodes", "saving"}
#: What a job's progress calls the count of a phase, as its events have it; the folders that are done, where nothing is
#: said.
_COUNT_OF = {
    "discovering": "namedFolders",
    "scanning": "namedFolders",
    "fetching-metadata": "fetchedTitles",
    "saving": "settledTitles",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a scan is; ``current`` and ``total`` count folders or titles, as the phase has it."""

    percent: int = 0
    phase: str = ""
    current: int = 0
    total: int = 0
    eta_seconds: float | None = None
    waiting_for: str = ""
    is_connected: bool = True

    @property
    def unit(self) -> str:
        return "titles" if self.phase in _PHASES_OF_TITLES else "folders"


Told = Callable[[Standing], None]


def follow(client: Client, scan_job_id: str, told: Told) -> Json:
    """Tell how far a scan is until it has ended; return the job as it is then.

    Raises:
        ApiError: there is no such job. A server that does not answer is waited for.

    """
    follower = _Follower(client, scan_job_id, told)
    try:
        return follower.run()
    finally:
        follower.hang_up()


class _Follower:
    def __init__(self, client: Client, scan_job_id: str, told: Told) -> None:
        self._client = client
        self._scan_job_id = scan_job_id
        self._told = told
        self._events: Events | None = None
        self._last_event_id = ""
        self._standing = Standing()

    def run(self) -> Json:
        while True:
            if self._events is None:
                self._connect()
            job = self._ask()
            if job is not None and job["status"] in ENDED:
                return job
            self._told(self._standing)
            self._hear(time.monotonic() + ASKS_EVERY)

    def hang_up(self) -> None:
        if self._events is not None:
            self._events.close()
        self._events = None

    def _connect(self) -> None:
        with suppress(UnreachableError):
            self._events = self._client.listen(*_TYPES, since=self._last_event_id)

    def _ask(self) -> Json | None:
        try:
            job = self._client.scan_job(self._scan_job_id)
        except UnreachableError:
            self._standing = replace(self._standing, is_connected=False)
            return None
        self._standing = informed(self._standing, job, hears=self._events is not None)
        return job

    def _hear(self, until: float) -> None:
        """Tell what is heard until then, or until the scan has ended."""
        while (seconds := until - time.monotonic()) > 0:
            if self._events is None:
                time.sleep(seconds)
                return
            try:
                event = self._events.next(seconds)
            except UnreachableError:
                self.hang_up()
                continue
            if event is None:
                return
            self._last_event_id = event.get("eventId", self._last_event_id)
            if event.get("scanJobId") != self._scan_job_id:
                continue
            if event["type"] != "scan:progress":
                return
            self._standing = heard(event)
            self._told(self._standing)


def heard(event: Json) -> Standing:
    """Return the standing after a `scan:progress`; what is not known stays out of it."""
    return Standing(
        percent=event["progress"],
        phase=event["phase"],
        current=event["current"],
        total=event["total"],
        eta_seconds=event.get("etaSeconds"),
        waiting_for=event.get("waitingFor") or "",
    )


def informed(standing: Standing, job: Json, *, hears: bool) -> Standing:
    """Return the standing after a look at the job; what the WebSocket tells too is left to it while it is open."""
    if not hears or not standing.phase:
        standing = heard(_as_event(job))
    return replace(standing, eta_seconds=job["etaSeconds"], waiting_for=job["waitingFor"] or "", is_connected=True)


def _as_event(job: Json) -> Json:
    progress = job["progress"]
    phase = progress["phase"]
    return {
        "progress": progress["percentComplete"],
        "phase": phase,
        "current": progress[_COUNT_OF.get(phase, "processedFolders")],
        "total": progress["totalTitles" if phase in _PHASES_OF_TITLES else "totalFolders"],
    }
