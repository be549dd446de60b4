"""What clients send about users, sign-ins and API keys."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from api.fields import SaidSchema, Text
from api.inputs.common import NameField
from api.inputs.configuration import Flag
from shared.kinds import Scope, UserRole

_LONGEST_USERNAME = 64
#: NIST SP 800-63B asks for 8 at least and 64 at most or more; hashing what is longer than any sentence helps nobody.
_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 8, 1000
_LONGEST_TOKEN = 4096

_A_ROLE = validate.OneOf(list(UserRole), error="Must be one of {choices}.")
_A_SCOPE = validate.OneOf(list(Scope), error="Must be one of {choices}.")
_A_PASSWORD: dict[str, Any] = {"format": "password", "example": "correct horse battery staple"}


class UsernameField(Text):
    """A name to sign in by: not blank, of one line, and without the blanks around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs).strip()
        if not 1 <= len(name) <= _LONGEST_USERNAME or not name.isprintable():
            raise ValidationError(f"Must have 1 to {_LONGEST_USERNAME} characters that can be seen.")
        return name


def _username(**more: Any) -> UsernameField:
    return UsernameField(metadata={"example": "ada", "minLength": 1, "maxLength": _LONGEST_USERNAME}, **more)


def _new_password(**more: Any) -> Text:
    length = validate.Length(_SHORTEST_PASSWORD, _LONGEST_PASSWORD)
    return Text(validate=length, metadata=_A_PASSWORD, **more)


def _password(**more: Any) -> Text:
    """Return a field for one that is looked at, not kept; how long they must be, nobody is told by it."""
    return Text(validate=validate.Length(1, _LONGEST_PASSWORD), metadata=_A_PASSWORD, **more)


class SetupSchema(SaidSchema):
    """The first admin."""

    username = _username(required=True)
    password = _new_password(required=True)


class LoginSchema(SaidSchema):
    """Who signs in, and what proves it."""

    username = Text(required=True, validate=validate.Length(1, _LONGEST_PASSWORD), metadata={"example": "ada"})
    password = _password(required=True)


class RefreshSchema(SaidSchema):
    """The newest refresh token of a sign-in."""

    refresh_token = Text(
        required=True,
        validate=validate.Length(1, _LONGEST_TOKEN),
        metadata={"example": "kq0vPfQ8mJ3H7xYB2s5tZw.u8Yb3VQm1c9pX0rT6hK2nL4eJ7aD5sF8gW3zC1vB0oM"},
    )


class PasswordChangeSchema(SaidSchema):
    """A new password, and the one until now."""

    current_password = _password(required=True)
    new_password = _new_password(required=True)


class RotationSchema(SaidSchema):
    """Why the secret is changed."""

    leaked = Flag(
        load_default=False,
        metadata={"description": "What the old secret signed ends at once, not only when its time is over."},
    )


class NewUserSchema(SaidSchema):
    """Somebody who is to sign in."""

    username = _username(required=True)
    password = _new_password(required=True)
    role = fields.String(validate=_A_ROLE, load_default=UserRole.VIEWER)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"role": UserRole(data["role"])}


class UserChangeSchema(SaidSchema):
    """What is to change in a user; what isn't named stays."""

    username = _username()
    password = _new_password()
    role = fields.String(validate=_A_ROLE)
    is_active = Flag(metadata={"description": "Who is not active can't sign in, and is signed out."})


class NewApiKeySchema(SaidSchema):
    """A key for a program."""

    name = NameField(required=True, metadata={"example": "backup script"})
    scopes = fields.List(fields.String(validate=_A_SCOPE), required=True, validate=validate.Length(1, 100))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"scopes": {Scope(scope) for scope in data["scopes"]}}
