"""What clients ask of lists of titles, and of pictures."""

from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, post_load, validate, validates_schema

from api.fields import Text, WireSchema
from shared.catalogue.browse import Page, SortKey
from shared.catalogue.cursor import LONGEST

_MOST_PAGES = 1_000_000


class ListQuerySchema(WireSchema):
    """Which part of a list, in which order, of which titles."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(validate=validate.Range(1, _MOST_PAGES), metadata={"default": 1})
    cursor = Text(
        validate=validate.Length(1, LONGEST),
        metadata={"description": "Instead of `page`: `meta.nextCursor` of the page before, for the same list."},
    )
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))
    sort = fields.Enum(SortKey, by_value=True, load_default=SortKey.CREATED_AT)
    order = fields.String(load_default="desc", validate=validate.OneOf(["asc", "desc"]))
    genre = Text(validate=validate.Length(1, 100))
    year = fields.Integer(validate=validate.Range(1800, 3000))
    rating = fields.Float(validate=validate.Range(0, 10), metadata={"description": "The lowest rating."})
    q = Text(validate=validate.Length(1, 100), metadata={"description": "A part of the title."})
    library_id = Text(validate=validate.Length(1, 100))
    unmatched = fields.Boolean()

    @validates_schema(skip_on_field_errors=False)
    def _check_one_place(self, data: dict[str, Any], **_: Any) -> None:
        if "page" in data and "cursor" in data:
            raise ValidationError("Leave it out: the cursor says where the page begins.", "page")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Page:
        return Page(descending=data.pop("order") == "desc", **data)


class ImageQuerySchema(WireSchema):
    """How wide a picture is to be at least."""

    class Meta:
        unknown = EXCLUDE

    width = fields.Integer(validate=validate.Range(1, 10_000))
