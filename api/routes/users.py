"""Users, for admins."""

from typing import Any

from flask import Response, jsonify

from api.blueprints import Blueprint, checked_id, say
from api.context import database
from api.inputs.accounts import NewUserSchema, UserChangeSchema
from api.present import accounts as present
from api.schemas.accounts import DoneSchema, UserSchema
from shared.accounts import passwords, users

blueprint = Blueprint("users", __name__, url_prefix="/api/v1/auth/users", description="Who may sign in.")


@blueprint.get("")
@blueprint.response(200, UserSchema(many=True))
def list_users() -> list[dict[str, Any]]:
    """List all users by name."""
    with database().read() as session:
        return [present.user(row) for row in users.listed(session)]


@blueprint.post("")
@blueprint.arguments(NewUserSchema)
@blueprint.response(201, UserSchema)
@blueprint.alt_response(409, "CONFLICT")
def create_user(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make a user; without a role, a viewer."""
    kept = passwords.hashed(wanted["password"])
    with database().begin() as session:
        user = users.create(session, wanted["username"], kept, wanted["role"])
    say("The user can sign in.")
    return present.user(user)


@blueprint.get("/<user_id>")
@blueprint.response(200, UserSchema)
def get_user(user_id: str) -> dict[str, Any]:
    """Show a user."""
    with database().read() as session:
        return present.user(users.get(session, checked_id(user_id)))


@blueprint.patch("/<user_id>")
@blueprint.arguments(UserChangeSchema)
@blueprint.response(200, UserSchema)
@blueprint.alt_response(409, "CONFLICT")
def change_user(wanted: dict[str, Any], user_id: str) -> dict[str, Any]:
    """Change a user. A new password, and being no longer active, sign the user out; the last admin has to stay one."""
    if "password" in wanted:
        wanted["password_hash"] = passwords.hashed(wanted.pop("password"))
    with database().begin() as session:
        user = users.change(session, checked_id(user_id), wanted)
    say("The user is saved.")
    return present.user(user)


@blueprint.delete("/<user_id>")
@blueprint.response(200, DoneSchema.__name__)
@blueprint.alt_response(409, "CONFLICT")
def remove_user(user_id: str) -> Response:
    """Remove a user with all sign-ins and API keys; the last admin has to stay."""
    with database().begin() as session:
        user = users.remove(session, checked_id(user_id))
    return jsonify(success=True, message=f"The user {user.username} is removed.")
