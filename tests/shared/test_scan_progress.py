"""How far a scan is, as clients are told, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy.orm import Session

from shared import scan_control, scan_jobs
from shared.database import Database
from shared.events import ScanProgress
from shared.models import ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from shared.scan_progress import progress_of, raise_percent, standings
from shared.scan_waiting import Surroundings
from shared.tasks import QUEUES
from tests.builders import a_scan_folder, a_scan_job, an_enrichment

ALL_WELL = Surroundings(drained=frozenset(QUEUES))


def a_running_job(database: Database) -> ScanJob:
    with database.begin() as session:
        return a_scan_job(session, status=JobStatus.IN_PROGRESS)


def state(database: Database, scan_job: ScanJob) -> ScanJob:
    with database.read() as session:
        return session.get_one(ScanJob, scan_job.id)


def word(session: Session, scan_job: ScanJob, around: Surroundings) -> ScanProgress:
    read = session.get_one(ScanJob, scan_job.id)
    return progress_of(read, standings(session, [read], around)[read.id])


def test_the_percentage_never_goes_back(database: Database) -> None:
    scan_job = a_running_job(database)

    with database.begin() as session:
        told = [raise_percent(session, scan_job, percent) for percent in (0, 30, 10, 30, 55, 54)]

    assert told == [0, 30, 30, 30, 55, 55]
    assert state(database, scan_job).percent == 55


def test_the_percentage_never_goes_back_also_at_once(database: Database) -> None:
    scan_job = a_running_job(database)
    percents = [5, 90, 40, 20, 60, 10, 80, 70]
    together = Barrier(len(percents))

    def one(percent: int) -> None:
        together.wait()
        with database.begin() as session:
            raise_percent(session, scan_job, percent)

    with ThreadPoolExecutor(len(percents)) as threads:
        list(threads.map(one, percents))

    assert state(database, scan_job).percent == 90


def test_a_late_word_of_an_earlier_run_does_not_raise_the_percentage_of_the_next(database: Database) -> None:
    earlier = a_running_job(database)
    with database.begin() as session:
        assert scan_jobs.fail(session, earlier.id, "The disk is gone.")
        scan_control.resume(session, earlier.id)
        assert scan_jobs.take(session, earlier.id)

    with database.begin() as session:
        assert raise_percent(session, earlier, 60) is None

    assert state(database, earlier).percent == 0


def test_only_what_moved_is_noted_to_have_moved(database: Database) -> None:
    scan_job = a_running_job(database)

    with database.begin() as session:
        raise_percent(session, scan_job, 5)
    before = state(database, scan_job).moved_at
    with database.begin() as session:
        raise_percent(session, scan_job, 5, has_moved=True)

    assert before is None
    assert state(database, scan_job).moved_at is not None


def test_how_long_a_scan_will_take_is_told_once_titles_settle_and_not_while_it_waits(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS, started_at=now(), moved_at=now())
        a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
        titles = [an_enrichment(session, scan_job) for _ in range(4)]
        assert scan_jobs.discovered(session, scan_job)
    with database.begin() as session:
        row = session.get_one(ScanJob, scan_job.id)
        row.measured_at, row.reconciled_at = now() - timedelta(seconds=60), now()
        begun = word(session, scan_job, ALL_WELL)
        for title in titles[:2]:
            session.get_one(type(title), title.media_id).status = EnrichmentStatus.SETTLED

    with database.read() as session:
        told = word(session, scan_job, ALL_WELL)
        waits = word(session, scan_job, Surroundings())

    assert begun.eta_seconds is None
    assert told.eta_seconds in {60, 61}
    assert told.waiting_for is None
    assert (told.folders_per_second, told.titles_per_second) == (0, 0.03)
    assert (waits.eta_seconds, waits.waiting_for) == (None, "no worker on queue metadata")
    assert told.payload()["etaSeconds"] == told.eta_seconds
    assert waits.payload()["waitingFor"] == "no worker on queue metadata"


def test_a_job_that_failed_keeps_its_counts_when_a_later_one_takes_its_folders(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        folder = a_scan_folder(session, scan_job, status=FolderStatus.SETTLED)
    with database.begin() as session:
        assert scan_jobs.fail(session, scan_job.id, "The disk is gone.")
    with database.begin() as session:
        session.get_one(type(folder), folder.id).scan_job_id = a_scan_job(session).id
        scan_jobs.note_failure(session, scan_job.id, cause="x", path="y", message="z")

    with database.read() as session:
        standing = standings(session, [session.get_one(ScanJob, scan_job.id)], ALL_WELL)[scan_job.id]

    assert (standing.counts.folders, standing.counts.folders_settled, standing.counts.failures) == (1, 1, 1)
    assert (standing.eta_seconds, standing.waiting_for) == (None, None)
