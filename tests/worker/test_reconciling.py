"""What scans do not see: when it is missing, when it is a disk that is away, and what comes back or is replaced."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, update

from shared import scan_jobs, scan_schedule, settings, watches
from shared.database import Database
from shared.models import Library, Media, MediaFile, Movie, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_jobs import JobStatus
from shared.scan_options import ScanOptions
from tests.builders import a_new_postgres_database
from tests.scans import a_scan, causes, own_worker, run_to_the_end, status_of
from tests.trees import a_file, a_video, films
from worker import growing
from worker.record import folders as record_folders
from worker.tasks.artwork import paint
from worker.tasks.metadata import fetch
from worker.tasks.reconcile import reconcile
from worker.tasks.scan import discover, look_into, register
from worker.tasks.upkeep import sweep


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


def scanned(database: Database, root: Path, **options: object) -> str:
    scan_job_id = a_scan(database, root, **options)
    run_to_the_end(scan_job_id)
    # What is more than one batch.
    run_to_the_end(scan_job_id)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    return scan_job_id


def missing(database: Database) -> set[str]:
    with database.read() as session:
        paths = session.scalars(select(MediaFile.path).where(MediaFile.missing_since.is_not(None)))
        return {Path(path).name for path in paths}


def judged(database: Database, scan_job_id: str) -> tuple[str, str | None]:
    with database.read() as session:
        kept = session.get_one(ScanJob, scan_job_id).reconciliation
    return kept["status"], kept["reason"]


def numbered(root: Path, count: int) -> list[Path]:
    """Make so many films, of which each is like no other."""
    return [
        a_file(root / f"Film {number} (1999)" / f"Film {number} (1999).mkv", a_video() + bytes([number]) * 9)
        for number in range(count)
    ]


def rows(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return id and film of each file, by its name."""
    with database.read() as session:
        return {Path(file.path).name: (file.id, file.movie_id) for file in session.scalars(select(MediaFile))}


# When a disk may be away


