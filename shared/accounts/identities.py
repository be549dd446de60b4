"""Who somebody is, by a sign-in or an API key, and what that allows. Read anew each time: what ends, ends at once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts import scopes
from shared.accounts.random_tokens import hash_of
from shared.kinds import Scope, UserRole
from shared.models import ApiKey, SignIn, User
from shared.models.base import now


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, by one of the two: the sign-in, or the API key that acts for the user."""

    user_id: str
    username: str
    role: UserRole
    scopes: frozenset[Scope]
    sign_in_id: str | None = None
    key_id: str | None = None


def of_sign_ins(session: Session, ids: Collection[str]) -> set[Identity]:
    """Return who is meant by those of these sign-ins that have not ended."""
    found = session.execute(
        select(SignIn.id, User).join(User).where(SignIn.id.in_(ids), SignIn.expires_at > now(), User.is_active)
    )
    return {
        Identity(
            user.id, user.username, UserRole(user.role), scopes.OF_ROLE[UserRole(user.role)], sign_in_id=sign_in_id
        )
        for sign_in_id, user in found
    }


def of_keys(session: Session, ids: Collection[str]) -> set[Identity]:
    """Return who is meant by those of these API keys that there still are."""
    found = session.execute(select(ApiKey, User).join(User).where(ApiKey.id.in_(ids), User.is_active))
    return {_by_key(key, user) for key, user in found}


def of_key(session: Session, text: str) -> tuple[Identity, ApiKey] | None:
    """Return who is meant by an API key, as it was shown to its maker; None where it is none."""
    found = session.execute(
        select(ApiKey, User).join(User).where(ApiKey.key_hash == hash_of(text), User.is_active)
    ).one_or_none()
    return (_by_key(found[0], found[1]), found[0]) if found else None


def _by_key(key: ApiKey, user: User) -> Identity:
    role = UserRole(user.role)
    return Identity(user.id, user.username, role, scopes.of_key(key.scopes, role), key_id=key.id)
