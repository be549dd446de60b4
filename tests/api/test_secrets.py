"""Answers and log lines never repeat a secret, however it was sent."""

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared import logs
from shared.database import Database
from tests.api.conftest import MakeClient

SECRET = "hunter2-hunter2-hunter2"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("PUT", "/api/v1/settings", {"json": {"tmdbApiKey": [SECRET]}}),
        ("PUT", "/api/v1/settings", {"json": {"tmdbApiKey": SECRET + "\0"}}),
        ("PUT", "/api/v1/settings", {"data": f'{{"tmdbApiKey": "{SECRET}"', "headers": JSON}),
        ("PUT", "/api/v1/settings/providers/tmdb", {"json": {"config": {"apiKey": {"a": SECRET}}}}),
        ("PUT", "/api/v1/settings/providers/nfo", {"json": {"config": {"apiKey": SECRET}}}),
        ("POST", "/api/v1/settings/providers", {"json": {"name": "none", "config": {"apiKey": SECRET}}}),
        ("GET", f"/nowhere?token={SECRET}&sig={SECRET}", {}),
        ("GET", f"/api/v1/movies?limit={SECRET}", {}),
        ("GET", "/api/v1/movies/x", {"headers": {"Authorization": f"Bearer {SECRET}"}}),
        ("GET", "/api/v1/movies", {"headers": {"X-Client-Version": f"9.9.9-{SECRET}"[:5], "Cookie": f"a={SECRET}"}}),
    ],
    ids=range(10),
)
def test_what_is_refused_is_not_repeated_in_the_answer_nor_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, method: str, path: str, sent: dict[str, Any]
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.open(path, method=method, **sent)

    assert 400 <= answer.status_code < 500
    assert SECRET not in answer.text
    assert SECRET not in "".join(str(logs.described(record, "web", {})) for record in caplog.records)


def test_what_goes_wrong_unexpectedly_is_not_told_and_logged_without_secrets(
    make_client: MakeClient, database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database
    url = f"postgresql://dester:{SECRET}@db/dester"
    monkeypatch.setattr("api.routes.settings.settings.read", lambda _: (_ for _ in ()).throw(ValueError(f"no {url}")))

    answer = make_client().get("/api/v1/settings")

    assert answer.status_code == 500
    assert SECRET not in answer.text
    logged = "".join(str(logs.described(record, "web", {})) for record in caplog.records)
    assert "ValueError: no postgresql://dester:***@db/dester" in logged
    assert SECRET not in logged


def test_a_request_is_logged_without_its_query(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logs.HTTP):
        client.get(f"/api/v1/movies?q={SECRET}&token={SECRET}")

    assert "GET '/api/v1/movies' 200" in caplog.text
    assert SECRET not in caplog.text
