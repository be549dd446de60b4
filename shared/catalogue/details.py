"""Titles as their own pages have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, raiseload, selectinload

from shared.catalogue.extras import is_extra_of
from shared.catalogue.hidden import (
    ASKED,
    KEPT_BEFORE,
    Before,
    episode_is_shown,
    given,
    hidden_by,
    shown,
    title_is_shown,
)
from shared.catalogue.views import (
    CREDITS,
    MOVIES,
    TV_SHOWS,
    CreditView,
    FileView,
    MediaView,
    MovieView,
    Row,
    TVShowView,
    credits_of,
    files_of,
    files_where,
    movie_of,
    tv_show_of,
)
from shared.database import Reader
from shared.dialects import IsOneOf
from shared.enrichments import in_its_turn
from shared.errors import NotFoundError
from shared.kinds import MediaType
from shared.models import Episode, Media, MediaFile, Movie, Season, TVShow

T = TypeVar("T", MovieView, TVShowView)

#: Titles that are read at once.
MOST_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Details(Generic[T]):
    """A title as its own page has it: with its credits in their order and its extras, which lists leave out."""

    row: T
    credits: Sequence[CreditView]
    extras: Sequence[FileView]
    #: Whether it is on its way, and nobody has looked at it yet.
    may_go_first: bool

    @property
    def media(self) -> MediaView:
        return self.row.media


@dataclass(frozen=True, slots=True)
class ShowDetails(Details[TVShowView]):
    """A show as its own page has it."""

    seasons: Sequence[Season]


def movies(session: Reader, movie_ids: Sequence[str]) -> dict[str, Details[MovieView]]:
    """Return films by their ids, each with its files, credits and extras; those that there are."""
    rows, before = _read(session, MediaType.MOVIE, movie_ids)
    found = (Details(movie_of(row, before), *_more(row, before)) for row in rows)
    return {details.row.id: details for details in found}


def tv_show(session: Session, tv_show_id: str) -> ShowDetails:
    """Return a show with its credits, extras, seasons, episodes and files, in order; specials are season 0."""
    rows, before = _read(session, MediaType.TV_SHOW, [tv_show_id])
    if not rows:
        raise NotFoundError("There is no TV show by this id.")
    seasons = select(Season).where(Season.tv_show_id == tv_show_id).order_by(Season.season_number)
    episodes = Season.episodes.and_(episode_is_shown(before))
    parts = selectinload(episodes).selectinload(Episode.files.and_(shown(MediaFile, before)))
    found = session.scalars(seasons.options(parts, raiseload("*"))).all()
    return ShowDetails(tv_show_of(rows[0]), *_more(rows[0], before), found)


def _read(session: Reader, media_type: MediaType, ids: Sequence[str]) -> tuple[Sequence[Any], datetime | None]:
    """Return the rows of titles that there are and that are shown, and the instant by which others are hidden."""
    rows = session.execute(_details(media_type, None), {"ids": ids}).all()
    before = hidden_by(rows[0]) if rows else None
    if before is not None:
        rows = session.execute(_details(media_type, KEPT_BEFORE), given(before, ids=ids)).all()
    return rows, before


@cache
def _details(media_type: MediaType, before: Before) -> Select[Any]:
    """Make the query for the details of titles; made once for each, and once more where something is hidden."""
    titles = MOVIES if media_type == MediaType.MOVIE else TV_SHOWS
    table: type[Movie | TVShow] = Movie if media_type == MediaType.MOVIE else TVShow
    more = (
        *ASKED,
        CREDITS.label("credits"),
        files_where(is_extra_of(Media.id.expression)).label("extras"),
        exists().where(in_its_turn(Media.id.expression)).correlate(Media).label("may_go_first"),
    )
    return titles.add_columns(*more).where(IsOneOf(table.id, "ids"), title_is_shown(before))


def _more(row: Any, before: datetime | None) -> tuple[Sequence[CreditView], Sequence[FileView], bool]:
    """Return what a title's own page has besides: credits, extras, and whether it may go first."""
    return credits_of(row.credits), _extras(row.extras, before), row.may_go_first


def _extras(rows: Sequence[Row] | None, before: datetime | None) -> list[FileView]:
    return sorted(files_of(rows, before), key=lambda file: file.extra_type or "")
