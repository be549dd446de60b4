"""What clients send to have a folder scanned."""

import math
import re
from typing import Any

import regex
from marshmallow import EXCLUDE, ValidationError, fields, post_load, validate

from api.fields import SaidSchema, Text, Whole, WireSchema
from api.inputs.common import LONGEST_NAME, LONGEST_TEXT, MediaTypeField, WordField
from shared.scan_browse import FailuresPage, JobsPage
from shared.scan_retry import Wanted
from shared.scan_states import JobStatus

_LONGEST_PATTERN = 500
#: Compiled, what is repeated stands there so many times, and each sign of it takes a few hundred bytes.
_MOST_REPEATED = 200_000
_REPETITION = re.compile(r"\{([^},]*)")
_MOST_EXTENSIONS = 100
#: The longest path that Linux takes.
_LONGEST_PATH = 4096
_LONGEST_CAUSE = 100
_MOST_SKIPPED = 1_000_000
_MOST_DAYS = 3650
_DAYS = {"description": "Also remove the scans that ended more than so many days ago.", "example": 30}


class PatternField(Text):
    """A regular expression."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > _LONGEST_PATTERN:
            raise ValidationError(f"May not be longer than {_LONGEST_PATTERN} characters.")
        if _repeated(text) > _MOST_REPEATED:
            raise ValidationError("Repeats too much: it would take hundreds of megabytes. Use smaller numbers, or *.")
        try:
            regex.compile(text)
        except (regex.error, OverflowError, RecursionError) as error:
            raise ValidationError(f"Is no regular expression: {error}.") from None
        return text


def _repeated(pattern: str) -> float:
    """Return how long a pattern is at most when all that is repeated is written out, as if all were nested.

    A number may be taken apart by blanks, and by comments, of which none is tried to be understood.
    """
    counts = _REPETITION.findall(pattern)
    if any("#" in count for count in counts):
        return math.inf
    digits = (re.sub(r"\D", "", count) for count in counts)
    return len(pattern) * math.prod(max(1, int(number or 1)) for number in digits)


class MediaTypeDepthSchema(SaidSchema):
    """How deep to look, by type of media."""

    class Meta:
        unknown = EXCLUDE

    movie = Whole(validate=validate.Range(0, 10))
    tv = Whole(validate=validate.Range(0, 10))


class ScanOptionsSchema(SaidSchema):
    """How to scan."""

    class Meta:
        unknown = EXCLUDE

    media_type = MediaTypeField()
    max_depth = Whole(validate=validate.Range(0, 10))
    file_extensions = fields.List(
        Text(validate=validate.Regexp(r"^\.?[A-Za-z0-9]{1,10}$(?!\n)", error="Must look like .mkv or mkv.")),
        validate=validate.Length(max=_MOST_EXTENSIONS),
    )
    library_name = Text(validate=validate.Length(max=LONGEST_NAME))
    rescan = fields.Boolean(metadata={"description": "Do everything again, also where nothing changed."})
    batch_scan = fields.Boolean(metadata={"description": "Accepted; every scan goes in batches."})
    follow_symlinks = fields.Boolean()
    filename_pattern = PatternField()
    directory_pattern = PatternField()
    media_type_depth = fields.Nested(MediaTypeDepthSchema)
    accept_missing = fields.Boolean(
        metadata={
            "description": "What the scan does not see is gone, however much it is: mark it missing. Without it a scan "
            "that misses everything, or more than `maxMissingPercent` of the settings, marks nothing."
        }
    )


class ScanRequestSchema(SaidSchema):
    """A folder to scan."""

    class Meta:
        unknown = EXCLUDE

    path = Text(required=True, metadata={"example": "/media/movies"})
    media_type = MediaTypeField(metadata={"example": "movie"})
    options = fields.Nested(ScanOptionsSchema)
    name = Text(validate=validate.Length(max=LONGEST_NAME))
    description = Text(validate=validate.Length(max=LONGEST_TEXT))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Settle what may stand in two places: the media type, and the library's name.

        ``options`` has those that are named, and no media type: the user's settings fill both.
        """
        options = data.get("options", {})
        media_type = options.pop("media_type", None)
        library_name = options.pop("library_name", None)
        return {
            "path": data["path"],
            "media_type": data.get("media_type") or media_type,
            "name": (data.get("name") or library_name or "").strip() or None,
            "description": data.get("description"),
            "options": options,
        }


class StatusField(WordField):
    """What a scan job is doing, in any case."""

    words = tuple(status.value for status in JobStatus)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> JobStatus:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return JobStatus(text.upper())
        except ValueError:
            raise ValidationError(f"Must be one of {', '.join(JobStatus)}.") from None


class JobsQuerySchema(WireSchema):
    """Which scan jobs."""

    class Meta:
        unknown = EXCLUDE

    status = StatusField(metadata={"example": "FAILED"})
    library_id = fields.UUID()
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, _MOST_SKIPPED))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> JobsPage:
        library_id = data.pop("library_id", None)
        return JobsPage(library_id=library_id and str(library_id), **data)


class CauseField(Text):
    """Why something failed, as failures name it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=validate.Length(1, _LONGEST_CAUSE), metadata={"example": "tmdb-unreachable"}, **more)


class RetryBodySchema(SaidSchema):
    """Which failures are tried again; all where nothing is named."""

    class Meta:
        unknown = EXCLUDE

    path = Text(
        validate=validate.Length(1, _LONGEST_PATH),
        metadata={"description": "Those at this path or below it, as failures show it.", "example": "Heat (1995)"},
    )
    cause = CauseField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Wanted:
        return Wanted(path=data["path"].rstrip("/") or "/" if "path" in data else None, cause=data.get("cause"))


class FailuresQuerySchema(WireSchema):
    """Which failures of a scan job."""

    class Meta:
        unknown = EXCLUDE

    cause = CauseField()
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, _MOST_SKIPPED))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> FailuresPage:
        return FailuresPage(**data)


class CleanupBodySchema(SaidSchema):
    """Which scan jobs are to be removed; without days none is."""

    class Meta:
        unknown = EXCLUDE

    days = Whole(validate=validate.Range(0, _MOST_DAYS), metadata=_DAYS)


class CleanupQuerySchema(WireSchema):
    """The same, where a client sends no body."""

    class Meta:
        unknown = EXCLUDE

    days = fields.Integer(validate=validate.Range(0, _MOST_DAYS), metadata=_DAYS)
