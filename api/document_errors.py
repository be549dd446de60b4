"""The errors that routes may answer, as the OpenAPI document tells them."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from api import access
from api.edge import is_unlimited
from api.errors import CATEGORIES
from api.version import API_VERSION

#: Headers that the document names once.
HEADERS: dict[str, Any] = {
    "X-API-Version": {
        "description": "The version that this server speaks.",
        "schema": {"type": "string", "example": API_VERSION},
    },
    "X-Request-ID": {
        "description": "Ties the answer to the server's log.",
        "schema": {"type": "string", "example": "9f86d081884c7d65"},
    },
    "Retry-After": {
        "description": "Seconds until another try makes sense.",
        "schema": {"type": "integer", "example": 30},
    },
}

_FIELD = {"field": "path", "message": "The path may not hold '..'; name the folder itself."}

#: What goes with each status: when it is answered, an example of the message, and what else the example holds.
_ERRORS: dict[HTTPStatus, tuple[str, str, dict[str, Any]]] = {
    HTTPStatus.BAD_REQUEST: (
        "The request can't be understood, or a field of it is wrong.",
        _FIELD["message"],
        {"details": [_FIELD]},
    ),
    HTTPStatus.UNAUTHORIZED: (
        "It isn't known who asks, and route guards are on, or this route is always guarded.",
        "The access token has expired; exchange the refresh token by POST /api/v1/auth/refresh.",
        {},
    ),
    HTTPStatus.FORBIDDEN: (
        "Who asks may not do this; or asks by a web page that is neither this server's nor from the local network.",
        "This needs an admin, or a key with the scope admin.",
        {},
    ),
    HTTPStatus.NOT_FOUND: ("There is nothing by this id or name.", "There is no movie by this id.", {}),
    HTTPStatus.CONFLICT: (
        "The request doesn't fit the state that things are in.",
        "There is a library of this type at this path already.",
        {},
    ),
    HTTPStatus.PRECONDITION_FAILED: ("The file is not the one that If-Match names.", "The file has changed.", {}),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "The body is larger than any that is understood.",
        "The body is too large.",
        {},
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "The body is no JSON.",
        "Send JSON, with Content-Type: application/json.",
        {},
    ),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: (
        "The file has no byte in this range; Content-Range tells its size.",
        "The file has 734003200 bytes; the range begins after them.",
        {},
    ),
    HTTPStatus.UPGRADE_REQUIRED: (
        "The client's version, in X-Client-Version, doesn't fit the server's.",
        f"This server speaks version {API_VERSION}; update the client, or the server.",
        {"data": {"clientVersion": "0.1.4", "apiVersion": API_VERSION, "upgradeRequired": True}},
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "The client asked too often; it may again after Retry-After seconds.",
        "More than 100 requests within 900 seconds; try again later.",
        {},
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Something went wrong that shouldn't; the log says what.",
        "Something went wrong; the log says what, under this request's id.",
        {},
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The database, Redis or a worker doesn't answer.",
        "The database does not answer; try again in a moment.",
        {},
    ),
}


def _answer(status: HTTPStatus) -> dict[str, Any]:
    description, message, more = _ERRORS[status]
    example = {"success": False, "error": CATEGORIES[status], "message": message, **more}
    headers = ["X-API-Version", "X-Request-ID"] + ["Retry-After"] * (status == HTTPStatus.TOO_MANY_REQUESTS)
    return {
        "description": description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}},
    }


#: ``components.responses`` of the document.
ERROR_ANSWERS = {status.name: _answer(status) for status in _ERRORS}


def expected_errors(route: str, *, has_id: bool, has_body: bool) -> Iterator[tuple[str, str]]:
    """Yield the errors that any operation of this kind may answer, each with its name in ``ERROR_ANSWERS``.

    What only some operations answer, such as 409 and 416, their routes say themselves.
    """
    expected = [HTTPStatus.BAD_REQUEST, HTTPStatus.UPGRADE_REQUIRED, HTTPStatus.INTERNAL_SERVER_ERROR]
    method, _, path = route.partition(" ")
    is_public = access.NEEDS.get(route) is access.Access.PUBLIC
    expected += [HTTPStatus.UNAUTHORIZED] * (not is_public)
    expected += [HTTPStatus.FORBIDDEN] * (method != "GET" or not is_public)
    expected += [HTTPStatus.NOT_FOUND] * has_id
    expected += [HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE] * has_body
    expected += [HTTPStatus.TOO_MANY_REQUESTS] * (not is_unlimited(path))
    expected += [HTTPStatus.SERVICE_UNAVAILABLE] * path.startswith("/api/")
    return ((str(status.value), status.name) for status in expected)
