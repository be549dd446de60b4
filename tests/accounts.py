"""Users for tests, and what proves that a request is theirs."""

from functools import cache
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from shared.accounts import access_tokens, api_keys, passwords, sign_ins, signing_keys, users
from shared.database import Database
from shared.kinds import Scope, UserRole
from shared.models import User

PASSWORD = "correct horse battery staple"

Headers = dict[str, str]


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


def a_user(database: Database, role: UserRole = UserRole.VIEWER, username: str = "") -> User:
    """Make a user with the password ``PASSWORD``."""
    with database.begin() as session:
        return users.create(session, username or f"{role}-{uuid4().hex[:8]}", _hashed(), role)


def a_sign_in(database: Database, user: User) -> tuple[str, str, str]:
    """Sign a user in; return the sign-in's id, an access token and a refresh token."""
    with database.begin() as session:
        begun = sign_ins.begin(session, user)
    token = access_tokens.issued(signing_keys.load(database), user.id, begun.sign_in_id)
    return begun.sign_in_id, token, begun.refresh_token


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def as_user(database: Database, user: User) -> Headers:
    """Return the headers of a user who has just signed in."""
    return bearer(a_sign_in(database, user)[1])


def a_key(database: Database, user: User, *scopes: Scope) -> str:
    with database.begin() as session:
        return api_keys.create(session, user.id, "a key", scopes)[1]


def guarded(client: FlaskClient, database: Database) -> tuple[User, Headers]:
    """Have guards on; return an admin, and headers of a sign-in of theirs."""
    admin = a_user(database, UserRole.ADMIN)
    headers = as_user(database, admin)
    answer: Any = client.put("/api/v1/settings", json={"enableRouteGuards": True}, headers=headers)
    assert answer.status_code == 200, answer.json
    return admin, headers
