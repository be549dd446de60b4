"""What every request passes: origins, versions, ids, limits, unknown routes and methods."""

import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from shared.database import Database
from tests.api.conftest import MakeClient
from tests.builders import a_movie

MOVIES = "/api/v1/movies"


def from_afar(client: FlaskClient, path: str = MOVIES, address: str = "192.168.1.20", **more: Any) -> TestResponse:
    """Ask from another machine: this one is not limited."""
    return client.get(path, environ_base={"REMOTE_ADDR": address}, **more)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:3000",
        "https://localhost:8443",
        "http://127.0.0.1:5173",
        "http://10.0.0.5",
        "http://10.255.255.255:8080",
        "http://172.16.0.1",
        "http://172.31.255.1:3000",
        "http://192.168.0.1:3000",
        "http://[::1]:3000",
        "http://[fd12:3456:789a::1]:3000",
        "http://nas.local:3000",
        "https://my-nas.home.local",
    ],
)
def test_a_local_origin_is_allowed_with_credentials(client: FlaskClient, origin: str) -> None:
    answer = client.get("/health", headers={"Origin": origin})

    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer.headers["Vary"]
    exposed = answer.headers["Access-Control-Expose-Headers"]
    for name in ("X-API-Version", "X-Request-ID", "Content-Range", "ETag", "Retry-After"):
        assert name in exposed


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org",
        "http://localhost.example.org",
        "http://example.org/localhost",
        "http://notlocalhost",
        "http://localhost:3000.example.org",
        "http://localhost@example.org",
        "http://127.0.0.1.example.org",
        "http://11.0.0.1",
        "http://172.15.0.1",
        "http://172.32.0.1",
        "http://192.169.0.1",
        "http://192.168.0.1.example.org",
        "http://8.8.8.8",
        "http://[2001:db8::1]",
        "http://nas.local.example.org",
        "http://local",
        "http://nas-local",
        "ftp://localhost",
        "file://",
        "null",
        "*",
        "http://10.0.0.5\t",
    ],
)
def test_another_origin_gets_no_cors_headers(client: FlaskClient, origin: str) -> None:
    answer = client.get("/health", headers={"Origin": origin})
    preflight = client.options(MOVIES, headers={"Origin": origin, "Access-Control-Request-Method": "PUT"})

    for response in (answer, preflight):
        assert not [name for name in dict(response.headers) if name.startswith("Access-Control-")]
    assert answer.status_code == 200


