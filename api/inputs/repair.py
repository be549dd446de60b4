"""What clients send to have a title put right: what a path would be, what a title is, what it should say."""

import re
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, post_load, validate, validates_schema

from api.fields import Text, WireSchema
from api.inputs.common import LONGEST_TEXT, MediaTypeField
from shared.catalogue.edit import FIELDS
from shared.catalogue.repair import UNMATCH
from shared.catalogue.review import ReviewPage
from shared.kinds import Source
from shared.paths import LONGEST_PATH

_MOST_PAGES = 1_000_000
_LONGEST_TITLE = 500
_LONGEST_NAME = 100
_MOST_NAMES = 50
_YEARS = range(1800, 3001)
_IDS = {source: re.compile(r"[1-9][0-9]{0,9}") for source in Source} | {Source.IMDB: re.compile(r"tt[0-9]{5,12}")}


class GuessQuerySchema(WireSchema):
    """Which path, and how it is to be read."""

    class Meta:
        unknown = EXCLUDE

    path = Text(
        required=True,
        validate=validate.Length(1, LONGEST_PATH),
        metadata={
            "description": "Of a video file, which need not exist. Below a library's folder it is read as that library "
            "reads it; one that is not absolute, as below a library's folder.",
            "example": "/media/movies/The Matrix (1999)/The Matrix (1999).mkv",
        },
    )
    media_type = MediaTypeField(
        metadata={"description": "What the folder holds, where no library says it; without it, movies."}
    )
    library_id = fields.UUID(metadata={"description": "The library that is to read it."})
    online = fields.Boolean(
        load_default=True, metadata={"description": "Also ask the providers which title the guess means."}
    )


class ReviewQuerySchema(WireSchema):
    """Which titles to look at, and which part of them."""

    class Meta:
        unknown = EXCLUDE

    status = fields.String(
        load_default="all",
        validate=validate.OneOf(["unmatched", "doubtful", "all"]),
        metadata={"description": "Those that no provider knew, those where another title was as near, or both."},
    )
    type = MediaTypeField()
    library_id = Text(validate=validate.Length(1, 100))
    page = fields.Integer(load_default=1, validate=validate.Range(1, _MOST_PAGES))
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> ReviewPage:
        return ReviewPage(**data)


class MatchBodySchema(WireSchema):
    """What a title is: by somebody's id of it, or that it is nothing that any provider knows."""

    source = fields.String(
        validate=validate.OneOf(list(Source)),
        metadata={"description": "Whose id it is. TVMAZE knows TV shows only.", "example": "TMDB"},
    )
    external_id = Text(
        validate=validate.Length(1, 20),
        metadata={"description": "A number; of IMDB, `tt` and a number.", "example": "603"},
    )
    unmatch = fields.Boolean(
        truthy={True}, falsy=set(), metadata={"enum": [True], "description": "Instead of source and externalId."}
    )

    @validates_schema
    def _check_form(self, data: dict[str, Any], **_: Any) -> None:
        if data.keys() not in ({"unmatch"}, {"source", "external_id"}):
            raise ValidationError("Send either source and externalId, or unmatch.")
        if "source" in data and not _IDS[Source(data["source"])].fullmatch(data["external_id"]):
            raise ValidationError("This is no id of this source.", "external_id")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if "unmatch" in data:
            return dict(UNMATCH)
        return {"source": data["source"], "externalId": data["external_id"]}


class ClearableField(Text):
    """A text; a blank one is none."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        text = super().deserialize(value, attr, data, **kwargs)
        return text.strip() or None if isinstance(text, str) else text


class DayField(Text):
    """A day, by itself or by an instant of it in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            day = date.fromisoformat(text) if "T" not in text else _of_instant(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            raise ValidationError("Must be a day such as 1999-03-31, or an instant.") from None
        if day.year not in _YEARS:
            raise ValidationError(f"Must be from {_YEARS[0]} to {_YEARS[-1]}.")
        return day


def _of_instant(instant: datetime) -> date:
    return (instant if instant.tzinfo is None else instant.astimezone(UTC)).date()


class NamesField(fields.List[str]):
    """Names, each once and without the blanks around it; none may be blank."""

    def __init__(self, **more: Any) -> None:
        name = Text(validate=validate.Length(1, _LONGEST_NAME))
        super().__init__(name, validate=validate.Length(max=_MOST_NAMES), allow_none=True, **more)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        names = super().deserialize(value, attr, data, **kwargs)
        if not isinstance(names, list):
            return [] if names is None else names
        stripped = [name.strip() for name in names]
        if not all(stripped):
            raise ValidationError("May hold no blank name.")
        return list(dict.fromkeys(stripped))


class EditBodySchema(WireSchema):
    """What a title is to say; what isn't named stays, and null clears. What is named is locked from then on."""

    title = Text(
        validate=[validate.Length(max=_LONGEST_TITLE), validate.Regexp(r"^\s*\S", error="May not be blank.")],
        metadata={"example": "The Matrix"},
    )
    original_title = ClearableField(allow_none=True, validate=validate.Length(max=_LONGEST_TITLE))
    description = ClearableField(allow_none=True, validate=validate.Length(max=LONGEST_TEXT))
    release_date = DayField(allow_none=True, metadata={"example": "1999-03-31"})
    rating = fields.Float(allow_none=True, validate=validate.Range(0, 10), metadata={"description": "From 0 to 10."})
    genres = NamesField(metadata={"example": ["Action", "Science Fiction"]})
    certification = ClearableField(allow_none=True, validate=validate.Length(max=_LONGEST_NAME))
    studios = NamesField(metadata={"example": ["Warner Bros. Pictures"]})
    locked_fields = fields.List(
        fields.String(validate=validate.OneOf(list(FIELDS))),
        metadata={
            "description": "What no provider is to overwrite, beside what is named here; what is locked so far and not "
            "on it is fetched anew.",
            "example": ["title"],
        },
    )

    @validates_schema
    def _check_something_is_said(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Name what is to change.")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Part what the title is to say, by names on the wire, from what is to be locked."""
        locked = data.pop("locked_fields", None)
        values = {name: data[column] for name, column in FIELDS.items() if column in data}
        if "title" in values:
            values["title"] = values["title"].strip()
        return {"values": values, "locked": locked}
