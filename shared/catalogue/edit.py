"""Editing what a title says: what was edited is locked, and no provider overwrites it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.catalogue.indexing import index_genres, index_titles, search_title
from shared.catalogue.repair import Kind, fetch_again, media_of, no_such
from shared.models import Media

#: What may be edited and locked, by its name on the wire, and the column of ``Media`` that holds it.
FIELDS: Mapping[str, str] = {
    "title": "title",
    "originalTitle": "original_title",
    "description": "description",
    "releaseDate": "release_date",
    "rating": "rating",
    "genres": "genres",
    "certification": "certification",
    "studios": "studios",
}


def edit(
    session: Session, kind: Kind, row_id: str, values: Mapping[str, Any], locked: list[str] | None
) -> tuple[str, bool]:
    """Change fields of a title, by their names on the wire; return its media id, and whether it is to be fetched.

    1. What is edited is locked, beside what is locked already, or beside ``locked`` where that is said.
    2. What is unlocked by that is fetched anew: the title is then on its way to the providers.
    3. Lists, filters and searches find the title by what it says now.

    Raises:
        NotFoundError: there is no such title.

    """
    media_id = media_of(session, kind, row_id)
    unlocked = _unlocked(session, media_id, values, locked)
    if unlocked:
        # Before the title is locked, as workers do it: neither ever waits for the other.
        fetch_again(session, kind, media_id)
    this = select(Media).where(Media.id == media_id).with_for_update(key_share=True)
    media = session.scalar(this.execution_options(populate_existing=True))
    if media is None:
        raise no_such(kind)
    for name, value in values.items():
        setattr(media, FIELDS[name], value)
    media.locked_fields = _in_order({*values, *(media.locked_fields if locked is None else locked)})
    media.search_title = search_title(media.title, media.original_title)
    session.flush()
    if "genres" in values:
        index_genres(session, [media])
    index_titles(session, [media_id])
    return media_id, bool(unlocked)


def _unlocked(session: Session, media_id: str, values: Mapping[str, Any], locked: list[str] | None) -> set[str]:
    if locked is None:
        return set()
    before = session.scalar(select(Media.locked_fields).where(Media.id == media_id)) or []
    return set(before) - set(locked) - values.keys()


def _in_order(names: set[str]) -> list[str]:
    return [name for name in FIELDS if name in names]
