"""Users: making, changing and removing them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.accounts import users
from shared.database import Database
from shared.errors import ConflictError
from shared.kinds import Scope, UserRole
from shared.models import ApiKey, SignIn, User
from tests.accounts import PASSWORD, Headers, a_key, a_user, as_user

USERS, ME = "/api/v1/auth/users", "/api/v1/auth/me"


@pytest.fixture
def admin(database: Database) -> User:
    return a_user(database, UserRole.ADMIN, "admin")


@pytest.fixture
def headers(database: Database, admin: User) -> Headers:
    return as_user(database, admin)


def test_an_admin_makes_lists_changes_and_removes_users(client: FlaskClient, headers: Headers) -> None:
    made = client.post(USERS, json={"username": "Bob", "password": PASSWORD}, headers=headers)
    path = f"{USERS}/{made.json['data']['id']}"
    changed = client.patch(path, json={"role": "member", "username": "Robert"}, headers=headers)
    listed = client.get(USERS, headers=headers)
    removed = client.delete(path, headers=headers)

    assert (made.status_code, made.json["data"]["role"], made.json["data"]["isActive"]) == (201, "viewer", True)
    assert (changed.json["data"]["role"], changed.json["data"]["username"]) == ("member", "Robert")
    assert [user["username"] for user in listed.json["data"]] == ["admin", "Robert"]
    assert removed.status_code == 200
    assert client.get(path, headers=headers).status_code == 404
    assert "password" not in listed.text


def test_two_users_may_not_have_one_name(client: FlaskClient, database: Database, headers: Headers) -> None:
    bob = a_user(database, username="bob")

    made = client.post(USERS, json={"username": "ADMIN", "password": PASSWORD}, headers=headers)
    renamed = client.patch(f"{USERS}/{bob.id}", json={"username": "Admin"}, headers=headers)
    spelled = client.patch(f"{USERS}/{bob.id}", json={"username": "BOB"}, headers=headers)

    assert (made.status_code, renamed.status_code) == (409, 409)
    assert spelled.json["data"]["username"] == "BOB"


@pytest.mark.parametrize("change", [{"role": "member"}, {"isActive": False}, None], ids=repr)
def test_the_last_admin_stays(client: FlaskClient, admin: User, headers: Headers, change: Any) -> None:
    path = f"{USERS}/{admin.id}"

    answer = (
        client.delete(path, headers=headers) if change is None else client.patch(path, json=change, headers=headers)
    )

    assert answer.status_code == 409
    assert client.get(path, headers=headers).json["data"]["role"] == "admin"


@pytest.mark.parametrize("change", [{"role": UserRole.VIEWER}, {"is_active": False}, None], ids=repr)
def test_of_the_last_two_admins_one_stays_whoever_is_faster(
    database: Database, admin: User, change: dict[str, Any] | None
) -> None:
    other = a_user(database, UserRole.ADMIN)
    together = Barrier(2)

    def unmake(user_id: str) -> bool:
        together.wait()
        try:
            with database.begin() as session:
                if change is None:
                    users.remove(session, user_id)
                else:
                    users.change(session, user_id, change)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(unmake, [admin.id, other.id]))

    assert sorted(done) == [False, True]
    with database.read() as session:
        assert users.has_admin(session)


def test_another_role_is_in_force_for_the_next_request(
    client: FlaskClient, database: Database, headers: Headers
) -> None:
    bob = a_user(database, UserRole.ADMIN)
    theirs = as_user(database, bob)
    assert client.get(USERS, headers=theirs).status_code == 200

    client.patch(f"{USERS}/{bob.id}", json={"role": "viewer"}, headers=headers)

    assert client.get(USERS, headers=theirs).status_code == 403
    assert client.get(ME, headers=theirs).json["data"]["scopes"] == ["read", "stream"]


@pytest.mark.parametrize("change", [{"isActive": False}, {"password": "another password"}], ids=repr)
def test_who_is_not_active_or_has_another_password_is_signed_out(
    client: FlaskClient, database: Database, headers: Headers, change: dict[str, Any]
) -> None:
    bob = a_user(database, username="bob")
    theirs = as_user(database, bob)

    client.patch(f"{USERS}/{bob.id}", json=change, headers=headers)

    assert client.get(ME, headers=theirs).status_code == 401
    answer = client.post("/api/v1/auth/login", json={"username": "bob", "password": PASSWORD})
    assert answer.status_code == 401
    # Being active again revives nothing that was before.
    client.patch(f"{USERS}/{bob.id}", json={"isActive": True}, headers=headers)
    assert client.get(ME, headers=theirs).status_code == 401


def test_with_a_user_go_sign_ins_and_keys(client: FlaskClient, database: Database, headers: Headers) -> None:
    bob = a_user(database, UserRole.ADMIN)
    as_user(database, bob)
    key = a_key(database, bob, Scope.ADMIN)

    client.delete(f"{USERS}/{bob.id}", headers=headers)

    assert client.get(ME, headers={"X-API-Key": key}).status_code == 401
    with database.read() as session:
        assert not session.scalars(select(ApiKey)).all()
        assert bob.id not in session.scalars(select(SignIn.user_id)).all()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "bob", "password": PASSWORD, "role": "king"}, "role"),
        ({"username": "bob", "password": "short"}, "password"),
        ({"username": "", "password": PASSWORD}, "username"),
        ({"username": "bob", "password": PASSWORD, "isAdmin": True}, "isAdmin"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_user_can_be_is_named(
    client: FlaskClient, database: Database, headers: Headers, body: dict[str, Any], field: str
) -> None:
    answer = client.post(USERS, json=body, headers=headers)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    with database.read() as session:
        assert len(users.listed(session)) == 1
