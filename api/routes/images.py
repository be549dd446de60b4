"""Cached pictures."""

from datetime import timedelta
from typing import Any

from flask import Response, request, send_file

from api.blueprints import Blueprint
from api.context import context
from api.inputs.catalogue import ImageQuerySchema
from shared import renditions
from shared.errors import NotFoundError

#: A picture is named by its content, so it never changes.
_MAX_AGE = timedelta(days=365)

blueprint = Blueprint("image", __name__, url_prefix="/api/v1/image", description="Posters, backdrops and stills.")


@blueprint.get("/<image_id>")
@blueprint.arguments(ImageQuerySchema, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/*")
@blueprint.alt_response(304, description="Not modified.", success=True)
def get_image(wanted: dict[str, Any], image_id: str) -> Response:
    """Send a picture: the smallest one kept that is at least `width` pixels wide, else the largest."""
    path = context().images.find(image_id, wanted.get("width"))
    if path is None:
        raise NotFoundError("There is no picture by this id.")
    response = send_file(path, conditional=False, etag=path.name, max_age=int(_MAX_AGE.total_seconds()))
    response.make_conditional(request)
    if (lacking := context().images.lacking(image_id, wanted.get("width"))) is None:
        response.cache_control.immutable = True
    else:
        # A smaller one is there in a moment.
        response.cache_control.max_age = 0
        renditions.ask_for(context().redis, image_id, lacking)
    return response
