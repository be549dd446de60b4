"""Films."""

from typing import Any

from api.blueprints import Blueprint, checked_id, paged_by_cursor
from api.colours import wanted_colours
from api.context import database
from api.inputs.catalogue import ListQuerySchema
from api.present import catalogue as present
from api.schemas.catalogue import MovieDetailsSchema, MovieSchema
from shared.catalogue import browse
from shared.catalogue.browse import Page

blueprint = Blueprint("movies", __name__, url_prefix="/api/v1/movies", description="Movies.")


@blueprint.get("")
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, MovieSchema(many=True))
def list_movies(page: Page) -> list[dict[str, Any]]:
    """List movies: without parameters the ten that were added last."""
    with database().read() as session:
        found = browse.movies(session, page)
    paged_by_cursor(None if page.cursor else page.page, page.limit, found.total, found.next_cursor)
    wanted_colours([row.media for row in found.rows])
    return [present.movie(row) for row in found.rows]


@blueprint.get("/<movie_id>")
@blueprint.response(200, MovieDetailsSchema)
def get_movie(movie_id: str) -> dict[str, Any]:
    """Show a movie with its files and credits."""
    with database().read() as session:
        row = browse.movie(session, checked_id(movie_id))
    wanted_colours([row.media])
    return present.movie_details(row)
