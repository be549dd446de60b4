"""Resuming and clearing up after scan jobs, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared import events, scan_control, scan_jobs
from shared.catalogue import libraries, library_removal
from shared.database import Database
from shared.errors import ConflictError, NotFoundError
from shared.events import ScanError, ScanProgress
from shared.kinds import MediaType
from shared.lease_time import LEASE
from shared.models import Enrichment, Failure, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from shared.scan_options import ScanOptions
from tests.builders import MODIFIED, a_library, a_scan_folder, a_scan_job, an_enrichment
from worker import leases
from worker.found import FoundFile
from worker.naming import Guess, Kind
from worker.record.files import register

LONG_AGO = now() - timedelta(hours=1)
OPTIONS = ScanOptions(max_depth=3, rescan=True)


def a_job(database: Database, **more: Any) -> ScanJob:
    with database.begin() as session:
        return a_scan_job(session, **more)


def state(database: Database, scan_job: ScanJob) -> ScanJob:
    with database.read() as session:
        return session.get_one(ScanJob, scan_job.id)


def resumed(database: Database, scan_job: ScanJob) -> ScanError | None:
    with database.begin() as session:
        return scan_control.resume(session, scan_job.id).stopped


def cleaned(database: Database, days: int | None = None) -> scan_control.Cleaned:
    with database.begin() as session:
        return scan_control.clean_up(session, days)


def dwell(session: Session) -> None:
    """Stay in a transaction as long as others need to come to where they wait; on SQLite they wait to begin one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_sleep(0.5)"))


def a_film_in(folder: ScanFolder) -> FoundFile:
    return FoundFile(
        folder_id=folder.id,
        path=f"{folder.path}/Heat.mkv",
        size=1,
        modified_at=MODIFIED,
        type=MediaType.MOVIE,
        key="heat:1995",
        title_folder=folder.path,
        guess=Guess(Kind.MOVIE, "Heat", 1995),
    )


def a_failed_job_at_work(database: Database) -> tuple[ScanJob, list[ScanFolder]]:
    """Make a job that failed while a worker held a folder of it."""
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        a_scan_folder(session, scan_job)
        held = leases.claim_folders(session, scan_job.id, FolderStatus.PENDING, 5)
        assert scan_jobs.fail(session, scan_job.id, "The disk is gone.")
    return scan_job, held


def test_a_failed_job_waits_for_a_worker_again_with_its_own_options(database: Database) -> None:
    far = {"discovered_at": now(), "percent": 40, "fence": 3}
    scan_job = a_job(database, status=JobStatus.IN_PROGRESS, options=OPTIONS.to_json(), **far)
    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job.id, "The disk is gone.")

    assert resumed(database, scan_job) is None

    after = state(database, scan_job)
    assert (after.status, after.percent, after.error) == (JobStatus.PENDING, 0, None)
    assert ScanOptions.from_json(after.options) == OPTIONS
    assert (after.discovered_at, after.completed_at, after.lease_until, after.totals) == (None, None, None, {})
    assert after.fence == 5
    assert after.moved_at is not None


def test_of_ten_that_resume_a_job_at_once_one_does(database: Database) -> None:
    scan_job = a_job(database, status=JobStatus.FAILED)
    together = Barrier(10)

    def resume(_: int) -> bool:
        together.wait()
        try:
            resumed(database, scan_job)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        results = list(threads.map(resume, range(10)))

    assert results.count(True) == 1
    assert state(database, scan_job).fence == 1


def test_what_is_unfinished_is_before_the_job_again_and_who_holds_it_loses_it(database: Database) -> None:
    until = now() + timedelta(minutes=1)
    held = {"lease_until": until, "attempts": 5, "fence": 7}
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.FAILED)
        folders = {status: a_scan_folder(session, scan_job, status=status, **held).id for status in FolderStatus}
        titles = {
            status: an_enrichment(session, scan_job, status=status, not_before=until, **held).media_id
            for status in EnrichmentStatus
        }
        other = a_scan_job(session, status=JobStatus.FAILED)
        untouched = an_enrichment(session, other, status=EnrichmentStatus.FAILED, **held).media_id
        for job in (scan_job, other):
            scan_jobs.note_failure(session, job.id, cause="x", path="y", message="z")

    resumed(database, scan_job)

    with database.read() as session:
        folder_of = {status: session.get_one(ScanFolder, id_) for status, id_ in folders.items()}
        title_of = {status: session.get_one(Enrichment, id_) for status, id_ in titles.items()}
        assert session.get_one(Enrichment, untouched).status == EnrichmentStatus.FAILED
        assert session.scalars(select(Failure.scan_job_id)).all() == [other.id]
    assert {(row.scan_job_id, row.attempts, row.fence, row.lease_until) for row in folder_of.values()} == {
        (None, 0, 8, None)
    }
    assert folder_of[FolderStatus.FAILED].status == FolderStatus.PENDING
    assert folder_of[FolderStatus.SETTLED].status == FolderStatus.SETTLED
    assert title_of[EnrichmentStatus.SETTLED].status == EnrichmentStatus.SETTLED
    assert title_of[EnrichmentStatus.SETTLED].fence == 7
    del title_of[EnrichmentStatus.SETTLED]
    assert {(row.attempts, row.fence, row.lease_until, row.not_before) for row in title_of.values()} == {
        (0, 8, None, None)
    }
    assert [row.status for row in title_of.values()] == ["METADATA", "DETAILS", "ARTWORK", "PICTURES", "METADATA"]


