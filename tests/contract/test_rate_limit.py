"""The rate limit, with real processes and a client that comes from another address than loopback."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from shared.database import Database
from shared.migrate import migrate
from tests.contract.gunicorns import Gunicorn, gunicorn, own_address

MOVIES = "/api/v1/movies"
LIMIT = 5

Pair = tuple[Gunicorn, Gunicorn]


@pytest.fixture(scope="module")
def address() -> str:
    """Return where this machine is reached without loopback, whose clients nobody counts."""
    found = own_address()
    if found is None:
        pytest.skip("This machine has no address but loopback.")
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    migrate(Database(f"sqlite:///{made / 'dester.db'}"))
    return made


@pytest.fixture(scope="module")
def pair(folder: Path, redis_url: str) -> Iterator[Pair]:
    """Run two API processes that share Redis and a database."""
    limit = {"RATE_LIMIT_MAX": str(LIMIT), "RATE_LIMIT_WINDOW_MS": "600000"}
    with gunicorn(folder, redis_url, **limit) as one, gunicorn(folder, redis_url, **limit) as other:
        yield one, other


@pytest.fixture(autouse=True)
def _uncounted(redis: Redis) -> None:
    """Forget what was counted before; the processes' own lines may be in the log again by now."""
    assert not list(redis.scan_iter("LIMIT*"))


def ask(server: Gunicorn, address: str, path: str = MOVIES, **headers: str) -> http.client.HTTPResponse:
    """Ask for a path exactly as it is written: a client that tidied it up would prove nothing."""
    connection = http.client.HTTPConnection(address, server.port, timeout=10)
    connection.putrequest("GET", path, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def exhaust(server: Gunicorn, address: str) -> None:
    assert [ask(server, address).status for _ in range(LIMIT)] == [200] * LIMIT
    assert ask(server, address).status == 429


def test_two_processes_count_together(pair: Pair, address: str) -> None:
    answers = [ask(pair[number % 2], address) for number in range(LIMIT + 3)]

    assert [answer.status for answer in answers] == [200] * LIMIT + [429] * 3
    left = [int(answer.headers["RateLimit-Remaining"]) for answer in answers]
    assert left == [*reversed(range(LIMIT)), 0, 0, 0]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {str(LIMIT)}
    for answer in answers:
        assert 0 < int(answer.headers["RateLimit-Reset"]) <= 601
        assert ("Retry-After" in answer.headers) == (answer.status == 429)
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 601


def test_the_limit_survives_a_restart_of_the_api(pair: Pair, address: str) -> None:
    exhaust(pair[0], address)

    pair[0].stop()
    pair[0].start()

    assert ask(pair[0], address).status == 429


@pytest.mark.parametrize(
    "name", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "X_Client_IP", "Host", "X_Forwarded_Host"]
)
def test_a_forged_header_does_not_pass_the_limit(pair: Pair, address: str, name: str) -> None:
    exhaust(pair[0], address)

    for value in ("127.0.0.1", "::1", "localhost", "for=127.0.0.1", "10.0.0.1, 127.0.0.1"):
        assert ask(pair[1], address, **{name: value}).status == 429


def test_all_forgeries_together_do_not_pass_it_either(pair: Pair, address: str) -> None:
    exhaust(pair[0], address)
    names = ("X_Forwarded_For", "Forwarded", "X_Real_IP", "True_Client_IP", "CF_Connecting_IP", "X_Forwarded_Proto")

    assert ask(pair[1], address, **dict.fromkeys(names, "127.0.0.1")).status == 429


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/api/v1/scan/job/x",
        "/api/v1/stream/x",
        "/api/v1/image/x",
        "/api/v1/stream/123e4567-e89b-42d3-a456-426614174000?a=b",
    ],
)
def test_what_is_exempt_is_neither_limited_nor_counted(pair: Pair, address: str, path: str) -> None:
    answers = [ask(pair[0], address, path) for _ in range(LIMIT + 2)]

    assert 429 not in {answer.status for answer in answers}
    assert not [answer for answer in answers if "RateLimit-Limit" in answer.headers]
    exhaust(pair[0], address)
    assert ask(pair[0], address, path).status != 429


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/library",
        "/api/v1/settings",
        "/api/docs",
        "/api/docs.json",
        "/",
        "/nowhere",
        "/HEALTH",
        "/healthy",
        "/api/v1/scan",
        "/api/v1/scanner",
        "/api/v1/stream",
        "/api/v1/stream/../movies",
        "/api/v1/stream/..%2fmovies",
        "/api/v1/stream%2f..%2fmovies",
        "/api/v1/image/../movies",
        "/api/v1/movies/../stream/x",
        "//api/v1/movies",
        "//health/../api/v1/movies",
        "/api//v1/movies",
        "/api/v1/movies/",
        "/api/v1/%6dovies",
        "/api/v1/movies?x=/api/v1/stream/x",
        "/api/v1/movies#/api/v1/stream/x",
        "/api/v1/movies;/api/v1/stream/x",
        "/health/../api/v1/movies",
        "/ws/../api/v1/movies",
    ],
)
def test_what_only_looks_exempt_is_limited(pair: Pair, address: str, path: str) -> None:
    exhaust(pair[0], address)

    assert ask(pair[0], address, path).status == 429


def test_a_wrong_version_is_counted_too(pair: Pair, address: str) -> None:
    statuses = [ask(pair[0], address, X_Client_Version="9.9.9").status for _ in range(LIMIT + 1)]

    assert statuses == [426] * LIMIT + [429]


def test_this_machine_itself_is_not_limited(pair: Pair) -> None:
    assert {ask(pair[0], "127.0.0.1").status for _ in range(LIMIT + 2)} == {200}
