"""Titles and their files, as clients read them."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import BYTES, INSTANT, URL, integer, number, text
from shared.kinds import MatchStatus, MediaType, Role


class ExternalIdSchema(WireSchema):
    """The id by which somebody else knows a title."""

    source = text(example="TMDB")
    external_id = text(example="603")


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
    problem = text(null=True, description="Why the file could not be looked into.", example="file-not-video")
    missing_since = text(null=True, **INSTANT)
    stream_url = text(**URL)


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
    rating = number(null=True, description="From 0 to 10.")
    genres = fields.List(fields.String(), required=True)
    external_ids = fields.List(fields.Nested(ExternalIdSchema), required=True)
    match_status = fields.String(required=True, validate=validate.OneOf([status.value for status in MatchStatus]))
    match_score = number(null=True, description="From 0 to 1.")
    match_reason = text(null=True, description="Why the title is not matched.")
    created_at = text(**INSTANT)
    updated_at = text(**INSTANT)


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
    """A film with its credits, in order: the cast first."""

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
    files = fields.List(fields.Nested(FileSchema), required=True)


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
    """A show with its credits, seasons and episodes, in order."""

    credits = fields.List(fields.Nested(CreditSchema), required=True)
    seasons = fields.List(fields.Nested(SeasonSchema), required=True)
