"""API keys: for programs, each with its scopes, shown once."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from shared.accounts.random_tokens import a_secret, hash_of
from shared.errors import NotFoundError
from shared.kinds import Scope
from shared.models import ApiKey, User
from shared.models.base import now

#: What keys begin with, so that people and scanners of leaked secrets know them, and how much of one is kept.
BEGINS = "dester_"
_PREFIX_LENGTH = len(BEGINS) + 6
#: A use is noted again after so long.
_NOTED_EVERY = timedelta(minutes=1)


def create(session: Session, user_id: str, name: str, scopes: Collection[Scope]) -> tuple[ApiKey, str]:
    """Make a key that acts for a user; return it, and the text that nobody will be shown again."""
    text = BEGINS + a_secret()
    key = ApiKey(
        user_id=user_id, name=name, prefix=text[:_PREFIX_LENGTH], key_hash=hash_of(text), scopes=sorted(scopes)
    )
    session.add(key)
    session.flush()
    return key, text


def listed(session: Session) -> list[tuple[ApiKey, User]]:
    """Return all keys with the users for whom they act, the oldest first."""
    found = session.execute(select(ApiKey, User).join(User).order_by(ApiKey.created_at, ApiKey.id))
    return [(key, user) for key, user in found]


def remove(session: Session, key_id: str) -> None:
    """Remove a key; it is good for nothing from the next request on.

    Raises:
        NotFoundError: there is none by this id.

    """
    removed = session.execute(delete(ApiKey).where(ApiKey.id == key_id))
    if not removed.rowcount:  # type: ignore[attr-defined]
        raise NotFoundError("There is no API key by this id.")


def is_to_be_noted(key: ApiKey) -> bool:
    """Whether the last use that was noted lies back so far that this one is to be."""
    return key.used_at is None or key.used_at < now() - _NOTED_EVERY


def note_use(session: Session, key_id: str) -> None:
    """Note that a key is used, unless somebody has just done so."""
    is_due = or_(ApiKey.used_at.is_(None), ApiKey.used_at < now() - _NOTED_EVERY)
    session.execute(update(ApiKey).where(ApiKey.id == key_id, is_due).values(used_at=now()))
