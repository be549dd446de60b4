"""How the server is, as machines read it."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import INSTANT, number, text
from shared.readiness import STATES


class HealthSchema(WireSchema):
    """That the server is alive."""

    status = text(example="OK")
    version = text(example="0.2.0")
    timestamp = text(**INSTANT)
    uptime = number(description="Seconds.")


class CheckSchema(WireSchema):
    """One thing that the server stands on."""

    name = text(description="`database`, `redis`, or a queue.", example="metadata")
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={
            "description": "`busy` and `paused` are no faults; `unknown` is what can't be asked while Redis is away.",
            "example": "failed",
        },
    )
    reason = text(null=True, example="No worker drains metadata: start the Procfile's line that does.")
    since = text(null=True, description="Since when it fails, as far as is known.", **INSTANT)


class ReadySchema(WireSchema):
    """Whether everything works."""

    status = fields.String(required=True, validate=validate.OneOf(["OK", "UNAVAILABLE"]), metadata={"example": "OK"})
    version = text(example="0.2.0")
    timestamp = text(**INSTANT)
    checks = fields.List(fields.Nested(CheckSchema), required=True)
