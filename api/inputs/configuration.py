"""What clients send to change settings and providers."""

import re
from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields, post_load, validate

from api.fields import SaidSchema, Text, Whole
from api.inputs.scanning import ScanOptionsSchema
from shared.providers import KNOWN, Change
from shared.wire import camel

#: What goes into a header; blanks around it, as they are pasted along, go. A masked one has dots.
_A_KEY = [
    validate.Length(max=1000),
    validate.Regexp(r"^\s*[!-~•]*\s*$", error="Must be one word of ASCII letters, figures and signs."),
]
_LARGEST_PRIORITY = 1_000_000
_MOST_DAYS = 3650
_KNOWN = validate.OneOf(list(KNOWN), error="This server has no such provider; it has {choices}.")
_LANGUAGE = re.compile("[a-z]{2}(-[A-Z]{2})?")
_COUNTRY = re.compile("[A-Z]{2}")
#: As the document has them; other cases are understood, too.
_A_LANGUAGE = {"pattern": f"^{_LANGUAGE.pattern}$", "example": "en-US"}
_A_COUNTRY = {"pattern": f"^{_COUNTRY.pattern}$", "example": "US"}
_SECRET: dict[str, Any] = {
    "description": "An empty one disables TMDB; a masked one changes nothing.",
    "example": "0123456789abcdef0123456789abcdef",
}


class Flag(fields.Boolean):
    """True or false, and nothing that means as much."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, attr, data, **kwargs))


class LanguageField(Text):
    """A language, with a country or without: ``en`` or ``en-US``, in any case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        language, dash, country = super()._deserialize(value, attr, data, **kwargs).strip().partition("-")
        tag = f"{language.lower()}{dash}{country.upper()}"
        if not _LANGUAGE.fullmatch(tag):
            raise ValidationError("Must be a language such as en or en-US.")
        return tag


class CountryField(Text):
    """A country by its two letters, in any case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        country = super()._deserialize(value, attr, data, **kwargs).strip().upper()
        if not _COUNTRY.fullmatch(country):
            raise ValidationError("Must be the two letters of a country, such as US.")
        return country


class ScanSettingsChangeSchema(ScanOptionsSchema):
    """How to scan where a request doesn't say; what isn't named goes back to its default."""

    class Meta:
        unknown = EXCLUDE
        exclude = ("library_name", "accept_missing")

    rescan = Flag(metadata={"description": "Do everything again, also where nothing changed."})
    follow_symlinks = Flag()

    @post_load
    def _forget_what_means_nothing(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data.pop("batch_scan", None)
        return data


class SettingsChangeSchema(SaidSchema):
    """The settings to change; what isn't named stays."""

    tmdb_api_key = Text(validate=_A_KEY, metadata=_SECRET)
    port = Whole(validate=validate.Range(1, 65535))
    enable_route_guards = Flag()
    first_run = Flag()
    scan_settings = fields.Nested(ScanSettingsChangeSchema)
    metadata_language = LanguageField(
        metadata={"description": "Of titles and overviews, BCP 47. A new one has every title fetched again."}
        | _A_LANGUAGE
    )
    metadata_country = CountryField(
        metadata={"description": "Of certifications, ISO 3166-1. A new one has every title fetched again."} | _A_COUNTRY
    )
    prefer_local_artwork = Flag(
        metadata={"description": "Whether pictures that lie beside the files go before those of providers."}
    )
    missing_grace_days = Whole(
        validate=validate.Range(0, _MOST_DAYS),
        metadata={"description": "For so many days titles whose files vanished are still listed.", "example": 7},
    )
    remove_missing_after_days = Whole(
        validate=validate.Range(0, _MOST_DAYS),
        metadata={
            "description": "A scan removes from the catalogue what has been missing for so many days; 0: nothing.",
            "example": 0,
        },
    )
    max_missing_percent = Whole(
        validate=validate.Range(0, 100),
        metadata={
            "description": "A scan that misses more than this share of a library's files marks none of them missing.",
            "example": 50,
        },
    )


class ProviderConfigChangeSchema(SaidSchema):
    """What a provider is configured by: `tmdb` by a key, `nfo` by nothing. What isn't named stays."""

    api_key = Text(validate=_A_KEY, metadata=_SECRET)


class ProviderChangeSchema(SaidSchema):
    """What is to change in a provider; what isn't named stays. Its id and name may only be what they are."""

    id = Text(metadata={"description": "May come back as it was read."})
    name = fields.String(validate=_KNOWN)
    enabled = Flag()
    priority = Whole(
        validate=validate.Range(0, _LARGEST_PRIORITY),
        metadata={"description": "The provider with the lowest is asked first.", "example": 10},
    )
    config = fields.Nested(ProviderConfigChangeSchema)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Part what names the provider from what is to change."""
        config = {camel(name): value for name, value in data.pop("config", {}).items()}
        identity = {name: data.pop(name) for name in ("id", "name") if name in data}
        return identity | {"change": Change(**data, config=config)}


class ProviderWantedSchema(ProviderChangeSchema):
    """A provider to create or change. One that is created is enabled unless the request says otherwise."""

    name = fields.String(required=True, validate=_KNOWN)
