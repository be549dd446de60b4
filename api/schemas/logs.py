"""The log, as clients read it."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import INSTANT, text
from shared.logs import LEVELS


class LogLineSchema(WireSchema):
    """A line of the log. Keys and passwords are never in it."""

    timestamp = text(**INSTANT)
    level = fields.String(required=True, validate=validate.OneOf(LEVELS), metadata={"example": "info"})
    logger = text(example="worker.tasks.metadata", description="Which part of the program it comes from.")
    message = text(example="The relay lost Redis and tries again.")
    meta = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "example": {"source": "metadata", "taskId": "0c1f…", "scanJobId": "aa0b…"},
            "description": "The kind of process (source), what it was at, and an exception as text.",
        },
    )


class LogClearedSchema(WireSchema):
    """That the log is cleared."""

    success = fields.Boolean(required=True, metadata={"example": True})
    message = text(example="The log is cleared.")
