"""Scans that nobody asked for in particular, see ``touched_scans`` and ``scan_schedule``; what these have in common.

They are done as the user's settings say, whatever somebody asked for once, and never do again what did not change.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared import settings
from shared.kinds import MediaType
from shared.models import Library, ScanJob
from shared.scan_options import ScanOptions


def options(session: Session, library: Library) -> ScanOptions:
    """Return how a library is scanned where nobody says."""
    media_type = MediaType(library.library_type) if library.library_type else None
    return settings.for_scan(session, media_type, {"rescan": False})[1]


def locked(session: Session, library_id: str) -> Library | None:
    """Return a library, if it is still there; nobody else asks for a scan of it until the transaction ends."""
    return session.scalar(
        select(Library)
        .where(Library.id == library_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def at_its_path(library: Library) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a job is one of a library's own folder."""
    return ScanJob.library_id == library.id, ScanJob.path == library.library_path
