"""Libraries, as clients read them."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import BYTES, INSTANT, URL, integer, number, text
from shared.kinds import MediaType, ProviderName
from shared.watches import WatchState


class LibrarySchema(WireSchema):
    """A library."""

    id = text()
    name = text()
    slug = text()
    description = text(null=True)
    poster_url = text(null=True, **URL)
    backdrop_url = text(null=True, **URL)
    is_library = fields.Boolean(required=True)
    library_path = text(null=True)
    library_type = text(null=True)
    parent_id = text(null=True)
    providers = fields.List(
        fields.String(validate=validate.OneOf(list(ProviderName))),
        required=True,
        allow_none=True,
        metadata={
            "description": "Who is asked about its titles, the first first; null: all that are enabled, by priority.",
            "example": ["nfo", "tmdb"],
        },
    )
    watch = fields.Boolean(
        required=True, metadata={"description": "Whether changes in its folder are to be noticed.", "example": True}
    )
    scan_interval_minutes = integer(
        null=True, example=720, description="How often it is scanned in any case; null: not by schedule."
    )
    created_at = text(**INSTANT)
    updated_at = text(**INSTANT)
    media_count = integer()


class StatisticsSchema(WireSchema):
    """What there is, in numbers."""

    movies = integer(example=280)
    tv_shows = integer(example=20)
    episodes = integer(example=412, description="Those that there are files of.")
    files = integer(example=705, description="Also those that are missing.")
    bytes = text(**BYTES)
    duration = number(example=3801600.5, description="Seconds, of all files that were looked into.")
    matched = integer(example=290, description="Titles that a provider confirmed.")
    unmatched = integer(example=8, description="Titles that no provider knew.")
    pending = integer(example=2, description="Titles that nobody has been asked about yet.")
    missing = integer(example=3, description="Files that are in the catalogue and not on the disk.")


class LibraryStatisticsSchema(StatisticsSchema):
    """What a library holds, in numbers."""

    library_id = text()
    library_name = text()


class AllStatisticsSchema(StatisticsSchema):
    """What all libraries hold together, and what each one does. A title in several of them counts once in all."""

    libraries = fields.List(fields.Nested(LibraryStatisticsSchema), required=True)


class WatchingSchema(WireSchema):
    """How the watching of a library goes."""

    state = fields.String(
        required=True,
        validate=validate.OneOf(list(WatchState)),
        metadata={
            "description": "events: the file system tells of each change; polling: it can't, so the library is scanned "
            "every now and then; waiting: nobody has begun; stopped: nobody can.",
            "example": WatchState.EVENTS,
        },
    )
    reason = text(null=True, example="network-file-system", description="Why it is no better, as a stable word.")
    message = text(null=True, example="/media lies on nfs4, and that does not tell what other machines change.")
    since = text(null=True, **INSTANT)
    last_event_at = text(null=True, **INSTANT)
    next_scan_at = text(null=True, **INSTANT)


class LibraryDetailsSchema(LibrarySchema):
    """A library, what it holds, and how its watching goes."""

    watching = fields.Nested(WatchingSchema, required=True)
    statistics = fields.Nested(StatisticsSchema, required=True)


class LibraryCreatedSchema(LibrarySchema):
    """A library that was made."""

    scan_job_id = text(null=True, description="The scan, if one was asked for.")


class LibraryUpdatedSchema(WireSchema):
    """A library as it is now."""

    library = fields.Nested(LibrarySchema, required=True)
    message = text(example="The library is saved.")


class LibraryDeletedSchema(WireSchema):
    """A library that is gone."""

    library_id = text()
    library_name = text()
    media_deleted = integer(example=300, description="Titles that went with it: those that no other library holds.")
    message = text(example="The library “Movies” is deleted, and with it 300 titles. No file on disk was touched.")


class MissingFileSchema(WireSchema):
    """A file that is missing from the disk; the title that it is of is null for an extra."""

    id = text()
    file_path = text()
    file_size = text(**BYTES)
    missing_since = text(**INSTANT)
    media_id = text(null=True)
    title = text(null=True)
    type = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([MediaType.MOVIE, MediaType.TV_SHOW, None])
    )


class MissingRemovedSchema(WireSchema):
    """What is no longer in the catalogue."""

    files_removed = integer(example=3)
    media_removed = integer(example=1, description="Titles that had no other file.")
    message = text(example="3 missing files are out of the catalogue, and with them 1 title.")
