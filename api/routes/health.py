"""GET /health and GET /ready."""

import time
from http import HTTPStatus

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from api.context import context
from api.fields import instant
from api.present import readiness as present
from api.schemas.health import HealthSchema, ReadySchema
from api.version import API_VERSION
from shared import readiness
from shared.models.base import now

#: Outside the envelope: what asks are machines.
blueprint = Blueprint("health", __name__, description="Whether the server is alive, and whether it can work.")

_BEGAN = time.monotonic()


@blueprint.get("/health")
@blueprint.response(200, HealthSchema)
def get_health() -> ResponseReturnValue:
    """Say that the server is alive."""
    uptime = round(time.monotonic() - _BEGAN, 3)
    return jsonify(status="OK", version=API_VERSION, timestamp=instant(now()), uptime=uptime)


@blueprint.get("/ready")
@blueprint.response(200, ReadySchema)
@blueprint.alt_response(503, schema=ReadySchema, description="Something that the server stands on failed.")
def get_ready() -> ResponseReturnValue:
    """Say whether everything works: database and tables, Redis, and a worker that answers on each queue."""
    checks = readiness.checked(context().database, context().redis)
    shown = present.ready(checks, context().failing_since)
    return jsonify(shown), HTTPStatus.OK if shown["status"] == "OK" else HTTPStatus.SERVICE_UNAVAILABLE
