"""For which scan a task works: small ones are not starved by huge ones, and what somebody looks at goes first."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from shared import enrichments, events, scan_control, scan_jobs, scan_retry
from shared.database import Database
from shared.models import Enrichment, MediaFile, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_retry import Wanted
from shared.scan_states import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import a_library, a_new_postgres_database, a_scan_folder, a_scan_job, an_enrichment, told
from tests.installation import wait_until
from tests.scans import a_scan, causes, own_worker, run_to_the_end, status_of
from tests.trees import a_file, a_video, films
from worker import progress, turns
from worker.app import resources
from worker.relisting import listing
from worker.tasks import scan as scan_tasks
from worker.tasks.metadata import fetch
from worker.tasks.scan import discover, look_into, register
from worker.tasks.upkeep import sweep


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


def test_tasks_of_a_huge_scan_work_for_a_small_one_too(database: Database) -> None:
    with database.begin() as session:
        huge, small, paused = (a_scan_job(session, status=JobStatus.IN_PROGRESS) for _ in range(3))
        for scan_job in (huge, small, paused):
            a_scan_folder(session, scan_job)
            an_enrichment(session, scan_job)
        scan_control.pause(session, paused.id)

        # That one of two is never drawn in a hundred times happens once in 10^30 runs.
        folders = {turns.of_folders(session, huge.id, FolderStatus.PENDING) for _ in range(100)}
        titles = {turns.of_titles(session, huge.id, EnrichmentStatus.METADATA) for _ in range(100)}

    assert folders == titles == {huge.id, small.id}


def test_titles_that_no_scan_waits_for_have_their_turn_behind_a_huge_scan(database: Database) -> None:
    with database.begin() as session:
        huge = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        an_enrichment(session, huge)
        alone = {turns.of_titles(session, huge.id, EnrichmentStatus.METADATA) for _ in range(100)}
        of_none = an_enrichment(session, None).media_id

        together = {turns.of_titles(session, huge.id, EnrichmentStatus.METADATA) for _ in range(100)}
        sent_for_them = {turns.of_titles(session, None, EnrichmentStatus.METADATA) for _ in range(100)}
        session.get_one(Enrichment, of_none).status = EnrichmentStatus.SETTLED
        session.flush()
        afterwards = turns.of_titles(session, None, EnrichmentStatus.METADATA)

    assert alone == {huge.id}
    assert together == {huge.id, None}
    assert sent_for_them == {None}
    assert afterwards == huge.id


def test_a_scan_that_lacks_only_details_is_not_starved_by_one_of_whose_titles_nothing_is_known(
    database: Database,
) -> None:
    with database.begin() as session:
        huge, small = (a_scan_job(session, status=JobStatus.IN_PROGRESS) for _ in range(2))
        steps = (EnrichmentStatus.METADATA, EnrichmentStatus.DETAILS)
        for scan_job, status in [(huge, steps[0]), (huge, steps[1]), (small, steps[1])]:
            an_enrichment(session, scan_job, status=status)

        claims = set()
        for _ in range(100):
            with session.begin_nested() as taken_back:
                turn, claimed = turns.claim_unfetched(session, huge.id, 24)
                claims.add((turn, *(EnrichmentStatus(one.status) for one in claimed)))
                taken_back.rollback()

    assert claims == {(huge.id, EnrichmentStatus.METADATA), (small.id, EnrichmentStatus.DETAILS)}


def test_no_task_works_for_a_scan_whose_folders_wait_for_their_time(database: Database) -> None:
    with database.begin() as session:
        waits, ready = (a_scan_job(session, status=JobStatus.IN_PROGRESS) for _ in range(2))
        a_scan_folder(session, waits, not_before=now() + timedelta(seconds=20))
        a_scan_folder(session, ready)

        assert {turns.of_folders(session, waits.id, FolderStatus.PENDING) for _ in range(100)} == {ready.id}


def test_a_title_that_somebody_looks_at_is_fetched_before_all_others_whoever_sent_the_task(
    database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        huge, small = (a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now()) for _ in range(2))
        others = [an_enrichment(session, huge).media_id for _ in range(20)]
        others.append(an_enrichment(session, small).media_id)
        opened = an_enrichment(session, small).media_id
        assert enrichments.go_first(session, opened)

    fetch(huge.id)

    with database.read() as session:
        rows = {row.media_id: row.status for row in session.query(Enrichment)}
        assert rows.pop(opened) != EnrichmentStatus.METADATA
        assert {rows[media_id] for media_id in others} == {EnrichmentStatus.METADATA}
    assert redis.llen("metadata") >= 1


def test_a_scan_that_is_paused_while_it_is_walked_goes_on_where_it_was(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")
    discover(scan_job_id)
    register(scan_job_id)
    with database.begin() as session:
        scan_control.pause(session, scan_job_id)

    run_to_the_end(scan_job_id)
    progress.stands(resources, scan_job_id)
    paused = status_of(database, scan_job_id)
    with database.begin() as session:
        scan_control.resume(session, scan_job_id)
    look_into(scan_job_id)
    run_to_the_end(scan_job_id)

    assert paused == JobStatus.PAUSED
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED


def test_what_came_while_a_scan_was_under_way_is_found_by_who_asks_again(
    database: Database, redis: Redis, tmp_path: Path
) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")
    for step in (discover, register, look_into):
        step(scan_job_id)
    video = next((tmp_path / "films").glob("*/*.mkv"))
    a_file(tmp_path / "films" / "New (2001)" / "New (2001).mkv", video.read_bytes() + b"new")

    again = a_scan(database, tmp_path / "films")
    run_to_the_end(again)

    assert again == scan_job_id
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        assert session.scalar(select(MediaFile.id).where(MediaFile.path.endswith("New (2001).mkv")))
        assert session.get_one(ScanJob, scan_job_id).totals["folders"] == 4
    events_told = [event for event in told(redis) if event["type"].startswith("scan:")]
    assert [event["type"] for event in events_told].count("scan:complete") == 1
    percentages = [event["progress"] for event in events_told if event["type"] == "scan:progress"]
    assert percentages == sorted(percentages)


def test_what_came_into_a_folder_that_the_walk_had_passed_is_found_by_who_asks_again(
    database: Database, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")
    asked: list[str] = []

    def listing_while_somebody_asks(*given: Any) -> Iterator[Any]:
        for number, item in enumerate(listing(*given)):
            yield item
            if number == 0 and not asked:
                folder = Path(item.path)
                a_file(folder / f"{folder.name} - 480p.mkv", a_video() + b"new")
                asked.append(a_scan(database, tmp_path / "films"))

    monkeypatch.setattr(scan_tasks, "listing", listing_while_somebody_asks)
    discover(scan_job_id)
    sent_again = redis.llen("scan")
    run_to_the_end(scan_job_id)

    assert asked == [scan_job_id]
    assert sent_again == 1
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    with database.read() as session:
        assert session.scalar(select(MediaFile.id).where(MediaFile.path.endswith("480p.mkv")))
    assert [event["type"] for event in told(redis)].count("scan:complete") == 1


def test_a_scan_that_is_asked_for_again_and_again_comes_to_its_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films(tmp_path / "films", 3)
    scan_job_id = a_scan(database, tmp_path / "films")
    walks = 0

    def listing_while_many_ask(*given: Any) -> Iterator[Any]:
        nonlocal walks
        walks += 1
        for item in listing(*given):
            yield item
            if walks == 1:
                a_scan(database, tmp_path / "films")

    monkeypatch.setattr(scan_tasks, "listing", listing_while_many_ask)
    discover(scan_job_id)
    run_to_the_end(scan_job_id)

    assert walks == 2
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED


def test_a_file_that_was_broken_is_looked_into_again_and_nothing_else(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    broken = tmp_path / "films" / "Broken (2001)" / "Broken (2001).mkv"
    a_file(broken)
    broken.write_bytes(b"no video")
    scan_job_id = a_scan(database, tmp_path / "films")
    run_to_the_end(scan_job_id)
    before = causes(database, scan_job_id)
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    video = next((tmp_path / "films").glob("Journey*/*.mkv"))
    broken.write_bytes(video.read_bytes())

    with database.begin() as session:
        retried = scan_retry.retry(session, scan_job_id, Wanted(path="Broken (2001)"))
    run_to_the_end(scan_job_id)

    assert ("file-not-video", "Broken (2001)/Broken (2001).mkv") in before
    assert retried.folders == 1
    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert [path for _, path in causes(database, scan_job_id) if path.startswith("Broken")] == []


def test_a_folder_that_could_not_be_read_is_listed_again_alone(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    with database.begin() as session:
        library = a_library(session, path=tmp_path / "films")
        scan_job = a_scan_job(
            session, library, status=JobStatus.COMPLETED, discovered_at=now(), started_at=now(), moved_at=now()
        )
        scan_jobs.note_failure(session, scan_job.id, cause="folder-unreadable", path="New (2001)", message="No.")
    a_file(tmp_path / "films" / "New (2001)" / "New (2001).mkv")

    with database.begin() as session:
        scan_retry.retry(session, scan_job.id, Wanted())
    run_to_the_end(scan_job.id)

    with database.read() as session:
        after = session.get_one(ScanJob, scan_job.id)
        assert (after.status, after.totals["folders"], after.totals["titles"]) == (JobStatus.COMPLETED, 1, 1)


def test_a_state_that_came_too_early_to_be_told_is_told_by_the_sweeper(database: Database, redis: Redis) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now())
        folders = [a_scan_folder(session, scan_job).id for _ in range(4)]
    for folder_id in folders[:3]:
        with database.begin() as session:
            session.get_one(ScanFolder, folder_id).status = FolderStatus.SETTLED
        progress.moved(resources, scan_job.id)
    told_early = [event["current"] for event in told(redis)]

    wait_until(lambda: not events.is_early(redis, scan_job.id), 10, "the next event may be told")
    sweep()

    assert told_early[0] == 1
    assert told(redis)[-1]["current"] == 3
