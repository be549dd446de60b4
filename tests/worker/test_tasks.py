"""The tasks' bodies, one after the other, on real rows: what happens when the world changes in between."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import events, queue_states, scan_control, scan_jobs, tasks
from shared.database import Database
from shared.kinds import ExtraType, MatchStatus, MediaType
from shared.models import Enrichment, Media, MediaFile, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import a_new_postgres_database, told
from tests.scans import a_scan, causes, extras_of, own_worker, run_to_the_end, status_of
from tests.trees import a_file, a_video, films
from worker import leases, looking, progress
from worker.app import resources
from worker.demo_library import make
from worker.holders import this_process
from worker.probe import probe
from worker.tasks import reconcile
from worker.tasks import scan as scan_tasks
from worker.tasks.artwork import paint
from worker.tasks.metadata import fetch
from worker.tasks.scan import discover, look_into, register
from worker.tasks.upkeep import release, sweep

NOBODY = 65534


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


def test_a_folder_that_disappears_during_the_scan_costs_only_itself(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    shutil.rmtree(tmp_path / "films" / "Journey Picture 001 (1961)")

    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == [("folder-gone", "Journey Picture 001 (1961)")]
    with database.read() as session:
        assert len(session.scalars(select(Media)).all()) == 2


def test_a_folder_that_cannot_be_read_costs_only_itself_and_keeps_its_files(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 3)
    run_to_the_end(a_scan(database, tmp_path / "films"))
    closed = tmp_path / "films" / "Journey Picture 001 (1961)"
    closed.chmod(0)
    scan_job_id = a_scan(database, tmp_path / "films")

    _as_nobody(tmp_path, lambda: discover(scan_job_id))
    run_to_the_end(scan_job_id)

    closed.chmod(0o755)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == [("folder-unreadable", "Journey Picture 001 (1961)")]
    with database.read() as session:
        assert session.scalars(select(MediaFile).where(MediaFile.missing_since.is_not(None))).all() == []


def test_a_scan_whose_last_worker_died_before_it_told_of_the_end_is_told_of_once(
    database: Database, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan(database, tmp_path / "films")

    with monkeypatch.context() as dying:
        # What dies there leaves the row as it is committed.
        dying.setattr("shared.scan_endings.tell", lambda *_: None)
        run_to_the_end(scan_job_id)
    untold = [event for event in told(redis) if event["type"] == "scan:complete"]
    release(this_process(), None)
    sweep()

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert untold == []
    assert [event["scanJobId"] for event in told(redis) if event["type"] == "scan:complete"] == [scan_job_id]


def test_links_that_lead_outside_the_media_roots_are_named_and_nothing_of_them_is_known(
    database: Database, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    films(root, 1)
    films(tmp_path / "more", 1)
    a_file(tmp_path / "elsewhere" / "Hidden (2001)" / "Hidden (2001).mkv")
    a_file(tmp_path / "elsewhere" / "loose.mkv")
    (root / "Outside").symlink_to(tmp_path / "elsewhere")
    (root / "Loose (2002).mkv").symlink_to(tmp_path / "elsewhere" / "loose.mkv")
    (root / "Other disk").symlink_to(tmp_path / "more")
    resources.config = replace(resources.config, media_roots=(root, tmp_path / "more"))
    scan_job_id = a_scan(database, root)

    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == [("outside", "Loose (2002).mkv"), ("outside", "Outside")]
    with database.read() as session:
        paths = set(session.scalars(select(MediaFile.path)))
    name = "Journey Picture 000 (1960)"
    assert paths == {f"{root}/{name}/{name}.mkv", f"{root}/Other disk/{name}/{name}.mkv"}


def test_a_folder_that_becomes_a_link_to_outside_while_it_waits_is_not_read(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    films(root, 2)
    a_file(tmp_path / "elsewhere" / "Hidden (2001).mkv")
    resources.config = replace(resources.config, media_roots=(root,))
    scan_job_id = a_scan(database, root)
    discover(scan_job_id)
    swapped = root / "Journey Picture 001 (1961)"
    swapped.rename(tmp_path / "away")
    swapped.symlink_to(tmp_path / "elsewhere")

    run_to_the_end(scan_job_id)

    assert causes(database, scan_job_id) == [("outside", "Journey Picture 001 (1961)")]
    with database.read() as session:
        assert [Path(path).name for path in session.scalars(select(MediaFile.path))] == [
            "Journey Picture 000 (1960).mkv"
        ]


def test_a_file_that_becomes_a_link_to_outside_is_not_looked_into(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    film = a_file(root / "Heat (1995)" / "Heat (1995).mkv")
    hidden = a_file(tmp_path / "elsewhere" / "hidden.mkv")
    resources.config = replace(resources.config, media_roots=(root,))
    scan_job_id = a_scan(database, root)
    discover(scan_job_id)
    register(scan_job_id)
    times = film.stat()
    film.unlink()
    film.symlink_to(hidden)
    os.utime(hidden, ns=(times.st_atime_ns, times.st_mtime_ns))

    look_into(scan_job_id)

    assert causes(database, scan_job_id) == [("file-unreadable", "Heat (1995)/Heat (1995).mkv")]
    with database.read() as session:
        file = session.scalars(select(MediaFile)).one()
    assert (file.fingerprint, file.probe) == (None, {"error": "file-unreadable"})


def test_a_library_that_no_media_root_holds_any_more_is_not_scanned(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan(database, tmp_path / "films")
    resources.config = replace(resources.config, media_roots=(tmp_path / "others",))

    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.FAILED
    with database.read() as session:
        assert session.scalars(select(MediaFile)).all() == []
        error = session.get_one(ScanJob, scan_job_id).error
    assert error == "The library's folder can't be read: it lies outside the folders of media that the server may read."


@pytest.mark.parametrize("step", ["fetch", "paint"])
def test_what_lies_beside_a_film_and_was_away_with_its_disk_is_read_by_the_next_scan(
    database: Database, tmp_path: Path, step: str
) -> None:
    films(tmp_path / "films", 1)
    folder = next((tmp_path / "films").iterdir())
    a_file(folder / "movie.nfo", b"<movie><title>By Its Nfo</title></movie>")
    Image.new("RGB", (100, 150), (200, 30, 40)).save(folder / "poster.jpg")
    scan_job_id = a_scan(database, tmp_path / "films")
    bodies = {"discover": discover, "register": register, "look into": look_into, "fetch": fetch, "paint": paint}

    for name, body in bodies.items():
        if name == step:
            (tmp_path / "films").rename(tmp_path / "away")
        body(scan_job_id)
    (tmp_path / "away").rename(tmp_path / "films")
    run_to_the_end(scan_job_id)
    run_to_the_end(a_scan(database, tmp_path / "films"))
    run_to_the_end(scan_job_id := a_scan(database, tmp_path / "films"))

    with database.read() as session:
        film = session.scalars(select(Media)).one()
        assert (film.title, film.poster_image is not None) == ("By Its Nfo", True)
        # And then never again.
        assert session.scalars(select(ScanFolder)).one().status == FolderStatus.SETTLED
    assert causes(database, scan_job_id) == []


def test_a_root_that_is_gone_fails_the_scan_and_touches_nothing(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    run_to_the_end(a_scan(database, tmp_path / "films"))
    scan_job_id = a_scan(database, tmp_path / "films")
    (tmp_path / "films").rename(tmp_path / "unmounted")

    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.FAILED
    with database.read() as session:
        assert session.scalars(select(MediaFile).where(MediaFile.missing_since.is_not(None))).all() == []


def test_an_empty_root_looks_like_an_unmounted_disk_and_touches_nothing(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    run_to_the_end(a_scan(database, tmp_path / "films"))
    scan_job_id = a_scan(database, tmp_path / "films")
    (tmp_path / "films").rename(tmp_path / "unmounted")
    (tmp_path / "films").mkdir()

    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        assert session.scalars(select(MediaFile).where(MediaFile.missing_since.is_not(None))).all() == []


def test_what_a_narrower_scan_passes_over_is_not_missing(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    a_file(tmp_path / "films" / "Loose (2001).mkv")
    a_file(tmp_path / "films" / "Loose Too (2002).mp4")
    run_to_the_end(a_scan(database, tmp_path / "films"))

    run_to_the_end(a_scan(database, tmp_path / "films", max_depth=0, file_extensions=(".mp4",), rescan=True))

    with database.read() as session:
        assert len(session.scalars(select(MediaFile)).all()) == 4
        assert session.scalars(select(MediaFile).where(MediaFile.missing_since.is_not(None))).all() == []


def test_files_that_are_gone_from_the_disk_are_marked_missing_and_kept(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    loose = [a_file(tmp_path / "films" / f"Loose {number} (2001).mkv") for number in range(2)]
    run_to_the_end(a_scan(database, tmp_path / "films"))
    loose[0].unlink()
    shutil.rmtree(tmp_path / "films" / "Journey Picture 000 (1960)")

    run_to_the_end(a_scan(database, tmp_path / "films"))

    with database.read() as session:
        assert len(session.scalars(select(MediaFile)).all()) == 4
        missing = session.scalars(select(MediaFile.path).where(MediaFile.missing_since.is_not(None)))
        assert {Path(path).name for path in missing} == {"Loose 0 (2001).mkv", "Journey Picture 000 (1960).mkv"}


def test_a_rescan_brings_back_pictures_that_the_cache_lost(database: Database, tmp_path: Path) -> None:
    make(tmp_path / "demo")
    run_to_the_end(a_scan(database, tmp_path / "demo" / "movies"))
    shutil.rmtree(resources.config.images_dir)

    run_to_the_end(a_scan(database, tmp_path / "demo" / "movies", rescan=True))

    with database.read() as session:
        posters = session.scalars(select(Media.poster_image)).all()
    assert posters
    assert all(resources.images.find(poster or "", None) for poster in posters)


def test_a_task_that_is_delivered_twice_changes_nothing_the_second_time(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")

    for body in (discover, register, look_into, fetch, paint):
        body(scan_job_id)
        body(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        assert len(session.scalars(select(Media)).all()) == len(session.scalars(select(MediaFile)).all()) == 3


def test_an_unchanged_folder_is_settled_at_once_and_a_rescan_does_it_again(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    run_to_the_end(a_scan(database, tmp_path / "films"))

    unchanged = a_scan(database, tmp_path / "films")
    discover(unchanged)
    again = a_scan(database, tmp_path / "films", rescan=True)
    discover(again)

    assert status_of(database, unchanged) == JobStatus.COMPLETED
    assert status_of(database, again) == JobStatus.IN_PROGRESS


def test_a_file_that_could_not_be_read_for_a_moment_is_looked_into_by_the_next_scan(
    database: Database, tmp_path: Path
) -> None:
    films(tmp_path / "films", 2)
    away, back = tmp_path / "away", tmp_path / "films"
    first = a_scan(database, tmp_path / "films")
    discover(first)
    register(first)
    back.rename(away)
    look_into(first)
    away.rename(back)
    with database.read() as session:
        seen_at_first = [file.probe for file in session.scalars(select(MediaFile))]

    second = a_scan_after(database, first, tmp_path / "films")
    run_to_the_end(second)

    assert seen_at_first == [{"error": "file-unreadable"}] * 2
    with database.read() as session:
        files = session.scalars(select(MediaFile)).all()
        assert {file.probe.get("error") for file in files} == {None}
        assert None not in {file.fingerprint for file in files}
    assert causes(database, second) == []


def a_scan_after(database: Database, scan_job_id: str, folder: Path) -> str:
    """End a scan, and ask for the next one."""
    fetch(scan_job_id)
    fetch(scan_job_id)
    paint(scan_job_id)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    return a_scan(database, folder)


def test_a_worker_that_comes_late_changes_nothing(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    with database.begin() as session:
        late = leases.claim_folders(session, scan_job_id, FolderStatus.PENDING, 10)
        nothing = leases.claim_folders(session, scan_job_id, FolderStatus.PENDING, 10)
    with database.begin() as session:
        session.execute(update(ScanFolder).values(lease_until=now() - timedelta(seconds=1)))

    with database.begin() as session:
        taken_over = leases.claim_folders(session, scan_job_id, FolderStatus.PENDING, 10)
        held_by_the_late_one = leases.still_held_folders(session, late)
        held = leases.still_held_folders(session, taken_over)

    assert nothing == []
    assert held_by_the_late_one == set()
    assert held == {folder.id for folder in taken_over}


def test_what_redis_forgot_the_sweeper_sends_again(database: Database, tmp_path: Path, redis_url: str) -> None:
    films(tmp_path / "films", 2)
    queues = Redis.from_url(redis_url)
    scan_job_id = a_scan(database, tmp_path / "films")

    sent: list[tuple[int, int, int]] = []
    for body in (None, discover, register, look_into, fetch):
        if body is not None:
            body(scan_job_id)
        queues.flushdb()
        sweep()
        waiting = queue_states.seen(queues)
        sent.append(tuple(waiting[queue].waiting for queue in (tasks.SCAN, tasks.METADATA, tasks.ARTWORK)))

    # A scan to begin; folders to name; files to look into and titles to ask about; only titles; only pictures.
    assert [tuple(map(bool, counts)) for counts in sent] == [
        (True, False, False),
        (True, False, False),
        (True, True, False),
        (False, True, False),
        (False, False, True),
    ]


def test_titles_are_unmatched_without_a_key_and_nothing_is_left_waiting(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    scan_job_id = a_scan(database, tmp_path / "films")

    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        assert {media.match_status for media in session.scalars(select(Media))} == {MatchStatus.UNMATCHED}
        assert {row.lease_until for row in session.scalars(select(Enrichment))} == {None}


def test_a_file_whose_episode_nobody_can_tell_is_named_in_the_failures(database: Database, tmp_path: Path) -> None:
    a_file(tmp_path / "tv" / "A Show (2001)" / "making of something.mkv")
    a_file(tmp_path / "tv" / "A Show (2001)" / "A Show - S01E01.mkv")
    scan_job_id = a_scan(database, tmp_path / "tv", MediaType.TV_SHOW)

    run_to_the_end(scan_job_id)

    assert causes(database, scan_job_id) == [("episode-unknown", "A Show (2001)/making of something.mkv")]
    with database.read() as session:
        show = session.scalars(select(Media)).one()
        (extra,) = extras_of(session, show.id)
        assert (Path(extra.path).name, extra.extra_type) == ("making of something.mkv", ExtraType.OTHER)
        assert extra.probe["container"] == "mkv"


def test_a_folder_that_ends_its_workers_is_found_and_costs_only_itself(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    register(scan_job_id)
    deadly = str(tmp_path / "films" / "Journey Picture 001 (1961)")

    for _ in range(40):
        _look_into_and_die_at(database, scan_job_id, deadly)

    fetch(scan_job_id)
    paint(scan_job_id)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == [("folder-given-up", "Journey Picture 001 (1961)")]
    with database.read() as session:
        rows = session.execute(select(ScanFolder.path, ScanFolder.status)).all()
        assert {status for path, status in rows if path != deadly} == {FolderStatus.SETTLED}


class _Killed(BaseException):
    """What ends a process under its work, as far as a test can: nothing in the way of it is done any more."""


def test_a_folder_of_more_files_than_one_task_has_time_for_is_looked_into_by_several(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, part = tmp_path / "films" / "Flat", scan_tasks.FILES_AT_ONCE
    for number in range(2 * part + 2):
        a_file(folder / f"Film {number:03d} (1999).mkv", a_video() + b"%d" % number)
    (folder / "Film 000 (1999).mkv").write_bytes(b"no video")
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    register(scan_job_id)
    looked_into: list[Path] = []

    def out_of_time(path: Path, _opener: object) -> object:
        # Each task is killed at the second file of its second part.
        if len(looked_into) > part:
            raise _Killed
        looked_into.append(path)
        return probe(path)

    monkeypatch.setattr(looking, "probe", out_of_time)
    with database.begin() as session:
        # As if others had died at it: what this one gets done counts, not that it was killed.
        session.execute(update(ScanFolder).values(attempts=leases.GIVEN_UP_AFTER - 1))
    for _ in range(2):
        looked_into.clear()
        with pytest.raises(_Killed):
            look_into(scan_job_id)
        with database.begin() as session:
            session.execute(update(ScanFolder).values(lease_until=None))
    looked_into.clear()
    look_into(scan_job_id)

    with database.read() as session:
        assert sum(file.probe.get("container") == "mkv" for file in session.scalars(select(MediaFile))) == 2 * part + 1
    assert len(looked_into) == 2
    assert folder_statuses(database) == ["SETTLED"]
    assert causes(database, scan_job_id) == [("file-not-video", "Flat/Film 000 (1999).mkv")]


def test_files_that_take_long_are_kept_before_all_of_them_are_looked_into(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        a_file(tmp_path / "films" / "Flat" / f"Film {number:03d} (1999).mkv", a_video() + b"%d" % number)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    register(scan_job_id)
    kept_before: list[int] = []

    def counted(path: Path, _opener: object) -> object:
        with database.read() as session:
            files = session.scalars(select(MediaFile))
            kept_before.append(sum("container" in file.probe for file in files))
        return probe(path)

    monkeypatch.setattr(looking, "probe", counted)
    monkeypatch.setattr(looking, "KEPT_AFTER", 0.0)
    look_into(scan_job_id)

    assert kept_before == [0, 1, 2, 3, 4]
    assert folder_statuses(database) == ["SETTLED"]


def test_who_is_to_look_into_files_names_those_first_that_have_no_name(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)

    look_into(scan_job_id)
    named = folder_statuses(database)
    look_into(scan_job_id)

    assert (named, folder_statuses(database)) == (["REGISTERED"] * 2, ["SETTLED"] * 2)


def test_a_title_that_ends_its_workers_is_given_up_and_the_scan_completes(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    scan_job_id = a_scan(database, tmp_path / "films")
    for body in (discover, register, look_into):
        body(scan_job_id)
    with database.begin() as session:
        deadly = session.scalars(select(Media).order_by(Media.title)).first()
        session.execute(
            update(Enrichment).where(Enrichment.media_id == deadly.id).values(attempts=leases.GIVEN_UP_AFTER)
        )

    for _ in range(2):
        fetch(scan_job_id)
        paint(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert causes(database, scan_job_id) == [("title-given-up", "Journey Picture 000")]


def a_failed_scan(database: Database, folder: Path, **options: Any) -> str:
    """Scan a folder of three films; the first is finished, the second named, when the scan fails."""
    films(folder, 3)
    scan_job_id = a_scan(database, folder, **options)
    discover(scan_job_id)
    for number, body in ((2, register), (1, look_into)):
        with database.begin() as session:
            paths = sorted(session.scalars(select(ScanFolder.path)))[:number]
            session.execute(
                update(ScanFolder)
                .where(ScanFolder.path.not_in(paths))
                .values(lease_until=now() + timedelta(seconds=20))
            )
        body(scan_job_id)
        with database.begin() as session:
            session.execute(update(ScanFolder).values(lease_until=None))
    fetch(scan_job_id)
    paint(scan_job_id)
    assert folder_statuses(database) == ["SETTLED", "REGISTERED", "PENDING"]
    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job_id, "The disk is gone.")
    return scan_job_id


def folder_statuses(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(ScanFolder.status).order_by(ScanFolder.path)))


def resume(database: Database, scan_job_id: str) -> None:
    with database.begin() as session:
        scan_control.resume(session, scan_job_id)


@pytest.mark.parametrize("rescan", [False, True])
def test_a_resumed_scan_does_only_what_was_left(database: Database, tmp_path: Path, *, rescan: bool) -> None:
    films(tmp_path / "films", 3)
    if rescan:
        run_to_the_end(a_scan(database, tmp_path / "films"))
    scan_job_id = a_failed_scan(database, tmp_path / "films", rescan=rescan)
    with database.begin() as session:
        # Whoever looked into the finished film, or asked for the named ones, again, would show here.
        session.execute(update(MediaFile).values(probe={"kept": True}))
        settled = select(Enrichment.media_id).where(Enrichment.status == EnrichmentStatus.SETTLED)
        finished = set(session.scalars(settled.where(Enrichment.scan_job_id == scan_job_id)))
        fences = {row.media_id: row.fence for row in session.scalars(select(Enrichment))}

    resume(database, scan_job_id)
    discover(scan_job_id)
    statuses = folder_statuses(database)
    run_to_the_end(scan_job_id)

    assert statuses == ["SETTLED", "REGISTERED", "PENDING"]
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        assert {row.status for row in session.scalars(select(Enrichment))} == {EnrichmentStatus.SETTLED}
        assert {
            row.media_id for row in session.scalars(select(Enrichment)) if row.fence == fences.get(row.media_id)
        } == finished
        assert len(finished) == 2


def test_a_resumed_rescan_still_does_again_what_its_first_run_did_not_reach(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    run_to_the_end(a_scan(database, tmp_path / "films"))
    scan_job_id = a_scan(database, tmp_path / "films", rescan=True)
    (tmp_path / "films").rename(tmp_path / "unmounted")
    discover(scan_job_id)
    (tmp_path / "unmounted").rename(tmp_path / "films")

    resume(database, scan_job_id)
    discover(scan_job_id)

    assert folder_statuses(database) == ["PENDING", "PENDING"]


def test_a_folder_that_went_away_between_two_runs_is_missing_and_one_that_came_is_found(
    database: Database, tmp_path: Path
) -> None:
    scan_job_id = a_failed_scan(database, tmp_path / "films")
    shutil.rmtree(tmp_path / "films" / "Journey Picture 000 (1960)")
    a_file(tmp_path / "films" / "New (2001)" / "New (2001).mkv")

    resume(database, scan_job_id)
    run_to_the_end(scan_job_id)

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        files = session.execute(select(MediaFile.path, MediaFile.missing_since)).all()
        totals = session.get_one(ScanJob, scan_job_id).totals
    assert len(files) == 4
    assert [Path(path).parent.name for path, missing in files if missing] == ["Journey Picture 000 (1960)"]
    assert totals["folders"] == 3


def test_a_disk_that_is_not_mounted_in_the_second_run_loses_nothing(database: Database, tmp_path: Path) -> None:
    scan_job_id = a_failed_scan(database, tmp_path / "films")
    (tmp_path / "films").rename(tmp_path / "unmounted")
    (tmp_path / "films").mkdir()

    resume(database, scan_job_id)
    run_to_the_end(scan_job_id)

    with database.read() as session:
        assert session.scalars(select(MediaFile).where(MediaFile.missing_since.is_not(None))).all() == []


def test_a_worker_of_the_first_run_changes_nothing_in_the_second(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    a_file(tmp_path / "films" / "Empty (2000)" / "Empty (2000).mkv", b"")
    scan_job_id = a_scan(database, tmp_path / "films")
    with database.begin() as session:
        late = scan_jobs.take(session, scan_job_id)
    assert late is not None
    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job_id, "It stopped.")
    resume(database, scan_job_id)
    discover(scan_job_id)
    resources.redis.delete(events.STREAM)

    note = partial(reconcile.note_lost_root, scan_job=late, error=FileNotFoundError())
    progress.failed(resources, late, "The late one can't read the folder.", note)
    with database.begin() as session:
        assert not scan_jobs.renew(session, late)
        assert not scan_jobs.discovered(session, late)

    assert status_of(database, scan_job_id) == JobStatus.IN_PROGRESS
    assert resources.redis.xlen(events.STREAM) == 0


def test_what_a_late_worker_met_in_folders_that_it_lost_is_not_noted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_file(tmp_path / "films" / "No Video (2001)" / "No Video (2001).mkv", b"words, not pictures" * 100)
    a_file(tmp_path / "films" / "Empty (2000)" / "Empty (2000).mkv", b"")
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)

    def overtaken(session: Session, folders: Iterable[ScanFolder]) -> set[str]:
        session.execute(update(ScanFolder).values(fence=ScanFolder.fence + 1))
        return still_held(session, folders)

    still_held = leases.still_held_folders
    monkeypatch.setattr(leases, "still_held_folders", overtaken)
    register(scan_job_id)
    noted_by_the_late_one = causes(database, scan_job_id)
    monkeypatch.setattr(leases, "still_held_folders", still_held)
    with database.begin() as session:
        session.execute(update(ScanFolder).values(lease_until=None))
    register(scan_job_id)
    monkeypatch.setattr(leases, "still_held_folders", overtaken)
    look_into(scan_job_id)

    assert noted_by_the_late_one == []
    assert [cause for cause, _ in causes(database, scan_job_id)] == ["file-empty"]


@pytest.mark.parametrize(
    ("body", "held"),
    [
        (register, "still_held_folders"),
        (look_into, "still_held_folders"),
        (fetch, "still_held_enrichments"),
        (paint, "still_held_enrichments"),
    ],
    ids=["register", "look_into", "fetch", "paint"],
)
def test_who_works_for_a_scan_that_is_cleared_away_loses_it_quietly(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: Callable[[str], None], held: str
) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan(database, tmp_path / "films")
    for earlier in takewhile(lambda one: one is not body, (discover, register, look_into, fetch)):
        earlier(scan_job_id)
    still_held = getattr(leases, held)
    late: list[set[str]] = []

    def removed(session: Session, rows: Iterable[object]) -> set[str]:
        if not late:
            assert scan_jobs.fail(session, scan_job_id, "The disk is gone.")
            assert scan_control.clean_up(session, days=0).removed == 1
        late.append(still_held(session, rows))
        return late[-1]

    monkeypatch.setattr(leases, held, removed)
    resources.redis.delete(events.STREAM)
    body(scan_job_id)

    # Who looks into files asks for each part, and at the end.
    assert late
    assert not any(late)
    assert resources.redis.xlen(events.STREAM) == 0
    with database.read() as session:
        assert session.scalars(select(ScanJob.id)).all() == []
        assert {row.scan_job_id for row in session.scalars(select(ScanFolder))} == {None}
        assert {row.scan_job_id for row in session.scalars(select(Enrichment))} <= {None}


def test_a_scan_that_does_not_run_has_no_folders_to_take(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job_id, "It stopped.")

    register(scan_job_id)

    assert folder_statuses(database) == ["PENDING"]


def test_each_run_of_a_scan_tells_its_progress_from_the_beginning_and_ends_once(
    database: Database, tmp_path: Path
) -> None:
    scan_job_id = a_failed_scan(database, tmp_path / "films")
    events.tell_end(resources.redis, events.ScanError(scan_job_id=scan_job_id, error="No disk."), scan_job_id)
    resources.redis.delete(events.STREAM)

    resume(database, scan_job_id)
    for body in (discover, register, look_into, fetch, paint):
        body(scan_job_id)
        time.sleep(events.PROGRESS_EVERY_MS / 1000)

    told = [json.loads(values[b"event"]) for _, values in resources.redis.xrange(events.STREAM)]
    percents = [event["progress"] for event in told if event["type"] == "scan:progress"]
    assert percents[0] == 0
    assert percents == sorted(percents)
    assert [event["type"] for event in told if event["type"] in {"scan:complete", "scan:error"}] == ["scan:complete"]


def test_the_sweeper_does_not_make_a_scan_look_as_if_it_moved(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    with database.begin() as session:
        session.get_one(ScanJob, scan_job_id).moved_at = long_ago = now() - timedelta(hours=1)
    time.sleep(events.PROGRESS_EVERY_MS / 1000)

    sweep()
    swept = moved_at(database, scan_job_id)
    time.sleep(events.PROGRESS_EVERY_MS / 1000)
    register(scan_job_id)

    assert swept == long_ago
    assert moved_at(database, scan_job_id) > long_ago


def moved_at(database: Database, scan_job_id: str) -> datetime:
    with database.read() as session:
        moved = session.get_one(ScanJob, scan_job_id).moved_at
    assert moved is not None
    return moved


def _look_into_and_die_at(database: Database, scan_job_id: str, deadly: str) -> None:
    """Look into a batch; when the deadly folder is in it, do as a worker that is killed: claim, and nothing more."""
    with database.begin() as session:
        claimed = leases.isolate(
            leases.claim_folders(session, scan_job_id, FolderStatus.REGISTERED, 10), leases.FOLDER_SUSPECT_AFTER
        )
        dies = deadly in {folder.path for folder in claimed} and claimed[0].attempts <= leases.GIVEN_UP_AFTER
        if not dies:
            session.rollback()
    if not dies:
        look_into(scan_job_id)
    with database.begin() as session:
        session.execute(update(ScanFolder).values(lease_until=None))


def _as_nobody(folder: Path, do: object) -> None:
    """Do something without root's right to read everything."""
    if os.geteuid() != 0:
        do()
        return
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o001 == 0:
            path.chmod(path.stat().st_mode | 0o011)
    for path in (folder / "data").rglob("*"):
        path.chmod(0o777)
    (folder / "data").chmod(0o777)
    os.seteuid(NOBODY)
    try:
        do()
    finally:
        os.seteuid(0)
