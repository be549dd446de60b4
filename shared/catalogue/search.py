"""Find titles, episodes and people by their names.

``search_words`` knows which words may be meant, ``search_candidates`` who goes by them, and ``ranking`` which of those
answer, and in which order. A search costs the same few queries however much it finds, and looks at no more words and
candidates than the constants allow; what lies beyond is not found and not counted. That happens to queries that a
thousand names hold: then names that are the query or begin with it are asked for by themselves, so that they come first
even so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from shared.catalogue import search_words
from shared.catalogue.hidden import (
    KEPT_BEFORE,
    Before,
    given,
    hidden_before,
    hidden_episodes,
    hidden_titles,
    title_is_shown,
)
from shared.catalogue.ranking import ARTICLES, Place, Query, head, is_as_typed, ordered, placed
from shared.catalogue.search_candidates import BEGINS_NAME, Candidate, Conditions, Kind, Lot, Term, candidates
from shared.catalogue.typos import forgiven
from shared.catalogue.views import MOVIES, TV_SHOWS, MovieView, TVShowView, movie_of, tv_show_of
from shared.kinds import MediaType
from shared.models import Credit, Episode, Media, Movie, Person, Season, TVShow

#: Candidates that hold the query, in each of the ways to hold it.
MOST_CANDIDATES = 1000
#: Words of a query that the index is asked for, the longest; the others are looked for in the names that have these.
_MOST_WORDS_ASKED = 2
#: Words of a query whose misspellings are looked for, the longest; the others are compared afterwards.
_MOST_WORDS_MISSPELLED = 3
#: Letters from which on a part is looked for amid words also when words begin with it.
_LONG_PART = 3
#: Letters from which on a word is rare enough to look it up first.
_LONG_WORD = 4
#: Titles that are named with a person.
TITLES_OF_A_PERSON = 5

_IDS = bindparam("ids", type_=Media.id.type, expanding=True)
_MOVIES, _TV_SHOWS = MOVIES.where(Media.id.in_(_IDS)), TV_SHOWS.where(Media.id.in_(_IDS))
_RATINGS = select(Media.id, Media.rating).where(Media.id.in_(_IDS))

Places = list[Place[Candidate]]


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


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. ``total`` counts films and shows together."""

    movies: Sequence[MovieView] = ()
    tv_shows: Sequence[TVShowView] = ()
    total: int = 0
    episodes: Sequence[Episode] = ()
    people: Sequence[FoundPerson] = ()


def search(session: Session, typed: str, page: int, limit: int) -> Found:
    """Search for what somebody typed.

    A page has the next ``limit`` of films and shows: by turns, each time the best that is left. The first page has as
    many episodes and people besides.
    """
    query = Query.of(typed)
    if not query.words:
        return Found()
    # Plain rows need nothing of the session's.
    connection = session.connection()
    before = hidden_before(connection)
    found = _without_hidden(connection, _found(connection, query), before)
    wanted = _best_titles(connection, found[Kind.TITLE], page * limit)[(page - 1) * limit : page * limit]
    films, shows = ([row.id for row in wanted if row.type == kind] for kind in (MediaType.MOVIE, MediaType.TV_SHOW))
    titles = Found(
        _movies(connection, films, before) if films else (),
        _tv_shows(connection, shows) if shows else (),
        len(found[Kind.TITLE]),
    )
    if page > 1:
        return titles
    episode_ids, person_ids = (
        [row.id for row in ordered(head(found[kind], limit), {})[:limit]] for kind in (Kind.EPISODE, Kind.PERSON)
    )
    return replace(
        titles,
        episodes=_episodes(session, episode_ids) if episode_ids else (),
        people=_people(connection, person_ids, before) if person_ids else (),
    )


