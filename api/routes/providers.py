"""Metadata providers."""

from typing import Any

from flask import Response, jsonify

from api.blueprints import Blueprint, say
from api.context import database
from api.inputs.configuration import ProviderChangeSchema, ProviderWantedSchema
from api.present import configuration as present
from api.schemas.configuration import ProviderDeletedSchema, ProviderSchema
from shared import providers
from shared.errors import InvalidError
from shared.models import ProviderRow

blueprint = Blueprint(
    "providers",
    __name__,
    url_prefix="/api/v1/settings/providers",
    description="Metadata providers; a change is in force for the next task of every worker.",
)


@blueprint.get("")
@blueprint.response(200, ProviderSchema(many=True))
def list_providers() -> list[dict[str, Any]]:
    """List the providers, first to be asked first."""
    with database().read() as session:
        return [present.provider(row) for row in providers.listed(session)]


@blueprint.post("")
@blueprint.arguments(ProviderWantedSchema)
@blueprint.response(201, ProviderSchema, description="The provider is created.")
@blueprint.alt_response(200, schema=ProviderSchema, description="It existed, and is changed.", success=True)
def save_provider(wanted: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Create a provider, or change it where it exists; what it can say now and could not before is fetched."""
    with database().begin() as session:
        saved = providers.create_or_change(session, wanted["name"], wanted["change"])
        _check_identity(wanted, saved.row)
    providers.nudge(saved.waiting)
    say("The provider is created." if saved.is_new else "The provider is saved.")
    return present.provider(saved.row), 201 if saved.is_new else 200


@blueprint.get("/<name>")
@blueprint.response(200, ProviderSchema)
def get_provider(name: str) -> dict[str, Any]:
    """Show a provider."""
    with database().read() as session:
        return present.provider(providers.get(session, name))


@blueprint.put("/<name>")
@blueprint.arguments(ProviderChangeSchema)
@blueprint.response(200, ProviderSchema)
def change_provider(wanted: dict[str, Any], name: str) -> dict[str, Any]:
    """Change what is named in a provider; what it can say now and could not before is fetched."""
    with database().begin() as session:
        saved = providers.change(session, name, wanted["change"])
        _check_identity(wanted, saved.row)
    providers.nudge(saved.waiting)
    say("The provider is saved.")
    return present.provider(saved.row)


@blueprint.delete("/<name>")
@blueprint.response(200, ProviderDeletedSchema.__name__)
def delete_provider(name: str) -> Response:
    """Delete a provider with its key; it isn't asked any more until it is created again."""
    with database().begin() as session:
        providers.remove(session, name)
    return jsonify(success=True, message=f"The provider {name} is not asked any more.")


def _check_identity(wanted: dict[str, Any], row: ProviderRow) -> None:
    for field in ("id", "name"):
        is_another = wanted.get(field, getattr(row, field)) != getattr(row, field)
        if is_another:
            raise InvalidError(field, f"The provider's {field} can't be changed; leave it out.")
