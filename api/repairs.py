"""Putting titles right, for films and shows alike: the rows first, then the workers and whoever listens."""

from collections.abc import Mapping
from typing import Any

from api.blueprints import checked_id, say
from api.context import context, database
from shared import events, tasks
from shared.catalogue import repair
from shared.catalogue.edit import edit
from shared.catalogue.repair import Asked, Kind


def chosen(kind: Kind, row_id: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the user says that a title is; nothing: the providers decide again."""
    with database().begin() as session:
        asked = repair.choose(session, kind, checked_id(row_id), what)
    return _asked(row_id, asked)


def refreshed(kind: Kind, row_id: str) -> dict[str, Any]:
    """Have a title fetched again."""
    with database().begin() as session:
        asked = repair.refresh(session, kind, checked_id(row_id))
    return _asked(row_id, asked)


def edited(kind: Kind, row_id: str, wanted: dict[str, Any]) -> None:
    """Change what a title says, and have fetched what is unlocked."""
    with database().begin() as session:
        media_id, is_fetched = edit(session, kind, checked_id(row_id), **wanted)
    events.tell(context().redis, events.MediaUpdated(media_ids=[media_id]))
    if is_fetched:
        tasks.fetch.send(None)
    say("The title is saved.")


def _asked(row_id: str, asked: Asked) -> dict[str, Any]:
    tasks.fetch.send(None)
    say("The providers are asked about the title.")
    return {"id": checked_id(row_id), "mediaId": asked.media_id, "chosen": asked.chosen or None, "status": "queued"}