def _found(connection: Connection, query: Query) -> dict[str, Places]:
    """Return what answers, the best first; those that answer alike in any order.

    1. Look for names with all words as typed; if there are very many, also for those that fit better.
    2. If none has words that begin with those typed, look for short ones amid words, and for misspellings.
    """
    words, others = _looked_up(query, _MOST_WORDS_ASKED)
    typed = _as_typed(connection, words, [word for word in words if len(word) >= _LONG_PART])
    parts = _parts(others)
    lot = candidates(connection, typed, MOST_CANDIDATES, parts=parts)
    rows = list(lot.rows)
    if lot.is_cut:
        rows += _fitting_and_titles(connection, query, lot, typed, parts)
    is_unknown = not lot.is_cut and not any(is_as_typed(query, row.text) for row in rows)
    if is_unknown and any(len(word) < _LONG_PART for word in query.words):
        if not others:
            typed = _as_typed(connection, words, words)
        rows += candidates(connection, typed, MOST_CANDIDATES, parts=others).rows
    forgiving = is_unknown and query.may_be_forgiven
    if forgiving:
        known = dict(zip(words, typed, strict=True))
        # Any of the words may be the misspelled one.
        words, others = _looked_up(query)
        new = [word for word in words if word not in known]
        known |= zip(new, _as_typed(connection, new, new), strict=True)
        misspelled = _misspelled(connection, query, known)
        meant = candidates(connection, misspelled, MOST_CANDIDATES, parts=_parts(others)).rows
        if not meant and _parts(others) != others:
            meant = candidates(connection, misspelled, MOST_CANDIDATES, parts=others).rows
        rows += meant
    found: dict[str, Places] = {kind: [] for kind in Kind}
    for place in placed(query, {row.id: row for row in rows}.values(), forgiving=forgiving):
        found[place[1].kind].append(place)
    return found


def _fitting_and_titles(
    connection: Connection, query: Query, first: Lot, typed: Conditions, parts: Sequence[str]
) -> Iterator[Candidate]:
    """Yield what fits better than the first lot, of which there are very many; and titles that it has no room for."""
    lots = [(first, typed, parts)]
    lots += [(candidates(connection, fitting, MOST_CANDIDATES), fitting, ()) for fitting in _fitting(query)]
    for lot, conditions, held in lots:
        yield from lot.rows
        # A thousand people of that name must not stand before the title.
        if lot.is_cut and sum(row.kind == Kind.TITLE for row in lot.rows) < MOST_CANDIDATES:
            yield from candidates(connection, conditions, MOST_CANDIDATES, parts=held, only_titles=True).rows


def _without_hidden(connection: Connection, found: dict[str, Places], before: datetime | None) -> dict[str, Places]:
    """Leave out titles and episodes that are not shown any more."""
    if before is None:
        return found
    titles, episodes = ([row.id for _, row in found[kind]] for kind in (Kind.TITLE, Kind.EPISODE))
    asked = (
        select(Media.id).where(Media.id.in_(titles), Media.id.in_(hidden_titles(before))),
        select(Episode.id).where(Episode.id.in_(episodes), Episode.id.in_(hidden_episodes(before))),
    )
    hidden = {row_id for query in asked for row_id in connection.scalars(query)}
    return {kind: [(rank, row) for rank, row in places if row.id not in hidden] for kind, places in found.items()}


def _best_titles(connection: Connection, titles: Places, count: int) -> list[Candidate]:
    """Return films and shows by turns, beginning with the best of all: so many of both together, and some more.

    How they are rated is asked for those alone whose place it may decide: they are few, and a thousand were found.
    """
    kinds = (MediaType.MOVIE, MediaType.TV_SHOW)
    best = [place for kind in kinds for place in head([each for each in titles if each[1].type == kind], count)]
    ratings: dict[str, float | None] = {}
    if len({rank for rank, _ in best}) < len(best):
        ids = [row.id for _, row in best]
        ratings = {row.id: row.rating for row in connection.execute(_RATINGS, {"ids": ids})}
    rows = ordered(best, ratings)
    firsts = [row for row in rows if row.type == rows[0].type]
    others = [row for row in rows if row.type != rows[0].type]
    return [row for pair in zip_longest(firsts, others) for row in pair if row is not None]


def _looked_up(query: Query, most: int | None = None) -> tuple[Sequence[str], Sequence[str]]:
    """Return which words of a query the index is asked for, the longest, and which others the names must have.

    Half of all names have a word that begins with ``a``, and to gather them takes longer than all the rest.
    """
    longest = sorted((word for word in query.words if len(word) >= _LONG_WORD), key=len, reverse=True)
    words = longest[:most] or query.words
    return words, [word for word in query.words if word not in words]


