"""What becomes of a claim while its work goes on: it is renewed, and handed back when the database went away under it.

A process that ends with its claim is told of by its worker, see ``worker.holders``.
"""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context

from sqlalchemy import false, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from shared.database import Database, is_outage
from shared.lease_time import LEASE, a_lease
from shared.models import Enrichment, ScanFolder, ScanJob
from worker.patience import patiently

log = logging.getLogger(__name__)

Rows = Sequence[ScanJob] | Sequence[ScanFolder] | Sequence[Enrichment]

#: How often a claim is renewed, in seconds: a lease outlives a renewal that fails.
RENEW_EVERY = LEASE.total_seconds() / 3
#: For how long the database is waited for to hand a claim back, in seconds. Its lease is over long before.
_PATIENCE = 120.0


@contextmanager
def kept(database: Database, claimed: Rows) -> Iterator[None]:
    """Hold claimed rows for as long as the work on them goes on, however slow the disk or the provider is.

    Where the database went away under the work, the rows are handed back once it is there again, as if nobody had taken
    them: that says nothing against them.
    """
    done = threading.Event()
    renewing = threading.Thread(
        target=copy_context().run, args=(_renew, database, claimed, done), name="leases", daemon=True
    )
    renewing.start()
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        if is_outage(error):
            patiently(lambda: _hand_back(database, claimed), _PATIENCE)
        raise
    finally:
        done.set()
        renewing.join()


def release(session: Session, holder: str, besides: str | None) -> int:
    """Free what a holder holds, or all holders whose names begin so if that ends with ``/``; return how many rows.

    ``besides``: but for holders whose names begin so. Where none are spared a worker tells of its own end: that its
    processes took what they could not finish any more does not count as an attempt. How others ended nobody knows.
    """
    freed = 0
    is_own_end = holder.endswith("/") and besides is None
    for table in (ScanJob, ScanFolder, Enrichment):
        is_theirs = table.holder.startswith(holder, autoescape=True) if holder.endswith("/") else table.holder == holder
        is_spared = table.holder.startswith(besides, autoescape=True) if besides else false()
        values = _untaken(table) if is_own_end else {"lease_until": None}
        change = update(table).where(table.lease_until.is_not(None), is_theirs, ~is_spared).values(values)
        freed += len(session.execute(change.returning(table.fence).execution_options(synchronize_session=False)).all())
    return freed


def _hand_back(database: Database, claimed: Rows) -> None:
    """Let go of claimed rows that are still ours; that they were taken does not count as an attempt."""
    with database.begin() as session:
        _change(session, claimed, _untaken(type(claimed[0])))


def _untaken(table: type[ScanJob] | type[ScanFolder] | type[Enrichment]) -> dict[str, object]:
    """Say what makes a claimed row as if nobody had taken it."""
    attempts = {} if issubclass(table, ScanJob) else {"attempts": table.attempts - 1}
    return {"lease_until": None, **attempts}


def _renew(database: Database, claimed: Rows, done: threading.Event) -> None:
    while not done.wait(RENEW_EVERY):
        try:
            with database.begin() as session:
                _change(session, claimed, {"lease_until": a_lease()})
        except (DBAPIError, PoolTimeoutError):
            log.warning("The database does not answer; what is worked on could not be held for longer.")


def _change(session: Session, claimed: Rows, values: Mapping[str, object]) -> None:
    """Change those of the claimed rows that are still ours, and that nobody has let go of."""
    table = type(claimed[0])
    key = table.media_id if issubclass(table, Enrichment) else table.id
    claims = [(row.media_id if isinstance(row, Enrichment) else row.id, row.fence) for row in claimed]
    ours = tuple_(key, table.fence).in_(claims)
    change = update(table).where(ours, table.lease_until.is_not(None)).values(values)
    session.execute(change.execution_options(synchronize_session=False))
