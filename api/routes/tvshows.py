"""TV shows."""

from typing import Any

from api.attention import looked_at
from api.blueprints import Blueprint, checked_id, paged_by_cursor
from api.colours import wanted_colours
from api.context import database
from api.inputs.catalogue import ListQuerySchema
from api.inputs.repair import EditBodySchema, MatchBodySchema
from api.present import catalogue as present
from api.remembered import remembered
from api.repairs import chosen, edited, refreshed
from api.schemas.catalogue import TVShowDetailsSchema, TVShowSchema
from api.schemas.repair import FetchQueuedSchema
from shared.catalogue import browse, details
from shared.catalogue.browse import Page
from shared.models import TVShow

blueprint = Blueprint("tvshows", __name__, url_prefix="/api/v1/tvshows", description="TV shows.")


@blueprint.get("")
@remembered
@blueprint.arguments(ListQuerySchema, location="query")
@blueprint.response(200, TVShowSchema(many=True))
def list_tv_shows(page: Page) -> list[dict[str, Any]]:
    """List TV shows: without parameters the ten that were added last."""
    with database().look() as rows:
        found = browse.tv_shows(rows, page)
    paged_by_cursor(None if page.cursor else page.page, page.limit, found.total, found.next_cursor)
    wanted_colours([row.media for row in found.rows])
    return [present.tv_show(row) for row in found.rows]


@blueprint.get("/<tv_show_id>")
@remembered
@blueprint.response(200, TVShowDetailsSchema)
def get_tv_show(tv_show_id: str) -> dict[str, Any]:
    """Show a TV show with its credits, extras, seasons and episodes; specials are season 0."""
    return _shown(tv_show_id)


@blueprint.patch("/<tv_show_id>")
@blueprint.arguments(EditBodySchema)
@blueprint.response(200, TVShowDetailsSchema)
def edit_tv_show(wanted: dict[str, Any], tv_show_id: str) -> dict[str, Any]:
    """Change what a TV show says; what is changed is locked, so that no provider overwrites it."""
    edited(TVShow, tv_show_id, wanted)
    return _shown(tv_show_id)


@blueprint.post("/<tv_show_id>/match")
@blueprint.arguments(MatchBodySchema, example={"source": "TMDB", "externalId": "603"})
@blueprint.response(202, FetchQueuedSchema)
def match_tv_show(what: dict[str, Any], tv_show_id: str) -> dict[str, Any]:
    """Say which TV show it is, or that it is none that any provider knows; kept through every later scan."""
    return chosen(TVShow, tv_show_id, what)


@blueprint.delete("/<tv_show_id>/match")
@blueprint.response(202, FetchQueuedSchema)
def unchoose_tv_show(tv_show_id: str) -> dict[str, Any]:
    """Take back what was said of a TV show: names and providers decide again."""
    return chosen(TVShow, tv_show_id, {})


@blueprint.post("/<tv_show_id>/refresh")
@blueprint.response(202, FetchQueuedSchema)
def refresh_tv_show(tv_show_id: str) -> dict[str, Any]:
    """Have a TV show fetched again; what is locked stays."""
    return refreshed(TVShow, tv_show_id)


def _shown(tv_show_id: str) -> dict[str, Any]:
    with database().read() as session:
        row = details.tv_show(session, checked_id(tv_show_id))
    wanted_colours([row.media])
    looked_at(row)
    return present.tv_show_details(row)
