"""The queues of the workers."""

from typing import Any

from api.blueprints import Blueprint, say
from api.context import context, database
from api.inputs.queues import QueueChangeSchema
from api.present import queues as present
from api.schemas.queues import QueueSchema
from shared import queue_controls, queue_states

blueprint = Blueprint("queues", __name__, url_prefix="/api/v1/queues", description="The queues of the workers.")


@blueprint.get("")
@blueprint.response(200, QueueSchema(many=True))
def list_queues() -> list[dict[str, Any]]:
    """Show each queue: what waits in it, since when, and who works on it."""
    states = queue_states.seen(context().redis)
    with database().read() as session:
        controls = queue_controls.read(session)
    return [present.queue(name, states[name], control) for name, control in controls.items()]


@blueprint.put("/<queue>")
@blueprint.arguments(QueueChangeSchema, example={"paused": True})
@blueprint.response(200, QueueSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def change_queue(wanted: dict[str, Any], queue: str) -> dict[str, Any]:
    """Pause a queue, work on it again, or have its workers do more or less at once; they follow within seconds."""
    # Before anything is saved: a 503 without Redis means that nothing was.
    states = queue_states.seen(context().redis)
    with database().begin() as session:
        queue_controls.change(session, queue, wanted)
        controls = queue_controls.read(session)
    queue_controls.carry_soon(context().redis, controls)
    say("The workers follow within seconds.")
    return present.queue(queue, states[queue], controls[queue])
