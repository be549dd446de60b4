"""What a scan waits for, as far as rows and Redis know."""

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.database import Database
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_counts import Counts
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from shared.scan_waiting import Surroundings, next_looks, next_tries, waiting_for
from shared.tasks import ARTWORK, METADATA, QUEUES, SCAN
from shared.worker_heartbeats import beat
from tests.builders import a_scan_folder, a_scan_job, an_enrichment
from worker.providers.base import ProviderError
from worker.providers.budget import Budget
from worker.providers.circuit import FAILURES, Circuit

ALL = frozenset(QUEUES)
LISTED = ScanJob(status=JobStatus.IN_PROGRESS, discovered_at=now())
JUDGED = ScanJob(status=JobStatus.IN_PROGRESS, discovered_at=now(), reconciled_at=now())
WALKED = ScanJob(id="a", status=JobStatus.IN_PROGRESS)
READING = ScanJob(id="a", status=JobStatus.IN_PROGRESS, discovered_at=now())
SLOW = Surroundings(drained=ALL, slow={"a": "5.5 s a file"})
OPEN = Counts(folders=1, folders_named=1, titles=2)
NAMED = Counts(folders=1, folders_named=1, folders_settled=1, titles=2)
FETCHED = Counts(folders=1, folders_named=1, folders_settled=1, titles=2, titles_fetched=2)


@pytest.mark.parametrize(
    ("scan_job", "counts", "around", "words"),
    [
        (ScanJob(status=JobStatus.PENDING), Counts(), Surroundings(drained=ALL), "no worker has taken this job yet"),
        (ScanJob(status=JobStatus.PENDING), Counts(), Surroundings(drained=ALL - {SCAN}), "no worker on queue scan"),
        (ScanJob(status=JobStatus.IN_PROGRESS), Counts(), Surroundings(drained=ALL), None),
        (ScanJob(status=JobStatus.IN_PROGRESS), Counts(), Surroundings(), "no worker on queue scan"),
        (LISTED, OPEN, Surroundings(drained=ALL - {SCAN}), "no worker on queue scan"),
        (JUDGED, NAMED, Surroundings(drained=ALL - {SCAN}), None),
        (LISTED, NAMED, Surroundings(drained=ALL - {SCAN}), "no worker on queue scan"),
        (LISTED, FETCHED, Surroundings(drained=ALL, paused=frozenset({SCAN})), "queue scan is paused"),
        (LISTED, NAMED, Surroundings(drained=ALL - {METADATA}), "no worker on queue metadata"),
        (LISTED, FETCHED, Surroundings(drained=ALL - {METADATA}), None),
        (LISTED, FETCHED, Surroundings(drained=ALL - {ARTWORK}), "no worker on queue artwork"),
        (LISTED, NAMED, Surroundings(drained=ALL, tmdb_pause=6.2), "TMDB asks to wait 7 s"),
        (LISTED, OPEN, Surroundings(drained=ALL, tmdb_pause=6.2), None),
        (LISTED, FETCHED, Surroundings(drained=ALL, tmdb_pause=6.2), None),
        (LISTED, NAMED, Surroundings(is_redis_there=False), "Redis can't be reached"),
        (LISTED, NAMED, Surroundings(drained=ALL, paused=frozenset({METADATA})), "queue metadata is paused"),
        (JUDGED, NAMED, Surroundings(paused=frozenset({METADATA})), "queue metadata is paused"),
        (LISTED, FETCHED, Surroundings(drained=ALL, paused=frozenset({METADATA})), None),
        (ScanJob(status=JobStatus.PAUSED), NAMED, Surroundings(), "the scan is paused until it is resumed"),
        (WALKED, Counts(), SLOW, "the mount answers slowly: 5.5 s a file"),
        (READING, OPEN, SLOW, "the mount answers slowly: 5.5 s a file"),
        (READING, NAMED, SLOW, None),
        (LISTED, OPEN, SLOW, None),
        (ScanJob(status=JobStatus.COMPLETED), Counts(), Surroundings(is_redis_there=False), None),
        (ScanJob(status=JobStatus.FAILED), NAMED, Surroundings(), None),
    ],
)
def test_a_scan_says_what_it_waits_for(
    scan_job: ScanJob, counts: Counts, around: Surroundings, words: str | None
) -> None:
    assert waiting_for(scan_job, counts, around) == words


