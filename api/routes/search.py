"""Search."""

from typing import Any

from api.blueprints import Blueprint, paged
from api.colours import wanted_colours
from api.context import context, database
from api.inputs.search import SearchQuerySchema
from api.present import search as present
from api.remembered import remembered
from api.schemas.search import SearchSchema
from shared.catalogue import search as catalogue
from shared.catalogue.search import Asked
from shared.catalogue.search_answers import Begun

blueprint = Blueprint("search", __name__, url_prefix="/api/v1/search", description="Search.")


@blueprint.get("")
@remembered
@blueprint.arguments(SearchQuerySchema, location="query")
@blueprint.response(200, SearchSchema)
def search(wanted: dict[str, Any]) -> dict[str, Any]:
    """Search movies, TV shows, episodes and people: the best match first."""
    asked = Asked(wanted["query"], wanted["page"], wanted["limit"])
    found = context().searches.get(asked)
    if isinstance(found, Begun):
        with database().read() as session:
            found = catalogue.search(session, asked, found)
    paged(wanted["page"], wanted["limit"], found.total)
    wanted_colours([*(row.media for row in found.movies), *(row.media for row in found.tv_shows)])
    return present.found(found)
