"""Titles that somebody should look at."""

from typing import Any

from api.blueprints import Blueprint, paged
from api.context import database
from api.inputs.repair import ReviewQuerySchema
from api.present import repair as present
from api.schemas.repair import ReviewedSchema
from shared.catalogue.review import ReviewPage, review

blueprint = Blueprint("review", __name__, url_prefix="/api/v1/review", description="Titles to look at.")


@blueprint.get("")
@blueprint.arguments(ReviewQuerySchema, location="query")
@blueprint.response(200, ReviewedSchema(many=True))
def list_review(page: ReviewPage) -> list[dict[str, Any]]:
    """List titles that no provider knew, or where another one was as near, with what they could be."""
    with database().read() as session:
        found, total = review(session, page)
    paged(page.page, page.limit, total)
    return [present.reviewed(item) for item in found]
