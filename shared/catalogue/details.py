"""Titles as their own pages have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased, raiseload, selectinload

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
from shared.enrichments import in_its_turn
from shared.errors import NotFoundError
from shared.kinds import MediaType
from shared.models import Episode, Media, MediaFile, Movie, Season, TVShow

T = TypeVar("T", MovieView, TVShowView)


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


def movie(session: Reader, movie_id: str) -> Details[MovieView]:
    """Return a film with its files, credits and extras."""
    row, before = _read(session, MediaType.MOVIE, movie_id)
    if row is None:
        raise NotFoundError("There is no movie by this id.")
    return Details(movie_of(row, before), credits_of(row.credits), _extras(row.extras, before), row.may_go_first)


def tv_show(session: Session, tv_show_id: str) -> ShowDetails:
    """Return a show with its credits, extras, seasons, episodes and files, in order; specials are season 0."""
    row, before = _read(session, MediaType.TV_SHOW, tv_show_id)
    if row is None:
        raise NotFoundError("There is no TV show by this id.")
    seasons = select(Season).where(Season.tv_show_id == tv_show_id).order_by(Season.season_number)
    episodes = Season.episodes.and_(episode_is_shown(before))
    parts = selectinload(episodes).selectinload(Episode.files.and_(shown(MediaFile, before)))
    found = session.scalars(seasons.options(parts, raiseload("*"))).all()
    extras = _extras(row.extras, before)
    return ShowDetails(tv_show_of(row), credits_of(row.credits), extras, row.may_go_first, found)


def _read(session: Reader, media_type: MediaType, title_id: str) -> tuple[Any, datetime | None]:
    """Return the row of a title, None if there is none or it is hidden, and the instant by which others are hidden."""
    row = session.execute(_details(media_type, None), {"id": title_id}).one_or_none()
    before = None if row is None else hidden_by(row)
    if before is not None:
        row = session.execute(_details(media_type, KEPT_BEFORE), given(before, id=title_id)).one_or_none()
    return row, before


@cache
def _details(media_type: MediaType, before: Before) -> Select[Any]:
    """Make the query for a title's details; made once for each type, and once more where something is hidden."""
    titles = MOVIES if media_type == MediaType.MOVIE else TV_SHOWS
    table: type[Movie | TVShow] = Movie if media_type == MediaType.MOVIE else TVShow
    own = aliased(table)
    media_id = select(own.media_id).where(own.id == bindparam("id")).scalar_subquery()
    more = (
        *ASKED,
        CREDITS.label("credits"),
        files_where(is_extra_of(media_id)).label("extras"),
        exists().where(in_its_turn(Media.id.expression)).correlate(Media).label("may_go_first"),
    )
    return titles.add_columns(*more).where(table.id == bindparam("id"), title_is_shown(before))


def _extras(rows: Sequence[Row] | None, before: datetime | None) -> list[FileView]:
    return sorted(files_of(rows, before), key=lambda file: file.extra_type or "")