def test_a_scan_names_the_job_that_it_waits_for_before_all_else() -> None:
    words = waiting_for(ScanJob(status=JobStatus.PENDING), Counts(), Surroundings(), behind="the other")

    assert words == "scan job the other, which is at the same files, has to end first"


def test_a_scan_whose_titles_wait_for_a_provider_that_keeps_failing_names_it(redis: Redis) -> None:
    circuit = Circuit(redis, "tvmaze")
    for _ in range(FAILURES):
        with pytest.raises(ProviderError), circuit.attempt():
            raise ProviderError("Away.", cause="tvmaze-unreachable", permanent=False)

    around = replace(Surroundings.seen(redis), drained=ALL)

    goes_on = waiting_for(LISTED, NAMED, around)
    words = waiting_for(LISTED, NAMED, around, now() + timedelta(seconds=20))
    assert goes_on is None
    assert words is not None
    assert words.startswith("TVMAZE failed several times in a row and is asked again in ")


def test_a_scan_whose_titles_are_all_put_off_says_until_when(database: Database) -> None:
    soon, late = now() + timedelta(seconds=30), now() + timedelta(seconds=50)
    with database.begin() as session:
        put_off, busy, done = (a_scan_job(session, status=JobStatus.IN_PROGRESS) for _ in range(3))
        an_enrichment(session, put_off, not_before=late)
        an_enrichment(session, put_off, not_before=soon, status=EnrichmentStatus.ARTWORK)
        an_enrichment(session, put_off, status=EnrichmentStatus.SETTLED)
        an_enrichment(session, busy, not_before=soon)
        an_enrichment(session, busy)
        an_enrichment(session, busy, not_before=now() - timedelta(seconds=5))
        an_enrichment(session, done, status=EnrichmentStatus.SETTLED)

    with database.read() as session:
        tries = next_tries(session, [put_off.id, busy.id, done.id])

    assert tries == {put_off.id: soon}
    words = waiting_for(LISTED, NAMED, Surroundings(drained=ALL), tries[put_off.id])
    assert words is not None
    assert words.startswith("what failed for a moment is tried again in ")


def test_a_scan_of_which_only_a_growing_file_is_left_says_so(database: Database) -> None:
    soon, late = now() + timedelta(seconds=10), now() + timedelta(seconds=30)
    with database.begin() as session:
        grows, busy = (a_scan_job(session, status=JobStatus.IN_PROGRESS, discovered_at=now()) for _ in range(2))
        a_scan_folder(session, grows, status=FolderStatus.PENDING, not_before=late)
        a_scan_folder(session, grows, status=FolderStatus.PENDING, not_before=soon)
        a_scan_folder(session, grows, status=FolderStatus.SETTLED)
        a_scan_folder(session, busy, not_before=soon)
        a_scan_folder(session, busy)

    with database.read() as session:
        looks = next_looks(session, [grows.id, busy.id])

    assert looks == {grows.id: soon}
    left = Counts(folders=3, folders_named=1, folders_settled=1, titles=1, titles_fetched=1, titles_settled=1)
    around = Surroundings(drained=ALL)
    words = waiting_for(LISTED, left, around, next_look=soon)
    assert words is not None
    assert words.startswith("a file is still being written, and is looked at again in ")
    assert waiting_for(LISTED, replace(left, titles=2), around, next_look=soon) is None
    assert waiting_for(LISTED, left, around) is None


def test_what_workers_and_providers_say_is_seen(redis: Redis) -> None:
    beat(redis, "scan@a", [SCAN], 2)
    Budget(redis, "tmdb", 0).pause(7)

    around = Surroundings.seen(redis)

    assert (around.is_redis_there, around.drained) == (True, {SCAN})
    assert 5 < around.tmdb_pause <= 7


def test_without_redis_that_is_what_a_scan_waits_for() -> None:
    around = Surroundings.seen(Redis(port=1, retry=Retry(NoBackoff(), 0)))

    assert waiting_for(LISTED, NAMED, around) == "Redis can't be reached"
