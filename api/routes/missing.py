"""Files of a library that are missing from the disk."""

from typing import Any

from api.blueprints import Blueprint, checked_id, paged, say
from api.context import context, database
from api.inputs.libraries import MissingQuerySchema
from api.present import libraries as present
from api.schemas.libraries import MissingFileSchema, MissingRemovedSchema
from shared import events
from shared.catalogue import libraries, missing

blueprint = Blueprint("missing", __name__, url_prefix="/api/v1/library", description="Files that are missing.")


@blueprint.get("/<library_id>/missing")
@blueprint.arguments(MissingQuerySchema, location="query")
@blueprint.response(200, MissingFileSchema(many=True))
@blueprint.alt_response(404, "NOT_FOUND")
def list_missing(wanted: dict[str, Any], library_id: str) -> list[dict[str, Any]]:
    """List the files of a library that are missing from the disk, those that vanished last first."""
    with database().read() as session:
        library, _ = libraries.one(session, checked_id(library_id))
        found, total = missing.listed(session, library.id, **wanted)
    paged(**wanted, total=total)
    return [present.missing_file(item) for item in found]


@blueprint.delete("/<library_id>/missing")
@blueprint.response(200, MissingRemovedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def remove_missing(library_id: str) -> dict[str, Any]:
    """Remove all missing files of a library from the catalogue for good, and the titles that have no other."""
    return _remove(checked_id(library_id), None)


@blueprint.delete("/<library_id>/missing/<file_id>")
@blueprint.response(200, MissingRemovedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def remove_missing_file(library_id: str, file_id: str) -> dict[str, Any]:
    """Remove one missing file from the catalogue for good, and its title if it has no other."""
    return _remove(checked_id(library_id), checked_id(file_id))


def _remove(library_id: str, file_id: str | None) -> dict[str, Any]:
    with database().begin() as session:
        library, _ = libraries.one(session, library_id)
        removed = missing.remove(session, library.id, file_id=file_id)
    events.tell_all(context().redis, events.removals(removed.media_ids))
    answer = present.missing_removed(removed.files, len(removed.media_ids))
    say(answer["message"])
    return answer
