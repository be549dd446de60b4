"""Queues, as clients read them."""

from marshmallow import fields

from api.fields import WireSchema
from api.schemas.common import integer, number, text


class QueueWorkerSchema(WireSchema):
    """A worker that is alive."""

    name = text(example="metadata@nas")
    concurrency = integer(null=True, description="How many tasks it does at once.", example=2)
    running = integer(description="How many it is at, of all its queues.", example=1)


class QueueSchema(WireSchema):
    """A queue: one for each scarce resource."""

    name = text(example="metadata")
    paused = fields.Boolean(required=True, metadata={"description": "Whether nothing is taken from it for now."})
    concurrency = integer(
        null=True,
        description="How many tasks each of its workers is to do at once; null: as many as it was started with.",
        example=4,
    )
    waiting = integer(description="How many messages wait; few, however much there is to do.", example=2)
    oldest_waiting_seconds = number(null=True, description="For how long the oldest of them has.", example=3.5)
    workers = fields.List(fields.Nested(QueueWorkerSchema), required=True)
