"""Scans of the same files: they join or wait, and never run at once. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import PurePosixPath
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from shared import scan_control, scan_jobs, scan_order
from shared.database import Database
from shared.kinds import MediaType
from shared.models import Library, ScanJob
from shared.models.base import now
from shared.scan_browse import place_in_queue
from shared.scan_options import ScanOptions
from shared.scan_states import JobStatus
from tests.builders import a_library, a_scan_job
from tests.scans import dwell

PLAIN = ScanOptions()


def films(database: Database) -> Library:
    with database.begin() as session:
        return a_library(session, path="/media/films")


def asked(database: Database, library: Library, path: str = "/media/films", **options: Any) -> tuple[str, bool]:
    with database.begin() as session:
        scan_job, is_new = scan_jobs.request(session, library, path, ScanOptions(**options))
        return scan_job.id, is_new


def took(database: Database, scan_job_id: str) -> bool:
    with database.begin() as session:
        return scan_jobs.take(session, scan_job_id) is not None


@pytest.mark.parametrize(
    ("wider", "narrower", "levels", "does"),
    [
        ({}, {}, 0, True),
        ({}, {}, 2, True),
        ({}, {"max_depth": 2}, 0, True),
        ({"max_depth": 2}, {}, 0, False),
        ({"max_depth": 3}, {"max_depth": 2}, 1, True),
        ({"max_depth": 2}, {"max_depth": 2}, 1, False),
        ({"rescan": True}, {}, 0, True),
        ({}, {"rescan": True}, 0, False),
        ({"follow_symlinks": False}, {}, 0, False),
        ({}, {"follow_symlinks": False}, 0, True),
        ({"file_extensions": (".mkv",)}, {}, 0, False),
        ({}, {"file_extensions": (".mkv",)}, 0, True),
        ({"file_extensions": (".mkv", ".mp4")}, {"file_extensions": (".mkv",)}, 0, True),
        ({"filename_pattern": "a"}, {"filename_pattern": "a"}, 1, True),
        ({"filename_pattern": "a"}, {}, 0, False),
        ({"directory_pattern": "a"}, {"directory_pattern": "a"}, 0, True),
        ({"directory_pattern": "a"}, {"directory_pattern": "a"}, 1, False),
    ],
)
def test_a_scan_covers_another_one_if_it_does_all_that_that_one_does(
    wider: dict[str, Any], narrower: dict[str, Any], levels: int, *, does: bool
) -> None:
    assert ScanOptions(**wider).covers(ScanOptions(**narrower), levels=levels) is does


def test_who_asks_for_what_is_being_scanned_joins_and_for_more_waits(database: Database) -> None:
    library = films(database)
    first = asked(database, library)

    again, below, hidden = asked(database, library), asked(database, library, "/media/films/A"), ".trash"
    in_hidden = asked(database, library, f"/media/films/{hidden}/A")
    more = asked(database, library, rescan=True)
    more_again = asked(database, library, rescan=True)

    assert first[1]
    assert again == below == (first[0], False)
    assert in_hidden[1]
    assert more[1]
    assert more_again == (more[0], False)


def test_who_joins_a_scan_that_has_listed_its_folders_has_it_list_them_again(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, path="/media/films")
        scan_job = a_scan_job(
            session,
            library,
            status=JobStatus.IN_PROGRESS,
            started_at=now() - timedelta(minutes=5),
            discovered_at=now(),
            reconciled_at=now(),
            reconciliation={"status": "done"},
            percent=40,
        )

    joined = [asked(database, library) for _ in range(2)]

    # It is told once that there is something to list.
    assert joined == [(scan_job.id, True), (scan_job.id, False)]
    with database.read() as session:
        after = session.get_one(ScanJob, scan_job.id)
        assert (after.status, after.percent, after.fence) == (JobStatus.IN_PROGRESS, 40, scan_job.fence + 1)
        assert (after.discovered_at, after.reconciled_at, after.reconciliation) == (None, None, {})
    with database.begin() as session:
        assert scan_jobs.complete(session, scan_job.id) is None
    assert took(database, scan_job.id)


@pytest.mark.parametrize("joins", ["before", "at the same moment"])
def test_who_joins_a_scan_that_lists_its_folders_has_it_list_them_once_more(database: Database, joins: str) -> None:
    library = films(database)
    scan_job_id, _ = asked(database, library)
    with database.begin() as session:
        taken = scan_jobs.take(session, scan_job_id)
        assert taken is not None

    def note_listed() -> bool:
        with database.begin() as session:
            return scan_jobs.discovered(session, taken)

    with ThreadPoolExecutor(1) as threads:
        with database.begin() as session:
            joined, is_to_be_listed = scan_jobs.request(session, library, "/media/films", PLAIN)
            if joins != "before":
                noted = threads.submit(note_listed)
                dwell(session)
        if joins == "before":
            noted = threads.submit(note_listed)
        is_listed = noted.result(30)

    assert (joined.id, is_to_be_listed, is_listed) == (scan_job_id, False, False)
    with database.begin() as session:
        again = scan_jobs.take(session, scan_job_id)
        assert again is not None
        assert scan_jobs.discovered(session, again)


def test_who_joins_a_scan_that_is_paused_has_it_list_its_folders_again_when_it_goes_on(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, path="/media/films")
        scan_job = a_scan_job(session, library, status=JobStatus.IN_PROGRESS, discovered_at=now(), reconciled_at=now())
        scan_control.pause(session, scan_job.id)

    assert asked(database, library)[0] == scan_job.id

    assert not took(database, scan_job.id)
    with database.begin() as session:
        scan_control.resume(session, scan_job.id)
    assert took(database, scan_job.id)


def test_who_asks_for_what_is_paused_joins_it(database: Database) -> None:
    library = films(database)
    first, _ = asked(database, library)
    with database.begin() as session:
        scan_control.pause(session, first)

    assert asked(database, library) == (first, False)


@pytest.mark.parametrize("path", ["/media/films", "/media/films/A", "/media/films/A/B", "/media"])
def test_a_scan_of_the_same_files_waits_for_the_other_to_end_whatever_its_library(
    database: Database, path: str
) -> None:
    with database.begin() as session:
        first = a_scan_job(session, a_library(session, path="/media/films"), created_at=now() - timedelta(seconds=9))
        library = a_library(session, path=path, library_type=MediaType.TV_SHOW)
        second, is_new = scan_jobs.request(session, library, path, PLAIN)
    assert is_new
    assert not took(database, second.id)
    assert took(database, first.id)
    assert not took(database, second.id)
    with database.read() as session:
        assert scan_order.ahead_of(session, [first.id, second.id]) == {second.id: first.id}
        assert place_in_queue(session, second) == 1

    with database.begin() as session:
        assert scan_jobs.fail(session, first.id, "The disk is gone.")
        following = scan_order.next_after(session, first.id)

    assert following == [second.id]
    assert took(database, second.id)


@pytest.mark.parametrize("path", ["/media/filmsss", "/media/film", "/media/f%", "/media/FILMS", "/other/media/films"])
def test_a_scan_of_other_files_runs_beside_it(database: Database, path: str) -> None:
    with database.begin() as session:
        first = a_scan_job(session, a_library(session, path="/media/films"))
        second = a_scan_job(session, a_library(session, path=path))

    assert took(database, first.id)
    assert took(database, second.id)


def test_a_paused_scan_keeps_its_place_before_those_behind_it(database: Database) -> None:
    library = films(database)
    first, _ = asked(database, library)
    second, _ = asked(database, library, rescan=True)
    assert took(database, first)
    with database.begin() as session:
        scan_control.pause(session, first)

    assert not took(database, second)


def test_a_scan_that_waits_behind_others_is_not_taken_for_one_that_stopped_moving(database: Database) -> None:
    long_ago = now() - timedelta(hours=2)
    with database.begin() as session:
        library = a_library(session)
        a_scan_job(session, library, status=JobStatus.PAUSED, created_at=long_ago)
        behind = a_scan_job(session, library, created_at=long_ago + timedelta(seconds=1))

    with database.begin() as session:
        assert scan_control.clean_up(session, None).stopped == ()

    with database.read() as session:
        assert session.get_one(ScanJob, behind.id).status == JobStatus.PENDING


def test_many_who_ask_at_the_same_moment_get_one_job(database: Database) -> None:
    library = films(database)
    together = Barrier(8)

    def ask(number: int) -> str:
        together.wait()
        return asked(database, library, "/media/films/A" if number == 0 else "/media/films/A/B")[0]

    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(ask, [1] * 8))

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ScanJob)) == len(ids) == 1


def test_of_scans_that_share_files_and_could_begin_at_the_same_moment_one_begins(database: Database) -> None:
    paths = ["/media", "/media/films", "/media/films/A", "/media/films/A/B"]
    for _ in range(5):
        with database.begin() as session:
            created = now()
            jobs = [
                a_scan_job(session, a_library(session, path=path, name=PurePosixPath(path).name), created_at=created)
                for path in paths
            ]
        together = Barrier(len(jobs))

        def take(scan_job: ScanJob, together: Barrier = together) -> bool:
            together.wait()
            return took(database, scan_job.id)

        with ThreadPoolExecutor(len(jobs)) as threads:
            assert sum(threads.map(take, jobs)) == 1
        with database.begin() as session:
            for scan_job in jobs:
                assert scan_jobs.fail(session, scan_job.id, "Enough.")
            session.query(Library).delete()
