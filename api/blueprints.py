"""Blueprints whose answers come in the envelope, in the document as on the wire."""

from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Request, g
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser

from api.json import is_deep
from shared.errors import InvalidError


class Meta(ma.Schema):
    """Which part of a list this is."""

    page = ma.fields.Integer(metadata={"description": "Absent where a cursor was asked for."})
    limit = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    total_pages = ma.fields.Integer(required=True, data_key="totalPages")
    has_next = ma.fields.Boolean(required=True, data_key="hasNext")
    has_prev = ma.fields.Boolean(required=True, data_key="hasPrev")
    next_cursor = ma.fields.String(
        data_key="nextCursor",
        allow_none=True,
        metadata={
            "description": "The `cursor` of the next page; null at the end. Only lists that take one have it.",
            "example": "WyI4ZjE0ZTQ1ZmNlZWEiLDguMiwiMTIzZTQ1NjctZTg5Yi00MmQzLWE0NTYtNDI2NjE0MTc0MDAwIl0",
        },
    )


class _Parser(FlaskParser):
    """A parser that calls a request that can't be understood a bad one."""

    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        if req.method in {"PUT", "PATCH"} and not req.get_data():
            raise InvalidError("body", "Send what is to change as a JSON object.")
        try:
            read = super().load_json(req, schema)
        except ValueError:
            # What is no JSON has been refused by now; this is a number of thousands of digits.
            raise InvalidError("body", "The JSON holds a number that is too long.") from None
        if is_deep(read):
            raise RecursionError
        return read


class Blueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest carries no type information
    """A blueprint whose handlers return what goes into ``data``."""

    ARGUMENTS_PARSER = _Parser()

    def arguments(self, schema: type[ma.Schema], **more: Any) -> Any:
        """Read what a client sends by one schema, that is not made anew for each request."""
        return super().arguments(schema(), **more)

    @staticmethod
    def _prepare_response_content(data: Any) -> dict[str, Any]:
        content: dict[str, Any] = {"success": True, "data": data}
        for more in ("message", "meta"):
            if more in g:
                content[more] = g.get(more)
        return content

    @staticmethod
    def _make_doc_response_schema(schema: ma.Schema | dict[str, Any] | None) -> Any:
        return _enveloped(type(schema), many=bool(schema.many)) if isinstance(schema, ma.Schema) else schema


def say(message: str) -> None:
    """Add a message for a person to this request's answer."""
    g.message = message


def paged(page: int, limit: int, total: int) -> None:
    """Add to this request's answer which part of a list it is."""
    pages = -(-total // limit)
    g.meta = {
        "page": page,
        "limit": limit,
        "total": total,
        "totalPages": pages,
        "hasNext": page < pages,
        "hasPrev": page > 1,
    }


def paged_by_cursor(page: int | None, limit: int, total: int, next_cursor: str | None) -> None:
    """Add to this request's answer which part of a list it is, and the cursor of the next one.

    ``page`` is None where a cursor was asked for: how many rows came before it nobody counts.
    """
    paged(page or 1, limit, total)
    g.meta |= {"hasNext": next_cursor is not None, "nextCursor": next_cursor}
    if page is None:
        del g.meta["page"]
        g.meta["hasPrev"] = True


def checked_id(text: str) -> str:
    """Return an id that could be one of ours.

    Raises:
        InvalidError: it could not.

    """
    try:
        return str(UUID(text)) if len(text) == len(str(UUID(int=0))) else _refused_id()
    except ValueError:
        return _refused_id()


def _refused_id() -> str:
    raise InvalidError("id", "This is no id; ids look like 123e4567-e89b-42d3-a456-426614174000.")


@cache
def _enveloped(schema: type[ma.Schema], *, many: bool) -> type[ma.Schema]:
    name = schema.__name__.removesuffix("Schema") + ("List" if many else "")
    data: Any = ma.fields.Nested(schema, many=many, required=True)
    members: dict[str, Any] = {
        "success": ma.fields.Boolean(required=True, metadata={"example": True}),
        "data": data,
        "message": ma.fields.String(),
    }
    if many or getattr(schema, "is_paged", False):
        members["meta"] = ma.fields.Nested(Meta)
    return type(f"{name}Answer", (ma.Schema,), members)
