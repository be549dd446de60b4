"""Signing in, staying signed in, and signing out."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select

from shared.accounts import sign_ins, users
from shared.database import Database
from shared.errors import ConflictError, DomainError, UnauthenticatedError
from shared.kinds import Scope, UserRole
from shared.models import SignIn, User
from tests.accounts import PASSWORD, a_key, a_sign_in, a_user, as_user, bearer
from tests.api.conftest import MakeClient

SETUP, LOGIN, REFRESH = "/api/v1/auth/setup", "/api/v1/auth/login", "/api/v1/auth/refresh"
ME, LOGOUT = "/api/v1/auth/me", "/api/v1/auth/logout"

WORDS = {"username": "Ada", "password": PASSWORD}


def test_the_first_admin_is_made_once_and_signed_in(client: FlaskClient) -> None:
    made = client.post(SETUP, json=WORDS)
    again = client.post(SETUP, json={"username": "Eve", "password": PASSWORD})

    assert made.status_code == 201
    tokens = made.json["data"]
    assert (tokens["tokenType"], tokens["expiresIn"]) == ("Bearer", 900)
    assert (tokens["user"]["username"], tokens["user"]["role"]) == ("Ada", "admin")
    assert client.get(ME, headers=bearer(tokens["accessToken"])).json["data"]["user"] == tokens["user"]
    assert again.status_code == 409
    assert LOGIN in again.json["message"]


def test_of_many_who_set_up_at_once_one_becomes_the_admin(database: Database) -> None:
    together = Barrier(4)

    def set_up(name: str) -> bool:
        together.wait()
        try:
            with database.begin() as session:
                users.set_up(session, name, "hash")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(set_up, "abcd"))

    assert sorted(made) == [False, False, False, True]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


def test_no_secret_is_kept_as_it_is(client: FlaskClient, database: Database) -> None:
    tokens = client.post(SETUP, json=WORDS).json["data"]

    with database.read() as session:
        kept = [*session.execute(select(*User.__table__.c)), *session.execute(select(*SignIn.__table__.c))]
    assert "$argon2id$" in str(kept)
    for secret in (PASSWORD, tokens["accessToken"], *tokens["refreshToken"].split(".")):
        assert secret not in str(kept)


def test_a_username_is_the_same_in_any_case(client: FlaskClient) -> None:
    client.post(SETUP, json=WORDS)

    assert client.post(LOGIN, json=WORDS | {"username": " aDA "}).status_code == 200


def test_nobody_is_told_whether_there_is_such_a_user(client: FlaskClient, database: Database) -> None:
    a_user(database, username="ada")
    inactive = a_user(database, username="bob")
    with database.begin() as session:
        users.change(session, inactive.id, {"is_active": False})

    answers = [
        client.post(LOGIN, json={"username": username, "password": password})
        for username, password in [("ada", "wrong password"), ("eve", PASSWORD), ("bob", PASSWORD), ("ada", "x")]
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "ada", "password": "short"}, "password"),
        ({"username": "ada", "password": "x" * 1001}, "password"),
        ({"username": " ", "password": PASSWORD}, "username"),
        ({"username": "a\nb", "password": PASSWORD}, "username"),
        ({"username": "x" * 65, "password": PASSWORD}, "username"),
        ({"username": "a\0b", "password": PASSWORD}, "username"),
        ({"username": "ada", "password": "\ud800" * 10}, "password"),
        ({"username": "ada"}, "password"),
        ({"password": PASSWORD}, "username"),
        ({"username": ["ada"], "password": PASSWORD}, "username"),
        ({"username": "ada", "password": PASSWORD, "role": "admin"}, "role"),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)
def test_who_can_not_be_set_up_is_named(client: FlaskClient, database: Database, body: Any, field: str) -> None:
    answer = client.post(SETUP, json=body)

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    with database.read() as session:
        assert not users.listed(session)


def test_a_refresh_token_is_good_once_for_the_next_ones(client: FlaskClient, database: Database) -> None:
    tokens = client.post(SETUP, json=WORDS).json["data"]

    first = client.post(REFRESH, json={"refreshToken": tokens["refreshToken"]})
    second = client.post(REFRESH, json={"refreshToken": first.json["data"]["refreshToken"]})

    assert (first.status_code, second.status_code) == (200, 200)
    assert client.get(ME, headers=bearer(second.json["data"]["accessToken"])).status_code == 200
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_an_old_refresh_token_ends_the_sign_in_and_no_other(client: FlaskClient) -> None:
    stolen = client.post(SETUP, json=WORDS).json["data"]
    elsewhere = client.post(LOGIN, json=WORDS).json["data"]
    newest = client.post(REFRESH, json={"refreshToken": stolen["refreshToken"]}).json["data"]

    reused = client.post(REFRESH, json={"refreshToken": stolen["refreshToken"]})

    assert reused.status_code == 401
    assert client.post(REFRESH, json={"refreshToken": newest["refreshToken"]}).status_code == 401
    assert client.get(ME, headers=bearer(newest["accessToken"])).status_code == 401
    assert client.get(ME, headers=bearer(elsewhere["accessToken"])).status_code == 200
    assert client.post(REFRESH, json={"refreshToken": elsewhere["refreshToken"]}).status_code == 200


def test_of_many_refreshes_at_once_one_is_answered_and_no_two(database: Database) -> None:
    _, _, token = a_sign_in(database, a_user(database))
    together = Barrier(4)

    def renew(_number: int) -> str:
        together.wait()
        try:
            return sign_ins.renew(database, token).refresh_token
        except DomainError as error:
            return type(error).__name__

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(renew, range(4)))

    given = [answer for answer in answers if "." in answer]
    assert len(given) == 1
    assert set(answers) - set(given) <= {ConflictError.__name__, UnauthenticatedError.__name__}
    if UnauthenticatedError.__name__ not in answers:
        assert sign_ins.renew(database, given[0])


def test_a_refresh_that_loses_to_another_one_ends_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, token = a_sign_in(database, a_user(database))
    winners = []
    a_secret = sign_ins.a_secret

    def another_one_is_faster() -> str:
        monkeypatch.setattr(sign_ins, "a_secret", a_secret)
        winners.append(sign_ins.renew(database, token))
        return a_secret()

    monkeypatch.setattr(sign_ins, "a_secret", another_one_is_faster)

    with pytest.raises(ConflictError):
        sign_ins.renew(database, token)

    assert sign_ins.renew(database, winners[0].refresh_token)


@pytest.mark.parametrize("token", ["x", "x.y", ".", "é.ü", "a.b.c", "x" * 4096])
def test_what_is_no_refresh_token_is_refused(client: FlaskClient, database: Database, token: str) -> None:
    a_sign_in(database, a_user(database))

    assert client.post(REFRESH, json={"refreshToken": token}).status_code == 401
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_who_signs_out_is_out_with_all_tokens(client: FlaskClient, database: Database) -> None:
    user = a_user(database)
    _, access_token, refresh_token = a_sign_in(database, user)
    elsewhere = as_user(database, user)

    answer = client.post(LOGOUT, headers=bearer(access_token))

    assert answer.status_code == 200
    assert client.get(ME, headers=bearer(access_token)).status_code == 401
    assert client.post(REFRESH, json={"refreshToken": refresh_token}).status_code == 401
    assert client.get(ME, headers=elsewhere).status_code == 200


def test_a_new_password_ends_all_other_sign_ins(client: FlaskClient, database: Database) -> None:
    user = a_user(database, username="ada")
    here, elsewhere = as_user(database, user), as_user(database, user)

    wrong = client.put(f"{ME}/password", json={"currentPassword": "wrong", "newPassword": "12345678"}, headers=here)
    right = client.put(f"{ME}/password", json={"currentPassword": PASSWORD, "newPassword": "12345678"}, headers=here)

    assert (wrong.status_code, right.status_code) == (400, 200)
    assert wrong.json["details"][0]["field"] == "currentPassword"
    assert client.get(ME, headers=here).status_code == 200
    assert client.get(ME, headers=elsewhere).status_code == 401
    assert client.post(LOGIN, json={"username": "ada", "password": PASSWORD}).status_code == 401
    assert client.post(LOGIN, json={"username": "ada", "password": "12345678"}).status_code == 200


def test_a_program_is_told_who_it_acts_for(client: FlaskClient, database: Database) -> None:
    admin = a_user(database, UserRole.ADMIN)
    key = a_key(database, admin, Scope.READ, Scope.STREAM)

    for headers in ({"X-API-Key": key}, bearer(key)):
        me = client.get(ME, headers=headers).json["data"]
        assert me["user"]["username"] == admin.username
        assert me["scopes"] == ["read", "stream"]
        assert me["apiKeyId"]


def test_tokens_are_for_no_cache(client: FlaskClient) -> None:
    answer = client.post(SETUP, json=WORDS)

    assert answer.headers["Cache-Control"] == "no-store"


# How often it may be tried


def tries(client: FlaskClient, username: str, count: int, address: str = "127.0.0.1") -> list[int]:
    return [
        client.post(
            LOGIN, json={"username": username, "password": "wrong"}, environ_base={"REMOTE_ADDR": address}
        ).status_code
        for _ in range(count)
    ]


def test_a_password_can_be_tried_ten_times_in_a_quarter_of_an_hour(client: FlaskClient, database: Database) -> None:
    a_user(database, username="ada")

    statuses = tries(client, "ada", 12)
    right = client.post(LOGIN, json={"username": "ADA", "password": PASSWORD})

    assert statuses == [401] * 10 + [429] * 2
    assert right.status_code == 429
    assert 0 < int(right.headers["Retry-After"]) <= 900
    # Nobody else is kept out, nor the same one elsewhere.
    assert tries(client, "bob", 1) == [401]
    assert tries(client, "ada", 1, "192.0.2.1") == [401]


def test_a_user_who_is_none_can_be_tried_as_often(client: FlaskClient) -> None:
    assert tries(client, "nobody", 11) == [401] * 10 + [429]


def test_one_address_may_not_try_many_names(client: FlaskClient) -> None:
    statuses = [tries(client, f"user {number}", 1)[0] for number in range(41)]

    assert statuses == [401] * 40 + [429]


def test_an_ipv6_network_is_one_address(client: FlaskClient) -> None:
    statuses = [tries(client, f"user {number}", 1, f"2001:db8::{number:x}")[0] for number in range(41)]

    assert statuses == [401] * 40 + [429]
    assert tries(client, "user", 1, "2001:db8:0:1::1") == [401]


def test_who_knows_the_password_in_the_end_may_mistype_it_again(client: FlaskClient, database: Database) -> None:
    a_user(database, username="ada")
    tries(client, "ada", 9)

    assert client.post(LOGIN, json={"username": "ada", "password": PASSWORD}).status_code == 200

    assert tries(client, "ada", 10) == [401] * 10


def test_all_processes_count_together(make_client: MakeClient) -> None:
    assert tries(make_client(), "ada", 6) + tries(make_client(), "ada", 6) == [401] * 10 + [429] * 2


def test_while_redis_is_away_each_process_counts_by_itself(make_client: MakeClient, redis: Redis) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")

    assert tries(client, "ada", 12) == [401] * 10 + [429] * 2
    assert not redis.keys("*")
