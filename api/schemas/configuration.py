"""Settings and providers, as clients read them."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import integer, text
from shared.kinds import ProviderName

_MASKED = {"example": "••••••••89ab", "description": "Masked, and absent while there is none."}


class ScanDepthsSchema(WireSchema):
    """How many folders deep to look, by type of media; a type that is absent has no bound of its own."""

    movie = fields.Integer(metadata={"example": 2})
    tv = fields.Integer(metadata={"example": 4})


class ScanSettingsSchema(WireSchema):
    """How to scan where a request doesn't say. What has no value is absent."""

    media_type = fields.String(validate=validate.OneOf(["movie", "tv"]))
    max_depth = fields.Integer(metadata={"example": 4})
    media_type_depth = fields.Nested(ScanDepthsSchema, required=True)
    file_extensions = fields.List(fields.String())
    filename_pattern = fields.String(metadata={"example": r"\.mkv$"})
    directory_pattern = fields.String(metadata={"example": r"^[^.]"})
    rescan = fields.Boolean(required=True)
    follow_symlinks = fields.Boolean(required=True)


class SettingsSchema(WireSchema):
    """The settings in force. The TMDB key is masked, and absent while there is none."""

    tmdb_api_key = fields.String(metadata=_MASKED)
    port = integer(example=3001)
    enable_route_guards = fields.Boolean(required=True)
    first_run = fields.Boolean(required=True)
    scan_settings = fields.Nested(ScanSettingsSchema, required=True)
    metadata_language = text(example="en-US", description="Of titles and overviews; BCP 47.")
    metadata_country = text(example="US", description="Of certifications; ISO 3166-1.")
    prefer_local_artwork = fields.Boolean(
        required=True,
        metadata={"description": "Whether pictures that lie beside the files go before those of providers."},
    )
    missing_grace_days = integer(
        example=7, description="For so many days titles whose files vanished are still listed."
    )
    remove_missing_after_days = integer(
        example=0,
        description="A scan removes from the catalogue what has been missing for so many days; 0: nothing.",
    )
    max_missing_percent = integer(
        example=50,
        description="A scan that misses more than this share of a library's files marks none of them missing.",
    )


class ProviderConfigSchema(WireSchema):
    """What a provider is configured by; it is empty where that is nothing."""

    api_key = fields.String(metadata=_MASKED)


class ProviderSchema(WireSchema):
    """A metadata provider; it is asked while it is enabled and has the key that it needs."""

    id = text()
    name = fields.String(required=True, validate=validate.OneOf(list(ProviderName)))
    enabled = fields.Boolean(required=True)
    priority = integer(example=10, description="The provider with the lowest is asked first.")
    config = fields.Nested(ProviderConfigSchema, required=True)


class ProviderDeletedSchema(WireSchema):
    """That a provider is deleted."""

    success = fields.Boolean(required=True, metadata={"example": True})
    message = text(example="The provider tmdb is not asked any more.")
