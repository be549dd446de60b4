"""What becomes of a claim while its work goes on, and when it ends otherwise than it should."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from shared.database import Database
from shared.models import Enrichment, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus, take
from tests.builders import a_scan_folder, a_scan_job, an_enrichment
from tests.installation import wait_until
from worker import keeping, leases
from worker.holders import this_process
from worker.keeping import kept, release

Rows = list[ScanFolder] | list[Enrichment] | list[ScanJob]


def a_claim(session: Session, table: type[ScanFolder] | type[Enrichment] | type[ScanJob]) -> Rows:
    """Make a row of this kind, and claim it."""
    scan_job = a_scan_job(session, status=JobStatus.PENDING if table is ScanJob else JobStatus.IN_PROGRESS)
    if table is ScanFolder:
        a_scan_folder(session, scan_job)
        return leases.claim_folders(session, scan_job.id, FolderStatus.PENDING, 5)
    if table is Enrichment:
        an_enrichment(session, scan_job)
        return leases.claim_enrichments(session, scan_job.id, EnrichmentStatus.METADATA, 5)
    taken = take(session, scan_job.id, this_process())
    assert taken is not None
    return [taken]


@pytest.fixture
def held(database: Database, request: pytest.FixtureRequest) -> Rows:
    with database.begin() as session:
        return a_claim(session, request.param)


of_each_kind = pytest.mark.parametrize("held", [ScanFolder, Enrichment, ScanJob], indirect=True)


def as_it_is(database: Database, rows: Rows) -> ScanFolder | Enrichment | ScanJob:
    row = rows[0]
    with database.read() as session:
        return session.get_one(type(row), row.media_id if isinstance(row, Enrichment) else row.id)


def an_outage() -> OperationalError:
    """Return what a database that is not there gives rise to."""
    with (
        pytest.raises(OperationalError) as caught,
        Database("postgresql+psycopg://nobody@127.0.0.1:1/none").read() as none,
    ):
        none.scalar(text("SELECT 1"))
    return caught.value


@of_each_kind
def test_a_claim_is_renewed_while_its_work_goes_on(
    database: Database, held: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RENEW_EVERY", 0.01)
    almost_over = now() + timedelta(seconds=5)
    with database.begin() as session:
        session.execute(update(type(held[0])).values(lease_until=almost_over))

    with kept(database, held):
        wait_until(lambda: (as_it_is(database, held).lease_until or now()) > almost_over, 30, "the claim is renewed")


@of_each_kind
def test_a_claim_that_another_worker_took_over_is_not_renewed(
    database: Database, held: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RENEW_EVERY", 0.01)
    table, until = type(held[0]), now() + timedelta(seconds=5)
    with database.begin() as session:
        session.execute(update(table).values(lease_until=until, fence=table.fence + 1))

    # The second tells when renewals have had their turn.
    with database.begin() as session:
        others = a_claim(session, table)
    first = as_it_is(database, others).lease_until
    with kept(database, held), kept(database, others):
        wait_until(lambda: as_it_is(database, others).lease_until != first, 30, "renewals go on")

    assert as_it_is(database, held).lease_until == until


@of_each_kind
def test_a_claim_is_handed_back_as_if_nobody_had_taken_it_when_the_database_went_away(
    database: Database, held: Rows
) -> None:
    with pytest.raises(OperationalError), kept(database, held):
        raise an_outage()

    row = as_it_is(database, held)
    assert row.lease_until is None
    assert isinstance(row, ScanJob) or row.attempts == 0


@of_each_kind
def test_a_claim_whose_work_failed_for_its_own_sake_is_held_and_counts(database: Database, held: Rows) -> None:
    with pytest.raises(IntegrityError), kept(database, held):
        raise IntegrityError("INSERT", {}, Exception("not unique"))

    row = as_it_is(database, held)
    assert row.lease_until is not None
    assert isinstance(row, ScanJob) or row.attempts == 1


@of_each_kind
def test_what_a_process_held_that_is_gone_is_free(database: Database, held: Rows) -> None:
    with database.begin() as session:
        assert release(session, this_process() + "0", None) == 0
        assert release(session, this_process(), None) == 1

    row = as_it_is(database, held)
    assert row.lease_until is None
    assert isinstance(row, ScanJob) or row.attempts == 1


@of_each_kind
def test_what_a_worker_held_that_was_told_to_end_is_free_as_if_nobody_had_taken_it(
    database: Database, held: Rows
) -> None:
    run = this_process().rpartition("/")[0]
    with database.begin() as session:
        assert release(session, f"{run}/", None) == 1

    row = as_it_is(database, held)
    assert row.lease_until is None
    assert isinstance(row, ScanJob) or row.attempts == 0


@of_each_kind
def test_what_earlier_runs_of_a_worker_held_is_free_and_its_own_is_not(database: Database, held: Rows) -> None:
    worker, run, process = this_process().split("/")
    assert process == str(os.getpid())
    with database.begin() as session:
        assert release(session, f"{worker}/", f"{worker}/{run}/") == 0
        assert release(session, "another/", None) == 0
        assert release(session, f"{worker}/", f"{worker}/later/") == 1

    # How those ended nobody knows: that they held it counts.
    row = as_it_is(database, held)
    assert row.lease_until is None
    assert isinstance(row, ScanJob) or row.attempts == 1
