"""What clients ask of libraries, and send to make and change them."""

from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, post_load, validate

from api.fields import SaidSchema, Text, Whole, WireSchema
from api.inputs.common import LONGEST_TEXT, LONGEST_URL, MediaTypeField, NameField, UrlField
from shared.kinds import MediaType
from shared.providers import KNOWN

_LONGEST_ID = 100
_MOST_PAGES = 1_000_000
#: Thirty days.
_LONGEST_INTERVAL = 30 * 24 * 60
#: What an empty text or list, or a 0, clears.
_CLEARABLE = {"description", "poster_url", "backdrop_url", "parent_id", "providers", "scan_interval_minutes"}
_URL = {"maxLength": LONGEST_URL, "example": "https://example.org/picture.jpg"}


class LibraryTypeField(MediaTypeField):
    """A type of library, also one that no scan makes yet."""

    words = tuple(media_type.value for media_type in MediaType)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> MediaType:
        if isinstance(value, str) and value.upper() in {MediaType.MUSIC, MediaType.COMIC}:
            return MediaType(value.upper())
        return super()._deserialize(value, attr, data, **kwargs)


class LibraryQuerySchema(WireSchema):
    """Which libraries."""

    class Meta:
        unknown = EXCLUDE

    is_library = fields.Boolean()
    library_type = LibraryTypeField()


class MissingQuerySchema(WireSchema):
    """Which part of the list."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(load_default=1, validate=validate.Range(1, _MOST_PAGES))
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))


_AN_ID = {"format": "uuid"}
#: As a library has it; other spellings are understood, too.
_TYPES = [MediaType.MOVIE.value, MediaType.TV_SHOW.value]


class ProvidersField(fields.List[str]):
    """Providers in the order in which they are to be asked, each once; an empty list stands for none of its own."""

    def __init__(self) -> None:
        known = fields.String(validate=validate.OneOf(list(KNOWN), error="Must be one of {choices}."))
        super().__init__(
            known,
            validate=validate.Length(max=len(KNOWN)),
            metadata={
                "description": "Who is asked about its titles, the first first, as far as they are enabled. An empty "
                "list: all that are enabled, by their priority.",
                "uniqueItems": True,
                "example": ["nfo", "tmdb"],
            },
        )

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        names = super().deserialize(value, attr, data, **kwargs)
        if isinstance(names, list) and len(set(names)) < len(names):
            raise ValidationError("May name each provider once.")
        return names


class WatchField(fields.Boolean):
    """Whether a library is to be watched."""

    def __init__(self) -> None:
        super().__init__(
            metadata={
                "description": "Have changes in its folder noticed, and what was touched scanned; at first all of it.",
                "example": True,
            }
        )


class ScanIntervalField(Whole):
    """How often a library is to be scanned."""

    def __init__(self) -> None:
        super().__init__(
            validate=validate.Range(0, _LONGEST_INTERVAL),
            metadata={
                "description": "Have it scanned every so many minutes, whatever is noticed; 0: not by schedule.",
                "example": 720,
            },
        )


class _ClearingSchema(SaidSchema):
    """What is an empty text or list, or a 0, is to be cleared."""

    class Meta:
        unknown = EXCLUDE

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {name: None for name in _CLEARABLE & data.keys() if not data[name]}


class NewLibrarySchema(_ClearingSchema):
    """A library to make."""

    name = NameField(required=True, metadata={"example": "Movies"})
    library_path = Text(required=True, metadata={"example": "/media/movies"})
    library_type = MediaTypeField(required=True, metadata={"enum": _TYPES})
    description = Text(validate=validate.Length(max=LONGEST_TEXT))
    poster_url = UrlField(metadata=_URL)
    backdrop_url = UrlField(metadata=_URL)
    providers = ProvidersField()
    watch = WatchField()
    scan_interval_minutes = ScanIntervalField()
    scan = fields.Boolean(load_default=False, metadata={"description": "Also scan it."})


class LibraryChangeSchema(_ClearingSchema):
    """What is to change of a library; what is null or not named stays. Whole libraries may be sent back."""

    id = Text(validate=validate.Length(max=_LONGEST_ID), metadata=_AN_ID)
    name = NameField(metadata={"example": "Movies"})
    description = Text(validate=validate.Length(max=LONGEST_TEXT), metadata={"description": "An empty one clears it."})
    poster_url = UrlField(metadata=_URL | {"description": "An empty one clears it."})
    backdrop_url = UrlField(metadata=_URL | {"description": "An empty one clears it."})
    library_path = Text(metadata={"description": "Changes only while the library holds nothing."})
    library_type = MediaTypeField(
        metadata={"enum": _TYPES, "description": "Changes only while the library holds nothing."},
    )
    is_library = fields.Boolean(metadata={"example": True})
    parent_id = Text(
        validate=validate.Length(max=_LONGEST_ID),
        metadata={"description": "Another library; an empty text clears it."},
    )
    providers = ProvidersField()
    watch = WatchField()
    scan_interval_minutes = ScanIntervalField()


class NamedLibraryChangeSchema(LibraryChangeSchema):
    """Which library is to change, and what of it; what is null or not named stays."""

    id = Text(required=True, validate=validate.Length(max=_LONGEST_ID), metadata=_AN_ID)


class LibraryIdSchema(SaidSchema):
    """Which library; only where the path does not say it."""

    class Meta:
        unknown = EXCLUDE

    id = Text(validate=validate.Length(max=_LONGEST_ID), metadata=_AN_ID)


class NamedLibrarySchema(LibraryIdSchema):
    """Which library."""

    id = Text(required=True, validate=validate.Length(max=_LONGEST_ID), metadata=_AN_ID)
