"""Scans that nobody asked for in particular, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from shared import scan_jobs, scan_schedule, settings, touched_scans, watches
from shared.database import Database
from shared.models import Library, LibraryWatch, ScanJob
from shared.models.base import now
from shared.scan_jobs import FolderStatus, JobStatus
from shared.scan_options import ScanOptions
from shared.scan_scope import MOST, Scope, Touched
from shared.watches import Standing, WatchState
from tests.builders import a_library, a_scan_folder, a_scan_job

HEAT = Touched(folders=frozenset(["Heat (1995)"]))
WIRE = Touched(trees=frozenset(["The Wire"]))


def a_watched_library(database: Database, **more: Any) -> Library:
    with database.begin() as session:
        library = a_library(session, path="/media/films", **({"watch": True} | more))
        watches.note_wanted(session, [library.id])
        return library


def touch(database: Database, library: Library, touched: Touched) -> tuple[ScanJob, bool] | None:
    with database.begin() as session:
        return touched_scans.request(session, library.id, touched)


def scope_of(database: Database, scan_job: ScanJob) -> Scope | None:
    with database.read() as session:
        return ScanOptions.from_json(session.get_one(ScanJob, scan_job.id).options).only


def next_scan(database: Database, library: Library) -> datetime | None:
    with database.read() as session:
        return session.get_one(LibraryWatch, library.id).next_scan_at


def set_next_scan(database: Database, library: Library, instant: datetime) -> None:
    with database.begin() as session:
        session.execute(update(LibraryWatch).where(LibraryWatch.library_id == library.id).values(next_scan_at=instant))


def plan(database: Database, library: Library) -> tuple[ScanJob, bool] | None:
    with database.begin() as session:
        return scan_schedule.plan(session, library.id)


def test_touched_folders_are_added_to_the_scan_that_waits(database: Database) -> None:
    library = a_watched_library(database)

    first = touch(database, library, HEAT)
    second = touch(database, library, WIRE)

    assert first is not None
    assert second is not None
    assert (first[1], second[1]) == (True, False)
    assert second[0].id == first[0].id
    assert scope_of(database, first[0]) == Scope(("Heat (1995)",), ("The Wire",))


def test_a_scan_that_has_begun_is_not_widened(database: Database) -> None:
    library = a_watched_library(database)
    first = touch(database, library, HEAT)
    assert first is not None
    with database.begin() as session:
        assert scan_jobs.take(session, first[0].id) is not None

    second = touch(database, library, WIRE)

    assert second is not None
    assert second[1]
    assert scope_of(database, first[0]) == Scope(("Heat (1995)",))
    assert scope_of(database, second[0]) == Scope((), ("The Wire",))


def test_a_waiting_scan_of_the_whole_library_sees_what_was_touched(database: Database) -> None:
    library = a_watched_library(database)
    with database.begin() as session:
        whole, _ = scan_jobs.request(session, library, "/media/films", ScanOptions())

    asked = touch(database, library, HEAT)

    assert asked is not None
    assert (asked[0].id, asked[1]) == (whole.id, False)
    assert scope_of(database, whole) is None


@pytest.mark.parametrize(
    "passes_over",
    [
        {"max_depth": 0},
        {"directory_pattern": "^The"},
        {"filename_pattern": "1080p"},
        {"file_extensions": (".avi",)},
        {"follow_symlinks": False},
    ],
    ids=str,
)
def test_a_waiting_scan_that_passes_some_folders_over_is_not_relied_upon_for_what_was_touched(
    database: Database, passes_over: dict[str, Any]
) -> None:
    library = a_watched_library(database)
    with database.begin() as session:
        partial, _ = scan_jobs.request(session, library, "/media/films", ScanOptions(**passes_over))

    asked = touch(database, library, HEAT)
    again = touch(database, library, WIRE)

    assert asked is not None
    assert again is not None
    assert asked[1]
    assert partial.id != asked[0].id == again[0].id
    assert scope_of(database, again[0]) == Scope(("Heat (1995)",), ("The Wire",))
    assert scope_of(database, partial) is None


def test_who_asks_for_a_whole_scan_gets_one_while_touched_folders_are_scanned(database: Database) -> None:
    library = a_watched_library(database)
    touched = touch(database, library, HEAT)
    assert touched is not None

    with database.begin() as session:
        whole, is_new = scan_jobs.request(session, library, "/media/films", ScanOptions())

    assert is_new
    assert whole.id != touched[0].id


def test_what_is_gone_counts_only_where_the_catalogue_has_folders(database: Database) -> None:
    library = a_watched_library(database)
    with database.begin() as session:
        scan_job = a_scan_job(session, library=library, status=JobStatus.COMPLETED)
        a_scan_folder(session, scan_job, path="/media/films/Heat (1995)/Extras")
    gone = frozenset(["Heat (1995)", "notes.txt", "Heat (1995).mkv.part"])

    assert touch(database, library, Touched(gone=frozenset(["notes.txt"]))) is None
    asked = touch(database, library, Touched(gone=gone))

    assert asked is not None
    assert scope_of(database, asked[0]) == Scope((), ("Heat (1995)",))


def test_more_than_a_scan_can_name_is_the_whole_library(database: Database) -> None:
    library = a_watched_library(database)

    asked = touch(database, library, Touched(trees=frozenset(f"Film {number}" for number in range(MOST + 1))))

    assert asked is not None
    assert scope_of(database, asked[0]) is None


def test_it_is_scanned_as_the_settings_say_whatever_was_asked_for_once(database: Database) -> None:
    library = a_watched_library(database, scan_interval_minutes=60)
    with database.begin() as session:
        settings.write(session, {"scan_settings": {"rescan": True, "filename_pattern": "x"}})
        options = ScanOptions(max_depth=3, filename_pattern="y", accept_missing=True, rescan=True)
        a_scan_job(session, library=library, path="/media/films", status=JobStatus.COMPLETED, options=options.to_json())
    set_next_scan(database, library, now() - timedelta(seconds=1))

    touched, planned = touch(database, library, HEAT), plan(database, library)

    assert touched is not None
    assert planned is not None
    as_set = ScanOptions(filename_pattern="x")
    assert ScanOptions.from_json(planned[0].options) == as_set
    assert ScanOptions.from_json(touched[0].options) == replace(as_set, only=Scope(("Heat (1995)",)))


def test_a_library_that_is_gone_is_not_scanned(database: Database) -> None:
    with database.begin() as session:
        assert touched_scans.request(session, "gone", HEAT) is None
        assert scan_schedule.plan(session, "gone") is None


def test_a_scan_works_on_folders_until_all_are_settled(database: Database) -> None:
    library = a_watched_library(database)
    with database.begin() as session:
        scan_job = a_scan_job(session, library=library, status=JobStatus.IN_PROGRESS, discovered_at=now())
        folder = a_scan_folder(session, scan_job, status=FolderStatus.REGISTERED)
    with database.begin() as session:
        assert touched_scans.is_listing(session, library.id)

        session.merge(folder).status = FolderStatus.SETTLED
        session.flush()

        assert not touched_scans.is_listing(session, library.id)


def test_a_schedule_is_kept_and_a_due_scan_asked_for_once(database: Database) -> None:
    library = a_watched_library(database, scan_interval_minutes=60)

    assert plan(database, library) is None

    planned = next_scan(database, library)
    assert planned is not None
    assert timedelta(minutes=59) < planned - now() <= timedelta(minutes=60)
    set_next_scan(database, library, now() - timedelta(seconds=1))
    together = Barrier(4)

    def asks(_: int) -> bool:
        together.wait()
        return plan(database, library) is not None

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(asks, range(4))) == 1
    with database.read() as session:
        assert len(session.scalars(select(ScanJob)).all()) == 1
    again = next_scan(database, library)
    assert again is not None
    assert again > now()


def test_a_shorter_interval_and_a_clock_that_was_put_back_bring_the_next_scan_nearer(database: Database) -> None:
    library = a_watched_library(database, scan_interval_minutes=5)
    set_next_scan(database, library, now() + timedelta(days=1))

    assert plan(database, library) is None

    planned = next_scan(database, library)
    assert planned is not None
    assert planned <= now() + timedelta(minutes=5)


def test_without_a_schedule_a_library_is_scanned_often_while_polled_and_daily_while_heard(
    database: Database,
) -> None:
    library = a_watched_library(database)
    with database.begin() as session:
        watches.hold(session, "me", [library.id])
        assert watches.say(session, "me", library.id, Standing(WatchState.POLLING, "no-events", "It can't."))
        scan_schedule.poll_soon(session, library.id)

    assert plan(database, library) is not None

    polled = next_scan(database, library)
    assert polled is not None
    assert polled > now() + scan_schedule.POLL_EVERY - timedelta(minutes=1)
    with database.begin() as session:
        watches.say(session, "me", library.id, Standing(WatchState.EVENTS))
    set_next_scan(database, library, now() - timedelta(seconds=1))

    assert plan(database, library) is not None

    checked = next_scan(database, library)
    assert checked is not None
    assert checked > now() + scan_schedule.CHECK_EVERY - timedelta(minutes=1)
    with database.begin() as session:
        watches.say(session, "me", library.id, Standing(WatchState.STOPPED, "folder-gone", "It is gone."))

    assert plan(database, library) is None

    assert next_scan(database, library) is None
