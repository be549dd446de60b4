"""Colours on demand: a title that was fetched without them gets them when somebody looks at it."""

from collections.abc import Sequence

from api.context import database
from shared import enrichments, tasks
from shared.catalogue.views import MediaView


def wanted_colours(titles: Sequence[MediaView]) -> None:
    """Send those titles to be painted that have a poster and no colours; who asks again later gets them."""
    if all(media.palette or not media.poster_source for media in titles):
        return
    with database().read() as session:
        colourless = enrichments.colourless(session, titles)
    if colourless:
        with database().begin() as session:
            enrichments.paint(session, colourless)
        tasks.paint.send(None)
