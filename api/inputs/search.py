"""What clients search for."""

from marshmallow import EXCLUDE, fields, validate

from api.fields import Text, WireSchema

_MOST_PAGES = 1_000_000


class SearchQuerySchema(WireSchema):
    """What to search for, and which part of what is found."""

    class Meta:
        unknown = EXCLUDE

    query = Text(
        required=True,
        validate=validate.Length(1, 100),
        metadata={
            "description": "Words of a title, or parts of words; case, accents and a typo don't matter.",
            "example": "matrix",
        },
    )
    page = fields.Integer(load_default=1, validate=validate.Range(1, _MOST_PAGES))
    limit = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 100),
        metadata={"description": "At most so many movies and TV shows together; so many episodes; so many people."},
    )
