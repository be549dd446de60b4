"""What clients ask of the log."""

from datetime import UTC

from marshmallow import EXCLUDE, fields, validate

from api.fields import Text, WireSchema
from shared.logs import LEVELS

_MOST_LINES = 1000


class LogQuerySchema(WireSchema):
    """Which lines of the log."""

    class Meta:
        unknown = EXCLUDE

    limit = fields.Integer(load_default=100, validate=validate.Range(1, _MOST_LINES))
    level = fields.String(
        load_default="debug",
        validate=validate.OneOf(LEVELS),
        metadata={"description": "This level and all that are more severe."},
    )
    q = Text(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "A part of the message or of a value of meta, in any case: a scan job's id, say."},
    )
    since = fields.AwareDateTime(
        format="iso",
        default_timezone=UTC,
        load_default=None,
        metadata={"description": "The earliest instant.", "example": "2026-01-31T12:00:00.000Z"},
    )
