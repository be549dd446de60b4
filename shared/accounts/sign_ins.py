"""Signing in, and staying signed in: a sign-in is a row, and where it is gone, all its tokens have ended.

A refresh token is two random parts, ``<family>.<secret>``. All tokens of a sign-in have the first in common; the second
is new each time, and only the newest one is good. So an old one is known as such, by one row and its two hashes.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.accounts import passwords
from shared.accounts.random_tokens import a_name, a_secret, hash_of
from shared.database import Database
from shared.errors import ConflictError, UnauthenticatedError
from shared.models import SignIn, User
from shared.models.base import now

log = logging.getLogger(__name__)

#: A sign-in of which no token was exchanged for so long ends.
LASTS = timedelta(days=30)

_WRONG = "The username or the password is wrong."
_REFUSED = "This refresh token is not good, or no longer; sign in by POST /api/v1/auth/login."


@dataclass(frozen=True, slots=True)
class Renewed:
    """A sign-in with its newest refresh token."""

    sign_in_id: str
    user: User
    refresh_token: str


def by_password(database: Database, username: str, password: str) -> Renewed:
    """Begin a sign-in of whoever has this name and password. It takes as long whether there is such a user or not.

    Raises:
        UnauthenticatedError: there is no such user, it is another password, or the user is not active.

    """
    with database.read() as session:
        user = session.scalar(select(User).where(User.username_key == username.casefold(), User.is_active))
    if not passwords.fits(password, user.password_hash if user else None) or user is None:
        raise UnauthenticatedError(_WRONG)
    with database.begin() as session:
        # Nobody has taken it back meanwhile, nor can until this is done.
        now_known = session.get(User, user.id, with_for_update=True)
        if now_known is None or not now_known.is_active or now_known.password_hash != user.password_hash:
            raise UnauthenticatedError(_WRONG)
        return begin(session, now_known)


def begin(session: Session, user: User) -> Renewed:
    """Begin a sign-in of a user who has proved it; those of anybody that nobody used for long are removed."""
    session.execute(delete(SignIn).where(SignIn.expires_at < now()))
    family, secret = a_name(), a_secret()
    sign_in = SignIn(
        user_id=user.id, family_hash=hash_of(family), newest_hash=hash_of(secret), expires_at=now() + LASTS
    )
    session.add(sign_in)
    session.flush()
    return Renewed(sign_in.id, user, f"{family}.{secret}")


def renew(database: Database, refresh_token: str) -> Renewed:
    """Exchange a refresh token for the next one.

    1. Look, without a lock, whether it is the newest of its family.
    2. If it is an old one, somebody has a copy: the sign-in ends for whoever has a token of it.
    3. Put the next one in its place, by one UPDATE that demands that it is still the newest.
    4. No row: another request with the same token was answered meanwhile. Whoever sent both has its answer; this one is
       refused, and nothing ends. Only whoever comes after the answer, as in 2, can't have been in a hurry.

    Raises:
        UnauthenticatedError: it is good for nothing.
        ConflictError: another request has just exchanged it.

    """
    family, _, secret = refresh_token.partition(".")
    with database.read() as session:
        known = session.execute(
            select(SignIn, User).join(User).where(SignIn.family_hash == hash_of(family))
        ).one_or_none()
    if known is None:
        raise UnauthenticatedError(_REFUSED)
    sign_in, user = known
    given = hash_of(secret)
    is_over = sign_in.expires_at < now() or not user.is_active
    is_old = sign_in.newest_hash != given
    if is_old:
        log.warning("An old refresh token of %r was sent, so somebody has a copy; the sign-in is ended.", user.username)
    if is_over or is_old:
        with database.begin() as session:
            end(session, sign_in.id)
        raise UnauthenticatedError(_REFUSED)
    following = a_secret()
    with database.begin() as session:
        exchanged = session.execute(
            update(SignIn)
            .where(SignIn.id == sign_in.id, SignIn.newest_hash == given)
            .values(newest_hash=hash_of(following), expires_at=now() + LASTS)
        )
        if not exchanged.rowcount:  # type: ignore[attr-defined]
            raise ConflictError(
                "Another request has just exchanged this refresh token; go on with the tokens that it was answered."
            )
    return Renewed(sign_in.id, user, f"{family}.{following}")


def end(session: Session, sign_in_id: str) -> None:
    session.execute(delete(SignIn).where(SignIn.id == sign_in_id))


def end_all(session: Session, user_id: str, but: str | None = None) -> None:
    """End all sign-ins of a user but this one, if one is named."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id.is_distinct_from(but)))
