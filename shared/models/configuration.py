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
