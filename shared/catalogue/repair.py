"""Saying what a title is where the providers got it wrong, and having them asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import enrichments
from shared.errors import InvalidError, NotFoundError
from shared.kinds import Source
from shared.models import Media, Movie, TVShow
from shared.models.base import now

Kind = type[Movie] | type[TVShow]

#: The choice that a title is nothing that any provider knows.
UNMATCH: Mapping[str, Any] = {"unmatch": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """A title that the providers are asked about, and what the user said that it is."""

    media_id: str
    chosen: Mapping[str, Any]


def choose(session: Session, kind: Kind, row_id: str, chosen: Mapping[str, Any]) -> Asked:
    """Keep what the user says that a title is, and have it fetched.

    ``chosen`` is ``{"source", "externalId"}``, ``UNMATCH``, or empty: then providers and names decide again.

    Raises:
        NotFoundError: there is no such title.
        InvalidError: this source knows no such titles.

    """
    if kind is Movie and chosen.get("source") == Source.TVMAZE:
        raise InvalidError("source", "TVMAZE knows TV shows only.")
    # In the order in which workers hold the two rows: neither ever waits for the other.
    asked = refresh(session, kind, row_id)
    session.execute(update(Media).where(Media.id == asked.media_id).values(chosen=dict(chosen), updated_at=now()))
    return replace(asked, chosen=chosen)


def refresh(session: Session, kind: Kind, row_id: str) -> Asked:
    """Have the providers asked about a title, also where they were asked lately.

    Raises:
        NotFoundError: there is no such title.

    """
    media_id = media_of(session, kind, row_id)
    fetch_again(session, kind, media_id)
    return Asked(media_id, session.scalar(select(Media.chosen).where(Media.id == media_id)) or {})


def fetch_again(session: Session, kind: Kind, media_id: str) -> None:
    """Have the providers asked about a title; from here on no worker can make it another one.

    Raises:
        NotFoundError: it has just turned out to be another title.

    """
    try:
        enrichments.fetch(session, [media_id], None, is_asked=True)
    except IntegrityError:
        raise no_such(kind) from None


def media_of(session: Session, kind: Kind, row_id: str) -> str:
    """Return the media id of a film or a show.

    Raises:
        NotFoundError: there is no such title.

    """
    media_id = session.scalar(select(kind.media_id).where(kind.id == row_id))
    if media_id is None:
        raise no_such(kind)
    return media_id


def no_such(kind: Kind) -> NotFoundError:
    return NotFoundError("There is no movie by this id." if kind is Movie else "There is no TV show by this id.")
