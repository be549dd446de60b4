"""GET /health."""

import time

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from api.fields import instant
from api.schemas.common import HealthSchema
from api.version import API_VERSION
from shared.models.base import now

#: Outside the envelope: what asks are machines.
blueprint = Blueprint("health", __name__, description="Whether the server is alive.")

_BEGAN = time.monotonic()


@blueprint.get("/health")
@blueprint.response(200, HealthSchema)
def get_health() -> ResponseReturnValue:
    """Say that the server is alive."""
    uptime = round(time.monotonic() - _BEGAN, 3)
    return jsonify(status="OK", version=API_VERSION, timestamp=instant(now()), uptime=uptime)
