"""Trying again what a scan could not do, on both databases: only that, in the states that allow it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from shared import scan_jobs, scan_retry
from shared.database import Database
from shared.errors import ConflictError, NotFoundError
from shared.models import Enrichment, Failure, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_browse import FailuresPage, failures
from shared.scan_retry import Retried, Wanted
from shared.scan_states import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import a_library, a_scan_folder, a_scan_job, an_enrichment

FAILURES = (("file-not-video", "A/a.mkv"), ("folder-gone", "B"), ("tmdb-unreachable", "C"), ("tmdb-unreachable", "D"))


class Scan:
    """A scan of four folders in which a file, a folder and two titles failed."""

    def __init__(self, database: Database, status: JobStatus = JobStatus.COMPLETED) -> None:
        self.database = database
        with database.begin() as session:
            library = a_library(session, path="/media/films")
            self.job = a_scan_job(
                session, library, status=status, discovered_at=now(), percent=100, reconciliation={"status": "stopped"}
            )
            self.folders = {
                name: a_scan_folder(
                    session,
                    self.job,
                    path=f"/media/films/{name}",
                    status=FolderStatus.FAILED if name == "B" else FolderStatus.SETTLED,
                    settled_signature=None if name == "B" else "as it is",
                )
                for name in "ABCD"
            }
            self.titles = {
                name: an_enrichment(session, self.job, status=EnrichmentStatus.FAILED).media_id for name in "CD"
            }
            for cause, path in FAILURES:
                self.note(session, cause, path)

    def note(self, session: Any, cause: str, path: str) -> None:
        scan_jobs.note_failure(
            session, self.job.id, cause=cause, path=path, message=f"{cause}.", media_id=self.titles.get(path)
        )

    def retry(self, **wanted: str) -> Retried:
        with self.database.begin() as session:
            return scan_retry.retry(session, self.job.id, Wanted(**wanted))

    def open(self) -> list[str]:
        """Return the folders and titles that are to be worked on."""
        with self.database.read() as session:
            folders = [
                name
                for name, folder in self.folders.items()
                if session.get_one(ScanFolder, folder.id).status == FolderStatus.PENDING
            ]
            titles = [
                name.lower()
                for name, media_id in self.titles.items()
                if session.get_one(Enrichment, media_id).status == EnrichmentStatus.METADATA
            ]
        return folders + titles

    def left(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows, _ = failures(session, self.job.id, FailuresPage())
        return sorted((row.cause, row.path) for row in rows)

    def state(self) -> ScanJob:
        with self.database.read() as session:
            return session.get_one(ScanJob, self.job.id)


@pytest.mark.parametrize(
    ("wanted", "opened", "retried"),
    [
        ({}, ["A", "B", "c", "d"], FAILURES),
        ({"cause": "tmdb-unreachable"}, ["c", "d"], FAILURES[2:]),
        ({"cause": "file-not-video"}, ["A"], FAILURES[:1]),
        ({"path": "A"}, ["A"], FAILURES[:1]),
        ({"path": "A/a.mkv"}, ["A"], FAILURES[:1]),
        ({"path": "C"}, ["c"], FAILURES[2:3]),
        ({"path": "C", "cause": "tmdb-unreachable"}, ["c"], FAILURES[2:3]),
    ],
)
@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.IN_PROGRESS])
def test_only_what_is_named_is_tried_again(
    database: Database, status: JobStatus, wanted: dict[str, str], opened: list[str], retried: Any
) -> None:
    scan = Scan(database, status)

    answer = scan.retry(**wanted)

    assert scan.open() == opened
    assert answer.failures == len(retried)
    assert (answer.folders, answer.titles) == (
        sum(name.isupper() for name in opened),
        sum(name.islower() for name in opened),
    )
    assert scan.left() == sorted(set(FAILURES) - set(retried))


def test_a_complete_scan_begins_its_next_run_that_lists_nothing_it_need_not(database: Database) -> None:
    scan = Scan(database)

    scan.retry()

    state = scan.state()
    assert (state.status, state.percent, state.relisted) == (JobStatus.PENDING, 0, ["/media/films/A/a.mkv"])
    assert state.discovered_at is None


def test_a_running_scan_goes_on_at_the_percentage_that_it_had(database: Database) -> None:
    scan = Scan(database, JobStatus.IN_PROGRESS)

    scan.retry(cause="tmdb-unreachable")

    state = scan.state()
    assert (state.status, state.percent, state.relisted) == (JobStatus.IN_PROGRESS, 100, None)
    assert state.discovered_at is not None


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.IN_PROGRESS])
def test_what_was_said_of_missing_files_is_forgotten_until_they_are_judged_anew(
    database: Database, status: JobStatus
) -> None:
    scan = Scan(database, status)

    scan.retry()

    assert (scan.state().reconciled_at, scan.state().reconciliation) == (None, {})


def test_a_path_that_no_walk_came_to_is_listed_again(database: Database) -> None:
    scan = Scan(database)
    with database.begin() as session:
        scan.note(session, "folder-unreadable", "E/closed")

    scan.retry(cause="folder-unreadable")

    assert scan.state().relisted == ["/media/films/E/closed"]
    assert scan.open() == []


@pytest.mark.parametrize(
    ("status", "more", "remedy"),
    [
        (JobStatus.PENDING, {}, "Follow it"),
        (JobStatus.PAUSED, {}, "Resume it first"),
        (JobStatus.FAILED, {}, "Resume it"),
        (JobStatus.CANCELLED, {}, "Resume it"),
        (JobStatus.IN_PROGRESS, {"discovered_at": None}, "still being listed"),
    ],
)
def test_in_a_wrong_state_the_answer_says_what_to_do_instead(
    database: Database, status: JobStatus, more: dict[str, Any], remedy: str
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=status, **({"discovered_at": now()} | more))

    with database.begin() as session, pytest.raises(ConflictError, match=remedy):
        scan_retry.retry(session, scan_job.id, Wanted())


def test_what_another_scan_is_at_is_not_tried_again_beside_it(database: Database) -> None:
    scan = Scan(database)
    with database.begin() as session:
        other = a_scan_job(session, status=JobStatus.IN_PROGRESS, path="/media")

    with pytest.raises(ConflictError, match=other.id):
        scan.retry()


@pytest.mark.parametrize("wanted", [{"cause": "no-such"}, {"path": "A/a"}, {"path": "a_"}, {"path": "%"}])
def test_a_failure_that_there_is_not_is_not_found(database: Database, wanted: dict[str, str]) -> None:
    with pytest.raises(NotFoundError, match="no such failure"):
        Scan(database).retry(**wanted)


def test_an_unknown_scan_is_not_found(database: Database) -> None:
    with database.begin() as session, pytest.raises(NotFoundError):
        scan_retry.retry(session, str(uuid4()), Wanted())


def test_a_failure_of_a_title_that_is_gone_costs_nothing(database: Database) -> None:
    scan = Scan(database)
    with database.begin() as session:
        session.delete(session.get_one(Enrichment, scan.titles["C"]))

    assert scan.retry(path="C") == Retried(JobStatus.PENDING, 1, 0, 0)
    with database.read() as session:
        assert session.query(Failure).count() == len(FAILURES) - 1


def test_nobody_holds_what_is_tried_again_and_a_file_that_grew_is_looked_at_as_often_as_any(database: Database) -> None:
    scan = Scan(database, JobStatus.IN_PROGRESS)
    later = now() + timedelta(seconds=20)
    with database.begin() as session:
        session.execute(update(ScanJob).values(lease_until=later))
        session.execute(update(ScanFolder).values(lease_until=later, not_before=later, looks=5))

    scan.retry(path="A")

    assert scan.state().lease_until is None
    with database.read() as session:
        folder = session.get_one(ScanFolder, scan.folders["A"].id)
    assert (folder.lease_until, folder.not_before, folder.looks) == (None, None, 0)


def test_nothing_above_the_folder_of_a_scan_is_tried_again(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, path="/media/films")
        scan_job = a_scan_job(session, library, path="/media/films/A", status=JobStatus.COMPLETED, discovered_at=now())
        above = a_scan_folder(session, scan_job, path="/media/films", status=FolderStatus.SETTLED)
        scan_jobs.note_failure(session, scan_job.id, cause="root-empty", path="", message="No.")

    with database.begin() as session:
        retried = scan_retry.retry(session, scan_job.id, Wanted())

    with database.read() as session:
        assert session.get_one(ScanFolder, above.id).status == FolderStatus.SETTLED
        assert session.get_one(ScanJob, scan_job.id).relisted == ["/media/films/A"]
    assert retried.folders == 0
