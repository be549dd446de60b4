"""Users, sign-ins and API keys, as clients read them."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import INSTANT, integer, text
from shared.kinds import Scope, UserRole


def _role() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(list(UserRole)))


def _scopes() -> fields.List[str]:
    return fields.List(fields.String(validate=validate.OneOf(list(Scope))), required=True)


class UserSchema(WireSchema):
    """Somebody who may sign in."""

    id = text()
    username = text(example="ada")
    role = _role()
    is_active = fields.Boolean(required=True)
    created_at = text(**INSTANT)
    updated_at = text(**INSTANT)


class SignedInSchema(WireSchema):
    """The tokens of a sign-in."""

    access_token = text(
        description="A JSON Web Token, to be sent as `Authorization: Bearer …`.",
        example="eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiI…",
    )
    token_type = text(example="Bearer")
    expires_in = integer(example=900, description="Seconds until the access token ends.")
    refresh_token = text(
        description="Good once, for the next tokens; whoever sends an old one ends the sign-in.",
        example="kq0vPfQ8mJ3H7xYB2s5tZw.u8Yb3VQm1c9pX0rT6hK2nL4eJ7aD5sF8gW3zC1vB0oM",
    )
    user = fields.Nested(UserSchema, required=True)


class MeSchema(WireSchema):
    """Who asks, and what that allows."""

    user = fields.Nested(UserSchema, required=True)
    scopes = _scopes()
    api_key_id = text(null=True, description="The API key by which a program asks; null for somebody who signed in.")


class DoneSchema(WireSchema):
    """That what was asked for is done."""

    success = fields.Boolean(required=True, metadata={"example": True})
    message = text(example="You are signed out.")


class TicketSchema(WireSchema):
    """A ticket for one WebSocket: `/ws?ticket=…`."""

    ticket = text(example="u8Yb3VQm1c9pX0rT6hK2nL4eJ7aD5sF8gW3zC1vB0oM")
    expires_in = integer(example=30, description="Seconds.")


class ApiKeySchema(WireSchema):
    """A key for a program; the key itself is shown only once."""

    id = text()
    name = text(example="backup script")
    prefix = text(example="dester_kq0vPf", description="How the key begins.")
    scopes = _scopes()
    username = text(example="ada", description="The user for whom it acts; it may do no more than that one.")
    created_at = text(**INSTANT)
    used_at = text(null=True, description="When it was used last, to the minute; null: never.", **INSTANT)


class ApiKeyCreatedSchema(ApiKeySchema):
    """A key that was just made."""

    key = text(example="dester_kq0vPfQ8mJ3H7xYB2s5tZwu8Yb3VQm1c9pX0rT6hK2", description="It is not shown again.")
