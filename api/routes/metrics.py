"""GET /metrics."""

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from api.context import context
from shared import metrics, queue_controls, queue_states, readiness, scan_browse

#: Outside the envelope: what asks is Prometheus.
blueprint = Blueprint("metrics", __name__, description="What is measured.")


@blueprint.get("/metrics")
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
@blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
def get_metrics() -> Response:
    """Show what all processes on all machines have measured, as Prometheus reads it."""
    # prometheus_client is large for a process that nobody may ever ask.
    from api import exposition  # noqa: PLC0415

    database, redis = context().database, context().redis
    states, controls = queue_states.seen(redis), queue_controls.carried(redis) or {}
    checks = [readiness.of_database(database), *readiness.of_queues(states, controls)]
    try:
        with database.read() as session:
            running = scan_browse.running(session)
    except SQLAlchemyError:
        # The first of the checks says so.
        running = []
    return Response(
        exposition.written(
            exposition.server(checks),
            exposition.histograms(metrics.observed(redis)),
            exposition.queues(states, controls),
            exposition.connections(metrics.stands(redis)),
            exposition.scans(running),
        ),
        content_type=exposition.CONTENT_TYPE,
    )