def test_an_empty_root_stops_and_says_so(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    films(root, 2)
    scanned(database, root)
    root.rename(tmp_path / "unmounted")
    root.mkdir()

    stopped = scanned(database, root)
    none_yet = missing(database)
    shutil.rmtree(root)
    (tmp_path / "unmounted").rename(root)
    back = scanned(database, root)

    assert judged(database, stopped) == ("stopped", "root-empty")
    assert causes(database, stopped) == [("root-empty", "")]
    assert judged(database, back) == ("done", None)
    assert none_yet == missing(database) == set()


def test_a_loss_that_was_accepted_once_is_not_accepted_by_scans_that_nobody_asked_for(
    database: Database, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    films(root, 2)
    scanned(database, root, accept_missing=True)
    root.rename(tmp_path / "unmounted")
    root.mkdir()
    with database.begin() as session:
        library = session.scalars(select(Library)).one()
        library.scan_interval_minutes = 60
        watches.note_wanted(session, [library.id])
        scan_schedule.poll_soon(session, library.id)
        planned = scan_schedule.plan(session, library.id)

    assert planned is not None
    run_to_the_end(planned[0].id)

    assert judged(database, planned[0].id) == ("stopped", "root-empty")
    assert missing(database) == set()


def test_a_root_in_which_only_something_else_is_left_counts_as_empty(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    films(root, 2)
    scanned(database, root)
    root.rename(tmp_path / "unmounted")
    a_file(root / "not mounted.txt", b"!")

    stopped = scanned(database, root)

    assert judged(database, stopped) == ("stopped", "root-empty")
    assert missing(database) == set()


def test_a_root_that_is_gone_says_so_in_the_job_that_fails(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    scanned(database, tmp_path / "films")
    (tmp_path / "films").rename(tmp_path / "unmounted")

    failed = a_scan(database, tmp_path / "films")
    run_to_the_end(failed)

    assert status_of(database, failed) == JobStatus.FAILED
    assert judged(database, failed) == ("stopped", "root-gone")
    assert causes(database, failed) == [("root-gone", "")]
    assert missing(database) == set()


def test_a_worker_that_dies_while_it_ends_a_scan_without_a_root_leaves_all_of_it_to_the_next(
    database: Database, tmp_path: Path
) -> None:
    films(tmp_path / "films", 2)
    scanned(database, tmp_path / "films")
    (tmp_path / "films").rename(tmp_path / "unmounted")
    scan_job_id = a_scan(database, tmp_path / "films")

    def die(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("UPDATE scan_jobs") and JobStatus.FAILED.value in str(parameters):
            raise SystemExit

    event.listen(database.engine, "before_cursor_execute", die)
    with pytest.raises(SystemExit):
        discover(scan_job_id)
    event.remove(database.engine, "before_cursor_execute", die)
    with database.begin() as session:
        session.execute(update(ScanJob).values(lease_until=None))
    sweep()
    meanwhile = status_of(database, scan_job_id)
    (tmp_path / "unmounted").rename(tmp_path / "films")
    run_to_the_end(scan_job_id)

    assert meanwhile == JobStatus.IN_PROGRESS
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert judged(database, scan_job_id) == ("done", None)


def test_a_disk_that_goes_away_during_a_scan_loses_nothing(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    made = numbered(root, 3)
    scanned(database, root)
    made[0].unlink()
    scan_job_id = a_scan(database, root, rescan=True)
    discover(scan_job_id)
    root.rename(tmp_path / "unmounted")

    run_to_the_end(scan_job_id)

    assert judged(database, scan_job_id) == ("stopped", "root-gone")
    assert missing(database) == set()


def test_a_root_on_another_disk_stops_only_while_something_is_not_there(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    made = numbered(root, 3)
    scanned(database, root)
    with database.begin() as session:
        library = session.scalars(select(Library)).one()
        assert library.disk is not None
        library.disk = "mount:nfs4 nas:/films"

    all_there = scanned(database, root)
    with database.begin() as session:
        session.execute(update(Library).values(disk="mount:nfs4 nas:/films"))
    made[0].unlink()
    stopped = scanned(database, root)
    none_yet = missing(database)
    accepted = scanned(database, root, accept_missing=True)

    assert judged(database, all_there) == ("done", None)
    assert judged(database, stopped) == ("stopped", "root-on-other-disk")
    assert none_yet == set()
    assert judged(database, accepted) == ("done", None)
    assert missing(database) == {"Film 0 (1999).mkv"}


def test_too_many_files_that_vanish_at_once_are_kept_until_the_user_says_that_they_are_gone(
    database: Database, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    made = numbered(root, 16)
    scanned(database, root)
    for file in made[:10]:
        shutil.rmtree(file.parent)

    stopped = scanned(database, root)
    none_yet = missing(database)
    accepted = scanned(database, root, accept_missing=True)

    assert judged(database, stopped) == ("stopped", "too-many-missing")
    assert none_yet == set()
    assert judged(database, accepted) == ("done", None)
    assert missing(database) == {file.name for file in made[:10]}


def test_the_share_that_may_vanish_is_the_users_to_set(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    made = numbered(root, 16)
    scanned(database, root)
    with database.begin() as session:
        settings.write(session, {"max_missing_percent": 70})
    for file in made[:11]:
        file.unlink()

    assert judged(database, scanned(database, root)) == ("done", None)
    assert len(missing(database)) == 11


def test_a_folder_of_many_files_that_was_renamed_is_no_loss(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    numbered(root / "Old", 14)
    scanned(database, root)
    before = rows(database)
    (root / "Old").rename(root / "New")

    renamed = scanned(database, root)

    assert judged(database, renamed) == ("done", None)
    assert rows(database) == before
    assert missing(database) == set()


def test_what_was_not_seen_when_a_scan_stopped_and_is_back_is_as_it_was(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    made = numbered(root, 16)
    scanned(database, root)
    away = tmp_path / "away"
    away.mkdir()
    for file in made[:12]:
        file.parent.rename(away / file.parent.name)
    scanned(database, root)

    for file in made[:12]:
        (away / file.parent.name).rename(file.parent)
    back = a_scan(database, root)
    discover(back)

    # Nothing is named or looked into again.
    assert status_of(database, back) == JobStatus.COMPLETED
    assert missing(database) == set()
    with database.read() as session:
        assert session.scalars(select(MediaFile).where(MediaFile.is_unseen)).all() == []


def test_a_worker_that_dies_before_it_judged_is_followed_by_another(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    made = numbered(root, 3)
    scanned(database, root)
    made[0].unlink()
    scan_job_id = a_scan(database, root)
    discover(scan_job_id)
    with database.begin() as session:
        session.execute(update(ScanJob).values(reconciled_at=None, status=JobStatus.IN_PROGRESS))
        session.execute(update(MediaFile).values(missing_since=None))

    sweep()
    reconcile(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert missing(database) == {"Film 0 (1999).mkv"}


# Removed by policy


def test_what_has_been_missing_for_as_long_as_the_user_set_goes_with_its_title(
    database: Database, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    made = numbered(root, 3)
    scanned(database, root)
    made[0].unlink()
    scanned(database, root)
    with database.begin() as session:
        long_ago = now() - timedelta(days=31)
        session.execute(update(MediaFile).where(MediaFile.missing_since.is_not(None)).values(missing_since=long_ago))

    scanned(database, root)
    kept = rows(database)
    with database.begin() as session:
        settings.write(session, {"remove_missing_after_days": 30})
    scanned(database, root)

    assert len(kept) == 3
    assert rows(database).keys() == {"Film 1 (1999).mkv", "Film 2 (1999).mkv"}
    with database.read() as session:
        assert len(session.scalars(select(Media)).all()) == 2


# Files that still grow


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_folders, "LOOK_AGAIN_AFTER", (0, 0))


@pytest.mark.usefixtures("at_once")
def test_a_file_that_grows_is_looked_into_when_it_is_complete(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    whole = a_video()
    file = a_file(root / "Slow (2001)" / "Slow (2001).mkv", whole[:1000])
    scan_job_id = a_scan(database, root)
    discover(scan_job_id)
    register(scan_job_id)
    file.write_bytes(whole)

    look_into(scan_job_id)
    with database.read() as session:
        early = session.scalars(select(MediaFile)).one()
        waiting = session.scalars(select(ScanFolder)).one()
    run_to_the_end(scan_job_id)

    assert (early.probe, early.fingerprint, waiting.looks) == ({}, None, 1)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == []
    with database.read() as session:
        late = session.scalars(select(MediaFile)).one()
    assert (late.id, late.size, late.probe["container"]) == (early.id, len(whole), "mkv")


def grow(file: Path, *, keeps_time: bool) -> None:
    status = file.stat()
    with file.open("ab") as opened:
        opened.write(b"more")
    if keeps_time:
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("keeps_time", [False, True], ids=["a new time", "the time of the original"])
def test_a_file_that_never_stops_growing_is_named_and_left_to_the_next_scan(
    database: Database, tmp_path: Path, *, keeps_time: bool
) -> None:
    root = tmp_path / "films"
    file = a_file(root / "Slow (2001)" / "Slow (2001).mkv")
    scan_job_id = a_scan(database, root)
    discover(scan_job_id)
    for _ in range(3):
        register(scan_job_id)
        grow(file, keeps_time=keeps_time)
        look_into(scan_job_id)
    for body in (fetch, fetch, paint):
        body(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == [("file-growing", "Slow (2001)/Slow (2001).mkv")]
    with database.read() as session:
        assert session.scalars(select(MediaFile.fingerprint)).all() == [None]

    next_one = scanned(database, root)

    assert causes(database, next_one) == []
    with database.read() as session:
        assert session.scalars(select(MediaFile.size)).one() == file.stat().st_size


def test_two_looks_tell_whether_a_file_grows(tmp_path: Path) -> None:
    still, grows = (a_file(tmp_path / name, b"1") for name in ("still.mkv", "grows.mkv"))
    looks = {str(path): look for path in (still, grows) if (look := growing.look_at(str(path)))}
    assert growing.look_at(str(tmp_path / "gone.mkv")) is None
    grow(grows, keeps_time=True)

    assert growing.changed_since(looks, 0.0) == {str(grows)}


# Replaced


def test_a_better_version_under_another_name_is_the_same_film_and_file(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "films" / "Heat (1995)"
    old = a_file(folder / "Heat (1995) 720p.mkv")
    numbered(tmp_path / "films", 2)
    scanned(database, tmp_path / "films")
    before = rows(database)[old.name]
    with database.read() as session:
        added = session.get_one(MediaFile, before[0]).created_at
    old.unlink()
    new = a_file(folder / "Heat (1995) 2160p.mkv", a_video() + b"better")

    scanned(database, tmp_path / "films")

    after = rows(database)
    assert (after[new.name], len(after)) == (before, 3)
    with database.read() as session:
        file = session.get_one(MediaFile, before[0])
    assert (file.created_at, file.size, file.missing_since) == (added, new.stat().st_size, None)
    assert file.probe["container"] == "mkv"


def test_one_version_beside_another_replaces_nothing(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "films" / "Heat (1995)"
    first, second = (a_file(folder / f"Heat (1995) {name}.mkv", a_video() + name.encode()) for name in ("480p", "720p"))
    numbered(tmp_path / "films", 2)
    scanned(database, tmp_path / "films")
    before = rows(database)
    first.unlink()
    second.unlink()
    a_file(folder / "Heat (1995) 2160p.mkv", a_video() + b"better")

    scanned(database, tmp_path / "films")

    # Which of the two it replaces nobody can tell.
    after = rows(database)
    assert after.keys() == before.keys() | {"Heat (1995) 2160p.mkv"}
    assert {film for _, film in after.values()} == {film for _, film in before.values()}
    assert missing(database) == {first.name, second.name}
    with database.read() as session:
        assert len(session.scalars(select(Movie)).all()) == 3


def test_a_scan_of_one_folder_judges_by_the_whole_library(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    made = numbered(root, 4)
    scanned(database, root)
    made[0].unlink()
    made[1].unlink()
    with database.begin() as session:
        library = session.scalars(select(Library)).one()
        scan_job, _ = scan_jobs.request(session, library, str(made[0].parent), ScanOptions())

    run_to_the_end(scan_job.id)

    # What is not below its folder it does not look for; that its folder is empty is no sign of a disk that is away.
    assert judged(database, scan_job.id) == ("done", None)
    assert missing(database) == {"Film 0 (1999).mkv"}
