"""Who watches which library, and how that goes. Each library that is to be watched is held by one process at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.orm import Session

from shared.dialects import insert_new
from shared.lease_time import LEASE, a_lease, is_over
from shared.models import Library, LibraryWatch
from shared.models.base import now

#: How often a process that has libraries says so; one that says nothing more has them until its lease is over.
RENEW_EVERY = timedelta(seconds=10)


class WatchState(StrEnum):
    """How the watching of a library goes; the values are those on the wire."""

    #: It is not to be watched.
    OFF = "off"
    #: It is to be watched, and nobody has begun.
    WAITING = "waiting"
    #: The file system tells of each change.
    EVENTS = "events"
    #: The file system can't tell: the library is scanned every now and then.
    POLLING = "polling"
    #: Nobody watches it, for a reason that is given.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, and why it is no better: a stable word, and a sentence."""

    state: WatchState
    reason: str | None = None
    message: str | None = None


_NOBODY = Standing(
    WatchState.STOPPED,
    "nobody-watches",
    "No process watches the library: is `watch` of the Procfile running, and does it see the folder?",
)


def standing(session: Session, library: Library, row: LibraryWatch | None) -> Standing:
    """Say how the watching of a library goes: what its holder says, as long as that one is alive."""
    if not library.watch:
        return Standing(WatchState.OFF)
    if row is None or row.state == WatchState.WAITING:
        since = row.since if row else library.updated_at
        return Standing(WatchState.WAITING) if since > now() - LEASE else _NOBODY
    if row.state == WatchState.STOPPED:
        return Standing(WatchState.STOPPED, row.reason, row.message)
    is_held = LibraryWatch.library_id == row.library_id, ~is_over(LibraryWatch.lease_until)
    if session.scalar(select(LibraryWatch.library_id).where(*is_held)) is None:
        return _NOBODY
    return Standing(WatchState(row.state), row.reason, row.message)


def wanted(session: Session) -> Sequence[tuple[Library, LibraryWatch | None]]:
    """Return the libraries that are to be watched, or to be scanned every now and then, and how that goes."""
    query = (
        select(Library, LibraryWatch)
        .outerjoin(LibraryWatch, LibraryWatch.library_id == Library.id)
        .where(Library.library_path.is_not(None))
        .where(or_(Library.watch, Library.scan_interval_minutes.is_not(None), LibraryWatch.next_scan_at.is_not(None)))
    )
    return [(library, row) for library, row in session.execute(query)]


def note_wanted(session: Session, library_ids: Collection[str]) -> None:
    """See that there is a row for each of these libraries."""
    rows = [
        {"library_id": library_id, "state": WatchState.WAITING, "since": now()} for library_id in sorted(library_ids)
    ]
    insert_new(session, LibraryWatch, rows)


def free(session: Session, holder: str) -> set[str]:
    """Return the ids of the libraries that a process has, or may take."""
    return set(session.scalars(select(LibraryWatch.library_id).where(_is_free(holder))))


def hold(session: Session, holder: str, library_ids: Collection[str]) -> set[str]:
    """Take libraries that nobody else has, and keep those that are held; return which of these are held now."""
    held = session.scalars(
        update(LibraryWatch)
        .where(LibraryWatch.library_id.in_(sorted(library_ids)), _is_free(holder))
        .values(holder=holder, lease_until=a_lease())
        .returning(LibraryWatch.library_id)
        .execution_options(synchronize_session=False)
    )
    return set(held)


def say(session: Session, holder: str, library_id: str, now_at: Standing) -> bool:
    """Note how the watching of a held library goes; False when that was known, or another process holds it."""
    said = session.execute(
        update(LibraryWatch)
        .where(
            LibraryWatch.library_id == library_id,
            LibraryWatch.holder == holder,
            or_(LibraryWatch.state != now_at.state, LibraryWatch.message.is_distinct_from(now_at.message)),
        )
        .values(state=now_at.state, reason=now_at.reason, message=now_at.message, since=now())
        .returning(LibraryWatch.library_id)
        .execution_options(synchronize_session=False)
    )
    return said.scalar_one_or_none() is not None


def noticed(session: Session, library_id: str) -> None:
    """Note that a change was noticed just now."""
    session.execute(
        update(LibraryWatch)
        .where(LibraryWatch.library_id == library_id)
        .values(last_event_at=now())
        .execution_options(synchronize_session=False)
    )


def release(session: Session, holder: str, library_ids: Collection[str]) -> None:
    """Let go of libraries, so that another process may take them at once; why one is stopped is still known."""
    session.execute(
        update(LibraryWatch)
        .where(LibraryWatch.library_id.in_(sorted(library_ids)), LibraryWatch.holder == holder)
        .values(
            holder=None,
            lease_until=None,
            state=case((LibraryWatch.state == WatchState.STOPPED, LibraryWatch.state), else_=WatchState.WAITING.value),
            since=case((LibraryWatch.state == WatchState.STOPPED, LibraryWatch.since), else_=now()),
        )
        .execution_options(synchronize_session=False)
    )


def _is_free(holder: str) -> ColumnElement[bool]:
    return or_(LibraryWatch.holder == holder, is_over(LibraryWatch.lease_until))
