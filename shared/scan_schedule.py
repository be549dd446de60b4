"""When libraries are scanned next, where that is by schedule. Due times are rows; whoever moves one on asks."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared import own_scans, scan_jobs
from shared.models import Library, LibraryWatch, ScanJob
from shared.models.base import now
from shared.watches import WatchState

#: How often a library whose file system can't tell of changes is scanned, where its user says nothing else.
POLL_EVERY = timedelta(minutes=15)
#: How often one whose file system tells of changes is: what the system dropped of them, nobody heard of.
CHECK_EVERY = timedelta(days=1)


def interval_of(library: Library, row: LibraryWatch) -> timedelta | None:
    """Return how often a library is to be scanned; None where it need not be."""
    if library.scan_interval_minutes is not None:
        return timedelta(minutes=library.scan_interval_minutes)
    of_watched = {WatchState.POLLING: POLL_EVERY, WatchState.EVENTS: CHECK_EVERY}
    return of_watched.get(WatchState(row.state)) if library.watch else None


def is_planned(library: Library, row: LibraryWatch) -> bool:
    """Whether a library's next scan is where it belongs, and not due: then there is nothing to do."""
    interval, instant = interval_of(library, row), now()
    if interval is None or row.next_scan_at is None:
        return interval is None and row.next_scan_at is None
    return instant < row.next_scan_at <= instant + interval


def plan(session: Session, library_id: str) -> tuple[ScanJob, bool] | None:
    """Put a library's next scan where it belongs, and ask for the one that is due; None when none is.

    Of several that find it due, one moves it on, and only that one asks.
    """
    library = own_scans.locked(session, library_id)
    row = session.get(LibraryWatch, library_id, populate_existing=True)
    if library is None or library.library_path is None or row is None:
        return None
    interval, instant, seen = interval_of(library, row), now(), row.next_scan_at
    if is_planned(library, row):
        return None
    moved = session.execute(
        update(LibraryWatch)
        .where(LibraryWatch.library_id == library_id, LibraryWatch.next_scan_at.is_not_distinct_from(seen))
        .values(next_scan_at=None if interval is None else instant + interval)
        .returning(LibraryWatch.library_id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None or interval is None or seen is None or seen > instant:
        return None
    return scan_jobs.request(session, library, library.library_path, own_scans.options(session, library))


def poll_soon(session: Session, library_id: str) -> None:
    """Have a library scanned at once: what happened until now nobody noticed."""
    session.execute(
        update(LibraryWatch)
        .where(LibraryWatch.library_id == library_id)
        .values(next_scan_at=now())
        .execution_options(synchronize_session=False)
    )
