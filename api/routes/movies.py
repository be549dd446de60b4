"""Films."""

from typing import Any

from api.attention import looked_at
from api.blueprints import Blueprint, checked_id, paged_by_cursor
from api.colours import wanted_colours
from api.context import context, database
from api.inputs.catalogue import ListQuerySchema
from api.inputs.repair import EditBodySchema, MatchBodySchema
from api.present import catalogue as present
from api.remembered import remembered
from api.repairs import chosen, edited, refreshed
from api.schemas.catalogue import MovieDetailsSchema, MovieSchema
from api.schemas.repair import FetchQueuedSchema
from shared.catalogue import browse
from shared.catalogue.browse import Page
from shared.errors import NotFoundError
from shared.models import Movie

blueprint = Blueprint("movies", __name__, url_prefix="/api/v1/movies", description="Movies.")


@blueprint.get("")
@remembered
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, MovieSchema(many=True))
def list_movies(page: Page) -> list[dict[str, Any]]:
    """List movies: without parameters the ten that were added last."""
    with database().look() as rows:
        found = browse.movies(rows, page)
    paged_by_cursor(None if page.cursor else page.page, page.limit, found.total, found.next_cursor)
    wanted_colours([row.media for row in found.rows])
    return [present.movie(row) for row in found.rows]


@blueprint.get("/<movie_id>")
@remembered
@blueprint.response(200, MovieDetailsSchema)
def get_movie(movie_id: str) -> dict[str, Any]:
    """Show a movie with its files, credits and extras."""
    return _shown(movie_id)


@blueprint.patch("/<movie_id>")
@blueprint.arguments(EditBodySchema)
@blueprint.response(200, MovieDetailsSchema)
def edit_movie(wanted: dict[str, Any], movie_id: str) -> dict[str, Any]:
    """Change what a movie says; what is changed is locked, so that no provider overwrites it."""
    edited(Movie, movie_id, wanted)
    return _shown(movie_id)


@blueprint.post("/<movie_id>/match")
@blueprint.arguments(MatchBodySchema, example={"source": "TMDB", "externalId": "603"})
@blueprint.response(202, FetchQueuedSchema)
def match_movie(what: dict[str, Any], movie_id: str) -> dict[str, Any]:
    """Say which movie it is, or that it is none that any provider knows; kept through every later scan."""
    return chosen(Movie, movie_id, what)


@blueprint.delete("/<movie_id>/match")
@blueprint.response(202, FetchQueuedSchema)
def unchoose_movie(movie_id: str) -> dict[str, Any]:
    """Take back what was said of a movie: names and providers decide again."""
    return chosen(Movie, movie_id, {})


@blueprint.post("/<movie_id>/refresh")
@blueprint.response(202, FetchQueuedSchema)
def refresh_movie(movie_id: str) -> dict[str, Any]:
    """Have a movie fetched again; what is locked stays."""
    return refreshed(Movie, movie_id)


def _shown(movie_id: str) -> dict[str, Any]:
    row = context().movies.get(checked_id(movie_id))
    if row is None:
        raise NotFoundError("There is no movie by this id.")
    wanted_colours([row.media])
    looked_at(row)
    return present.movie_details(row)
