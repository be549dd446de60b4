"""Keeps a watcher for each library that is to be watched, and asks for the scans that are due.

All of it stands in rows: which libraries are to be watched, who has which, when the next scan is due. So several
processes may run, one that dies is replaced by another, and a database that is away costs time only: what is heard
meanwhile is kept, and asked for when it is back.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from socket import gethostname

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from shared import events, own_scans, scan_schedule, tasks, touched_scans, watches, worker_heartbeats
from shared.database import Database
from shared.lease_time import LEASE
from shared.models import Library, LibraryWatch, ScanJob
from shared.models.base import new_id
from shared.redaction import redacted
from shared.watches import Standing, WatchState
from worker.walk import PASSED_OVER, SIDECARS
from worker.watching.rules import Kinds
from worker.watching.touched import by_extent
from worker.watching.watcher import Watcher

log = logging.getLogger(__name__)

#: How often it is seen whether a scan is due, and after how long at most again when the database is away, in seconds;
#: the latter so soon that nobody takes it for dead.
TURN_EVERY, TURN_AT_MOST = 1.0, 15.0
#: How often libraries are read anew.
LOOK_EVERY = 2.0
#: A folder that isn't there is looked for again after so long, and a system that can't tell of changes asked again.
GONE_AGAIN_AFTER, EVENTS_AGAIN_AFTER = 10.0, 600.0

Wanted = Sequence[tuple[Library, LibraryWatch | None]]


class Keeper:
    """The watchers of one process."""

    def __init__(self, database: Database, redis: Redis, stopping: threading.Event) -> None:
        self._database = database
        self._redis = redis
        self._stopping = stopping
        self._id = new_id()
        self._watchers: dict[str, Watcher] = {}
        self._said: dict[str, Standing] = {}
        #: Libraries whose folder was not there, and when it is looked for again.
        self._not_before: dict[str, float] = {}
        self._speak_at = self._look_at = self._renew_at = 0.0

    def run(self) -> None:
        """Watch until it is told to stop."""
        log.info("Libraries are watched from now on.")
        wait = TURN_EVERY
        while not self._stopping.wait(wait):
            self._speak(time.monotonic())
            try:
                self._take_turn(time.monotonic())
            except SQLAlchemyError as error:
                wait = min(2 * wait, TURN_AT_MOST)
                reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
                log.warning("The database does not answer; watching goes on in %.0f s: %s", wait, redacted(reason))
            else:
                wait = TURN_EVERY
        self._leave()

    def _speak(self, instant: float) -> None:
        if instant >= self._speak_at:
            self._speak_at = instant + LOOK_EVERY
            with suppress(RedisError):
                worker_heartbeats.beat(self._redis, f"watch@{gethostname()}", [worker_heartbeats.WATCH], 1)

    def _take_turn(self, instant: float) -> None:
        if instant >= self._look_at:
            self._look_at = instant + LOOK_EVERY
            with self._database.read() as session:
                wanted, free = watches.wanted(session), watches.free(session, self._id)
            self._note_new(wanted)
            watched = {library.id: library for library, _ in wanted if library.watch}
            self._settle_who(free, watched, instant)
            self._renew_watchers(watched, instant)
            for library in watched.values():
                self._report(library, instant)
            self._plan(wanted)
        for library_id, watcher in self._watchers.items():
            self._ask(library_id, watcher, instant)

    def _note_new(self, wanted: Wanted) -> None:
        new = [library.id for library, row in wanted if row is None]
        if new:
            with self._database.begin() as session:
                watches.note_wanted(session, new)
            self._look_at = 0.0

    def _settle_who(self, free: set[str], watched: dict[str, Library], instant: float) -> None:
        """Give up what is not to be watched any more, and hold what is, unless somebody else does."""
        unwanted = self._watchers.keys() - watched.keys()
        for library_id in unwanted:
            self._drop(library_id)
        free &= watched.keys()
        free -= {library_id for library_id, again in self._not_before.items() if instant < again}
        if not unwanted and free == self._watchers.keys() and instant < self._renew_at:
            return
        self._renew_at = instant + watches.RENEW_EVERY.total_seconds()
        with self._database.begin() as session:
            watches.release(session, self._id, unwanted)
            held = watches.hold(session, self._id, free)
        for library_id in self._watchers.keys() - held:
            self._drop(library_id)
        for library_id in held:
            self._watch(watched[library_id])

    def _renew_watchers(self, watched: dict[str, Library], instant: float) -> None:
        """Begin anew where a folder is another one by now, and try again where the system could not tell."""
        for library_id, watcher in list(self._watchers.items()):
            is_polling = watcher.standing is not None and watcher.standing.state is WatchState.POLLING
            is_moved = str(watcher.root) != watched[library_id].library_path
            if is_moved or watcher.is_outdated() or (is_polling and instant >= watcher.began + EVENTS_AGAIN_AFTER):
                self._watchers.pop(library_id).stop()
                self._watch(watched[library_id])

    def _watch(self, library: Library) -> None:
        """See that a library has a watcher, which looks for what its scans look for."""
        with self._database.read() as session:
            videos = own_scans.options(session, library).extensions
        kinds = Kinds(videos=videos, sidecars=SIDECARS, passed_over=PASSED_OVER)
        if library.id in self._watchers:
            self._watchers[library.id].kinds = kinds
        else:
            self._watchers[library.id] = Watcher(Path(library.library_path or "/"), kinds)

    def _drop(self, library_id: str) -> None:
        self._watchers.pop(library_id).stop()
        self._said.pop(library_id, None)

    def _report(self, library: Library, instant: float) -> None:
        """Say how it goes where that is new; who can't go on lets another process try."""
        watcher = self._watchers.get(library.id)
        standing = None if watcher is None else watcher.standing
        if standing is None or standing == self._said.get(library.id):
            return
        said = self._said.get(library.id)
        with self._database.begin() as session:
            is_new = watches.say(session, self._id, library.id, standing)
            if standing.state is WatchState.POLLING and (said is None or said.state is not WatchState.POLLING):
                scan_schedule.poll_soon(session, library.id)
            if standing.state is WatchState.STOPPED:
                watches.release(session, self._id, [library.id])
        self._said[library.id] = standing
        if is_new:
            self._tell(library, standing)
        if standing.state is WatchState.STOPPED:
            self._not_before[library.id] = instant + GONE_AGAIN_AFTER
            self._drop(library.id)

    def _tell(self, library: Library, standing: Standing) -> None:
        if standing.state is WatchState.EVENTS:
            log.info("%s is watched.", library.library_path)
        else:
            log.warning("%s is not watched (%s): %s", library.library_path, standing.state, standing.message)
        events.tell(self._redis, events.LibraryUpdated(library_id=library.id, library_name=library.name))

    def _plan(self, wanted: Wanted) -> None:
        for library, row in wanted:
            if row is None or scan_schedule.is_planned(library, row):
                continue
            with self._database.begin() as session:
                asked = scan_schedule.plan(session, library.id)
            if asked is not None:
                self._begin(asked, "It is time to scan %s again.")

    def _ask(self, library_id: str, watcher: Watcher, instant: float) -> None:
        """Ask for a scan of what was touched, unless one is at work there: then it waits."""
        due = watcher.due(instant)
        if not due:
            return
        with self._database.read() as session:
            if touched_scans.is_listing(session, library_id):
                return
        with self._database.begin() as session:
            asked = touched_scans.request(session, library_id, by_extent(due))
            if asked is not None:
                watches.noticed(session, library_id)
        watcher.forget(due, instant)
        if asked is not None:
            self._begin(asked, "Looking at what changed in %s.")

    def _begin(self, asked: tuple[ScanJob, bool], what: str) -> None:
        """Have a scan job list its folders; one that waits to or is at it is on its way."""
        scan_job, is_to_be_listed = asked
        if is_to_be_listed:
            log.info(what, scan_job.path, extra={"scanJobId": scan_job.id})
            tasks.discover.send(scan_job.id)

    def _leave(self) -> None:
        held = list(self._watchers)
        for library_id in held:
            self._drop(library_id)
        try:
            with self._database.begin() as session:
                watches.release(session, self._id, held)
        except SQLAlchemyError:
            log.warning("The database does not answer; another process may watch in %s.", LEASE)
