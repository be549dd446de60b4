"""Who may use the server, and what proves it. Of nothing that proves it more is kept than what recognises it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.kinds import UserRole
from shared.models.base import Base, Dated, Identified, now


class User(Identified, Dated, Base):
    """Somebody who signs in."""

    __tablename__ = "users"

    username: Mapped[str]
    #: The name without regard to case; it is unique.
    username_key: Mapped[str] = mapped_column(unique=True)
    #: As argon2id writes it, with its parameters and salt.
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default=UserRole.VIEWER)
    is_active: Mapped[bool] = mapped_column(default=True)


class SignIn(Identified, Base):
    """One sign-in on one device, and its newest refresh token. Where the row is gone, the sign-in has ended."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    #: SHA-256 of the part that all of its refresh tokens have in common, and of the part that only the newest has.
    family_hash: Mapped[str] = mapped_column(unique=True)
    newest_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: When the newest refresh token ends.
    expires_at: Mapped[datetime]


class ApiKey(Identified, Base):
    """A key for programs, which acts for the user who made it."""

    __tablename__ = "api_keys"
    __table_args__ = (Index(None, "user_id"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    #: Its first characters, by which people know it.
    prefix: Mapped[str]
    #: SHA-256 of the whole key.
    key_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: When it was used last, to the minute.
    used_at: Mapped[datetime | None]


class SigningKey(Base):
    """A secret that signs tokens and URLs; the one with the highest number signs, the others only verify."""

    __tablename__ = "signing_keys"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Sealed, see ``shared.vault``.
    secret: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: Until when it verifies; none: as long as it is the newest.
    verifies_until: Mapped[datetime | None]
