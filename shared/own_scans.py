"""Scans that nobody asked for in particular, see ``touched_scans`` and ``scan_schedule``; what these have in common.

They are done as the library was last scanned, and never do again what did not change.
"""

from dataclasses import replace

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared import settings
from shared.kinds import MediaType
from shared.models import Library, ScanJob
from shared.scan_options import ScanOptions


def as_before(session: Session, library: Library) -> ScanOptions:
    """Return how a library was last scanned; one that never was is scanned as the user's settings say."""
    last = session.scalar(select(ScanJob).where(*at_its_path(library)).order_by(ScanJob.created_at.desc()).limit(1))
    if last is not None:
        return replace(ScanOptions.from_json(last.options), rescan=False, only=None)
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
