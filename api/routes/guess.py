"""What a path would be taken for."""

from typing import Any

from api.blueprints import Blueprint
from api.context import context, database
from api.inputs.repair import GuessQuerySchema
from api.present import repair as present
from api.schemas.repair import ExplanationSchema
from shared import tasks
from shared.catalogue.place import place

blueprint = Blueprint("guess", __name__, url_prefix="/api/v1/guess", description="What a path would be taken for.")


@blueprint.get("")
@blueprint.arguments(GuessQuerySchema, location="query")
@blueprint.response(200, ExplanationSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def explain_path(wanted: dict[str, Any]) -> dict[str, Any]:
    """Say which title a path would be taken for, and why; nothing is written, and the file need not exist."""
    library_id = wanted.get("library_id")
    with database().read() as session:
        at = place(session, context().config, wanted["path"], wanted.get("media_type"), library_id and str(library_id))
    read_by = at.library.id if at.library else None
    answer = tasks.explain.ask(str(at.path), at.media_type, str(at.root), read_by, wanted["online"])
    return present.explanation(at, answer)
