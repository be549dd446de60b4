"""Fields of requests that more than one area uses."""

import re
from typing import Any

from marshmallow import ValidationError, fields

from api.fields import Text
from shared.kinds import MediaType

#: How clients spell the two types of media, once case, hyphens and underscores are gone.
_MEDIA_TYPES = {
    "movie": MediaType.MOVIE,
    "movies": MediaType.MOVIE,
    "tv": MediaType.TV_SHOW,
    "tvshow": MediaType.TV_SHOW,
    "tvshows": MediaType.TV_SHOW,
}
LONGEST_NAME = 200
LONGEST_TEXT = 5000
LONGEST_URL = 2000

#: Scheme, host, port, then path, query and fragment of the characters that RFC 3986 allows there.
_URL = re.compile(
    r"https?://(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?"
    r"(?:/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*)?"
    r"(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?"
    r"(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?",
    re.ASCII | re.IGNORECASE,
)


class WordField(fields.String):
    """One of a few words. The document names them; other spellings of them are understood, too."""

    #: As the document has them.
    words: tuple[str, ...]

    def __init__(self, *, metadata: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__(metadata={"enum": list(self.words)} | (metadata or {}), **more)


class MediaTypeField(WordField):
    """``movie`` or ``tv``, in any of the spellings that clients use."""

    words: tuple[str, ...] = ("movie", "tv")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> MediaType:
        text = super()._deserialize(value, attr, data, **kwargs)
        media_type = _MEDIA_TYPES.get(text.lower().replace("-", "").replace("_", ""))
        if media_type is None:
            raise ValidationError("Must be movie or tv.")
        return media_type


class NameField(Text):
    """A name: not blank, and without the blanks around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs).strip()
        if not 1 <= len(name) <= LONGEST_NAME:
            raise ValidationError(f"Must have 1 to {LONGEST_NAME} characters.")
        return name


class UrlField(Text):
    """An http or https URL; an empty text stands for none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        url = super()._deserialize(value, attr, data, **kwargs).strip()
        if len(url) > LONGEST_URL:
            raise ValidationError(f"May not be longer than {LONGEST_URL} characters.")
        if url and not _URL.fullmatch(url):
            raise ValidationError("Must be an http or https URL, with other characters percent-encoded.")
        return url
