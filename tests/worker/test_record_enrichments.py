"""Titles that are put off, on both kinds of database."""

from datetime import timedelta

from sqlalchemy import update

from shared import enrichments
from shared.database import Database
from shared.models import Enrichment, ScanJob
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, JobStatus
from tests.builders import a_scan_job, an_enrichment
from worker import leases
from worker.record.enrichments import ATTEMPTS, put_off


def a_title(database: Database) -> tuple[str, str]:
    """Make a title on its way in a scan, and return the ids of both."""
    with database.begin() as session:
        scan_job = a_scan_job(session, status=JobStatus.IN_PROGRESS)
        return scan_job.id, an_enrichment(session, scan_job).media_id


def tried(database: Database, scan_job_id: str, *, was_tried: bool) -> bool:
    """Claim the title, and put it off for no time at all; whether it was put off."""
    with database.begin() as session:
        (claimed,) = leases.claim_enrichments(session, scan_job_id, EnrichmentStatus.METADATA, 5)
        return put_off(session, claimed, 0.0, was_tried=was_tried)


def test_a_title_that_was_tried_often_enough_is_put_off_no_more(database: Database) -> None:
    scan_job_id, _ = a_title(database)

    assert [tried(database, scan_job_id, was_tried=True) for _ in range(ATTEMPTS)] == [True] * (ATTEMPTS - 1) + [False]


def test_a_title_that_nobody_was_asked_about_is_put_off_as_often_as_it_takes(database: Database) -> None:
    scan_job_id, media_id = a_title(database)

    assert all(tried(database, scan_job_id, was_tried=False) for _ in range(2 * ATTEMPTS))

    with database.read() as session:
        assert session.get_one(Enrichment, media_id).attempts == 0


def test_a_title_that_was_put_off_before_the_clock_was_set_back_is_due_while_a_scan_waits_for_it(
    database: Database,
) -> None:
    scan_job_id, media_id = a_title(database)
    with database.begin() as session:
        session.execute(update(Enrichment).values(not_before=now() + timedelta(minutes=59)))

    with database.begin() as session:
        due = leases.claim_enrichments(session, scan_job_id, EnrichmentStatus.METADATA, 5)
        session.execute(update(Enrichment).values(lease_until=None, scan_job_id=None))
        session.execute(update(ScanJob).values(status=JobStatus.COMPLETED))
        not_due = leases.claim_enrichments(session, None, EnrichmentStatus.METADATA, 5)

    assert [row.media_id for row in due] == [media_id]
    assert not_due == []


def test_a_title_that_a_scan_asks_about_meanwhile_is_asked_about_though_somebody_wants_its_colours(
    database: Database,
) -> None:
    scan_job_id, media_id = a_title(database)
    with database.begin() as session:
        done = an_enrichment(session, None, status=EnrichmentStatus.SETTLED).media_id

        enrichments.paint(session, [media_id, done])

    with database.read() as session:
        asked, painted = (session.get_one(Enrichment, id_) for id_ in (media_id, done))
    assert (asked.status, asked.scan_job_id) == (EnrichmentStatus.METADATA, scan_job_id)
    assert (painted.status, painted.is_opened) == (EnrichmentStatus.ARTWORK, True)