@pytest.mark.parametrize("do", [resumed, lambda database, _: cleaned(database, 0)], ids=["resume", "cleanup"])
def test_a_worker_that_records_at_the_same_moment_is_waited_for_and_waits_for_nobody(
    database: Database, do: Callable[[Database, ScanJob], object]
) -> None:
    scan_job, folders = a_failed_job_at_work(database)
    holds = Event()

    def work() -> None:
        with database.begin() as session:
            held = leases.still_held_folders(session, folders)
            holds.set()
            dwell(session)
            register(session, scan_job, list(held), [a_film_in(folders[0])])
            scan_jobs.note_failure(session, scan_job.id, cause="x", path="y", message="z")

    with ThreadPoolExecutor(2) as threads:
        worker = threads.submit(work)
        assert holds.wait(10)
        done = threads.submit(do, database, scan_job)
        worker.result(20)
        done.result(20)

    with database.begin() as session:
        assert leases.still_held_folders(session, folders) == set()
        assert session.scalar(select(func.count()).select_from(Enrichment)) == 1


@pytest.mark.parametrize("who", ["asks", "resumes"])
def test_who_asks_for_a_scan_or_resumes_one_keeps_no_worker_waiting(database: Database, who: str) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time.")
    with database.begin() as session:
        library = a_library(session)
        running = a_scan_job(session, library, status=JobStatus.IN_PROGRESS)
        folder = a_scan_folder(session, running)
        failed = a_scan_job(session, library, status=JobStatus.FAILED, path=f"{library.library_path}/A")

    with database.begin() as session:
        if who == "asks":
            assert not libraries.at_path(session, Path(library.library_path), MediaType.MOVIE)[1]
        else:
            scan_control.resume(session, failed.id)
        with database.begin() as of_worker:
            of_worker.execute(text("SET LOCAL lock_timeout = '2s'"))
            register(of_worker, running, [folder.id], [a_film_in(folder)])


@pytest.mark.parametrize("how", ["library", "cleanup"])
def test_a_job_that_goes_while_it_is_resumed_is_not_there(database: Database, how: str) -> None:
    scan_job = a_job(database, status=JobStatus.FAILED, completed_at=now() - timedelta(days=3))
    goes = Event()

    def remove() -> None:
        with database.begin() as session:
            if how == "library":
                library_removal.remove(session, scan_job.library_id)
            else:
                assert scan_control.clean_up(session, 1).removed == 1
            goes.set()
            dwell(session)

    with ThreadPoolExecutor(1) as threads:
        remover = threads.submit(remove)
        assert goes.wait(10)
        with pytest.raises(NotFoundError):
            resumed(database, scan_job)
        remover.result(20)


def test_an_unknown_job_cannot_be_resumed(database: Database) -> None:
    with database.begin() as session, pytest.raises(NotFoundError):
        scan_control.resume(session, "no such job")


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.PENDING, JobStatus.IN_PROGRESS])
def test_a_job_that_is_done_or_under_way_is_not_resumed(database: Database, status: JobStatus) -> None:
    scan_job = a_job(database, status=status, created_at=now())

    with pytest.raises(ConflictError, match="complete" if status is JobStatus.COMPLETED else "under way"):
        resumed(database, scan_job)

    assert state(database, scan_job).fence == 0


