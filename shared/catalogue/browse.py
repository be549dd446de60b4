"""What clients may ask of the catalogue. A page costs the same few queries however many rows it has."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    exists,
    extract,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from shared.catalogue import cursor
from shared.catalogue.cursor import Position
from shared.catalogue.hidden import (
    ASKED,
    KEPT_BEFORE,
    Before,
    given,
    hidden_before,
    hidden_by,
    hidden_titles,
    title_is_shown,
)
from shared.catalogue.normal import normalised
from shared.catalogue.views import (
    MOVIES,
    TV_SHOWS,
    MediaView,
    MovieView,
    Row,
    TVShowView,
    movie_of,
    tv_show_of,
)
from shared.database import Reader
from shared.kinds import MatchStatus, MediaType
from shared.models import LibraryMedia, Media, MediaGenre, TitleCount

T = TypeVar("T", MovieView, TVShowView)


class SortKey(StrEnum):
    """What a list may be sorted by."""

    CREATED_AT = "createdAt"
    TITLE = "title"
    RELEASE_DATE = "releaseDate"
    RATING = "rating"


#: So much of a title is sorted by: more would fit neither an index of PostgreSQL nor a cursor.
_SORTED_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Key:
    """What a sort key is: in the database, in Python, and of a row that was read."""

    column: ColumnElement[Any]
    kind: type
    of: Callable[[MediaView], cursor.Value]
    may_miss: bool = False


# Numbers in the text, not as parameters: only so it is the expression of the index.
_TITLE = func.substr(Media.search_title, literal_column("1"), literal_column(f"{_SORTED_CHARACTERS}"), type_=String)

_KEYS = {
    SortKey.CREATED_AT: _Key(Media.created_at.expression, datetime, lambda media: media.created_at),
    SortKey.TITLE: _Key(_TITLE, str, lambda media: media.search_title[:_SORTED_CHARACTERS]),
    SortKey.RELEASE_DATE: _Key(Media.release_date.expression, date, lambda media: media.release_date, may_miss=True),
    SortKey.RATING: _Key(Media.rating.expression, float, lambda media: media.rating, may_miss=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list, in which order, of which titles."""

    page: int = 1
    limit: int = 10
    #: Instead of ``page``: where another page ended, as ``Listed`` has it.
    cursor: str | None = None
    sort: SortKey = SortKey.CREATED_AT
    descending: bool = True
    genre: str | None = None
    year: int | None = None
    #: The lowest rating, from 0 to 10.
    rating: float | None = None
    #: A part of the title.
    q: str | None = None
    library_id: str | None = None
    unmatched: bool | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of a list: its rows, how many the list has in all, and the cursor of the next page, if there is one."""

    rows: Sequence[T]
    total: int
    next_cursor: str | None


def movies(session: Reader, page: Page) -> Listed[MovieView]:
    """Return a page of films.

    Raises:
        InvalidError: the cursor is none of this list.

    """
    return _listed(session, MediaType.MOVIE, page, movie_of)


def tv_shows(session: Reader, page: Page) -> Listed[TVShowView]:
    """Return a page of shows.

    Raises:
        InvalidError: the cursor is none of this list.

    """
    return _listed(session, MediaType.TV_SHOW, page, lambda row, _: tv_show_of(row))


def _conditions(page: Page) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if page.genre is not None:
        of_genre = exists().where(MediaGenre.media_id == Media.id, MediaGenre.genre == normalised(page.genre))
        conditions.append(of_genre)
    if page.year is not None:
        # Of what no provider knows, the names of its files may say the year.
        named = Media.release_date.is_(None) & (Media.guessed_year == page.year)
        conditions.append(or_(extract("year", Media.release_date) == page.year, named))
    if page.rating is not None:
        conditions.append(Media.rating >= page.rating)
    if page.q is not None:
        part = normalised(page.q)
        # Punctuation alone is part of no title.
        conditions.append(Media.search_title.contains(part, autoescape=True) if part else false())
    if page.library_id is not None:
        held = exists().where(LibraryMedia.media_id == Media.id, LibraryMedia.library_id == page.library_id)
        conditions.append(held)
    if page.unmatched is not None:
        is_unmatched = Media.match_status == MatchStatus.UNMATCHED
        conditions.append(is_unmatched if page.unmatched else ~is_unmatched)
    return conditions


def _count(media_type: MediaType, page: Page, before: Before) -> ColumnElement[int]:
    """Count a list: what has no conditions is counted already, but for what of it is hidden."""
    titles = select(func.count()).select_from(Media).where(Media.type == media_type)
    if conditions := _conditions(page):
        return titles.where(*conditions, title_is_shown(before)).scalar_subquery()
    counted = select(func.sum(TitleCount.titles)).where(TitleCount.counted == media_type).scalar_subquery()
    return counted if before is None else counted - titles.where(Media.id.in_(hidden_titles(before))).scalar_subquery()


def _listed(session: Reader, media_type: MediaType, page: Page, view: Callable[[Row, datetime | None], T]) -> Listed[T]:
    rows = session.execute(_query(media_type, page, None)).all()
    before = hidden_by(rows[0]) if rows else hidden_before(session)
    if before is not None:
        rows = session.execute(_query(media_type, page, KEPT_BEFORE), given(before)).all()
    if not rows:
        return Listed((), session.scalar(select(_count(media_type, page, before))) or 0, None)
    total, views = rows[0].total, [view(row, before) for row in rows[: page.limit]]
    if len(rows) <= page.limit:
        return Listed(views, total, None)
    last = views[-1].media
    return Listed(views, total, cursor.encode(Position(_KEYS[page.sort].of(last), last.id), _name(media_type, page)))


@lru_cache(maxsize=256)
def _query(media_type: MediaType, page: Page, before: Before) -> Select[Any]:
    """Make the query for a page; the pages that everybody asks for are made once."""
    key = _KEYS[page.sort]
    of_list = _name(media_type, page)
    after = None if page.cursor is None else cursor.decode(page.cursor, of_list, key.kind, may_miss=key.may_miss)
    found = _found([Media.type == media_type, *_conditions(page), title_is_shown(before)], page, after)
    titles = MOVIES if media_type == MediaType.MOVIE else TV_SHOWS
    total = _count(media_type, page, before).label("total")
    titles = titles.add_columns(total, *ASKED).join(found, found.c.id == Media.id)
    return titles.order_by(*_order(key.column, Media.id, key, page))


def _found(conditions: Sequence[ColumnElement[bool]], page: Page, after: Position | None) -> Subquery:
    """Return the ids of a page, and of one title more.

    Titles with and without a value are looked for apart: each half is read off an index in its order and from its
    place, which a single condition with OR would not be.
    """
    key = _KEYS[page.sort]
    offset = 0 if page.cursor is not None else (page.page - 1) * page.limit
    # In the text: a plan that is kept for any number of rows would be one for a tenth of all.
    limit = literal_column(str(page.limit + 1), Integer)
    titles = select(Media.id, key.column.label("value")).where(*conditions)
    titles = titles.order_by(_directed(key.column, page), _directed(Media.id.expression, page))
    if not key.may_miss:
        return titles.where(*_past(after, key, page)).offset(offset).limit(limit).subquery("found")
    without = titles.where(key.column.is_(None))
    if after is not None and after.value is None:
        return without.where(_beyond(Media.id.expression, literal(after.id), page)).limit(limit).subquery("found")
    valued = titles.where(key.column.is_not(None), *_past(after, key, page))
    of_each = literal_column(str(offset + page.limit + 1), Integer)
    halves = union_all(*(select(half.limit(of_each).subquery()) for half in (valued, without))).subquery()
    whole = select(halves.c.id).order_by(*_order(halves.c.value, halves.c.id, key, page))
    return whole.offset(offset).limit(limit).subquery("found")


def _past(after: Position | None, key: _Key, page: Page) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    value = literal(after.value, key.column.type)
    position = tuple_(value, literal(after.id))
    # The second says what the first does: SQLite finds its place in an index of expressions only by a plain comparison.
    at_least = key.column <= value if page.descending else key.column >= value
    return [_beyond(tuple_(key.column, Media.id), position, page), at_least]


def _beyond(row: ColumnElement[Any], position: ColumnElement[Any], page: Page) -> ColumnElement[bool]:
    return row < position if page.descending else row > position


def _order(
    value: ColumnElement[Any], row_id: Any, key: _Key, page: Page
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    by_value = _directed(value, page)
    # What has no date or rating comes last either way.
    return by_value.nulls_last() if key.may_miss else by_value, _directed(row_id, page)


def _directed(column: ColumnElement[Any], page: Page) -> ColumnElement[Any]:
    return column.desc() if page.descending else column.asc()


def _name(media_type: MediaType, page: Page) -> str:
    """Name a list by everything that decides which rows it has, and in which order."""
    facts = f"{media_type} {replace(page, page=1, limit=1, cursor=None)!r}"
    return hashlib.sha256(facts.encode()).hexdigest()[:12]
