"""Find titles, episodes and people by their names.

``search_answers`` knows what has to be asked: ``search_words`` for the words that may be meant, ``search_candidates``
for who goes by them, and ``ranking`` for which of those answer, in order. ``search_rows`` reads what a page shows.

A search costs the same few queries however much it finds. Several that come at once share them, unless one has no word
of four letters, one that very many names have, or needs more than the names with all words as typed. A search looks at
no more words and candidates than the constants allow; what lies beyond is not found and not counted. That happens to
queries that a thousand names hold: then names that are the query or begin with it are asked for by themselves, so that
they come first even so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from shared.catalogue import search_rows
from shared.catalogue.hidden import hidden_before
from shared.catalogue.ranking import Query, head, ordered
from shared.catalogue.search_answers import NOTHING_KNOWN, Answers, Begun, Places, answers, answers_at_once
from shared.catalogue.search_candidates import Candidate, Kind
from shared.catalogue.search_rows import FoundPerson
from shared.catalogue.views import MovieView, TVShowView
from shared.kinds import MediaType
from shared.models import Episode

#: Searches that are answered at once.
MOST_AT_ONCE = 16
_KINDS = (MediaType.MOVIE, MediaType.TV_SHOW)

T = TypeVar("T")


class Asked(NamedTuple):
    """What somebody typed, and which page of so many titles of what is found."""

    typed: str
    page: int
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. ``total`` counts films and shows together."""

    movies: Sequence[MovieView]
    tv_shows: Sequence[TVShowView]
    total: int
    episodes: Sequence[Episode]
    people: Sequence[FoundPerson]


def search(session: Session, asked: Asked, begun: Begun = NOTHING_KNOWN) -> Found:
    """Search for what somebody typed, in all ways, going on from what is known.

    A page has the next ``limit`` of films and shows: by turns, each time the best that is left. The first page has as
    many episodes and people besides.
    """
    # Plain rows need nothing of the session's.
    connection = session.connection()
    before = hidden_before(connection)
    return _shown(session, {asked: answers(connection, Query.of(asked.typed), begun)}, before)[asked]


def searches(session: Session, asked: Collection[Asked]) -> dict[Asked, Found | Begun]:
    """Answer several searches by the same queries, each as ``search`` does, or say what it can go on from."""
    connection = session.connection()
    before = hidden_before(connection)
    queries = {each: Query.of(each.typed) for each in asked}
    of_queries = answers_at_once(connection, set(queries.values()))
    known = {each: of_queries[query] for each, query in queries.items()}
    begun = {each: one for each, one in known.items() if isinstance(one, Begun)}
    found = _shown(session, {each: one for each, one in known.items() if not isinstance(one, Begun)}, before)
    return {**begun, **found}


def _shown(session: Session, answering: Mapping[Asked, Answers], before: datetime | None) -> dict[Asked, Found]:
    """Read what each page shows of what answers."""
    connection = session.connection()
    answering = _without_hidden(connection, answering, before)
    pages = _pages(connection, {asked: each[Kind.TITLE] for asked, each in answering.items()})
    films, shows = ({asked: _ids(rows, kind) for asked, rows in pages.items()} for kind in _KINDS)
    episodes, people = (
        {asked: _best_ids(each[kind], asked.limit) if asked.page == 1 else [] for asked, each in answering.items()}
        for kind in (Kind.EPISODE, Kind.PERSON)
    )
    film_rows = search_rows.movies(connection, _distinct(films), before)
    show_rows = search_rows.tv_shows(connection, _distinct(shows))
    episode_rows = search_rows.episodes(session, _distinct(episodes))
    person_rows = search_rows.people(connection, _distinct(people), before)
    return {
        asked: Found(
            _in_order(film_rows, films[asked]),
            _in_order(show_rows, shows[asked]),
            len(each[Kind.TITLE]),
            _in_order(episode_rows, episodes[asked]),
            _in_order(person_rows, people[asked]),
        )
        for asked, each in answering.items()
    }


def _without_hidden(
    connection: Connection, answering: Mapping[Asked, Answers], before: datetime | None
) -> Mapping[Asked, Answers]:
    """Leave out titles and episodes that are not shown any more."""
    if before is None:
        return answering
    titles, episodes = (
        _distinct({asked: [row.id for _, row in each[kind]] for asked, each in answering.items()})
        for kind in (Kind.TITLE, Kind.EPISODE)
    )
    hidden = search_rows.hidden(connection, titles, episodes, before)
    return {
        asked: {kind: [place for place in places if place[1].id not in hidden] for kind, places in each.items()}
        for asked, each in answering.items()
    }


def _pages(connection: Connection, found: Mapping[Asked, Places]) -> dict[Asked, list[Candidate]]:
    """Return the titles of each page: films and shows by turns, beginning with the best of all.

    How they are rated is asked for those alone whose place it may decide: they are few, and a thousand were found.
    """
    best = {
        asked: [
            place
            for kind in _KINDS
            for place in head([each for each in titles if each[1].type == kind], asked.page * asked.limit)
        ]
        for asked, titles in found.items()
    }
    alike = (places for places in best.values() if len({rank for rank, _ in places}) < len(places))
    ratings = search_rows.ratings(connection, [row.id for places in alike for _, row in places])
    return {
        asked: _by_turns(ordered(places, ratings))[(asked.page - 1) * asked.limit : asked.page * asked.limit]
        for asked, places in best.items()
    }


def _by_turns(rows: Sequence[Candidate]) -> list[Candidate]:
    firsts = [row for row in rows if row.type == rows[0].type]
    others = [row for row in rows if row.type != rows[0].type]
    return [row for pair in zip_longest(firsts, others) for row in pair if row is not None]


def _ids(rows: Iterable[Candidate], media_type: MediaType) -> list[str]:
    return [row.id for row in rows if row.type == media_type]


def _best_ids(places: Places, count: int) -> list[str]:
    return [row.id for row in ordered(head(places, count), {})[:count]]


def _distinct(of_each: Mapping[T, Iterable[str]]) -> list[str]:
    return list({one: None for some in of_each.values() for one in some})


def _in_order(rows: Mapping[str, T], ids: Iterable[str]) -> list[T]:
    """Return the rows of these ids in their order; what is gone meanwhile is left out."""
    return [rows[each] for each in ids if each in rows]
