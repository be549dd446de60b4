"""Trying failures again, step by step on real rows and a real disk: no less is looked at, and nothing else."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared import scan_jobs, scan_retry
from shared.database import Database
from shared.models import MediaFile, ScanFolder, ScanJob
from shared.scan_jobs import FolderStatus, JobStatus
from shared.scan_retry import Wanted
from shared.scan_scope import Scope
from tests.builders import a_new_postgres_database
from tests.scans import a_scan, causes, own_worker, run_to_the_end, status_of
from tests.trees import a_file, a_video, films
from worker.tasks.scan import discover, register

FIRST, SECOND, THIRD = (f"Journey Picture {number:03d} ({1960 + number})" for number in range(3))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


@pytest.fixture
def root(tmp_path: Path) -> Path:
    films(tmp_path / "films", 3)
    return tmp_path / "films"


def fail_at(database: Database, scan_job_id: str, cause: str, path: str) -> None:
    with database.begin() as session:
        scan_jobs.note_failure(session, scan_job_id, cause=cause, path=path, message="No.")


def retry(database: Database, scan_job_id: str) -> None:
    with database.begin() as session:
        scan_retry.retry(session, scan_job_id, Wanted())


def files(database: Database) -> dict[str, MediaFile]:
    with database.read() as session:
        return {Path(file.path).name: file for file in session.scalars(select(MediaFile))}


def test_a_folder_that_a_scan_of_touched_folders_could_not_read_is_listed_again(database: Database, root: Path) -> None:
    run_to_the_end(a_scan(database, root))
    scan_job_id = a_scan(database, root, only=Scope.of(trees=["New (2001)"]))
    run_to_the_end(scan_job_id)
    fail_at(database, scan_job_id, "folder-unreadable", "New (2001)")
    a_file(root / "New (2001)" / "New (2001).mkv", a_video() + b"new")

    retry(database, scan_job_id)
    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert "New (2001).mkv" in files(database)


def test_two_files_of_one_folder_that_could_not_be_found_are_tried_again_together(
    database: Database, root: Path
) -> None:
    folder = root / "Linked (2001)"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"Linked (2001) - {name}.mkv").symlink_to(root / f"{name}.gone")
    scan_job_id = a_scan(database, root)
    run_to_the_end(scan_job_id)
    assert {cause for cause, _ in causes(database, scan_job_id)} == {"link-broken"}
    for name in ("a", "b"):
        a_file(root / f"{name}.gone", a_video() + name.encode())

    retry(database, scan_job_id)
    run_to_the_end(scan_job_id)

    assert (status_of(database, scan_job_id), causes(database, scan_job_id)) == (JobStatus.COMPLETED, [])
    assert {"Linked (2001) - a.mkv", "Linked (2001) - b.mkv"} <= files(database).keys()


def test_a_running_scan_that_tries_again_still_looks_for_the_folders_that_vanished(
    database: Database, root: Path
) -> None:
    run_to_the_end(a_scan(database, root))
    shutil.rmtree(root / FIRST)
    a_file(root / "New (2001)" / "New (2001).mkv", a_video() + b"new")
    scan_job_id = a_scan(database, root)
    discover(scan_job_id)
    fail_at(database, scan_job_id, "folder-unreadable", "Closed (2002)")

    retry(database, scan_job_id)
    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert files(database)[f"{FIRST}.mkv"].missing_since is not None


def test_a_root_that_is_gone_when_its_failure_is_tried_again_fails_the_scan_and_nothing_above_is_read(
    database: Database, root: Path
) -> None:
    scan_job_id = a_scan(database, root)
    run_to_the_end(scan_job_id)
    fail_at(database, scan_job_id, "root-empty", "")
    a_file(root.parent / "Above (1999).mkv", a_video() + b"above")
    root.rename(root.parent / "unmounted")

    retry(database, scan_job_id)
    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.FAILED
    assert causes(database, scan_job_id) == [("root-gone", "")]
    with database.read() as session:
        assert str(root.parent) not in session.scalars(select(ScanFolder.path)).all()


def test_a_retried_scan_takes_no_row_away_that_came_by_another(database: Database, root: Path) -> None:
    old = a_file(root / "Heat (1995)" / "Heat (1995) 720p.mkv", a_video() + b"old")
    scan_job_id = a_scan(database, root)
    run_to_the_end(scan_job_id)
    fail_at(database, scan_job_id, "folder-unreadable", "Heat (1995)")
    new = a_file(root / "Heat (1995)" / "Heat (1995) 2160p.mkv", a_video() + b"better")
    run_to_the_end(a_scan(database, root))
    before = files(database)
    old.unlink()

    retry(database, scan_job_id)
    run_to_the_end(scan_job_id)

    after = files(database)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert {name: file.id for name, file in after.items()} == {name: file.id for name, file in before.items()}
    assert after[old.name].missing_since is not None
    assert after[new.name].missing_since is None


def test_a_scan_that_is_taken_over_still_knows_when_its_run_began(database: Database, root: Path) -> None:
    scan_job_id = a_scan(database, root)
    taken = []
    for _ in range(2):
        with database.begin() as session:
            scan_job = scan_jobs.take(session, scan_job_id)
            assert scan_job is not None
            taken.append(scan_job.run_began_at)
            scan_job.lease_until = None

    assert taken[0] is not None
    assert taken[0] == taken[1]


def test_a_film_that_comes_back_to_a_folder_that_was_only_named_is_found(database: Database, root: Path) -> None:
    run_to_the_end(a_scan(database, root))
    file = root / FIRST / f"{FIRST}.mkv"
    status = file.stat()
    named = a_scan(database, root, rescan=True)
    discover(named)
    register(named)
    with database.begin() as session:
        scan_jobs.cancel(session, named, "No more.")
        assert set(session.scalars(select(ScanFolder.status))) == {FolderStatus.REGISTERED}
    (root / FIRST).rename(root.parent / "away")
    run_to_the_end(a_scan(database, root))
    gone = files(database)[file.name].missing_since
    (root.parent / "away").rename(root / FIRST)
    assert file.stat().st_mtime_ns == status.st_mtime_ns

    scan_job_id = a_scan(database, root)
    run_to_the_end(scan_job_id)

    assert gone is not None
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert files(database)[file.name].missing_since is None
    with database.read() as session:
        assert session.get_one(ScanJob, scan_job_id).totals["folders"] == 3
