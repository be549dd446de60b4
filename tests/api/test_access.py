"""Every route, and everybody who may come: who is let pass, who isn't known, and who may not."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from api import access, url_signatures
from shared.accounts import api_keys, sign_ins, signing_keys, users
from shared.accounts.scopes import OF_ROLE
from shared.database import Database
from shared.kinds import Scope, UserRole
from shared.models import User
from shared.models.base import now
from tests.accounts import Headers, a_key, a_sign_in, a_user, as_user, bearer, guarded
from tests.api.routes_and_roles import KNOWN, NOWHERE, PERSON, PUBLIC, ROUTES, STREAM, Route


class Comer(NamedTuple):
    """Somebody who asks: what they send, what they may do, and whether they are a person."""

    headers: Headers
    scopes: frozenset[str] = frozenset()
    is_known: bool = False
    is_person: bool = False
    query: str = ""
    is_signed: bool = False


Comes = Callable[[Database, User], Comer]
ComesTo = Callable[[Database, User, Route], Comer]


def _nobody(_database: Database, _admin: User) -> Comer:
    return Comer({})


def _with_role(role: UserRole) -> Comes:
    def comes(database: Database, _admin: User) -> Comer:
        return Comer(as_user(database, a_user(database, role)), OF_ROLE[role], is_known=True, is_person=True)

    return comes


def _with_key(*scopes: Scope) -> Comes:
    def comes(database: Database, admin: User) -> Comer:
        may = frozenset(Scope) if Scope.ADMIN in scopes else frozenset(scopes)
        return Comer({"X-API-Key": a_key(database, admin, *scopes)}, may, is_known=True)

    return comes


def _with_members_admin_key(database: Database, _admin: User) -> Comer:
    # Its maker was an admin once.
    key = a_key(database, a_user(database, UserRole.MEMBER), Scope.ADMIN)
    return Comer(bearer(key), OF_ROLE[UserRole.MEMBER], is_known=True)


def _claims(database: Database, admin: User, ends_in: float = 600) -> dict[str, object]:
    sign_in_id, _, _ = a_sign_in(database, admin)
    return {"sub": admin.id, "sid": sign_in_id, "exp": time.time() + ends_in}


def _our_key(database: Database) -> tuple[str, bytes]:
    keys = signing_keys.load(database)
    return keys.newest, keys.for_purpose("access token")[keys.newest]


def _expired(database: Database, admin: User) -> Comer:
    kid, key = _our_key(database)
    return Comer(bearer(jwt.encode(_claims(database, admin, -1), key, "HS256", headers={"kid": kid})))


def _forged(database: Database, admin: User) -> Comer:
    kid, _ = _our_key(database)
    return Comer(bearer(jwt.encode(_claims(database, admin), b"another" * 8, "HS256", headers={"kid": kid})))


def _of_no_algorithm(database: Database, admin: User) -> Comer:
    kid, _ = _our_key(database)
    return Comer(bearer(jwt.encode(_claims(database, admin), None, "none", headers={"kid": kid})))


def _of_another_algorithm(database: Database, admin: User) -> Comer:
    kid, key = _our_key(database)
    return Comer(bearer(jwt.encode(_claims(database, admin), key + key, "HS512", headers={"kid": kid})))


def _of_a_key_for_something_else(database: Database, admin: User) -> Comer:
    keys = signing_keys.load(database)
    key = keys.for_purpose("url")[keys.newest]
    return Comer(bearer(jwt.encode(_claims(database, admin), key, "HS256", headers={"kid": keys.newest})))


def _without_an_end(database: Database, admin: User) -> Comer:
    kid, key = _our_key(database)
    claims = {name: value for name, value in _claims(database, admin).items() if name != "exp"}
    return Comer(bearer(jwt.encode(claims, key, "HS256", headers={"kid": kid})))


def _signed_out(database: Database, admin: User) -> Comer:
    sign_in_id, token, _ = a_sign_in(database, admin)
    with database.begin() as session:
        sign_ins.end(session, sign_in_id)
    return Comer(bearer(token))


def _not_active(database: Database, _admin: User) -> Comer:
    user = a_user(database, UserRole.ADMIN)
    headers = as_user(database, user)
    with database.begin() as session:
        users.change(session, user.id, {"is_active": False})
    return Comer(headers)


def _with_removed_key(database: Database, admin: User) -> Comer:
    with database.begin() as session:
        key, text = api_keys.create(session, admin.id, "a key", {Scope.ADMIN})
        api_keys.remove(session, key.id)
    return Comer({"X-API-Key": text})


def _with_refresh_token(database: Database, admin: User) -> Comer:
    return Comer(bearer(a_sign_in(database, admin)[2]))


def _with_token_in_the_query(database: Database, admin: User, route: Route) -> Comer:
    _, token, _ = a_sign_in(database, admin)
    if route.path != "/ws":
        return Comer({}, query=f"token={token}")
    return Comer({}, frozenset(Scope), is_known=True, query=f"token={token}")


def _signature(database: Database, path: str, at: float) -> str:
    keys = signing_keys.load(database)
    return url_signatures.query(keys.for_purpose("url")[keys.newest], path, int(at))


def _with_signature(database: Database, _admin: User, route: Route) -> Comer:
    return Comer({}, query=_signature(database, urlsplit(route.url).path, time.time() + 60), is_signed=True)


def _with_signature_of_another_file(database: Database, _admin: User, route: Route) -> Comer:
    path = urlsplit(route.url).path.replace(str(NOWHERE), str(NOWHERE).replace("1", "2")).replace("0" * 32, "1" * 32)
    return Comer({}, query=_signature(database, path + "x" * (path == route.url), time.time() + 60))


def _with_signature_that_ended(database: Database, _admin: User, route: Route) -> Comer:
    return Comer({}, query=_signature(database, urlsplit(route.url).path, time.time() - 1))


def _with_signature_of_another_time(database: Database, _admin: User, route: Route) -> Comer:
    query = _signature(database, urlsplit(route.url).path, time.time() - 1)
    return Comer({}, query=f"exp={int(time.time()) + 600}&{query.partition('&')[2]}")


#: Else it would be no request for the socket.
_TO_A_SOCKET = {"Connection": "Upgrade", "Upgrade": "websocket"}

COMERS: dict[str, Comes] = {
    "nobody": _nobody,
    "a viewer": _with_role(UserRole.VIEWER),
    "a member": _with_role(UserRole.MEMBER),
    "an admin": _with_role(UserRole.ADMIN),
    "a key that may read": _with_key(Scope.READ),
    "a key that may stream": _with_key(Scope.STREAM),
    "a key that may scan": _with_key(Scope.SCAN),
    "a key that may manage": _with_key(Scope.MANAGE),
    "a key that may read metrics": _with_key(Scope.METRICS),
    "a key that may do everything": _with_key(Scope.ADMIN),
    "a key for everything of who may not": _with_members_admin_key,
    "a key that was removed": _with_removed_key,
    "an expired token": _expired,
    "a token without an end": _without_an_end,
    "a forged token": _forged,
    "a token of no algorithm": _of_no_algorithm,
    "a token of another algorithm": _of_another_algorithm,
    "a token of a key for something else": _of_a_key_for_something_else,
    "a token of who signed out": _signed_out,
    "a token of who is not active": _not_active,
    "a refresh token": _with_refresh_token,
}

#: Who comes to each route with something else.
COMERS_TO: dict[str, ComesTo] = {
    "a token in the query": _with_token_in_the_query,
    "a signature": _with_signature,
    "a signature of another file": _with_signature_of_another_file,
    "a signature that ended": _with_signature_that_ended,
    "a signature of another time": _with_signature_of_another_time,
}


def expected(route: Route, comer: Comer) -> int:
    """Say what a comer is to be answered at a route."""
    if route.needs == PUBLIC or (route.needs == STREAM and comer.is_signed):
        return route.answer
    if not comer.is_known:
        return 401
    may = {KNOWN: True, PERSON: comer.is_person}.get(route.needs, route.needs in comer.scopes)
    return route.answer if may else 403


@pytest.fixture
def admin(client: FlaskClient, database: Database) -> User:
    """Have guards on, and an admin."""
    return guarded(client, database)[0]


@pytest.mark.parametrize("name", [*COMERS, *COMERS_TO])
def test_each_route_is_for_whom_it_is(client: FlaskClient, database: Database, admin: User, name: str) -> None:
    once = COMERS[name](database, admin) if name in COMERS else None

    wrong = []
    for route in ROUTES:
        comer = once or COMERS_TO[name](database, admin, route)
        url = route.url + (("&" if "?" in route.url else "?") + comer.query if comer.query else "")
        headers = comer.headers | (_TO_A_SOCKET if route.path == "/ws" else {})
        answer = client.open(url, method=route.method, json=route.body, headers=headers)
        if answer.status_code != expected(route, comer):
            wrong.append((route.method, route.path, answer.status_code, expected(route, comer)))

    assert wrong == []


def test_the_table_of_routes_has_every_route_of_the_document_and_no_other(client: FlaskClient) -> None:
    paths = client.get("/api/docs.json").json["paths"]
    documented = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}

    assert {(route.method, route.path) for route in ROUTES} == documented, "say in this table who may use a new route"
    assert len(ROUTES) == len(documented)


def test_every_route_of_the_app_has_its_rule(client: FlaskClient) -> None:
    routes = {
        access.named(method, rule.rule)
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
    }

    assert routes == access.NEEDS.keys()


def test_a_route_without_a_rule_is_nobodys(
    client: FlaskClient, database: Database, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(access.NEEDS, "GET /api/v1/movies")

    assert client.get("/api/v1/movies").status_code == 401
    assert client.get("/api/v1/movies", headers=as_user(database, admin)).status_code == 403


def test_what_leads_nowhere_is_answered_as_such(client: FlaskClient, admin: User) -> None:
    assert admin
    assert client.get("/api/v1/nowhere").status_code == 404
    assert client.delete("/api/v1/movies").status_code == 405


def test_a_browser_may_ask_whether_it_may_ask(client: FlaskClient, admin: User) -> None:
    assert admin
    asks = {
        "Origin": "http://localhost:8080",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, x-api-key",
    }

    answer = client.options("/api/v1/movies", headers=asks)

    assert answer.status_code == 200
    assert "x-api-key" in answer.headers["Access-Control-Allow-Headers"].lower()


def test_who_is_not_known_is_told_how_to_be(client: FlaskClient, admin: User) -> None:
    assert admin

    answer = client.get("/api/v1/movies")

    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["error"] == "Unauthorized"
    assert "/api/v1/auth/login" in answer.json["message"]


def test_a_sign_in_that_nobody_renewed_ends(client: FlaskClient, database: Database, admin: User) -> None:
    sign_in_id, token, _ = a_sign_in(database, admin)
    with database.begin() as session:
        session.get_one(sign_ins.SignIn, sign_in_id).expires_at = now() - timedelta(seconds=1)

    assert client.get("/api/v1/movies", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "header", ["Basic YWRhOmFkYQ==", "Bearer", "Bearer ", "bearer x.y.z", "Bearer \u00e9", "x"], ids=repr
)
def test_a_header_that_says_nothing_is_nobodys(client: FlaskClient, admin: User, header: str) -> None:
    assert admin

    assert client.get("/api/v1/movies", headers={"Authorization": header}).status_code == 401
