"""The API as its clients meet it: on both databases, and every answer held against the API's own document."""

import copy
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import current_app as current_celery
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from redis import Redis
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from api import answers, guard_state
from api.app import create_app
from api.edge import HEALTH_CHECKS
from shared.config import load
from shared.database import Database
from tests.statements import counted_queries

MakeClient = Callable[..., FlaskClient]
CountQueries = Callable[[FlaskClient, str], int]

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_DOCUMENT = "urn:document"
_formats = FormatChecker(formats=())


@_formats.checks("date-time")
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or INSTANT.fullmatch(value) is not None


@_formats.checks("uri")
def _is_absolute(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


class Contract:
    """An app's OpenAPI document, with objects that may hold only what it names."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = copy.deepcopy(document)
        _close(self._document)
        resource = DRAFT202012.create_resource(self._document)
        self._registry: Registry[Any] = Registry().with_resource(_DOCUMENT, resource)
        self._paths = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))), operations)
            for template, operations in self._document["paths"].items()
        ]

    def check(self, method: str, path: str, response: TestResponse) -> None:
        """Fail unless the document says that this may be answered."""
        what = f"{method} {path[:100]} → {response.status_code}"
        content = self._promised(method, path, response.status_code, what)
        if method == "HEAD" or response.status_code == 304:
            assert response.get_data() == b"", f"{what}: an answer that has no body has one"
            return
        kind = response.mimetype
        fitting = [name for name in content if fnmatchcase(kind, name)]
        assert fitting, f"{what}: {kind} is not documented, only {list(content)}"
        if kind == "application/json":
            self._check_body(content[kind]["schema"], response.get_json(), what)

    def _promised(self, method: str, path: str, status: int, what: str) -> dict[str, Any]:
        operations = next((found for pattern, found in self._paths if pattern.fullmatch(path.rstrip("/"))), {})
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            assert status >= 400, f"{what}: the document has no such route"
            return self._response({"$ref": "#/components/responses/BAD_REQUEST"})
        responses = operation["responses"]
        assert str(status) in responses, f"{what}: not documented"
        return self._response(responses[str(status)])

    def _response(self, response: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in response:
            response = self._document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        content: dict[str, Any] = response.get("content", {})
        return content

    def _check_body(self, schema: dict[str, Any], body: Any, what: str) -> None:
        absolute = _with_base(schema)
        validator = Draft202012Validator(absolute, registry=self._registry, format_checker=_formats)
        wrong = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)]
        assert not wrong, f"{what}: {wrong[:5]}"


def _close(node: Any) -> None:
    """Have every object refuse what it does not name."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and node.get("type") == "object":
            node["additionalProperties"] = False
        for value in node.values():
            _close(value)
    elif isinstance(node, list):
        for value in node:
            _close(value)


def _with_base(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"{_DOCUMENT}{value}" if key == "$ref" and value.startswith("#") else _with_base(value)
            for key, value in schema.items()
        }
    return [_with_base(value) for value in schema] if isinstance(schema, list) else schema


class CheckedClient(FlaskClient):
    """A client that believes no answer before the document has been asked."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        method, path = response.request.method, response.request.path
        if (path.startswith("/api/v1/") or path in HEALTH_CHECKS) and method != "OPTIONS":
            _contract_of(self.application).check(method, path, response)
        return response


_contracts: list[Contract] = []


def _contract_of(app: Flask) -> Contract:
    """Return the contract of all apps: they differ in their settings, not in their document."""
    if not _contracts:
        answer = app.test_client(use_cookies=False).get("/api/docs.json")
        assert answer.status_code == 200
        _contracts.append(Contract(answer.get_json()))
    return _contracts[0]


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Make a folder where media may be."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def make_client(database: Database, redis: Redis, redis_url: str, tmp_path: Path) -> Iterator[MakeClient]:
    """Make clients of apps with settings of their own."""
    assert redis.ping()
    url = database.engine.url.render_as_string(hide_password=False)
    before = current_celery._get_current_object()  # noqa: SLF001 - each app makes its own Celery the current one

    def make(**settings: str) -> FlaskClient:
        environ = {"DATABASE_URL": url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "data")}
        app = create_app(load(environ | settings))
        app.test_client_class = CheckedClient
        return app.test_client()

    yield make
    before.set_current()
    before.set_default()


@pytest.fixture
def client(make_client: MakeClient) -> FlaskClient:
    return make_client()


@pytest.fixture
def app(client: FlaskClient) -> Flask:
    return client.application


@pytest.fixture
def queries_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> CountQueries:
    """Count the queries of a GET that nobody asked before. That guards are off is asked once, not each second."""
    monkeypatch.setattr(guard_state, "_GOOD_FOR", 3600.0)
    monkeypatch.setattr(answers, "AT_LONGEST", 1e-6)

    def count(client: FlaskClient, url: str) -> int:
        with counted_queries(database) as statements:
            assert client.get(url).status_code == 200
        return len(statements)

    return count
