"""What every answer tells browsers."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.json import DEEPEST
from shared.database import Database
from tests.api.conftest import MakeClient
from tests.builders import a_file, a_movie


@pytest.mark.parametrize("path", ["/health", "/api/v1/movies", "/api/v1/movies/nothing", "/nowhere", "/api/docs.json"])
def test_json_is_no_page_is_not_guessed_at_and_tells_nobody_where_one_came_from(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_the_reader_of_the_document_loads_from_this_server_alone(client: FlaskClient, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "http" not in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_video_may_be_shown_by_a_page_of_another_origin(client: FlaskClient, database: Database, media: Path) -> None:
    (media / "Heat.mkv").write_bytes(b"x")
    with database.begin() as session:
        movie = a_movie(session)
        a_file(session, media / "Heat.mkv", movie=movie)
        url = f"/api/v1/stream/{movie.id}"

    headers = client.get(url).headers

    assert headers["Content-Type"] == "video/x-matroska"
    assert "X-Content-Type-Options" not in headers
    assert headers["Referrer-Policy"] == "no-referrer"


def test_only_who_came_by_tls_is_told_to_come_back_by_it(make_client: MakeClient) -> None:
    behind_nginx, alone = make_client(FRONT_PROXY="nginx"), make_client()
    secure = {"X-Forwarded-Proto": "https"}

    assert behind_nginx.get("/health", headers=secure).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in behind_nginx.get("/health").headers
    assert "Strict-Transport-Security" not in alone.get("/health", headers=secure).headers


@pytest.mark.parametrize("kind", ["lists", "objects"])
@pytest.mark.parametrize(("levels", "is_refused"), [(DEEPEST, False), (DEEPEST + 1, True), (500, True)])
def test_json_may_be_nested_so_deeply_and_no_deeper(
    client: FlaskClient, kind: str, levels: int, *, is_refused: bool
) -> None:
    opening, closing = ("[", "]") if kind == "lists" else ('{"a":', "}")
    inner = levels - 1
    body = '{"path": ' + opening * inner + "1" + closing * inner + "}"
    assert json.loads(body)

    answer = client.post("/api/v1/scan/path", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert ("nested too deeply" in answer.json["message"]) is is_refused
