"""The job engine's rows: the truth that queues only carry ids of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import ID_LENGTH, Base, Dated, Identified, now
from shared.models.catalogue import Library


class ScanJob(Identified, Dated, Base):
    """A scan of a library that somebody asked for."""

    __tablename__ = "scan_jobs"
    __table_args__ = (
        Index(None, "library_id", "created_at"),
        Index(None, "status"),
        # The sweeper looks here for ends that clients were not told of.
        Index(
            "ix_scan_jobs_untold",
            "status",
            postgresql_where=text("told_at IS NULL"),
            sqlite_where=text("told_at IS NULL"),
        ),
    )

    library_id: Mapped[str] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    status: Mapped[str]
    #: Of a job that is paused: the status in which it goes on.
    paused_from: Mapped[str | None]
    #: Absolute; the library's own path or a folder below it.
    path: Mapped[str]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Of a job that tries failures again: the only paths that are to be listed, absolute; none: all of its folder.
    relisted: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    #: Who walks the folders, or tells how it ended, until when; an old fence changes nothing.
    lease_until: Mapped[datetime | None]
    #: The process that took it last; see ``worker.holders``.
    holder: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    #: When it was first taken, and when its present run was.
    started_at: Mapped[datetime | None]
    run_began_at: Mapped[datetime | None]
    #: When all folders were listed.
    discovered_at: Mapped[datetime | None]
    #: When what vanished from the disk was noted, and how that went: see ``shared.reconciliation``.
    reconciled_at: Mapped[datetime | None]
    reconciliation: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: When something last settled.
    moved_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    #: When clients were told how its last run ended.
    told_at: Mapped[datetime | None]
    #: Whether it was asked for again while its folders were being listed: they are listed once more.
    is_asked_again: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: The highest percentage told so far.
    percent: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    #: Since when its rate is measured: since all folders were listed, or since it was resumed after a pause.
    measured_at: Mapped[datetime | None]
    #: The counts at ``measured_at``; of a job that ended, those at its end. In between they are counted from the rows.
    totals: Mapped[dict[str, Any]] = mapped_column(default=dict)

    library: Mapped[Library] = relationship()


class ScanFolder(Identified, Base):
    """A folder that holds video files: the unit of scanning. One row for each folder, through all scans."""

    __tablename__ = "scan_folders"
    __table_args__ = (UniqueConstraint("library_id", "path"), Index(None, "scan_job_id", "status"))

    library_id: Mapped[str] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    #: The scan that saw it last.
    scan_job_id: Mapped[str | None] = mapped_column(ForeignKey("scan_jobs.id", ondelete="SET NULL"))
    #: Absolute.
    path: Mapped[str]
    #: Of names, sizes and mtimes, as the last walk saw them; empty where a rescan is to look again.
    signature: Mapped[str]
    #: The signature that is in the catalogue; equal to ``signature`` when there is nothing to do.
    settled_signature: Mapped[str | None]
    status: Mapped[str]
    files: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    #: A file in it was still being written: not to be looked at again before, and how often it was.
    not_before: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0, server_default="0")


class Enrichment(Base):
    """A title that is to get its metadata and pictures: the unit of work behind scanning."""

    __tablename__ = "enrichments"
    __table_args__ = (
        Index(None, "scan_job_id", "status"),
        Index(None, "status", "not_before"),
        # Few are opened at a time: workers look here first, whatever else waits.
        Index(
            "ix_enrichments_opened",
            "status",
            postgresql_where=text("is_opened"),
            sqlite_where=text("is_opened = 1"),
        ),
    )

    media_id: Mapped[str] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    #: The scan that waits for it; none where a user or a new key asked.
    scan_job_id: Mapped[str | None] = mapped_column(ForeignKey("scan_jobs.id", ondelete="SET NULL"))
    status: Mapped[str]
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    #: Whether a user asked for it: then what was fetched lately is fetched again.
    is_asked: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Whether somebody looked at it while it was on its way: then it goes before all others.
    is_opened: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Not to be tried again before.
    not_before: Mapped[datetime | None]


class Failure(Identified, Base):
    """Something that a scan could not do, and why. Failures with the same ``cause`` belong together."""

    __tablename__ = "failures"
    __table_args__ = (Index(None, "scan_job_id", "cause"),)

    scan_job_id: Mapped[str] = mapped_column(ForeignKey("scan_jobs.id", ondelete="CASCADE"))
    #: A short stable word, such as ``folder-unreadable``.
    cause: Mapped[str]
    #: Relative to the library; empty for the library itself.
    path: Mapped[str]
    message: Mapped[str]
    #: The title that failed, which may be gone by now; none where a file or folder did.
    media_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    created_at: Mapped[datetime] = mapped_column(default=now)
