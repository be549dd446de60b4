"""Every error in one envelope. Which error is which status stands here and nowhere else."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from gunicorn.http.errors import ParseException
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from api.json import DEEPEST
from shared.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)

log = logging.getLogger(__name__)

STATUS_OF: dict[type[DomainError], int] = {
    InvalidError: HTTPStatus.BAD_REQUEST,
    UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    TooManyError: HTTPStatus.TOO_MANY_REQUESTS,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}

#: What clients read in ``error``; where a status is not listed, its own phrase.
CATEGORIES: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Validation failed",
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Method not allowed",
    HTTPStatus.CONFLICT: "Conflict",
    HTTPStatus.PRECONDITION_FAILED: "Precondition failed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Payload too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Unsupported media type",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "Range Not Satisfiable",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable entity",
    HTTPStatus.UPGRADE_REQUIRED: "Version mismatch",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal server error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Service unavailable",
}

#: Longer values are not sent back.
_LONGEST_RECEIVED = 100

Detail = dict[str, Any]


def envelope(
    status: int, message: str, *, error: str | None = None, details: list[Detail] | None = None, **more: Any
) -> Response:
    """Make an error answer; ``error`` only where it differs from the status's category."""
    body: dict[str, Any] = {
        "success": False,
        "error": error or CATEGORIES.get(status) or HTTPStatus(status).phrase,
        "message": message,
    }
    if details:
        body["details"] = details
    response = jsonify(body | more)
    response.status_code = status
    return response


def register(app: Flask) -> None:
    """Make the app answer every error by ``envelope``."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, http_error)
    for unavailable in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(unavailable, _database_error)
    app.register_error_handler(RedisError, _redis_error)
    app.register_error_handler(RecursionError, _recursion_error)
    app.register_error_handler(ParseException, _parse_error)
    app.register_error_handler(Exception, _unexpected_error)


def http_error(error: HTTPException) -> Response:
    """Answer what Flask, Werkzeug and the validation of requests raise."""
    messages = (getattr(error, "data", None) or {}).get("messages")
    if messages:
        details = list(_details(messages))
        return envelope(HTTPStatus.BAD_REQUEST, _sentence(details), details=details)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND and request.url_rule is None:
        return envelope(status, f"There is no route {_shown(request.path)}.", error="Route not found")
    response = envelope(status, error.description or HTTPStatus(status).phrase)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _domain_error(error: DomainError) -> Response:
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    if isinstance(error, InvalidError):
        return envelope(status, str(error), details=[{"field": error.field, "message": str(error)}])
    response = envelope(status, str(error))
    if isinstance(error, UnauthenticatedError):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _database_error(error: Exception) -> Response:
    log.error("The database does not answer: %s", error)
    return envelope(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer; try again in a moment.")


def _redis_error(error: Exception) -> Response:
    log.error("Redis does not answer: %s", error)
    return envelope(HTTPStatus.SERVICE_UNAVAILABLE, "Redis does not answer; try again in a moment.")


def _recursion_error(_error: Exception) -> Response:
    return envelope(HTTPStatus.BAD_REQUEST, f"The JSON is nested too deeply: more than {DEEPEST} levels.")


def _parse_error(_error: Exception) -> Response:
    return envelope(HTTPStatus.BAD_REQUEST, "The body comes in chunks that are malformed.")


def _unexpected_error(error: Exception) -> Response:
    log.error("A request failed unexpectedly.", exc_info=error)
    return envelope(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong; the log says what, under this request's id."
    )


def _details(messages: Any, path: tuple[str, ...] = ()) -> list[Detail]:
    """Flatten what marshmallow says.

    `{"json": {"options": {"maxDepth": ["…"]}}}` names the field `options.maxDepth`.
    """
    if isinstance(messages, dict):
        found = []
        for key, value in messages.items():
            is_place = not path and key in {"json", "query", "path", "headers", "json_or_form"}
            deeper = (*path, "") if is_place else (*path, str(key))
            found += _details(value, deeper)
        return found
    field = ".".join(part for part in path if part and part != "_schema") or "body"
    texts = messages if isinstance(messages, list) else [messages]
    return [{"field": _shown(field), "message": str(text)} for text in texts]


def _sentence(details: list[Detail]) -> str:
    return "; ".join(f"{detail['field']}: {detail['message']}" for detail in details[:3])


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_RECEIVED else f"{text[:_LONGEST_RECEIVED]}…"
