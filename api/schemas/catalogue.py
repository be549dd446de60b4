"""Titles and their files, as clients read them."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import BYTES, INSTANT, URL, integer, number, text
from shared.catalogue.edit import FIELDS
from shared.kinds import ExtraType, MatchStatus, MediaType, Role, Source

IDS = {"description": "By the source of each.", "example": {"TMDB": "603"}}
_SOURCES = {"description": "Where each field stood: file, folder or parent.", "example": {"title": "folder"}}
_THREE_D = {"description": "How the picture is in 3D: 3D, SBS, HSBS, OU, HOU or MVC.", "example": "HSBS"}


class ExternalIdSchema(WireSchema):
    """The id by which somebody else knows a title."""

    source = text(example="TMDB")
    external_id = text(example="603")


class GuessSchema(WireSchema):
    """What the path of a video file says."""

    kind = fields.String(required=True, validate=validate.OneOf(["movie", "episode", "extra"]))
    title = text(example="The Matrix", description="Of the film or the show; of an extra, that of whose extra it is.")
    year = integer(null=True, example=1999)
    other_titles = fields.List(fields.String(), required=True)
    season = integer(null=True, example=1)
    episodes = fields.List(fields.Integer(), required=True)
    air_date = text(null=True, format="date", example="2024-03-15")
    episode_title = text(null=True, example="The Target")
    ids = fields.Dict(keys=fields.String(), required=True, metadata=IDS)
    edition = text(null=True)
    part = integer(null=True)
    three_d = text(null=True, **_THREE_D)
    extra = fields.String(required=True, allow_none=True, validate=validate.OneOf([*ExtraType, None]))
    sources = fields.Dict(keys=fields.String(), required=True, metadata=_SOURCES)


class SubtitleSchema(WireSchema):
    """Subtitles in a file of their own, beside the video."""

    language = text(null=True, description="BCP 47, as far as the name tells.", example="en")
    title = text(null=True, example="Commentary")
    format = text(example="srt")
    forced = fields.Boolean(required=True, metadata={"description": "Only what is spoken in another language."})
    hearing_impaired = fields.Boolean(required=True)
    default = fields.Boolean(required=True)
    url = text(
        format="uri", example="http://localhost:3001/api/v1/stream/0f8fad5b-d9cb-469f-a165-70867728950e/subtitles/0"
    )


class FileSchema(WireSchema):
    """A video file of a film or an episode."""

    id = text()
    file_path = text()
    file_size = text(**BYTES)
    file_modified_at = text(**INSTANT)
    edition = text(null=True)
    part = integer(null=True)
    container = text(null=True, example="mkv")
    duration = number(null=True, description="Seconds.")
    video_codec = text(null=True, example="h264")
    audio_codec = text(null=True, example="aac")
    width = integer(null=True)
    height = integer(null=True)
    three_d = text(null=True, **_THREE_D)
    subtitles = fields.List(fields.Nested(SubtitleSchema), required=True)
    problem = text(null=True, description="Why the file could not be looked into.", example="file-not-video")
    missing_since = text(null=True, **INSTANT)
    stream_url = text(**URL)


class FileDetailsSchema(FileSchema):
    """A video file, and what its name says."""

    guess = fields.Nested(
        GuessSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null for a file that was found before this was kept."},
    )


class ExtraSchema(WireSchema):
    """A trailer, a featurette or another extra of a title."""

    id = text()
    type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in ExtraType]))
    title = text(example="Behind the Scenes")
    season_number = integer(null=True, description="The season that it is of, as far as its name says one.")
    file_path = text()
    file_size = text(**BYTES)
    duration = number(null=True, description="Seconds.", example=142.5)
    stream_url = text(**URL)


class CandidateSchema(WireSchema):
    """What a title could be by the words of a provider."""

    source = fields.String(required=True, validate=validate.OneOf(list(Source)))
    external_id = text(example="604")
    title = text(example="The Matrix Reloaded")
    year = integer(null=True, example=2003)
    score = number(null=True, description="From 0 to 1.", example=0.41)


class MatchSchema(WireSchema):
    """Why a title is what it is taken for."""

    score = number(null=True, description="From 0 to 1.", example=0.98)
    parts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "What the score is made of.", "example": {"title": 1.0, "year": 0.98}},
    )
    provider = text(null=True, description="Who named the title.", example="tmdb")
    candidates = fields.List(
        fields.Nested(CandidateSchema),
        required=True,
        metadata={"description": "What else it could be, the nearest first; at most five."},
    )


class CollectionSchema(WireSchema):
    """The films that a film is one of."""

    name = text(example="The Matrix Collection")
    external_id = text(example="2344")


class ChosenSchema(WireSchema):
    """What the user said that a title is: somebody's id of it, or nothing that any provider knows."""

    source = fields.String(validate=validate.OneOf(list(Source)))
    external_id = fields.String(metadata={"example": "603"})
    unmatch = fields.Boolean()


