"""/api/v1/settings/providers: what users configure, and what workers make of it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select

from shared.config import load
from shared.database import Database
from shared.kinds import MatchStatus
from shared.models import Enrichment, ProviderRow
from tests.api.conftest import MakeClient
from tests.builders import a_library, a_movie
from worker.providers.chain import in_force
from worker.resources import Resources

SETTINGS = "/api/v1/settings"
PROVIDERS = f"{SETTINGS}/providers"
TMDB = f"{PROVIDERS}/tmdb"
NFO = f"{PROVIDERS}/nfo"
KEY = "0123456789abcdef0123456789abcdef"
ANOTHER = "fedcba9876543210fedcba9876543210"
MASKED = "••••••••cdef"


@pytest.fixture
def resources(database: Database, redis_url: str, tmp_path: Path) -> Resources:
    """Give what a worker that has been running for long holds open."""
    url = database.engine.url.render_as_string(hide_password=False)
    return Resources(load({"DATABASE_URL": url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}))


def asked(resources: Resources) -> list[str]:
    """Return whom a worker would ask in its next task, in order."""
    with resources.database.read() as session:
        return [provider.name for provider in in_force(session, resources)]


def rows(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        found = session.scalars(select(ProviderRow).order_by(ProviderRow.name))
        return [(row.id, row.name, row.enabled, row.priority, row.config) for row in found]


def shown(client: FlaskClient, name: str = "tmdb") -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"{PROVIDERS}/{name}").json["data"]
    return {key: value for key, value in data.items() if key not in {"id", "name"}}


def test_a_new_installation_asks_nfo_files_before_tmdb(client: FlaskClient) -> None:
    answer = client.get(PROVIDERS)

    assert answer.status_code == 200
    assert [{**provider, "id": ""} for provider in answer.json["data"]] == [
        {"id": "", "name": "nfo", "enabled": True, "priority": 0, "config": {}},
        {"id": "", "name": "tmdb", "enabled": True, "priority": 10, "config": {}},
        {"id": "", "name": "tvmaze", "enabled": True, "priority": 20, "config": {}},
    ]


def test_providers_are_listed_by_priority_and_then_by_name(client: FlaskClient) -> None:
    def names() -> list[str]:
        return [provider["name"] for provider in client.get(PROVIDERS).json["data"]]

    client.put(NFO, json={"priority": 15})
    by_priority = names()
    client.put(TMDB, json={"priority": 15})

    assert by_priority == ["tmdb", "nfo", "tvmaze"]
    assert names() == ["nfo", "tmdb", "tvmaze"]


def test_a_row_of_a_provider_that_the_server_does_not_have_is_not_shown_and_not_asked(
    client: FlaskClient, database: Database, resources: Resources
) -> None:
    with database.begin() as session:
        session.add(ProviderRow(name="tvdb", priority=1, config={"apiKey": "hunter2"}))

    answers = [client.get(PROVIDERS), client.get(f"{PROVIDERS}/tvdb")]

    assert answers[1].status_code == 404
    assert "hunter2" not in "".join(answer.text for answer in answers)
    assert [provider["name"] for provider in answers[0].json["data"]] == ["nfo", "tmdb", "tvmaze"]
    assert asked(resources) == ["nfo", "tvmaze"]


def test_a_key_goes_out_masked_everywhere(client: FlaskClient) -> None:
    answers = [
        client.put(TMDB, json={"config": {"apiKey": KEY}}),
        client.post(PROVIDERS, json={"name": "tmdb"}),
        client.get(TMDB),
        client.get(PROVIDERS),
        client.get(SETTINGS),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert KEY not in answer.text
        assert MASKED in json.dumps(answer.json, ensure_ascii=False)


def test_the_key_is_the_same_in_the_settings_and_in_the_provider(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": KEY})
    from_settings = shown(client)["config"]
    client.put(TMDB, json={"config": {"apiKey": f" {ANOTHER}\n"}})

    assert from_settings == {"apiKey": MASKED}
    assert client.get(SETTINGS).json["data"]["tmdbApiKey"] == "••••••••3210"
    assert rows(database)[1][-1] == {"apiKey": ANOTHER}


@pytest.mark.parametrize("again", [{}, {"enabled": True}, {"enabled": False}, {"priority": 3}])
def test_a_masked_key_that_comes_back_leaves_the_key(
    client: FlaskClient, database: Database, again: dict[str, Any]
) -> None:
    client.put(TMDB, json={"config": {"apiKey": KEY}})

    answer = client.put(TMDB, json=client.get(TMDB).json["data"] | again)

    assert answer.status_code == 200
    assert shown(client) == {"enabled": True, "priority": 10, "config": {"apiKey": MASKED}} | again
    assert rows(database)[1][-1] == {"apiKey": KEY}


def test_what_was_read_may_come_back_and_changes_nothing(client: FlaskClient, database: Database, redis: Redis) -> None:
    with database.begin() as session:
        a_movie(session, match_status=MatchStatus.UNMATCHED)
    for disabled in (False, True):
        before = rows(database)
        for provider in client.get(PROVIDERS).json["data"]:
            assert client.put(f"{PROVIDERS}/{provider['name']}", json=provider).json["data"] == provider
            assert client.post(PROVIDERS, json=provider).json["data"] == provider
        assert rows(database) == before
        if not disabled:
            client.put(TMDB, json={"enabled": False, "config": {"apiKey": KEY}})
    assert redis.llen("metadata") == 0


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize("more", [{}, {"enabled": True}])
def test_an_empty_key_is_forgotten_and_disables_tmdb(
    client: FlaskClient, database: Database, empty: str, more: dict[str, Any]
) -> None:
    client.put(TMDB, json={"config": {"apiKey": KEY}})

    client.put(TMDB, json=more | {"config": {"apiKey": empty}})

    assert shown(client) == {"enabled": False, "priority": 10, "config": {}}
    assert "tmdbApiKey" not in client.get(SETTINGS).json["data"]
    assert KEY not in str(rows(database))


@pytest.mark.parametrize(
    ("change", "enabled"),
    [
        ({"config": {"apiKey": KEY}}, True),
        ({"config": {"apiKey": KEY}, "enabled": False}, False),
        ({"config": {}}, False),
        ({"priority": 1}, False),
    ],
    ids=repr,
)
def test_a_key_enables_tmdb_unless_the_request_says_otherwise(
    client: FlaskClient, change: dict[str, Any], *, enabled: bool
) -> None:
    client.put(TMDB, json={"enabled": False})

    client.put(TMDB, json=change)

    assert shown(client)["enabled"] is enabled


def test_tmdb_without_a_key_may_be_enabled_and_is_not_asked_until_it_has_one(
    client: FlaskClient, resources: Resources
) -> None:
    client.delete(TMDB)

    answer = client.post(PROVIDERS, json={"name": "tmdb"})
    keyless = asked(resources)
    client.put(SETTINGS, json={"tmdbApiKey": KEY})

    assert answer.status_code == 201
    assert answer.json["data"] | {"id": ""} == {
        "id": "",
        "name": "tmdb",
        "enabled": True,
        "priority": 10,
        "config": {},
    }
    assert keyless == ["nfo", "tvmaze"]
    assert asked(resources) == ["nfo", "tmdb", "tvmaze"]


def test_every_change_is_in_force_for_the_next_task_of_a_worker_that_runs(
    client: FlaskClient, resources: Resources
) -> None:
    client.delete(f"{PROVIDERS}/tvmaze")
    seen = [asked(resources)]
    for change in (
        lambda: client.put(TMDB, json={"config": {"apiKey": KEY}}),
        lambda: client.put(TMDB, json={"priority": 0}),
        lambda: client.put(NFO, json={"priority": 1}),
        lambda: client.put(NFO, json={"enabled": False}),
        lambda: client.put(NFO, json={"enabled": True}),
        lambda: client.delete(NFO),
        lambda: client.post(PROVIDERS, json={"name": "nfo", "priority": 7}),
        lambda: client.delete(TMDB),
        lambda: client.post(f"{SETTINGS}/reset"),
    ):
        assert change().status_code in {200, 201}
        seen.append(asked(resources))

    assert seen == [
        ["nfo"],
        ["nfo", "tmdb"],
        ["nfo", "tmdb"],
        ["tmdb", "nfo"],
        ["tmdb"],
        ["tmdb", "nfo"],
        ["tmdb"],
        ["tmdb", "nfo"],
        ["nfo"],
        ["nfo", "tvmaze"],
    ]


@pytest.mark.parametrize(
    ("before", "change", "fetched"),
    [
        ({}, {"config": {"apiKey": KEY}}, 17),
        ({"config": {"apiKey": KEY}}, {"config": {"apiKey": ANOTHER}}, 17),
        ({"enabled": False, "config": {"apiKey": KEY}}, {"enabled": True}, 17),
        ({"config": {"apiKey": KEY}}, {"config": {"apiKey": KEY}}, 0),
        ({"config": {"apiKey": KEY}}, {"config": {"apiKey": ""}}, 0),
        ({"config": {"apiKey": KEY}}, {"enabled": True, "priority": 3}, 0),
        ({"config": {"apiKey": KEY}}, {"enabled": False, "config": {"apiKey": ANOTHER}}, 0),
        ({"enabled": False}, {"enabled": True}, 0),
    ],
    ids=repr,
)
def test_what_waits_is_fetched_when_tmdb_can_say_more_than_before(  # noqa: PLR0917
    client: FlaskClient, database: Database, redis: Redis, before: dict[str, Any], change: dict[str, Any], fetched: int
) -> None:
    client.put(TMDB, json=before)
    with database.begin() as session:
        for _ in range(17):
            a_movie(session, match_status=MatchStatus.UNMATCHED)

    client.put(TMDB, json=change)

    with database.read() as session:
        assert len(session.scalars(select(Enrichment)).all()) == fetched
    assert redis.llen("metadata") == bool(fetched)


@pytest.mark.parametrize(
    ("change", "is_fetched"),
    [
        ({"priority": 30}, True),
        ({"priority": 15}, False),
        ({"priority": 5, "enabled": False}, False),
    ],
    ids=repr,
)
def test_another_order_has_fetched_again_what_is_matched_but_for_libraries_with_their_own(
    client: FlaskClient, database: Database, change: dict[str, Any], *, is_fetched: bool
) -> None:
    with database.begin() as session:
        in_order = a_movie(session, library=a_library(session)).media_id
        a_movie(session, library=a_library(session, providers=["tmdb"]))
        a_movie(session, library=a_library(session), match_status=MatchStatus.UNMATCHED)

    client.put(NFO, json=change)

    with database.read() as session:
        assert session.scalars(select(Enrichment.media_id)).all() == [in_order] * is_fetched


def test_a_reset_that_changes_the_order_has_fetched_again_what_is_matched(
    client: FlaskClient, database: Database
) -> None:
    client.put(NFO, json={"priority": 30})
    with database.begin() as session:
        a_movie(session)

    client.post(f"{SETTINGS}/reset")

    with database.read() as session:
        assert len(session.scalars(select(Enrichment)).all()) == 1


def test_what_waits_is_fetched_when_a_provider_is_created_again(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    client.delete(NFO)
    with database.begin() as session:
        a_movie(session, match_status=MatchStatus.UNMATCHED)

    client.post(PROVIDERS, json={"name": "nfo"})

    assert redis.llen("metadata") == 1


def test_a_provider_that_exists_is_changed_by_what_the_request_names(client: FlaskClient) -> None:
    client.put(TMDB, json={"priority": 5, "config": {"apiKey": KEY}})

    answer = client.post(PROVIDERS, json={"name": "tmdb", "enabled": False})

    assert answer.status_code == 200
    assert shown(client) == {"enabled": False, "priority": 5, "config": {"apiKey": MASKED}}


def test_a_deleted_provider_is_gone_with_its_key_until_it_is_created_again(
    client: FlaskClient, database: Database
) -> None:
    client.put(TMDB, json={"config": {"apiKey": KEY}})

    gone = client.delete(TMDB)
    twice = client.delete(TMDB)
    again = client.post(PROVIDERS, json={"name": "tmdb", "enabled": False, "priority": 4})

    assert (gone.status_code, gone.json["success"]) == (200, True)
    assert twice.status_code == 404
    assert again.status_code == 201
    assert shown(client) == {"enabled": False, "priority": 4, "config": {}}
    assert KEY not in str(rows(database))


def test_of_two_requests_that_create_a_provider_at_once_one_creates_it(
    make_client: MakeClient, database: Database
) -> None:
    clients = [make_client() for _ in range(4)]
    clients[0].delete(TMDB)
    start = Barrier(len(clients))

    def create(number: int) -> int:
        start.wait()
        return clients[number].post(PROVIDERS, json={"name": "tmdb", "priority": number}).status_code

    with ThreadPoolExecutor(len(clients)) as threads:
        statuses = sorted(threads.map(create, range(len(clients))))

    assert statuses == [200, 200, 200, 201]
    assert [row[1] for row in rows(database)] == ["nfo", "tmdb", "tvmaze"]


@pytest.mark.parametrize("name", ["omdb", "TMDB", "nfo ", "é", "%00", "..%2F", "x" * 500, "1"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_name_that_no_provider_has_is_not_found(
    client: FlaskClient, database: Database, method: str, name: str
) -> None:
    before = rows(database)

    answer = client.open(f"{PROVIDERS}/{name}", method=method, json={"enabled": False} if method == "PUT" else None)

    assert answer.status_code == 404
    assert len(answer.data) < 1000
    assert rows(database) == before


BAD: list[tuple[Any, str]] = [
    ({"enabled": "yes"}, "enabled"),
    ({"enabled": 1}, "enabled"),
    ({"enabled": []}, "enabled"),
    ({"priority": -1}, "priority"),
    ({"priority": 1_000_001}, "priority"),
    ({"priority": 1.5}, "priority"),
    ({"priority": "1"}, "priority"),
    ({"priority": True}, "priority"),
    ({"priority": 10**400}, "priority"),
    ({"config": "x"}, "config"),
    ({"config": [KEY]}, "config"),
    ({"config": {"apiKey": 5}}, "config.apiKey"),
    ({"config": {"apiKey": "x" * 1001}}, "config.apiKey"),
    ({"config": {"apiKey": "a\0b"}}, "config.apiKey"),
    ({"config": {"apiKey": "\ud800"}}, "config.apiKey"),
    ({"config": {"language": "de"}}, "config.language"),
    ({"config": {"api_key": KEY}}, "config.api_key"),
    ({"config": {"": KEY}}, "config"),
    ({"config": {"baseUrl": "http://169.254.169.254/"}}, "config.baseUrl"),
    ({"id": "another"}, "id"),
    ({"id": 5}, "id"),
    ({"secret": "x"}, "secret"),
]


@pytest.mark.parametrize(("body", "field"), [*BAD, ({"name": "nfo"}, "name"), ([], "body"), ("x", "body")], ids=repr)
def test_a_wrong_change_is_refused_and_nothing_changes(
    client: FlaskClient, database: Database, body: Any, field: str
) -> None:
    before = rows(database)

    answer = client.put(TMDB, json={"priority": 3} | body if isinstance(body, dict) else body)

    refused(answer, field)
    assert rows(database) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *BAD,
        ({"name": "omdb"}, "name"),
        ({"name": "TMDB"}, "name"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": ["tmdb"]}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "nfo", "config": {"apiKey": KEY}}, "config.apiKey"),
        ([], "body"),
        ("x", "body"),
    ],
    ids=repr,
)
def test_a_wrong_provider_is_refused_and_nothing_is_created(
    client: FlaskClient, database: Database, body: Any, field: str
) -> None:
    client.delete(TMDB)
    client.delete(NFO)
    before = rows(database)

    answer = client.post(PROVIDERS, json={"name": "tmdb", "priority": 3} | body if isinstance(body, dict) else body)

    refused(answer, field)
    assert rows(database) == before


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff"])
@pytest.mark.parametrize(("method", "path"), [("PUT", TMDB), ("POST", PROVIDERS)])
def test_what_is_no_json_object_is_refused(
    client: FlaskClient, database: Database, method: str, path: str, body: bytes
) -> None:
    before = rows(database)

    answer = client.open(path, method=method, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert rows(database) == before


def test_a_name_that_the_server_does_not_know_is_answered_by_those_that_it_knows(client: FlaskClient) -> None:
    answer = client.post(PROVIDERS, json={"name": "omdb"})

    assert answer.json["message"] == "name: This server has no such provider; it has nfo, tmdb, tvmaze."


def refused(answer: Any, field: str) -> None:
    assert answer.status_code == 400, answer.text[:300]
    assert answer.json["error"] == "Validation failed"
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert KEY not in answer.text