def test_a_request_without_an_origin_is_served(client: FlaskClient) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/settings", "/api/v1/scan/path", MOVIES, "/health"])
def test_a_preflight_says_what_is_allowed(client: FlaskClient, path: str) -> None:
    wanted = "content-type, authorization, x-requested-with, x-client-version, range"

    answer = client.options(
        path,
        headers={
            "Origin": "http://192.168.0.2:3000",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": wanted,
            "X-Client-Version": "9.9.9",
        },
    )

    assert answer.status_code == 200
    allowed = set(re.split(r",\s*", answer.headers["Access-Control-Allow-Methods"]))
    assert allowed == {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
    assert set(re.split(r",\s*", answer.headers["Access-Control-Allow-Headers"].lower())) == set(wanted.split(", "))


def test_errors_have_cors_headers_too(client: FlaskClient) -> None:
    for path in ("/nowhere", f"{MOVIES}/x", f"{MOVIES}?limit=0"):
        answer = client.get(path, headers={"Origin": "http://localhost:3000"})
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


@pytest.mark.parametrize("path", ["/health", MOVIES, "/api/v1/settings", "/api/docs.json", "/nowhere", f"{MOVIES}/x"])
def test_every_answer_names_the_version_and_the_request(client: FlaskClient, path: str) -> None:
    answers = [client.get(path) for _ in range(2)]

    for answer in answers:
        assert re.fullmatch(r"0\.2\.\d+", answer.headers["X-API-Version"])
        assert re.fullmatch(r"[\w.-]{8,64}", answer.headers["X-Request-ID"])
    assert answers[0].headers["X-Request-ID"] != answers[1].headers["X-Request-ID"]


@pytest.mark.parametrize("version", ["0.2.0", "0.2.9", "0.2", "0.2.0-beta+1"])
def test_a_client_of_the_same_minor_version_is_served(client: FlaskClient, version: str) -> None:
    assert client.get(MOVIES, headers={"X-Client-Version": version}).status_code == 200


@pytest.mark.parametrize("version", ["0.1.9", "0.3.0", "1.2.0", "2", "0.20.0", "latest", "x" * 5000])
@pytest.mark.parametrize("path", [MOVIES, "/health"])
def test_a_client_of_another_version_is_told_to_upgrade(client: FlaskClient, path: str, version: str) -> None:
    answer = client.get(path, headers={"X-Client-Version": version})

    assert answer.status_code == 426
    assert answer.json["success"] is False
    assert answer.json["error"] == "Version mismatch"
    assert answer.json["data"] == {
        "clientVersion": version[:32],
        "apiVersion": answer.headers["X-API-Version"],
        "upgradeRequired": True,
    }


@pytest.mark.parametrize("given", ["abc-123", "A.b_c", "x" * 64])
def test_a_request_keeps_the_id_it_came_with(client: FlaskClient, given: str) -> None:
    assert client.get("/health", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", "a;b", "é", "a\tb"])
def test_an_id_that_could_do_harm_is_replaced(client: FlaskClient, given: str) -> None:
    assert client.get("/health", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/api", "/api/v1", "/api/v1/" + "x" * 3000, "/%00"])
def test_an_unknown_route_is_not_found_in_the_envelope(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == 404
    assert answer.mimetype == "application/json"
    assert (answer.json["success"], answer.json["error"]) == (False, "Route not found")
    assert len(answer.data) < 500


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", MOVIES, {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/health", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/scan/path", {"POST", "OPTIONS"}),
        ("PATCH", "/api/v1/settings", {"GET", "HEAD", "OPTIONS", "PUT"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient, method: str, path: str, allowed: set[str]) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == 405
    assert answer.json["success"] is False
    assert answer.json["message"]
    assert set(re.split(r",\s*", answer.headers["Allow"])) == allowed


def test_an_unexpected_error_says_nothing_about_itself(client: FlaskClient) -> None:
    def broken() -> None:
        raise ValueError("SELECT secret FROM /root/database")

    client.application.add_url_rule("/broken", "broken", broken)

    answer = client.get("/broken")

    assert answer.status_code == 500
    assert answer.json["error"] == "Internal server error"
    for word in ("SELECT", "secret", "Traceback", "ValueError"):
        assert word not in answer.text


def test_without_its_database_the_api_says_so_soon(make_client: MakeClient) -> None:
    client = make_client(DATABASE_URL="postgresql://nobody:hunter2@127.0.0.1:1/none")
    began = time.monotonic()

    answer = client.get(MOVIES)

    assert answer.status_code == 503
    assert answer.json["error"] == "Service unavailable"
    assert "hunter2" not in answer.text
    assert client.get("/health").status_code == 200
    assert time.monotonic() - began < 5


def test_health_says_that_the_server_is_alive(client: FlaskClient) -> None:
    answer = client.get("/health")

    assert set(answer.json) == {"status", "version", "timestamp", "uptime"}
    assert answer.json["status"] == "OK"
    assert answer.json["uptime"] >= 0


def test_who_asks_too_often_is_told_when_to_come_back(make_client: MakeClient) -> None:
    client = make_client(RATE_LIMIT_MAX="3", RATE_LIMIT_WINDOW_MS="60000")

    answers = [from_afar(client) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    last = answers[-1]
    assert (last.json["success"], last.json["error"]) == (False, "Too many requests")
    assert 0 < int(last.headers["Retry-After"]) <= 61
    assert int(last.headers["RateLimit-Reset"]) > 0


def test_the_limit_counts_all_routes_together_and_each_client_apart(make_client: MakeClient) -> None:
    client = make_client(RATE_LIMIT_MAX="3")

    statuses = [
        from_afar(client, path).status_code
        for path in (MOVIES, "/api/v1/tvshows", "/api/v1/settings", "/api/v1/library")
    ]

    assert statuses == [200, 200, 200, 429]
    assert from_afar(client, address="192.168.1.21").status_code == 200
    assert from_afar(client, address="2001:db8::1").status_code == 200


def test_two_processes_count_together(make_client: MakeClient) -> None:
    one, other = make_client(RATE_LIMIT_MAX="4"), make_client(RATE_LIMIT_MAX="4")

    statuses = [from_afar(client).status_code for client in (one, other, one, other, one, other)]

    assert statuses == [200, 200, 200, 200, 429, 429]


def test_the_window_passes(make_client: MakeClient) -> None:
    client = make_client(RATE_LIMIT_MAX="1", RATE_LIMIT_WINDOW_MS="1000")
    assert from_afar(client).status_code == 200
    assert from_afar(client).status_code == 429

    time.sleep(2.1)

    assert from_afar(client).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_not_limited(make_client: MakeClient, address: str) -> None:
    client = make_client(RATE_LIMIT_MAX="1")

    assert {from_afar(client, address=address).status_code for _ in range(4)} == {200}


@pytest.mark.parametrize("path", ["/health", "/api/v1/stream/x", "/api/v1/scan/job/x", "/api/v1/image/x"])
def test_some_paths_are_not_limited(make_client: MakeClient, path: str) -> None:
    client = make_client(RATE_LIMIT_MAX="1")

    assert 429 not in {from_afar(client, path).status_code for _ in range(4)}
    assert from_afar(client).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/library", "/api/v1/movies/x", "/api/docs.json"])
def test_other_paths_are_limited(make_client: MakeClient, path: str) -> None:
    client = make_client(RATE_LIMIT_MAX="1")

    statuses = [from_afar(client, path).status_code for _ in range(3)]

    assert statuses[1:] == [429, 429]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP"])
def test_a_forged_address_does_not_get_past_the_limit(make_client: MakeClient, header: str) -> None:
    client = make_client(RATE_LIMIT_MAX="2")
    forged = ["127.0.0.1", "10.0.0.1", "for=127.0.0.1", "::1"]

    statuses = [from_afar(client, headers={header: address}).status_code for address in forged]

    assert statuses == [200, 200, 429, 429]


def test_who_is_known_by_no_address_is_answered_and_counted(make_client: MakeClient) -> None:
    client = make_client(RATE_LIMIT_MAX="2")

    assert [from_afar(client, address="unknown").status_code for _ in range(3)] == [200, 200, 429]


def test_without_redis_films_are_still_served_and_soon(make_client: MakeClient, database: Database) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0", RATE_LIMIT_MAX="1")
    with database.begin() as session:
        a_movie(session)
    began = time.monotonic()

    statuses = {from_afar(client).status_code for _ in range(3)}

    assert statuses == {200}
    assert time.monotonic() - began < 3


def test_without_redis_a_title_that_wants_colours_is_still_shown_soon(
    make_client: MakeClient, database: Database
) -> None:
    client = make_client(REDIS_URL="redis://127.0.0.1:1/0")
    with database.begin() as session:
        a_movie(session, poster_source="https://example.org/p.jpg")
    began = time.monotonic()

    assert client.get(MOVIES).status_code == 200

    assert time.monotonic() - began < 3


def test_when_redis_is_back_requests_are_counted_again(make_client: MakeClient, redis: Redis) -> None:
    client = make_client(RATE_LIMIT_MAX="1")
    assert from_afar(client).status_code == 200

    redis.client_kill_filter(_type="normal", skipme=True)

    assert {from_afar(client).status_code for _ in range(3)} <= {200, 429}
    assert from_afar(client).status_code == 429


@pytest.mark.parametrize(
    "origin",
    [
        "http://films.example",
        "https://localhost.films.example",
        "null",
        "http://8.8.8.8",
        "http://[abc",
        "http://[::1",
        "http://[",
        "://",
        "",
    ],
)
def test_a_foreign_page_changes_nothing(client: FlaskClient, origin: str) -> None:
    answers = [
        client.post("/api/v1/settings/reset", headers={"Origin": origin}),
        client.post("/api/v1/scan/cleanup", headers={"Origin": origin}),
        client.delete("/api/v1/logs", headers={"Origin": origin}),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json["error"] for answer in answers} == {"Forbidden"}
    assert client.get("/api/v1/movies", headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize("origin", ["http://films.example", "http://[abc", "http://[::1"])
def test_a_foreign_page_does_not_listen(client: FlaskClient, origin: str) -> None:
    answer = client.get("/ws", headers={"Origin": origin})

    assert answer.status_code == 403


@pytest.mark.parametrize("origin", [None, "http://localhost:8080", "http://192.168.1.5", "https://films.example"])
def test_pages_of_the_local_network_and_of_the_server_itself_may_change_things(
    client: FlaskClient, origin: str | None
) -> None:
    headers = {"Host": "films.example"} | ({"Origin": origin} if origin else {})

    assert client.post("/api/v1/scan/cleanup", headers=headers).status_code == 200


def test_a_cache_keeps_answers_apart_by_origin(client: FlaskClient) -> None:
    for headers in ({}, {"Origin": "http://localhost:8080"}, {"Origin": "http://films.example"}):
        assert "Origin" in client.get("/api/v1/movies", headers=headers).vary


def test_a_body_in_chunks_must_be_json_too(client: FlaskClient) -> None:
    answer = client.put(
        "/api/v1/settings", data=b"{}", headers={"Transfer-Encoding": "chunked", "Content-Type": "text/plain"}
    )

    assert answer.status_code == 415


def test_a_slash_at_the_end_changes_nothing(client: FlaskClient) -> None:
    assert client.get("/api/v1/movies/").json == client.get("/api/v1/movies").json


def test_a_malformed_host_is_refused(client: FlaskClient) -> None:
    answer = client.get("/api/v1/movies", headers={"Host": "films example"})

    assert answer.status_code == 400
    assert "Host" in answer.json["message"]


def test_questions_of_a_page_whether_it_may_ask_are_not_counted(make_client: MakeClient) -> None:
    client = make_client(RATE_LIMIT_MAX="2")
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}

    for _ in range(5):
        assert client.options("/api/v1/movies", environ_overrides=elsewhere).status_code == 200

    assert client.get("/api/v1/movies", environ_overrides=elsewhere).status_code == 200
