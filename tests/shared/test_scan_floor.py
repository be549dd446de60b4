"""Counts that clients are told never go back, as a real Redis keeps them."""

from dataclasses import replace

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared import events, scan_floor
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_counts import Counts
from shared.scan_states import JobStatus

WALKING = ScanJob(id="a", status=JobStatus.IN_PROGRESS)
LISTED = ScanJob(id="a", status=JobStatus.IN_PROGRESS, discovered_at=now())
FAR = Counts(
    folders=10, folders_named=8, folders_settled=6, folders_failed=2, titles=9, titles_fetched=5, titles_settled=3
)


def told(redis: Redis, scan_job: ScanJob, counts: Counts) -> Counts:
    return scan_floor.raised(redis, [scan_job], {scan_job.id: counts})[scan_job.id]


def test_what_was_told_is_the_least_that_is_told_next(redis: Redis) -> None:
    back = replace(FAR, folders_named=3, folders_settled=1, folders_failed=0, titles_fetched=2, titles_settled=0)

    assert told(redis, LISTED, FAR) == FAR
    assert told(redis, LISTED, back) == replace(FAR, folders_failed=0)
    assert told(redis, LISTED, replace(FAR, titles=12, titles_fetched=7)).titles_fetched == 7


def test_titles_that_turned_out_to_be_others_count_as_done(redis: Redis) -> None:
    told(redis, LISTED, replace(FAR, titles=10))

    merged = told(redis, LISTED, replace(FAR, titles=9, titles_fetched=9, titles_settled=9))

    assert (merged.titles, merged.titles_fetched, merged.titles_settled) == (10, 10, 10)


def test_a_walk_that_is_begun_again_does_not_take_for_done_what_it_has_not_come_to(redis: Redis) -> None:
    told(redis, WALKING, FAR)

    again = told(redis, WALKING, Counts(folders=2, folders_named=1))
    listed = told(redis, LISTED, replace(FAR, folders_named=9))

    assert (again.folders, again.folders_named, again.folders_settled) == (10, 8, 6)
    assert (listed.folders_named, listed.folders_settled) == (9, 6)


def test_of_a_scan_that_is_complete_or_waits_for_its_next_run_its_own_counts_are_told(redis: Redis) -> None:
    told(redis, LISTED, FAR)

    for status in (JobStatus.COMPLETED, JobStatus.PENDING):
        assert told(redis, ScanJob(id="a", status=status), Counts(folders=1)) == Counts(folders=1)


def test_the_next_run_begins_anew(redis: Redis) -> None:
    told(redis, LISTED, FAR)

    events.forget_progress(redis, "a")

    assert told(redis, LISTED, Counts(folders=1)) == Counts(folders=1)


def test_without_redis_the_rows_are_told() -> None:
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))

    assert told(away, LISTED, FAR) == FAR