def _parts(words: Sequence[str]) -> list[str]:
    """Spell what names must have: words that begin with short ones, and those that hold long ones."""
    return [word if len(word) >= _LONG_PART else f" {word}" for word in words]


def _as_typed(connection: Connection, words: Sequence[str], parts: Sequence[str]) -> list[list[Term]]:
    """Return what a name must have: words that begin with these, or, for ``parts``, have them amid."""
    amid = search_words.holding(connection, parts)
    return [[Term(word, may_go_on=True), *map(Term, amid.get(word, ()))] for word in words]


def _misspelled(connection: Connection, query: Query, typed: Mapping[str, Sequence[Term]]) -> Conditions:
    """Return what a name must have for each of the words, or a misspelling of it, to be in it."""
    longest = sorted(filter(forgiven, query.words), key=len, reverse=True)
    conditions = dict(typed)
    for word in longest[_MOST_WORDS_MISSPELLED:]:
        del conditions[word]
    for word in longest[:_MOST_WORDS_MISSPELLED]:
        meant = search_words.meant(connection, word, may_go_on=word == query.words[-1])
        conditions[word] = [*conditions[word], *map(Term, meant)]
    return list(conditions.values())


def _fitting(query: Query) -> tuple[Conditions, Conditions]:
    """Return what names have that are the query, and that begin with it; but for an article."""
    names = [f"{BEGINS_NAME}{article}{query.text.replace(' ', '')}" for article in ("", *ARTICLES)]
    return [[Term(name) for name in names]], [[Term(name, may_go_on=True) for name in names]]


def _movies(connection: Connection, media_ids: Sequence[str], before: datetime | None) -> list[MovieView]:
    rows = connection.execute(_MOVIES, {"ids": media_ids})
    return sorted((movie_of(row, before) for row in rows), key=lambda row: media_ids.index(row.media_id))


def _tv_shows(connection: Connection, media_ids: Sequence[str]) -> list[TVShowView]:
    rows = connection.execute(_TV_SHOWS, {"ids": media_ids})
    return sorted(map(tv_show_of, rows), key=lambda row: media_ids.index(row.media_id))


def _episodes(session: Session, episode_ids: Sequence[str]) -> list[Episode]:
    """Return episodes with their files, seasons, shows and the shows' titles."""
    show = joinedload(Episode.season).joinedload(Season.tv_show).joinedload(TVShow.media)
    query = select(Episode).where(Episode.id.in_(episode_ids))
    rows = session.scalars(query.options(show, selectinload(Episode.files), raiseload("*"))).unique()
    return sorted(rows, key=lambda row: episode_ids.index(row.id))


def _people(connection: Connection, person_ids: Sequence[str], before: datetime | None) -> list[FoundPerson]:
    """Return people with some of the titles that they are credited for."""
    titles: dict[str, list[CreditedTitle]] = {}
    names: dict[str, str] = {}
    for person_id, name, *title in connection.execute(_credits(before and KEPT_BEFORE), given(before, ids=person_ids)):
        names[person_id] = name
        titles.setdefault(person_id, []).append(CreditedTitle._make(title))
    return [FoundPerson(each, names[each], titles[each]) for each in person_ids if each in names]


@cache
def _credits(before: Before) -> Select[Any]:
    """Make the query for some of the credits of people; made once, and once more where something is hidden."""
    place = func.row_number().over(
        partition_by=Credit.person_id,
        order_by=(Media.rating.desc().nulls_last(), Media.search_title, Media.id, Credit.position),
    )
    page_id = func.coalesce(Movie.id, TVShow.id, Media.id).label("page_id")
    title = (page_id, Media.type, Media.title, Credit.role, Credit.character)
    credited = (
        select(Credit.person_id, Person.name, *title, place.label("place"))
        .join_from(Credit, Media)
        .join(Person, Person.id == Credit.person_id)
        .outerjoin(Movie, Movie.media_id == Media.id)
        .outerjoin(TVShow, TVShow.media_id == Media.id)
        .where(Credit.person_id.in_(_IDS), title_is_shown(before))
        .subquery()
    )
    *shown, last = credited.c
    return select(*shown).where(last <= TITLES_OF_A_PERSON).order_by(last)