class MediaSchema(WireSchema):
    """A title: what a film and a show have in common."""

    id = text()
    title = text(example="The Matrix")
    original_title = text(null=True)
    type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in MediaType]))
    description = text(null=True)
    poster_url = text(null=True, **URL)
    backdrop_url = text(null=True, **URL)
    mesh_gradient_colors = fields.List(
        fields.String(validate=validate.Regexp("^#[0-9A-F]{6}$")),
        required=True,
        validate=validate.Length(max=4),
        metadata={
            "description": "Four colours of the poster; empty while there is none.",
            "example": ["#7C3AED", "#2563EB", "#EC4899", "#8B5CF6"],
        },
    )
    release_date = text(null=True, **INSTANT)
    year = integer(null=True, description="Of the release, or as the files' names have it.", example=1999)
    rating = number(null=True, description="From 0 to 10.")
    genres = fields.List(fields.String(), required=True)
    certification = text(null=True, description="As the country of the settings has it.", example="PG-13")
    studios = fields.List(fields.String(), required=True)
    collection = fields.Nested(CollectionSchema, required=True, allow_none=True)
    external_ids = fields.List(fields.Nested(ExternalIdSchema), required=True)
    match_status = fields.String(required=True, validate=validate.OneOf([status.value for status in MatchStatus]))
    match_score = number(null=True, description="From 0 to 1.")
    match_reason = text(null=True, description="Why the title is not matched.")
    match_provider = text(null=True, description="Who named the title.", example="tmdb")
    is_doubtful = fields.Boolean(
        required=True, metadata={"description": "Whether somebody should look: another title was as near."}
    )
    chosen = fields.Nested(ChosenSchema, required=True, allow_none=True)
    locked_fields = fields.List(
        fields.String(validate=validate.OneOf(list(FIELDS))),
        required=True,
        metadata={"description": "What the user edited, and no provider overwrites."},
    )
    created_at = text(**INSTANT)
    updated_at = text(**INSTANT)


class MediaDetailsSchema(MediaSchema):
    """A title, and why it is taken for what it is."""

    match = fields.Nested(MatchSchema, required=True)


class MovieSchema(WireSchema):
    """A film."""

    id = text()
    duration = integer(null=True, description="Minutes.")
    trailer_url = text(null=True, **URL)
    file_path = text(null=True)
    file_size = text(null=True, **BYTES)
    file_modified_at = text(null=True, **INSTANT)
    media_id = text()
    media = fields.Nested(MediaSchema, required=True)
    files = fields.List(fields.Nested(FileSchema), required=True)
    stream_url = text(null=True, **URL)


class CreditSchema(WireSchema):
    """What a person did for a title."""

    person_id = text()
    name = text(example="Keanu Reeves")
    role = fields.String(required=True, validate=validate.OneOf([role.value for role in Role]))
    character = text(null=True, description="Whom an actor plays.", example="Neo")


class MovieDetailsSchema(MovieSchema):
    """A film with its credits, in order: the cast first; and with its extras."""

    media = fields.Nested(MediaDetailsSchema, required=True)
    files = fields.List(fields.Nested(FileDetailsSchema), required=True)
    extras = fields.List(fields.Nested(ExtraSchema), required=True)
    credits = fields.List(fields.Nested(CreditSchema), required=True)


class EpisodeSchema(WireSchema):
    """An episode."""

    id = text()
    episode_number = integer()
    season_number = integer()
    title = text()
    overview = text(null=True)
    air_date = text(null=True, **INSTANT)
    runtime = integer(null=True, description="Minutes.")
    still_url = text(null=True, **URL)
    file_path = text(null=True)
    file_size = text(null=True, **BYTES)
    season_id = text()
    stream_url = text(null=True, **URL)
    files = fields.List(fields.Nested(FileDetailsSchema), required=True)


class SeasonSchema(WireSchema):
    """A season; specials are season 0."""

    id = text()
    season_number = integer()
    name = text(null=True)
    overview = text(null=True)
    air_date = text(null=True, **INSTANT)
    poster_url = text(null=True, **URL)
    tv_show_id = text()
    episodes = fields.List(fields.Nested(EpisodeSchema), required=True)


class TVShowSchema(WireSchema):
    """A show, as lists have it."""

    id = text()
    creator = text(null=True)
    network = text(null=True)
    media_id = text()
    media = fields.Nested(MediaSchema, required=True)


class TVShowDetailsSchema(TVShowSchema):
    """A show with its credits, seasons and episodes, in order; and with its extras."""

    media = fields.Nested(MediaDetailsSchema, required=True)
    extras = fields.List(fields.Nested(ExtraSchema), required=True)
    credits = fields.List(fields.Nested(CreditSchema), required=True)
    seasons = fields.List(fields.Nested(SeasonSchema), required=True)
