"""What is shown of what a search found: films, shows, episodes and people, each kind by its ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from shared.catalogue.hidden import KEPT_BEFORE, Before, given, hidden_episodes, hidden_titles, title_is_shown
from shared.catalogue.views import MOVIES, TV_SHOWS, MovieView, TVShowView, movie_of, tv_show_of
from shared.dialects import IsOneOf
from shared.models import Credit, Episode, Media, Movie, Person, Season, TVShow

#: Titles that are named with a person.
TITLES_OF_A_PERSON = 5

_MOVIES, _TV_SHOWS = (titles.where(IsOneOf(Media.id, "ids")) for titles in (MOVIES, TV_SHOWS))
_HIDDEN_TITLES = select(Media.id).where(IsOneOf(Media.id, "ids"), Media.id.in_(hidden_titles(KEPT_BEFORE)))
_HIDDEN_EPISODES = select(Episode.id).where(IsOneOf(Episode.id, "ids"), Episode.id.in_(hidden_episodes(KEPT_BEFORE)))
_RATINGS = select(Media.id, Media.rating).where(IsOneOf(Media.id, "ids"))

_SHOW = joinedload(Episode.season).joinedload(Season.tv_show).joinedload(TVShow.media)
_EPISODES = (
    select(Episode).where(IsOneOf(Episode.id, "ids")).options(_SHOW, selectinload(Episode.files), raiseload("*"))
)


class CreditedTitle(NamedTuple):
    """A title that somebody is credited for; its id is the one by which its own page is asked for."""

    id: str
    type: str
    title: str
    role: str
    character: str | None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody, with a few of the titles that they are credited for, the best rated first."""

    id: str
    name: str
    titles: Sequence[CreditedTitle]


def hidden(connection: Connection, media_ids: Sequence[str], episode_ids: Sequence[str], before: datetime) -> set[str]:
    """Return which titles and episodes are not shown any more."""
    asked = ((_HIDDEN_TITLES, media_ids), (_HIDDEN_EPISODES, episode_ids))
    return {row.id for query, ids in asked for row in _rows(connection, query, ids, before)}


def ratings(connection: Connection, media_ids: Sequence[str]) -> dict[str, float | None]:
    """Return how titles are rated."""
    return {row.id: row.rating for row in _rows(connection, _RATINGS, media_ids)}


def movies(connection: Connection, media_ids: Sequence[str], before: datetime | None) -> dict[str, MovieView]:
    """Return films with their files that are shown."""
    views = (movie_of(row, before) for row in _rows(connection, _MOVIES, media_ids))
    return {view.media_id: view for view in views}


def tv_shows(connection: Connection, media_ids: Sequence[str]) -> dict[str, TVShowView]:
    """Return shows, as lists have them."""
    return {view.media_id: view for view in map(tv_show_of, _rows(connection, _TV_SHOWS, media_ids))}


def episodes(session: Session, episode_ids: Sequence[str]) -> dict[str, Episode]:
    """Return episodes with their files, seasons, shows and the shows' titles."""
    rows = session.scalars(_EPISODES, {"ids": episode_ids}).unique() if episode_ids else ()
    return {row.id: row for row in rows}


def people(connection: Connection, person_ids: Sequence[str], before: datetime | None) -> dict[str, FoundPerson]:
    """Return people with some of the titles that they are credited for; nobody without any."""
    titles: dict[str, list[CreditedTitle]] = {}
    names: dict[str, str] = {}
    for person_id, name, *title in _rows(connection, _credits(before and KEPT_BEFORE), person_ids, before):
        names[person_id] = name
        titles.setdefault(person_id, []).append(CreditedTitle._make(title))
    return {each: FoundPerson(each, names[each], titles[each]) for each in names}


def _rows(
    connection: Connection, query: Select[*tuple[Any, ...]], ids: Sequence[str], before: datetime | None = None
) -> Sequence[Any]:
    return connection.execute(query, given(before, ids=ids)).all() if ids else ()


@cache
def _credits(before: Before) -> Select[Any]:
    """Make the query for some of the credits of people; made once, and once more where something is hidden."""
    place = func.row_number().over(
        partition_by=Credit.person_id,
        order_by=(Media.rating.desc().nulls_last(), Media.search_title, Media.id, Credit.position),
    )
    title = (Media.id.label("media_id"), Media.type, Media.title, Credit.role, Credit.character)
    credited = (
        select(Credit.person_id, *title, place.label("place"))
        .join_from(Credit, Media)
        .where(IsOneOf(Credit.person_id, "ids"), title_is_shown(before))
        .subquery()
    )
    person_id, media_id, *shown, last = credited.c
    # Looked up for those few that are left.
    own_pages = (select(table.id).where(table.media_id == media_id).scalar_subquery() for table in (Movie, TVShow))
    page_id = func.coalesce(*own_pages, media_id)
    some = select(person_id, Person.name, page_id, *shown).join_from(credited, Person, Person.id == person_id)
    return some.where(last <= TITLES_OF_A_PERSON).order_by(last)
