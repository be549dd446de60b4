"""What the objects of the wire are made of, and those that belong to no one area."""

from typing import Any

from marshmallow import fields

from api.fields import WireSchema

INSTANT: dict[str, Any] = {"format": "date-time", "example": "2026-01-31T12:00:00.000Z"}
URL: dict[str, Any] = {"format": "uri"}
BYTES: dict[str, Any] = {"pattern": r"^\d+$", "example": "734003200", "description": "Bytes, as a string."}


def text(*, null: bool = False, **metadata: Any) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata=metadata)


def integer(*, null: bool = False, **metadata: Any) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null, metadata=metadata)


def number(*, null: bool = False, **metadata: Any) -> fields.Float:
    return fields.Float(required=True, allow_none=null, metadata=metadata)


class ErrorDetailSchema(WireSchema):
    """What is wrong with one field."""

    field = text(example="path")
    message = text(example="The path may not hold '..'; name the folder itself.")


class VersionsSchema(WireSchema):
    """Which versions do not fit."""

    client_version = text(example="0.1.4")
    api_version = text(example="0.2.0")
    upgrade_required = fields.Boolean(required=True)


class ErrorSchema(WireSchema):
    """Every error."""

    success = fields.Boolean(required=True, metadata={"example": False})
    error = text(example="Validation failed")
    message = text(example="The path may not hold '..'; name the folder itself.")
    details = fields.List(fields.Nested(ErrorDetailSchema))
    data = fields.Nested(VersionsSchema, metadata={"description": "With 426 alone."})
