"""Titles as clients see them: plain values, and whatever belongs to a title read by the same statement.

For a page of ten films an ORM would make fifty objects that know how to change, and ask three questions more.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, select
from sqlalchemy.orm import DeclarativeBase

from shared.catalogue.hidden import is_shown
from shared.dialects import JsonRows
from shared.models import Credit, ExternalId, Media, MediaFile, Movie, Person, TVShow

Row = Sequence[Any]


class ExternalIdView(NamedTuple):
    """By which id somebody else knows a title."""

    source: str
    external_id: str


class FileView(NamedTuple):
    """A file; see ``MediaFile``."""

    id: str
    path: str
    size: int
    edition: str | None
    part: int | None
    extra_type: str | None
    guess: dict[str, Any]
    subtitles: list[dict[str, Any]]
    probe: dict[str, Any]
    modified_at: datetime
    missing_since: datetime | None


class MediaView(NamedTuple):
    """A title; see ``Media``."""

    id: str
    type: str
    title: str
    search_title: str
    original_title: str | None
    description: str | None
    poster_image: str | None
    poster_source: str | None
    poster_failed_at: datetime | None
    backdrop_image: str | None
    backdrop_source: str | None
    palette: list[str]
    release_date: date | None
    guessed_year: int | None
    rating: float | None
    genres: list[str]
    certification: str | None
    studios: list[str]
    collection: dict[str, Any]
    match_status: str
    match_score: float | None
    match_detail: dict[str, Any]
    is_doubtful: bool
    chosen: dict[str, Any]
    locked_fields: list[str]
    created_at: datetime
    updated_at: datetime
    external_ids: Sequence[ExternalIdView]


class MovieView(NamedTuple):
    """A film with its files."""

    id: str
    media_id: str
    duration: int | None
    trailer_url: str | None
    media: MediaView
    files: Sequence[FileView]


class TVShowView(NamedTuple):
    """A show, as lists have it."""

    id: str
    media_id: str
    creator: str | None
    network: str | None
    media: MediaView


class CreditView(NamedTuple):
    """What a person did for a title."""

    position: int
    person_id: str
    name: str
    role: str
    character: str | None


def _columns(table: type[DeclarativeBase], view: Any, but: Iterable[str] = ()) -> list[Any]:
    return [getattr(table, name) for name in view._fields if name not in but]


#: What rows of files must have to be made a view.
FILE = _columns(MediaFile, FileView)


def files_where(condition: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Read files as one value."""
    return select(JsonRows(*FILE)).where(condition).correlate(Media, Movie).scalar_subquery()


_IDS = select(JsonRows(ExternalId.source, ExternalId.external_id)).where(ExternalId.media_id == Media.id)
_OF_MEDIA = [
    *_columns(Media, MediaView, ["external_ids"]),
    _IDS.correlate(Media).scalar_subquery().label("external_ids"),
]
_WIDTH = len(MediaView._fields)

#: What rows must have to be made a view.
MOVIES: Select[Any] = select(
    *_OF_MEDIA,
    *_columns(Movie, MovieView, ["media", "files"]),
    files_where(MediaFile.movie_id == Movie.id).label("files"),
).join_from(Movie, Media)
TV_SHOWS: Select[Any] = select(*_OF_MEDIA, *_columns(TVShow, TVShowView, ["media"])).join_from(TVShow, Media)


def movie_of(row: Row, before: datetime | None) -> MovieView:
    """Make a film of a row of ``MOVIES``, with its files that are shown; what more the row has is left alone."""
    of_movie = row[_WIDTH : _WIDTH + 5]
    return MovieView._make((*of_movie[:-1], _media_of(row), files_of(of_movie[-1], before)))


def tv_show_of(row: Row) -> TVShowView:
    """Make a show of a row of ``TV_SHOWS``; what more the row has is left alone."""
    return TVShowView._make((*row[_WIDTH : _WIDTH + 4], _media_of(row)))


def files_of(rows: Sequence[Row] | None, before: datetime | None) -> list[FileView]:
    """Make files of what ``files_where`` reads, by path: those that are shown."""
    files = [FileView._make((*row[:-2], _instant(row[-2]), row[-1] and _instant(row[-1]))) for row in rows or ()]
    return sorted((file for file in files if is_shown(file.missing_since, before)), key=lambda file: file.path)


def credits_of(rows: Sequence[Row] | None) -> list[CreditView]:
    """Make credits of what ``CREDITS`` reads, in their order."""
    return sorted((CreditView(*row) for row in rows or ()), key=lambda credit: credit.position)


#: The credits of a title, as one value.
CREDITS: ScalarSelect[Any] = (
    select(JsonRows(Credit.position, Credit.person_id, Person.name, Credit.role, Credit.character))
    .join_from(Credit, Person)
    .where(Credit.media_id == Media.id)
    .correlate(Media)
    .scalar_subquery()
)


def _media_of(row: Row) -> MediaView:
    known = sorted(ExternalIdView(*each) for each in row[_WIDTH - 1] or ())
    return MediaView._make((*row[: _WIDTH - 1], known))


def _instant(text: str) -> datetime:
    """Read an instant as either database spells it."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
