"""How long a row is held, on both kinds of database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.lease_time import LEASE, a_lease, from_now, is_over
from shared.models import ScanJob
from shared.models.base import now
from tests.builders import a_scan_job

HOUR = timedelta(hours=1)


def test_the_databases_clock_goes_as_the_machines_does(database: Database) -> None:
    with database.read() as session:
        early, instant, late = now(), session.scalar(select(from_now())), now()
        assert instant is not None
        assert early - timedelta(milliseconds=1) <= instant <= late
        ends = session.scalar(select(a_lease()))
        assert ends is not None
        assert timedelta() <= ends - instant - LEASE < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("until", "wanted"),
    [
        (None, True),
        (timedelta(seconds=-1), True),
        (LEASE / 2, False),
        # The clock was set by an hour since.
        (LEASE / 2 - HOUR, True),
        (LEASE / 2 + HOUR, True),
    ],
)
def test_a_lease_is_over_when_it_ended_and_when_the_clock_was_set(
    database: Database, until: timedelta | None, *, wanted: bool
) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session, lease_until=None if until is None else now() + until)

    with database.read() as session:
        over = session.scalars(select(ScanJob.id).where(is_over(ScanJob.lease_until))).all()

    assert (over == [scan_job.id]) is wanted
