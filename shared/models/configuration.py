"""What users set at run time."""

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Identified


class Setting(Base):
    """One setting: a name and its JSON value."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class ProviderRow(Identified, Base):
    """A metadata provider as it is configured; a lower ``priority`` is asked first."""

    __tablename__ = "providers"

    name: Mapped[str] = mapped_column(unique=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    priority: Mapped[int] = mapped_column(default=0)
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)


class QueueControl(Base):
    """How a queue is to be worked on; one without a row is worked on as its workers were started."""

    __tablename__ = "queue_controls"

    queue: Mapped[str] = mapped_column(primary_key=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    #: How many tasks each worker of the queue does at once; none: as many as it was started with.
    concurrency: Mapped[int | None]
