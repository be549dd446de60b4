"""The OpenAPI document and its reader, from local files."""

import json
from collections.abc import Iterable, Sequence
from copy import deepcopy
from functools import cache
from threading import Lock
from typing import Any

from flask import Flask, Response, jsonify
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException

from api import access, errors
from api.blueprints import Blueprint
from api.document_errors import ERROR_ANSWERS, HEADERS, expected_errors
from api.document_examples import give_examples
from api.document_socket import SOCKET, message_schemas
from api.edge import HEALTH_CHECKS
from api.schemas.common import ErrorSchema
from api.version import API_VERSION
from shared.wire import camel

DOCS = "/api/docs"
DOCUMENT = "/api/docs.json"

_DESCRIPTION = """\
Scans folders of films and TV shows, identifies them, fetches metadata and artwork, searches, and streams.

* Answers come as `{"success": true, "data": …}`, with a `message` for a person and, for lists, `meta`.
* Errors come as `{"success": false, "error": …, "message": …}`; `details` names the fields that are wrong.
* Instants are ISO 8601 in UTC with milliseconds, sizes are bytes in strings, ids are opaque strings.
* `X-API-Version` is on every answer. A request whose `X-Client-Version` has another major or minor version gets 426.
* `X-Request-ID` is on every answer, too, and ties it to the server's log.
* What the server is doing is told over the WebSocket at `/ws`.
"""

_AN_ID = {"type": "string", "format": "uuid"}
#: The parts of paths that are no ids of rows.
_PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "imageId": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "name": {"type": "string", "minLength": 1, "maxLength": 100, "example": "tmdb"},
    "position": {"type": "integer", "minimum": 0, "example": 0},
}

_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token, or an API key; looked at while the setting `enableRouteGuards` is on.",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
    "signature": {
        "type": "apiKey",
        "in": "query",
        "name": "sig",
        "description": "While the setting is on, URLs in answers carry `exp` and `sig`, and need no header.",
    },
}
_IDENTIFIED: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]


class _Api(Api):  # type: ignore[misc]  # flask-smorest carries no type information
    ERROR_SCHEMA = ErrorSchema

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Register a blueprint's routes; they are documented when somebody asks for the document.

        Few processes are ever asked, and writing it takes longer than all else at their start.
        """
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)

    def written(self, blueprints: Iterable[Blueprint]) -> dict[str, Any]:
        """Write the document of blueprints that are registered."""
        for blueprint in blueprints:
            blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
            self.spec.tag({"name": blueprint.name, "description": blueprint.description})
        spec: dict[str, Any] = self.spec.to_dict()
        return spec

    def handle_http_exception(self, error: HTTPException) -> Response:
        return errors.http_error(error)


def register(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """Register blueprints, and serve their document and its reader."""
    app.config.update(
        API_TITLE="DesterLib server",
        API_VERSION=API_VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": _DESCRIPTION,
                "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
            },
            "servers": [{"url": "/", "description": "The server that this document came from."}],
            "security": [{}, *_IDENTIFIED],
        },
    )
    api = _Api(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    writing = Lock()

    @cache
    def whole() -> dict[str, Any]:
        return _completed(api.written(blueprints), app)

    def described() -> Response:
        with writing:
            return jsonify(whole())

    app.add_url_rule(DOCUMENT, "document", described)
    app.add_url_rule(f"{DOCS}/swagger.json", "document_beside_docs", described)
    reader = get_swaggerui_blueprint(
        DOCS, DOCUMENT, config={"app_name": "DesterLib server", "validatorUrl": None, "tryItOutEnabled": True}
    )
    app.register_blueprint(reader)
    # Also without the slash at its end, as people type it.
    app.add_url_rule(DOCS, "documentation", app.view_functions[f"{reader.name}.show"])


def exported(app: Flask) -> str:
    """Return the document of an app as it is checked in: JSON that is the same every time."""
    whole = app.test_client().get(DOCUMENT).get_json()
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _completed(spec: dict[str, Any], app: Flask) -> dict[str, Any]:
    """Add what the routes do not say one by one: their names, the errors that any may answer, the WebSocket."""
    whole = deepcopy(spec)
    components = whole["components"]
    components["responses"] = ERROR_ANSWERS
    components["headers"] = HEADERS
    components["securitySchemes"] = _SECURITY
    components["schemas"] |= message_schemas()
    give_examples(components["schemas"])
    components["schemas"].pop("PaginationMetadata", None)
    names = _operation_ids(app)
    whole["paths"] = {camel(path): item for path, item in whole["paths"].items()}
    for path, item in whole["paths"].items():
        for parameter in item.get("parameters", ()):
            parameter["name"] = camel(parameter["name"])
            parameter["schema"] = _PATH_PARAMETERS.get(parameter["name"], _AN_ID)
        for method, operation in item.items():
            if method == "parameters":
                continue
            operation["operationId"] = names[method.upper(), path]
            route = f"{method.upper()} {path}"
            operation.update(_security(route))
            responses = operation["responses"]
            responses.pop("default", None)
            has_id = bool(item.get("parameters"))
            for status, name in expected_errors(route, has_id=has_id, has_body="requestBody" in operation):
                responses.setdefault(status, {"$ref": f"#/components/responses/{name}"})
            if (
                method == "get"
                and "application/json" in responses["200"].get("content", ())
                and path not in HEALTH_CHECKS
            ):
                responses["304"] = {"description": "Not modified: it is what `If-None-Match` names."}
            for response in responses.values():
                if "$ref" not in response:
                    response.setdefault("headers", {}).update(
                        {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-API-Version", "X-Request-ID")}
                    )
            operation["responses"] = dict(sorted(responses.items()))
    whole["paths"]["/ws"] = SOCKET
    return whole


def _security(route: str) -> dict[str, Any]:
    """Say what a route asks for, where that differs from what most do: to know who asks, while guards are on."""
    if access.NEEDS.get(route) is access.Access.PUBLIC:
        return {"security": []}
    if access.is_always_guarded(route):
        return {"security": _IDENTIFIED}
    return {"security": [{}, *_IDENTIFIED, {"signature": []}]} if access.may_be_signed(route) else {}


def _operation_ids(app: Flask) -> dict[tuple[str, str], str]:
    """Return what client generators call each operation: the name of its function."""
    names: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        path = camel(rule.rule.replace("<", "{").replace(">", "}"))
        for method in rule.methods or ():
            names[method, path] = camel(rule.endpoint.rpartition(".")[2])
    return names
