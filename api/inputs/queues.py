"""What clients send to have a queue worked on otherwise."""

from marshmallow import fields, validate

from api.fields import Whole, WireSchema
from shared.queue_controls import MOST_AT_ONCE


class QueueChangeSchema(WireSchema):
    """What is to change; what is not named stays."""

    is_paused = fields.Boolean(
        data_key="paused", metadata={"description": "Whether nothing is taken from it for now.", "example": True}
    )
    concurrency = Whole(
        allow_none=True,
        validate=validate.Range(1, MOST_AT_ONCE),
        metadata={
            "description": "How many tasks each of its workers does at once; null: as many as it was started with.",
            "example": 4,
        },
    )
