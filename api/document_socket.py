"""The WebSocket's messages in the OpenAPI document: made of the very types that go out."""

from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from shared.events import Event
from shared.wire import camel

_EVENT_ID = {"type": "string", "description": "Numbers the event; see `since`.", "example": "1795471616038-0"}

#: GET /ws.
SOCKET: dict[str, Any] = {
    "get": {
        "operationId": "openSocket",
        "summary": "Open a WebSocket: what goes on, as it happens.",
        "description": "Each text frame is one JSON object, flat, whose `type` says what it is: see `SocketMessage`. "
        "After the greeting come the events that were missed since `since`, then the state of each running scan, then "
        "everything as it happens. Nothing is expected from the client; one that doesn't read is dropped (1008). While "
        "Redis is away, a client with `since` is sent away (1013), to come back with the same `since`.",
        "tags": ["socket"],
        "parameters": [
            {
                "in": "query",
                "name": "since",
                "description": "The last `eventId` that the client saw; the events after it are sent first.",
                "schema": {"type": "string", "pattern": r"^\d{1,19}(-\d{1,19})?$", "example": "1795471616038-0"},
            },
            {
                "in": "query",
                "name": "types",
                "description": "Which types are wanted, separated by commas; all where it is not said.",
                "schema": {"type": "string", "example": "scan:progress,scan:complete,scan:error"},
            },
            {
                "in": "query",
                "name": "ticket",
                "description": "While route guards are on, for whoever can't send headers: a ticket, good once.",
                "schema": {"type": "string", "example": "u8Yb3VQm1c9pX0rT6hK2nL4eJ7aD5sF8gW3zC1vB0oM"},
            },
            {
                "in": "query",
                "name": "token",
                "description": "The same by an access token or an API key; a ticket is better, as logs keep URLs.",
                "schema": {"type": "string", "example": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiI…"},
            },
        ],
        "responses": {
            "101": {"description": "The connection is a WebSocket from here on."},
            "400": {"$ref": "#/components/responses/BAD_REQUEST"},
            "401": {"$ref": "#/components/responses/UNAUTHORIZED"},
            "403": {"$ref": "#/components/responses/FORBIDDEN"},
        },
    }
}

_GREETING = {
    "type": "object",
    "description": "The first message.",
    "required": ["type", "message"],
    "properties": {"type": {"const": "connection:established", "type": "string"}, "message": {"type": "string"}},
}


def message_schemas() -> dict[str, Any]:
    """Return the schema of each message by its name, and of all of them as ``SocketMessage``."""
    kinds = sorted(Event.__subclasses__(), key=lambda kind: kind.type)
    schemas = {"ConnectionEstablishedMessage": _GREETING} | {f"{kind.__name__}Message": _schema(kind) for kind in kinds}
    types = [schema["properties"]["type"]["const"] for schema in schemas.values()]
    references = [f"#/components/schemas/{name}" for name in schemas]
    schemas["SocketMessage"] = {
        "description": "What a WebSocket frame holds.",
        "oneOf": [{"$ref": reference} for reference in references],
        "discriminator": {"propertyName": "type", "mapping": dict(zip(types, references, strict=True))},
    }
    return schemas


def _schema(kind: type[Event]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties: dict[str, Any] = {"type": {"const": kind.type, "type": "string"}, "eventId": _EVENT_ID}
    required = ["type"]
    for field in fields(kind):
        name = camel(field.name)
        properties[name] = _of_type(hints[field.name])
        if not _is_optional(hints[field.name]):
            required.append(name)
    return {"type": "object", "description": kind.__doc__, "required": required, "properties": properties}


def _is_optional(hint: Any) -> bool:
    return isinstance(hint, UnionType) and NoneType in get_args(hint)


def _of_type(hint: Any) -> dict[str, Any]:
    if _is_optional(hint):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) is list:
        return {"type": "array", "items": _of_type(get_args(hint)[0])}
    if is_typeddict(hint):
        members = {name: _of_type(inner) for name, inner in get_type_hints(hint).items()}
        return {"type": "object", "required": list(members), "properties": members}
    if get_origin(hint) is dict:
        return {"type": "object"}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[hint]}
