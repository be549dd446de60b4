"""What clients count on, as a table: held against the document, and against what a running server answers.

A type with a question mark may be null; its key is there all the same.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator

from tests.installation import Installation

Fact = str | list[Any] | dict[str, Any]

MEDIA: Fact = {
    "id": "string",
    "title": "string",
    "type": "string",
    "description": "string?",
    "posterUrl": "string?",
    "backdropUrl": "string?",
    "meshGradientColors": ["string"],
    "releaseDate": "string?",
    "rating": "number?",
    "createdAt": "string",
    "updatedAt": "string",
}
MOVIE: Fact = {
    "id": "string",
    "duration": "integer?",
    "trailerUrl": "string?",
    "filePath": "string?",
    "fileSize": "string?",
    "fileModifiedAt": "string?",
    "mediaId": "string",
    "media": MEDIA,
    "streamUrl": "string?",
}
TV_SHOW: dict[str, Any] = {
    "id": "string",
    "creator": "string?",
    "network": "string?",
    "mediaId": "string",
    "media": MEDIA,
}
EPISODE: Fact = {
    "id": "string",
    "episodeNumber": "integer",
    "seasonNumber": "integer",
    "title": "string",
    "overview": "string?",
    "airDate": "string?",
    "runtime": "integer?",
    "stillUrl": "string?",
    "filePath": "string?",
    "fileSize": "string?",
    "seasonId": "string",
    "streamUrl": "string?",
}
SEASON: Fact = {
    "id": "string",
    "seasonNumber": "integer",
    "name": "string?",
    "overview": "string?",
    "airDate": "string?",
    "posterUrl": "string?",
    "tvShowId": "string",
    "episodes": [EPISODE],
}
LIBRARY: Fact = {
    "id": "string",
    "name": "string",
    "slug": "string",
    "description": "string?",
    "posterUrl": "string?",
    "backdropUrl": "string?",
    "isLibrary": "boolean",
    "libraryPath": "string?",
    "libraryType": "string?",
    "parentId": "string?",
    "createdAt": "string",
    "updatedAt": "string",
    "mediaCount": "integer",
}
SCAN_JOB: Fact = {
    "id": "string",
    "status": "string",
    "library": {"id": "string", "name": "string"},
    "progress": {
        "currentBatch": "integer",
        "totalBatches": "integer",
        "processedFolders": "integer",
        "failedFolders": "integer",
        "totalFolders": "integer",
        "percentComplete": "integer",
    },
    "timestamps": {"startedAt": "string?", "lastBatchAt": "string?", "completedAt": "string?"},
}
FAILURE: Fact = {"cause": "string", "path": "string", "message": "string"}
QUEUE: Fact = {
    "name": "string",
    "paused": "boolean",
    "concurrency": "integer?",
    "waiting": "integer",
    "oldestWaitingSeconds": "number?",
    "workers": [{"name": "string", "concurrency": "integer?", "running": "integer"}],
}
SCAN: Fact = {
    "libraryId": "string",
    "libraryName": "string",
    "path": "string",
    "mediaType": "string",
    "jobId": "string",
    "scanJobId": "string",
    "queued": "boolean",
}
META: Fact = {
    "page": "integer",
    "limit": "integer",
    "total": "integer",
    "totalPages": "integer",
    "hasNext": "boolean",
    "hasPrev": "boolean",
}
SETTINGS: Fact = {"port": "integer", "enableRouteGuards": "boolean", "firstRun": "boolean"}
PROVIDER: Fact = {"id": "string", "name": "string", "enabled": "boolean", "priority": "integer", "config": {}}
LIBRARY_CHANGED: Fact = {"library": LIBRARY, "message": "string"}
MISSING_FILE: Fact = {
    "id": "string",
    "filePath": "string",
    "fileSize": "string",
    "missingSince": "string",
    "mediaId": "string?",
    "title": "string?",
}
LIBRARY_DELETED: Fact = {
    "libraryId": "string",
    "libraryName": "string",
    "mediaDeleted": "integer",
    "message": "string",
}
CANDIDATE: Fact = {
    "source": "string",
    "externalId": "string",
    "title": "string",
    "year": "integer?",
    "score": "number?",
}
REVIEWED: Fact = {
    "id": "string",
    "mediaId": "string",
    "type": "string",
    "title": "string",
    "year": "integer?",
    "matchStatus": "string",
    "matchScore": "number?",
    "isDoubtful": "boolean",
    "reason": "string",
    "guess": {"title": "string", "year": "integer?"},
    "candidates": [CANDIDATE],
    "path": "string?",
}
EXPLANATION: Fact = {
    "path": "string",
    "mediaType": "string",
    "guess": {"kind": "string", "title": "string", "year": "integer?", "season": "integer?", "episodes": ["integer"]},
    "candidates": [CANDIDATE],
    "problems": ["string"],
}
QUEUED: Fact = {"id": "string", "mediaId": "string", "status": "string"}
LOG_LINE: Fact = {"timestamp": "string", "level": "string", "message": "string"}
ERROR: Fact = {"success": "boolean", "error": "string", "message": "string"}


def data(fact: Fact) -> dict[str, Any]:
    return {"success": "boolean", "data": fact}


#: Method, path, status, and what the answer holds; None: no JSON.
FACTS: list[tuple[str, str, int, Fact | None]] = [
    ("GET", "/health", 200, {"status": "string", "version": "string", "timestamp": "string", "uptime": "number"}),
    ("GET", "/api/v1/movies", 200, data([MOVIE]) | {"meta": META}),
    ("GET", "/api/v1/movies/{movieId}", 200, data(MOVIE)),
    ("GET", "/api/v1/tvshows", 200, data([TV_SHOW]) | {"meta": META}),
    ("GET", "/api/v1/tvshows/{tvShowId}", 200, data(TV_SHOW | {"seasons": [SEASON]})),
    ("GET", "/api/v1/search", 200, data({"movies": [MOVIE], "tvShows": [TV_SHOW]})),
    ("GET", "/api/v1/review", 200, data([REVIEWED]) | {"meta": META}),
    ("GET", "/api/v1/guess", 200, data(EXPLANATION)),
    ("PATCH", "/api/v1/movies/{movieId}", 200, data(MOVIE)),
    ("POST", "/api/v1/movies/{movieId}/match", 202, data(QUEUED)),
    ("DELETE", "/api/v1/movies/{movieId}/match", 202, data(QUEUED)),
    ("POST", "/api/v1/movies/{movieId}/refresh", 202, data(QUEUED)),
    ("PATCH", "/api/v1/tvshows/{tvShowId}", 200, data(TV_SHOW)),
    ("POST", "/api/v1/tvshows/{tvShowId}/match", 202, data(QUEUED)),
    ("DELETE", "/api/v1/tvshows/{tvShowId}/match", 202, data(QUEUED)),
    ("POST", "/api/v1/tvshows/{tvShowId}/refresh", 202, data(QUEUED)),
    ("POST", "/api/v1/scan/path", 202, data(SCAN)),
    ("POST", "/api/v1/scan/resume/{scanJobId}", 202, data({"scanJobId": "string", "status": "string"})),
    ("GET", "/api/v1/scan/job/{scanJobId}", 200, data(SCAN_JOB)),
    (
        "GET",
        "/api/v1/scan/jobs",
        200,
        data(
            {
                "jobs": [SCAN_JOB],
                "pagination": {"total": "integer", "limit": "integer", "offset": "integer", "hasMore": "boolean"},
            }
        ),
    ),
    ("GET", "/api/v1/scan/job/{scanJobId}/failures", 200, data({"failures": [FAILURE]})),
    ("POST", "/api/v1/scan/job/{scanJobId}/pause", 200, data({"scanJobId": "string", "status": "string"})),
    ("POST", "/api/v1/scan/job/{scanJobId}/cancel", 200, data({"scanJobId": "string", "status": "string"})),
    ("POST", "/api/v1/scan/job/{scanJobId}/retry", 202, data({"scanJobId": "string", "status": "string"})),
    ("GET", "/api/v1/queues", 200, data([QUEUE])),
    ("PUT", "/api/v1/queues/{queue}", 200, data(QUEUE)),
    ("POST", "/api/v1/scan/cleanup", 200, data({"cleanedCount": "integer", "message": "string"})),
    ("GET", "/api/v1/library", 200, data([LIBRARY])),
    ("POST", "/api/v1/library", 201, data(LIBRARY)),
    ("GET", "/api/v1/library/{libraryId}", 200, data(LIBRARY)),
    ("GET", "/api/v1/library/stats", 200, data({})),
    ("GET", "/api/v1/library/{libraryId}/stats", 200, data({})),
    ("GET", "/api/v1/library/{libraryId}/missing", 200, data([MISSING_FILE])),
    ("PUT", "/api/v1/library", 200, data(LIBRARY_CHANGED) | {"message": "string"}),
    ("PUT", "/api/v1/library/{libraryId}", 200, data(LIBRARY_CHANGED) | {"message": "string"}),
    ("DELETE", "/api/v1/library", 200, data(LIBRARY_DELETED)),
    ("DELETE", "/api/v1/library/{libraryId}", 200, data(LIBRARY_DELETED)),
    ("GET", "/api/v1/stream/{playableId}", 200, None),
    ("GET", "/api/v1/stream/{playableId}", 206, None),
    ("GET", "/api/v1/stream/{fileId}/subtitles/{position}", 200, None),
    ("GET", "/api/v1/image/{imageId}", 200, None),
    ("GET", "/api/v1/settings", 200, data(SETTINGS)),
    ("PUT", "/api/v1/settings", 200, data(SETTINGS)),
    ("POST", "/api/v1/settings/first-run-complete", 200, data({})),
    ("POST", "/api/v1/settings/reset", 200, data({})),
    ("POST", "/api/v1/settings/reset-scan", 200, data({})),
    ("GET", "/api/v1/settings/providers", 200, data([PROVIDER])),
    ("POST", "/api/v1/settings/providers", 200, data(PROVIDER)),
    ("GET", "/api/v1/settings/providers/{name}", 200, data(PROVIDER)),
    ("PUT", "/api/v1/settings/providers/{name}", 200, data(PROVIDER)),
    ("DELETE", "/api/v1/settings/providers/{name}", 200, {"success": "boolean"}),
    ("GET", "/api/v1/logs", 200, data([LOG_LINE])),
    ("DELETE", "/api/v1/logs", 200, {"success": "boolean", "message": "string"}),
]

#: What is refused: method, path, body, status, category.
REFUSED: list[tuple[str, str, Any, int, str]] = [
    ("GET", "/api/v1/nothing", None, 404, "Route not found"),
    ("GET", "/api/v1/movies/no-id", None, 400, "Validation failed"),
    ("GET", "/api/v1/movies/{unknown}", None, 404, "Not found"),
    ("GET", "/api/v1/movies?limit=101", None, 400, "Validation failed"),
    ("GET", "/api/v1/tvshows/no-id", None, 400, "Validation failed"),
    ("GET", "/api/v1/tvshows/{unknown}", None, 404, "Not found"),
    ("GET", "/api/v1/search", None, 400, "Validation failed"),
    ("GET", "/api/v1/search?query=", None, 400, "Validation failed"),
    ("GET", "/api/v1/search?query=" + 101 * "a", None, 400, "Validation failed"),
    ("POST", "/api/v1/movies/{unknown}/match", {}, 400, "Validation failed"),
    ("POST", "/api/v1/movies/{unknown}/match", {"unmatch": True}, 404, "Not found"),
    ("PATCH", "/api/v1/tvshows/{unknown}", {"title": ""}, 400, "Validation failed"),
    ("GET", "/api/v1/guess", None, 400, "Validation failed"),
    ("POST", "/api/v1/scan/path", {"path": ""}, 400, "Validation failed"),
    ("POST", "/api/v1/scan/path", {"path": "/media/../etc"}, 400, "Validation failed"),
    ("POST", "/api/v1/scan/path", {"path": "/media\0"}, 400, "Validation failed"),
    ("POST", "/api/v1/scan/path", {"path": "/etc"}, 400, "Validation failed"),
    ("POST", "/api/v1/scan/path", {"path": "/"}, 400, "Validation failed"),
    ("POST", "/api/v1/scan/resume/{unknown}", None, 404, "Not found"),
    ("GET", "/api/v1/scan/job/{unknown}", None, 404, "Not found"),
    ("GET", "/api/v1/scan/job/{unknown}/failures", None, 404, "Not found"),
    ("POST", "/api/v1/scan/job/{unknown}/pause", None, 404, "Not found"),
    ("POST", "/api/v1/scan/job/{unknown}/cancel", None, 404, "Not found"),
    ("POST", "/api/v1/scan/job/{unknown}/retry", None, 404, "Not found"),
    ("PUT", "/api/v1/queues/upkeep", {"paused": True}, 409, "Conflict"),
    ("PUT", "/api/v1/queues/discs", {"paused": True}, 404, "Not found"),
    ("GET", "/api/v1/library/{unknown}", None, 404, "Not found"),
    ("GET", "/api/v1/library/{unknown}/missing", None, 404, "Not found"),
    ("DELETE", "/api/v1/library/{unknown}/missing", None, 404, "Not found"),
    ("DELETE", "/api/v1/library/{unknown}/missing/{unknown}", None, 404, "Not found"),
    ("PUT", "/api/v1/library/{unknown}", {"name": "Films"}, 404, "Not found"),
    ("DELETE", "/api/v1/library/{unknown}", None, 404, "Not found"),
    ("GET", "/api/v1/stream/{unknown}", None, 404, "Not found"),
    ("PUT", "/api/v1/settings", {"unheardOf": 1}, 400, "Validation failed"),
    ("GET", "/api/v1/settings/providers/unheard-of", None, 404, "Not found"),
    ("GET", "/api/v1/logs?limit=many", None, 400, "Validation failed"),
]

_UNKNOWN = "123e4567-e89b-42d3-a456-426614174000"


def not_documented(fact: Fact, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> Iterator[str]:
    """Yield where a schema of the document says something else than a fact."""
    schema = resolved(schema, schemas)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if isinstance(fact, dict):
        if "object" not in kinds:
            yield f"{where} is no object"
        for name, value in fact.items():
            if name not in schema.get("properties", {}):
                yield f"{where}.{name} is not documented"
                continue
            if name not in schema.get("required", []) and name not in {"meta", "message", "page"}:
                yield f"{where}.{name} may be absent"
            yield from not_documented(value, schema["properties"][name], schemas, f"{where}.{name}")
    elif isinstance(fact, list):
        if "array" not in kinds:
            yield f"{where} is no array"
        else:
            yield from not_documented(fact[0], schema["items"], schemas, f"{where}[]")
    else:
        expected = {fact.rstrip("?")} | ({"null"} if fact.endswith("?") else set())
        if set(kinds) != expected:
            yield f"{where} is {kinds}, not {sorted(expected)}"


def resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def not_so(fact: Fact, value: Any) -> list[str]:
    """Return where an answer is not what a fact says."""
    return [
        f"{error.json_path}: {error.message[:200]}"
        for error in Draft202012Validator(schema_of(fact)).iter_errors(value)
    ]


def schema_of(fact: Fact) -> dict[str, Any]:
    """Spell a fact as a JSON schema."""
    if isinstance(fact, dict):
        return {
            "type": "object",
            "required": list(fact),
            "properties": {name: schema_of(inner) for name, inner in fact.items()},
        }
    if isinstance(fact, list):
        return {"type": "array", "items": schema_of(fact[0])}
    return {"type": [fact.rstrip("?"), "null"] if fact.endswith("?") else fact}


@pytest.fixture(scope="module")
def document(server: Installation) -> dict[str, Any]:
    return server.get("/api/docs.json")


@pytest.fixture(scope="module")
def known(server: Installation) -> dict[str, str]:
    """Return an id of everything that paths name."""
    movie = server.get("/api/v1/movies")["data"][0]
    jobs = server.get("/api/v1/scan/jobs")["data"]["jobs"]
    libraries = server.get("/api/v1/library")["data"]
    return {
        "movieId": movie["id"],
        "playableId": movie["id"],
        "imageId": movie["media"]["posterUrl"].rpartition("/")[2],
        "tvShowId": server.get("/api/v1/tvshows")["data"][0]["id"],
        "scanJobId": jobs[0]["id"],
        "libraryId": libraries[0]["id"],
        "name": "tmdb",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "fact"), FACTS, ids=[f"{method} {path} {status}" for method, path, status, _ in FACTS]
)
def test_the_document_says_what_clients_count_on(
    document: dict[str, Any], method: str, path: str, status: int, fact: Fact | None
) -> None:
    answer = document["paths"][path][method.lower()]["responses"][str(status)]
    schemas = document["components"]["schemas"]

    if fact is not None:
        schema = answer["content"]["application/json"]["schema"]
        assert list(not_documented(fact, schema, schemas, "answer")) == []


@pytest.mark.parametrize(
    ("path", "fact"),
    [(path, fact) for method, path, status, fact in FACTS if method == "GET" and status == 200 and fact],
    ids=[path for method, path, status, fact in FACTS if method == "GET" and status == 200 and fact],
)
def test_what_is_read_is_what_clients_count_on(
    server: Installation, known: dict[str, str], path: str, fact: Fact
) -> None:
    parameters = {"/api/v1/search": {"query": "journey"}, "/api/v1/guess": {"path": "Heat (1995).mkv"}}.get(path)

    answer = requests.get(server.url + path.format(**known), params=parameters, timeout=30)

    assert answer.status_code == 200
    assert not_so(fact, answer.json()) == []


@pytest.mark.parametrize(
    "refused",
    REFUSED,
    ids=[f"{method} {path[:40]} {json.dumps(body)} {status}" for method, path, body, status, _ in REFUSED],
)
def test_what_is_refused_is_refused_as_clients_count_on(
    server: Installation, refused: tuple[str, str, Any, int, str]
) -> None:
    method, path, body, status, category = refused

    answer = requests.request(method, server.url + path.format(unknown=_UNKNOWN), json=body, timeout=30)

    assert answer.status_code == status
    assert not_so(ERROR, answer.json()) == []
    assert answer.json()["success"] is False
    assert answer.json()["error"] == category
    assert answer.json()["message"]
    assert answer.headers["X-API-Version"].startswith("0.2.")
    assert answer.headers["X-Request-ID"]


def test_what_is_written_is_answered_as_clients_count_on(server: Installation, library: Path) -> None:
    facts = {(method, path): (status, fact) for method, path, status, fact in FACTS}
    fresh = library / "fresh"
    fresh.mkdir()

    def call(method: str, path: str, body: Any = None, **ids: str) -> Any:
        answer = requests.request(method, server.url + path.format(**ids), json=body, timeout=30)
        status, fact = facts[method, path]
        assert answer.status_code == status, answer.text
        assert not_so(fact or {}, answer.json()) == []
        return answer.json().get("data")

    made = call("POST", "/api/v1/library", {"name": "Fresh", "libraryPath": str(fresh), "libraryType": "movie"})
    call("PUT", "/api/v1/library", {"id": made["id"], "description": "New films."})
    changed = call("PUT", "/api/v1/library/{libraryId}", {"description": ""}, libraryId=made["id"])
    scan = call("POST", "/api/v1/scan/path", {"path": str(fresh), "mediaType": "MOVIES"})
    server.wait_for(scan["scanJobId"])
    deleted = call("DELETE", "/api/v1/library", {"id": made["id"]})
    again = call("POST", "/api/v1/library", {"name": "Fresh", "libraryPath": str(fresh), "libraryType": "TV_SHOW"})
    call("DELETE", "/api/v1/library/{libraryId}", libraryId=again["id"])
    call("POST", "/api/v1/scan/cleanup")
    call("PUT", "/api/v1/settings", {"enableRouteGuards": False})
    call("POST", "/api/v1/settings/first-run-complete")
    call("PUT", "/api/v1/settings/providers/{name}", {"priority": 20}, name="tmdb")
    call("POST", "/api/v1/settings/providers", {"name": "tmdb", "priority": 10})

    assert changed["library"]["description"] is None
    assert deleted["libraryName"] == "Fresh"
    assert fresh.is_dir()


def test_what_is_reset_is_answered_as_clients_count_on(server: Installation) -> None:
    before = server.get("/api/v1/settings")["data"]

    for path in ("/api/v1/settings/reset-scan", "/api/v1/logs"):
        method = "DELETE" if path.endswith("logs") else "POST"
        answer = requests.request(method, server.url + path, timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True

    assert server.get("/api/v1/settings")["data"]["tmdbApiKey"] == before["tmdbApiKey"]
