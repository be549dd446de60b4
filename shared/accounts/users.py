"""Users: making, changing and removing them. Who changes one waits for whoever else does, so that an admin remains."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts import sign_ins
from shared.dialects import one_at_a_time
from shared.errors import ConflictError, NotFoundError
from shared.kinds import UserRole
from shared.models import User


def has_admin(session: Session) -> bool:
    """Whether there is an admin who can sign in."""
    return bool(session.scalar(select(func.count()).where(User.role == UserRole.ADMIN, User.is_active)))


def listed(session: Session) -> list[User]:
    return list(session.scalars(select(User).order_by(User.username_key)))


def get(session: Session, user_id: str) -> User:
    """Return a user.

    Raises:
        NotFoundError: there is none by this id.

    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError("There is no user by this id.")
    return user


def named(session: Session, username: str) -> User | None:
    """Return the user of this name, in any case of its letters."""
    return session.scalar(select(User).where(User.username_key == _key(username)))


def set_up(session: Session, username: str, password_hash: str) -> User:
    """Make the first admin.

    Raises:
        ConflictError: there is one already.

    """
    one_at_a_time(session)
    check_there_is_no_admin(session)
    return create(session, username, password_hash, UserRole.ADMIN)


def check_there_is_no_admin(session: Session) -> None:
    """See that the first admin is yet to be made.

    Raises:
        ConflictError: there is one.

    """
    if has_admin(session):
        raise ConflictError("There is an admin already: sign in by POST /api/v1/auth/login.")


def create(session: Session, username: str, password_hash: str, role: UserRole) -> User:
    """Make a user.

    Raises:
        ConflictError: somebody has this name.

    """
    one_at_a_time(session)
    _check_name_is_free(session, username)
    user = User(username=username, username_key=_key(username), password_hash=password_hash, role=role, is_active=True)
    session.add(user)
    session.flush()
    return user


def change(session: Session, user_id: str, said: Mapping[str, Any]) -> User:
    """Change what is named of ``username``, ``password_hash``, ``role`` and ``is_active``.

    A new password, and being no longer active, end all sign-ins. A new role is in force for the next request.

    Raises:
        NotFoundError: there is no such user.
        ConflictError: somebody else has the name, or no admin would be left.

    """
    one_at_a_time(session)
    user = get(session, user_id)
    was_admin = _is_admin(user)
    if "username" in said and _key(said["username"]) != user.username_key:
        _check_name_is_free(session, said["username"])
    for name, value in said.items():
        setattr(user, name, value)
    user.username_key = _key(user.username)
    session.flush()
    if was_admin:
        _check_admin_is_left(session)
    if "password_hash" in said or not user.is_active:
        sign_ins.end_all(session, user.id)
    return user


def change_own_password(session: Session, user_id: str, password_hash: str, sign_in_id: str) -> None:
    """Change a user's password, and end all sign-ins but the one by which it is changed."""
    one_at_a_time(session)
    get(session, user_id).password_hash = password_hash
    sign_ins.end_all(session, user_id, but=sign_in_id)


def remove(session: Session, user_id: str) -> User:
    """Remove a user with all sign-ins and API keys.

    Raises:
        NotFoundError: there is no such user.
        ConflictError: no admin would be left.

    """
    one_at_a_time(session)
    user = get(session, user_id)
    session.delete(user)
    session.flush()
    if _is_admin(user):
        _check_admin_is_left(session)
    return user


def _key(username: str) -> str:
    return username.casefold()


def _is_admin(user: User) -> bool:
    return user.is_active and user.role == UserRole.ADMIN


def _check_name_is_free(session: Session, username: str) -> None:
    if named(session, username) is not None:
        raise ConflictError(f"There is a user {username} already; choose another name.")


def _check_admin_is_left(session: Session) -> None:
    if not has_admin(session):
        raise ConflictError("This is the last admin who can sign in; make another user an admin first.")
