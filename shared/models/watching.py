"""How the watching of libraries goes."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, now


class LibraryWatch(Base):
    """What is being done so that a library is scanned of its own accord; one row for each that wants it."""

    __tablename__ = "library_watches"

    library_id: Mapped[str] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True)
    #: Which watch process has it, until when; only that one changes the state.
    holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    #: See ``shared.watches.WatchState``.
    state: Mapped[str]
    #: Why it is no better: a short stable word, and a sentence.
    reason: Mapped[str | None]
    message: Mapped[str | None]
    #: Since when the state is what it is.
    since: Mapped[datetime] = mapped_column(default=now)
    last_event_at: Mapped[datetime | None]
    next_scan_at: Mapped[datetime | None]
