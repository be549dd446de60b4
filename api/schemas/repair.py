"""What there is to put right, and what a path would be taken for, as clients read it."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.catalogue import IDS, CandidateSchema, ChosenSchema, ExternalIdSchema, GuessSchema
from api.schemas.common import integer, number, text
from shared.kinds import MatchStatus, MediaType


class FetchQueuedSchema(WireSchema):
    """A title that the providers are asked about."""

    id = text()
    media_id = text()
    chosen = fields.Nested(ChosenSchema, required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(["queued"]))


class NameGuessSchema(WireSchema):
    """What the names of a title's files say."""

    title = text(example="The Matrix")
    year = integer(null=True, example=1999)
    ids = fields.Dict(keys=fields.String(), required=True, metadata=IDS)


class ReviewedSchema(WireSchema):
    """A title that somebody should look at."""

    id = text(description="Of the movie or TV show.")
    media_id = text()
    type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in MediaType]))
    title = text(example="The Matrix")
    year = integer(null=True, example=1999)
    match_status = fields.String(required=True, validate=validate.OneOf([status.value for status in MatchStatus]))
    match_score = number(null=True, description="From 0 to 1.")
    is_doubtful = fields.Boolean(required=True)
    reason = text(example="No provider knows this title well enough.")
    guess = fields.Nested(NameGuessSchema, required=True)
    candidates = fields.List(fields.Nested(CandidateSchema), required=True)
    path = text(null=True, description="Of one of its files.", example="/media/movies/Matrix.mkv")


class PathMatchSchema(WireSchema):
    """Which title the providers say that a guess means; `unknown` where one of them could not be asked."""

    status = fields.String(required=True, validate=validate.OneOf(["matched", "unmatched", "unknown"]))
    title = text(null=True, example="The Matrix")
    year = integer(null=True, example=1999)
    provider = text(null=True, example="tmdb")
    score = number(null=True, description="From 0 to 1.", example=0.98)
    parts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "What the score is made of.", "example": {"title": 1.0, "year": 0.98}},
    )
    is_doubtful = fields.Boolean(required=True)
    external_ids = fields.List(fields.Nested(ExternalIdSchema), required=True)


class GuessLibrarySchema(WireSchema):
    """The library that would read a path."""

    id = text()
    name = text()


class ExplanationSchema(WireSchema):
    """What a path would be taken for, and why."""

    path = text(example="/media/movies/The Matrix (1999)/The Matrix (1999).mkv")
    media_type = fields.String(required=True, validate=validate.OneOf(["movie", "tv"]))
    library = fields.Nested(GuessLibrarySchema, required=True, allow_none=True)
    guess = fields.Nested(GuessSchema, required=True)
    match = fields.Nested(
        PathMatchSchema, required=True, allow_none=True, metadata={"description": "null where nobody was asked."}
    )
    candidates = fields.List(fields.Nested(CandidateSchema), required=True)
    problems = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What went wrong over it.", "example": ["No provider knows this title well enough."]},
    )
