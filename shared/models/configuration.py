"""What users set at run time."""

import logging
from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from shared import vault
from shared.models.base import Base, Identified

log = logging.getLogger(__name__)


class Sealed(TypeDecorator[dict[str, Any]]):
    """A JSON object whose texts are sealed in the database.

    One that can't be opened counts as one that was never set, so that it can be set again; the log says why.
    """

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        del dialect
        return value and {key: vault.seal(text) if isinstance(text, str) else text for key, text in value.items()}

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        del dialect
        if not value:
            return value
        opened = {}
        for key, text in value.items():
            try:
                opened[key] = vault.unseal(text) if isinstance(text, str) else text
            except vault.SealedError as error:
                log.error("%s can't be read. %s", key, error)  # noqa: TRY400 - the sentence says it all
        return opened


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
    #: Its keys.
    config: Mapped[dict[str, Any]] = mapped_column(Sealed, default=dict)


class QueueControl(Base):
    """How a queue is to be worked on; one without a row is worked on as its workers were started."""

    __tablename__ = "queue_controls"

    queue: Mapped[str] = mapped_column(primary_key=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    #: How many tasks each worker of the queue does at once; none: as many as it was started with.
    concurrency: Mapped[int | None]
