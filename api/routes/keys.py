"""API keys, for admins."""

from typing import Any

from flask import Response, jsonify

from api.blueprints import Blueprint, checked_id, say
from api.context import database
from api.credentials import identity
from api.inputs.accounts import NewApiKeySchema
from api.present import accounts as present
from api.schemas.accounts import ApiKeyCreatedSchema, ApiKeySchema, DoneSchema
from shared.accounts import api_keys

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1/auth/keys", description="API keys for programs.")


@blueprint.get("")
@blueprint.response(200, ApiKeySchema(many=True))
def list_keys() -> list[dict[str, Any]]:
    """List all keys, the oldest first; none is shown whole."""
    with database().read() as session:
        return [present.api_key(key, user.username) for key, user in api_keys.listed(session)]


@blueprint.post("")
@blueprint.arguments(NewApiKeySchema)
@blueprint.response(201, ApiKeyCreatedSchema)
def create_key(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make a key that acts for whoever asks, within its scopes; it is shown this once."""
    asking = identity()
    with database().begin() as session:
        key, text = api_keys.create(session, asking.user_id, wanted["name"], wanted["scopes"])
    say("Keep the key: it is not shown again.")
    return present.api_key(key, asking.username) | {"key": text}


@blueprint.delete("/<key_id>")
@blueprint.response(200, DoneSchema.__name__)
def remove_key(key_id: str) -> Response:
    """Remove a key; it is good for nothing from the next request on."""
    with database().begin() as session:
        api_keys.remove(session, checked_id(key_id))
    return jsonify(success=True, message="The key is good for nothing any more.")
