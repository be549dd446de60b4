"""What a search finds, as clients read it."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.catalogue import MovieSchema, TVShowSchema
from api.schemas.common import URL, integer, text
from shared.kinds import MediaType, Role


class FoundEpisodeSchema(WireSchema):
    """An episode, and the show that it is of."""

    id = text()
    title = text(example="The Target")
    season_number = integer()
    episode_number = integer()
    show_id = text()
    show_title = text(example="The Wire")
    poster_url = text(null=True, description="The show's poster.", **URL)
    still_url = text(null=True, **URL)
    stream_url = text(null=True, **URL)


class PersonTitleSchema(WireSchema):
    """A title that a person is credited for."""

    id = text(description="The id of the movie or TV show.")
    type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in MediaType]))
    title = text(example="The Matrix")
    role = fields.String(required=True, validate=validate.OneOf([role.value for role in Role]))
    character = text(null=True, description="Whom an actor plays.", example="Neo")


class FoundPersonSchema(WireSchema):
    """Somebody, and a few titles: the best rated first."""

    id = text()
    name = text(example="Keanu Reeves")
    titles = fields.List(fields.Nested(PersonTitleSchema), required=True)


class SearchSchema(WireSchema):
    """What a search finds, each list with the best match first; ``meta`` counts movies and TV shows together."""

    is_paged = True

    movies = fields.List(fields.Nested(MovieSchema), required=True)
    tv_shows = fields.List(fields.Nested(TVShowSchema), required=True)
    episodes = fields.List(
        fields.Nested(FoundEpisodeSchema), required=True, metadata={"description": "Only on the first page."}
    )
    people = fields.List(
        fields.Nested(FoundPersonSchema), required=True, metadata={"description": "Only on the first page."}
    )
