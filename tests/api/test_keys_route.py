"""API keys: shown once, limited by their scopes, and used."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shared.database import Database
from shared.kinds import UserRole
from shared.models import ApiKey
from shared.models.base import now
from tests.accounts import Headers, a_user, as_user

KEYS, ME = "/api/v1/auth/keys", "/api/v1/auth/me"


@pytest.fixture
def headers(database: Database) -> Headers:
    return as_user(database, a_user(database, UserRole.ADMIN, "admin"))


def test_a_key_is_shown_once_and_only_its_hash_is_kept(
    client: FlaskClient, database: Database, headers: Headers
) -> None:
    made = client.post(KEYS, json={"name": "backup", "scopes": ["scan", "read", "read"]}, headers=headers)
    listed = client.get(KEYS, headers=headers)

    shown = made.json["data"]
    key = shown.pop("key")
    assert made.status_code == 201
    assert listed.json["data"] == [shown]
    assert (shown["scopes"], shown["usedAt"]) == (["read", "scan"], None)
    assert key.startswith(shown["prefix"])
    assert key not in listed.text
    with database.read() as session:
        assert key not in str(session.execute(select(*ApiKey.__table__.c)).all())


def test_the_last_use_of_a_key_is_noted_at_most_once_a_minute(
    client: FlaskClient, database: Database, headers: Headers
) -> None:
    key = client.post(KEYS, json={"name": "backup", "scopes": ["read"]}, headers=headers).json["data"]

    def used_after(before: timedelta | None) -> Any:
        with database.begin() as session:
            session.get_one(ApiKey, key["id"]).used_at = None if before is None else now() - before
            known = session.get_one(ApiKey, key["id"]).used_at
        assert client.get(ME, headers={"X-API-Key": key["key"]}).status_code == 200
        with database.read() as session:
            return session.get_one(ApiKey, key["id"]).used_at != known

    assert used_after(None)
    assert not used_after(timedelta(seconds=50))
    assert used_after(timedelta(seconds=61))


def test_a_key_that_is_removed_is_good_for_nothing(client: FlaskClient, headers: Headers) -> None:
    key = client.post(KEYS, json={"name": "backup", "scopes": ["read"]}, headers=headers).json["data"]

    removed = client.delete(f"{KEYS}/{key['id']}", headers=headers)

    assert removed.status_code == 200
    assert client.get(ME, headers={"X-API-Key": key["key"]}).status_code == 401
    assert client.delete(f"{KEYS}/{key['id']}", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "backup", "scopes": []}, "scopes"),
        ({"name": "backup"}, "scopes"),
        ({"name": "backup", "scopes": ["everything"]}, "scopes.0"),
        ({"name": " ", "scopes": ["read"]}, "name"),
        ({"name": "backup", "scopes": "read"}, "scopes"),
    ],
    ids=repr,
)
def test_what_no_key_can_be_is_named(client: FlaskClient, headers: Headers, body: dict[str, Any], field: str) -> None:
    answer = client.post(KEYS, json=body, headers=headers)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]
