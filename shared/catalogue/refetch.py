"""Having titles fetched again when it is said differently what is wanted of them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, not_, or_, select, true
from sqlalchemy.orm import Session

from shared import enrichments, settings
from shared.kinds import MatchStatus
from shared.models import Episode, Library, LibraryMedia, Media, Season, TVShow

#: The settings that every answer of a provider depends on.
_DEPENDED_ON = {"metadata_language", "metadata_country"}
#: Where a picture lies that was found beside the files.
_BESIDE_FILES = "file:%"


def after_change(session: Session, changed: Collection[str]) -> int:
    """Have the matched titles fetched again that settings say otherwise now; return how many there are.

    Another language or country concerns all. That pictures beside the files go first, too, for who knows where some
    are; that they don't, only the titles that are shown by one.
    """
    if not _DEPENDED_ON.isdisjoint(changed):
        return _fetch(session, true())
    if "prefer_local_artwork" in changed:
        return _fetch(session, true() if settings.read(session)["prefer_local_artwork"] else _shows_a_local_picture())
    return 0


def of_library(session: Session, library_id: str) -> int:
    """Have all titles of a library fetched again, as others are asked about them now; return how many there are."""
    held = session.scalars(select(LibraryMedia.media_id).where(LibraryMedia.library_id == library_id)).all()
    enrichments.fetch(session, held, None, is_asked=True)
    return len(held)


def in_another_order(session: Session) -> int:
    """Have the matched titles fetched again that are asked of the providers by their priority; return how many."""
    has_an_order = exists().where(
        LibraryMedia.media_id == Media.id, Library.id == LibraryMedia.library_id, Library.providers.is_not(None)
    )
    return _fetch(session, not_(has_an_order))


def _fetch(session: Session, concerned: ColumnElement[bool]) -> int:
    matched = session.scalars(select(Media.id).where(Media.match_status == MatchStatus.MATCHED, concerned)).all()
    enrichments.fetch(session, matched, None, is_asked=True)
    return len(matched)


def _shows_a_local_picture() -> ColumnElement[bool]:
    of_show = exists().where(
        TVShow.media_id == Media.id,
        Season.tv_show_id == TVShow.id,
        or_(
            Season.poster_source.like(_BESIDE_FILES),
            exists().where(Episode.season_id == Season.id, Episode.still_source.like(_BESIDE_FILES)),
        ),
    )
    return or_(Media.poster_source.like(_BESIDE_FILES), Media.backdrop_source.like(_BESIDE_FILES), of_show)
