"""The log of the API and of all workers."""

from typing import Any

from flask import Response, jsonify

from api.blueprints import Blueprint
from api.context import context
from api.inputs.logs import LogQuerySchema
from api.schemas.logs import LogClearedSchema, LogLineSchema
from shared import log_stream
from shared.logs import at_least

blueprint = Blueprint("logs", __name__, url_prefix="/api/v1/logs", description="The log of all processes.")


@blueprint.get("")
@blueprint.arguments(LogQuerySchema, location="query")
@blueprint.response(200, LogLineSchema(many=True))
def read_logs(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the log, the newest line first."""
    levels = at_least(wanted["level"])
    return log_stream.read(context().redis, wanted["limit"], levels, wanted["q"], wanted["since"])


@blueprint.delete("")
@blueprint.response(200, LogClearedSchema.__name__)
def clear_logs() -> Response:
    """Clear the log."""
    log_stream.clear(context().redis)
    return jsonify(success=True, message="The log is cleared.")