def test_a_job_is_not_resumed_beside_another_one_of_its_path(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        failed = a_scan_job(session, library, status=JobStatus.FAILED)
        below = a_scan_job(session, library, status=JobStatus.FAILED, path=f"{library.library_path}/A")
        other = a_scan_job(session, library)

    with pytest.raises(ConflictError, match=other.id):
        resumed(database, failed)
    assert resumed(database, below) is None


def test_a_job_that_stopped_moving_is_resumed_and_the_end_of_its_first_run_is_told(database: Database) -> None:
    scan_job = a_job(database, status=JobStatus.IN_PROGRESS, moved_at=LONG_AGO, discovered_at=LONG_AGO)

    event = resumed(database, scan_job)

    assert event is not None
    assert (event.scan_job_id, event.library_id) == (scan_job.id, scan_job.library_id)
    assert "stopped moving" in event.error
    after = state(database, scan_job)
    assert (after.status, after.error, after.fence) == (JobStatus.PENDING, None, 2)


def test_jobs_that_stopped_moving_fail_and_can_be_resumed(database: Database) -> None:
    pending = a_job(database, created_at=LONG_AGO)
    running = a_job(database, status=JobStatus.IN_PROGRESS, moved_at=LONG_AGO, lease_until=LONG_AGO)

    result = cleaned(database)
    again = cleaned(database)

    assert {event.scan_job_id for event in result.stopped} == {pending.id, running.id}
    assert (result.removed, again.stopped) == (0, ())
    for scan_job in (pending, running):
        after = state(database, scan_job)
        assert after.status == JobStatus.FAILED
        assert "Resume" in (after.error or "")
        resumed(database, scan_job)


def test_of_five_cleanups_at_once_one_fails_a_job(database: Database) -> None:
    a_job(database, created_at=LONG_AGO)
    together = Barrier(5)

    def clean(_: int) -> int:
        together.wait()
        return len(cleaned(database).stopped)

    with ThreadPoolExecutor(5) as threads:
        assert sorted(threads.map(clean, range(5))) == [0, 0, 0, 0, 1]


def test_a_job_that_moves_or_is_held_or_has_ended_has_not_stopped(database: Database) -> None:
    until = now() + LEASE / 2
    old = {"created_at": LONG_AGO, "moved_at": LONG_AGO}
    with database.begin() as session:
        a_scan_job(session)
        a_scan_job(session, status=JobStatus.IN_PROGRESS, lease_until=until, **old)
        a_scan_folder(session, a_scan_job(session, status=JobStatus.IN_PROGRESS, **old), lease_until=until)
        an_enrichment(session, a_scan_job(session, status=JobStatus.IN_PROGRESS, **old), lease_until=until)
        a_scan_job(session, status=JobStatus.COMPLETED, **old)
        a_scan_job(session, status=JobStatus.FAILED, **old)

    assert cleaned(database).stopped == ()
    # Beside one that moves none has stopped, so this comes last.
    a_job(database, status=JobStatus.IN_PROGRESS, created_at=LONG_AGO, moved_at=now())
    assert cleaned(database).stopped == ()


def test_who_holds_a_job_by_a_clock_that_was_set_back_since_does_not_keep_it_from_having_stopped(
    database: Database,
) -> None:
    until = now() + timedelta(hours=1)
    old = {"created_at": LONG_AGO, "moved_at": LONG_AGO}
    with database.begin() as session:
        a_scan_job(session, status=JobStatus.IN_PROGRESS, lease_until=until, **old)
        a_scan_folder(session, a_scan_job(session, status=JobStatus.IN_PROGRESS, **old), lease_until=until)
        an_enrichment(session, a_scan_job(session, status=JobStatus.IN_PROGRESS, **old), lease_until=until)

    assert len(cleaned(database).stopped) == 3


def test_a_job_that_waits_for_its_turn_behind_one_that_moves_has_not_stopped(database: Database) -> None:
    a_job(database, created_at=LONG_AGO)
    a_job(database, status=JobStatus.IN_PROGRESS, moved_at=now())

    assert cleaned(database).stopped == ()


def test_a_job_whose_titles_wait_behind_another_scan_that_moves_has_not_stopped(database: Database) -> None:
    with database.begin() as session:
        old = {"created_at": LONG_AGO, "moved_at": LONG_AGO, "discovered_at": LONG_AGO}
        waiting = a_scan_job(session, status=JobStatus.IN_PROGRESS, **old)
        an_enrichment(session, waiting)
        moving = a_scan_job(session, status=JobStatus.IN_PROGRESS, moved_at=now())

    spared = cleaned(database).stopped
    with database.begin() as session:
        session.get_one(ScanJob, moving.id).moved_at = LONG_AGO

    assert spared == ()
    assert {event.scan_job_id for event in cleaned(database).stopped} == {waiting.id, moving.id}


def test_old_jobs_go_with_their_failures_and_the_catalogue_stays(database: Database) -> None:
    def ended(days: float) -> dict[str, Any]:
        return {"completed_at": now() - timedelta(days=days)}

    with database.begin() as session:
        old = [a_scan_job(session, status=status, **ended(8)) for status in (JobStatus.COMPLETED, JobStatus.FAILED)]
        recent = a_scan_job(session, status=JobStatus.COMPLETED, **ended(6))
        running = a_scan_job(session, status=JobStatus.IN_PROGRESS, moved_at=now())
        folder = a_scan_folder(session, old[0], status=FolderStatus.SETTLED)
        title = an_enrichment(session, old[1], status=EnrichmentStatus.SETTLED)
        for scan_job in (*old, recent):
            scan_jobs.note_failure(session, scan_job.id, cause="x", path="y", message="z")

    result = cleaned(database, days=7)

    assert (result.removed, result.stopped) == (2, ())
    with database.read() as session:
        assert set(session.scalars(select(ScanJob.id))) == {recent.id, running.id}
        assert session.scalar(select(func.count()).select_from(Failure)) == 1
        assert session.get_one(ScanFolder, folder.id).scan_job_id is None
        assert session.get_one(Enrichment, title.media_id).scan_job_id is None


def test_who_holds_folders_or_titles_of_a_job_that_a_cleanup_removes_loses_them(database: Database) -> None:
    scan_job, folders = a_failed_job_at_work(database)
    with database.begin() as session:
        an_enrichment(session, scan_job)
        other = an_enrichment(session, a_scan_job(session, status=JobStatus.IN_PROGRESS, moved_at=now()))
        titles = leases.claim_enrichments(session, scan_job.id, EnrichmentStatus.METADATA, 5)
        others = leases.claim_enrichments(session, other.scan_job_id, EnrichmentStatus.METADATA, 5)

    assert cleaned(database, days=0).removed == 1

    with database.begin() as session:
        assert leases.still_held_folders(session, folders) == set()
        assert leases.still_held_enrichments(session, [*titles, *others]) == {other.media_id}
        # Titles go on by themselves, at once.
        (free,) = leases.claim_enrichments(session, None, EnrichmentStatus.METADATA, 5)
        assert [free.media_id] == [title.media_id for title in titles]


def test_a_cleanup_while_the_library_is_deleted_waits_and_finds_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_job = a_job(database, status=JobStatus.FAILED, completed_at=now() - timedelta(days=40))
    with database.begin() as session:
        for _ in range(3):
            a_scan_folder(session, scan_job, status=FolderStatus.FAILED)
    holds = Event()
    remove_titles = library_removal._remove_titles  # noqa: SLF001 - in the midst of a removal

    def slowly(session: Session, library_id: str) -> list[str]:
        holds.set()
        dwell(session)
        return remove_titles(session, library_id)

    def remove() -> None:
        with database.begin() as session:
            library_removal.remove(session, scan_job.library_id)

    monkeypatch.setattr(library_removal, "_remove_titles", slowly)
    with ThreadPoolExecutor(1) as threads:
        remover = threads.submit(remove)
        assert holds.wait(10)
        result = cleaned(database, days=30)
        remover.result(20)

    assert (result.removed, result.stopped) == (0, ())


def test_a_job_that_a_cleanup_fails_is_not_removed_by_the_same_cleanup(database: Database) -> None:
    stopped = a_job(database, created_at=LONG_AGO)
    a_job(database, status=JobStatus.COMPLETED, completed_at=now())

    result = cleaned(database, days=0)

    assert (result.removed, [event.scan_job_id for event in result.stopped]) == (1, [stopped.id])
    assert state(database, stopped).status == JobStatus.FAILED


def test_after_its_progress_is_forgotten_a_new_run_begins_at_0(redis: Redis) -> None:
    def progress(percent: int) -> ScanProgress:
        return ScanProgress(
            phase="saving", progress=percent, current=0, total=1, message="…", library_id="l", scan_job_id="j"
        )

    def told() -> list[int]:
        frames = redis.xrange(events.STREAM)
        return [
            int(values[b"event"].split(b'"progress":')[1].split(b",")[0])
            for _, values in frames
            if b'gress":' in values[b"event"]
        ]

    events.tell_progress(redis, progress(70))
    events.tell_end(redis, ScanError(scan_job_id="j", error="No disk."), "j")
    redis.delete("dester:progress:j:early")
    events.tell_progress(redis, progress(0))
    assert told() == [70]

    events.forget_progress(redis, "j")
    events.tell_progress(redis, progress(0))

    assert told() == [70, 0]
