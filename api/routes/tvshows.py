"""TV shows."""

from typing import Any

from api.blueprints import Blueprint, checked_id, paged_by_cursor
from api.colours import wanted_colours
from api.context import database
from api.inputs.catalogue import ListQuerySchema
from api.present import catalogue as present
from api.schemas.catalogue import TVShowDetailsSchema, TVShowSchema
from shared.catalogue import browse
from shared.catalogue.browse import Page

blueprint = Blueprint("tvshows", __name__, url_prefix="/api/v1/tvshows", description="TV shows.")


@blueprint.get("")
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, TVShowSchema(many=True))
def list_tv_shows(page: Page) -> list[dict[str, Any]]:
    """List TV shows: without parameters the ten that were added last."""
    with database().read() as session:
        found = browse.tv_shows(session, page)
    paged_by_cursor(None if page.cursor else page.page, page.limit, found.total, found.next_cursor)
    wanted_colours([row.media for row in found.rows])
    return [present.tv_show(row) for row in found.rows]


@blueprint.get("/<tv_show_id>")
@blueprint.response(200, TVShowDetailsSchema)
def get_tv_show(tv_show_id: str) -> dict[str, Any]:
    """Show a TV show with its credits, seasons and episodes; specials are season 0."""
    with database().read() as session:
        row = browse.tv_show(session, checked_id(tv_show_id))
    wanted_colours([row.media])
    return present.tv_show_details(row)
