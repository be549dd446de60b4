"""Find titles, episodes and people by their names.

The database delivers candidates (``search_candidates``), ``ranking`` says which of them answer and in which order. A
search costs the same few queries however much it finds, and looks at no more candidates than the constants below allow;
what lies beyond is not found and not counted. That happens to queries that a thousand names hold: then names that are
the query or begin with it are asked for by themselves, so that they come first even so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, raiseload, selectinload

from shared.catalogue.hidden import hidden_before, hidden_episodes, hidden_titles, shown
from shared.catalogue.ranking import Query, is_as_typed, ranked
from shared.catalogue.search_candidates import Candidate, Conditions, Kind, candidates, prepare
from shared.catalogue.typos import forgiven, pieces_of_misspellings
from shared.models import Credit, Episode, Media, MediaFile, Movie, Person, Season, TVShow

#: Candidates that hold the query as it was typed, in each of the ways to hold it.
MOST_AS_TYPED = 1000
#: Candidates that may hold a misspelling of it.
MOST_MISSPELLED = 3000
#: Words of a query whose misspellings the database looks for, the longest; the others are compared afterwards.
_MOST_WORDS_MISSPELLED = 3
#: Titles that are named with a person.
TITLES_OF_A_PERSON = 5


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody, with a few of the titles that they are credited for, the best rated first."""

    row: Person
    credits: Sequence[Credit]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. ``total`` counts films and shows together."""

    movies: Sequence[Movie] = ()
    tv_shows: Sequence[TVShow] = ()
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
    prepare(session)
    before = hidden_before(session)
    found = _without_hidden(session, _found(session, query), before)
    ids = _by_turns(found[Kind.TITLE])
    wanted = ids[(page - 1) * limit : page * limit]
    titles = (
        Found(_movies(session, wanted, before), _tv_shows(session, wanted), len(ids))
        if wanted
        else Found(total=len(ids))
    )
    if page > 1:
        return titles
    episode_ids, person_ids = ([row.id for row in found[kind][:limit]] for kind in (Kind.EPISODE, Kind.PERSON))
    return replace(
        titles,
        episodes=_episodes(session, episode_ids) if episode_ids else (),
        people=_people(session, person_ids, before) if person_ids else (),
    )


def _found(session: Session, query: Query) -> dict[Kind, list[Candidate]]:
    """Return what answers, the best first.

    1. Look for texts with all words as typed; if there are very many, also for those that fit better.
    2. If none has words that begin with those typed, look for misspellings, too.
    """
    rows = candidates(session, _as_typed(*query.words), MOST_AS_TYPED)
    are_very_many = len(rows) == MOST_AS_TYPED
    if are_very_many:
        for fitting in (f"\n {query.text} \n", f"\n {query.text}", f" {query.text}"):
            rows += candidates(session, _as_typed(fitting), MOST_AS_TYPED)
            # A thousand people of that name must not stand before the title.
            rows += candidates(session, _as_typed(fitting), MOST_AS_TYPED, only_titles=True)
    forgiving = query.may_be_forgiven and not are_very_many and not any(is_as_typed(query, row.text) for row in rows)
    if forgiving:
        rows += candidates(session, _misspelled(query), MOST_MISSPELLED)
    found: dict[Kind, list[Candidate]] = {kind: [] for kind in Kind}
    for row in ranked(query, {row.id: row for row in rows}.values(), forgiving=forgiving):
        found[row.kind].append(row)
    return found


def _without_hidden(
    session: Session, found: dict[Kind, list[Candidate]], before: datetime
) -> dict[Kind, list[Candidate]]:
    """Leave out titles and episodes that are not shown any more."""
    if session.scalar(select(MediaFile.id).where(MediaFile.missing_since <= before).limit(1)) is None:
        return found
    titles, episodes = ([row.id for row in found[kind]] for kind in (Kind.TITLE, Kind.EPISODE))
    hidden = {
        *session.scalars(select(Media.id).where(Media.id.in_(titles), Media.id.in_(hidden_titles(before)))),
        *session.scalars(select(Episode.id).where(Episode.id.in_(episodes), Episode.id.in_(hidden_episodes(before)))),
    }
    return {kind: [row for row in rows if row.id not in hidden] for kind, rows in found.items()}


def _by_turns(titles: Sequence[Candidate]) -> list[str]:
    """Return the ids of films and shows by turns, beginning with the best of all."""
    best = [row.id for row in titles if row.type == titles[0].type]
    others = [row.id for row in titles if row.type != titles[0].type]
    return [media_id for pair in zip_longest(best, others) for media_id in pair if media_id is not None]


def _as_typed(*pieces: str) -> Conditions:
    return [[(piece,)] for piece in pieces]


def _misspelled(query: Query) -> Conditions:
    """Return what a text must have for each word, or a misspelling of it, to be in it."""
    longest = sorted(query.words, key=len, reverse=True)
    looked_for = [word for word in longest if forgiven(word)][:_MOST_WORDS_MISSPELLED]
    misspelled = [[(word,), *pieces_of_misspellings(word, may_go_on=word == query.words[-1])] for word in looked_for]
    return [*misspelled, *_as_typed(*(word for word in query.words if not forgiven(word)))]


def _movies(session: Session, media_ids: Sequence[str], before: datetime) -> list[Movie]:
    query = select(Movie).join(Movie.media).where(Movie.media_id.in_(media_ids))
    of_the_title = contains_eager(Movie.media).selectinload(Media.external_ids)
    files = selectinload(Movie.files.and_(shown(MediaFile, before)))
    rows = session.scalars(query.options(of_the_title, files, raiseload("*"))).unique()
    return sorted(rows, key=lambda row: media_ids.index(row.media_id))


def _tv_shows(session: Session, media_ids: Sequence[str]) -> list[TVShow]:
    query = select(TVShow).join(TVShow.media).where(TVShow.media_id.in_(media_ids))
    of_the_title = contains_eager(TVShow.media).selectinload(Media.external_ids)
    rows = session.scalars(query.options(of_the_title, raiseload("*"))).unique()
    return sorted(rows, key=lambda row: media_ids.index(row.media_id))


def _episodes(session: Session, episode_ids: Sequence[str]) -> list[Episode]:
    """Return episodes with their files, seasons, shows and the shows' titles."""
    show = joinedload(Episode.season).joinedload(Season.tv_show).joinedload(TVShow.media)
    query = select(Episode).where(Episode.id.in_(episode_ids))
    rows = session.scalars(query.options(show, selectinload(Episode.files), raiseload("*"))).unique()
    return sorted(rows, key=lambda row: episode_ids.index(row.id))


def _people(session: Session, person_ids: Sequence[str], before: datetime) -> list[FoundPerson]:
    """Return people with some of their credits: with the titles, and their films or shows."""
    place = func.row_number().over(
        partition_by=Credit.person_id,
        order_by=(Media.rating.desc().nulls_last(), Media.search_title, Media.id, Credit.position),
    )
    credited = (
        select(Credit.person_id, Credit.media_id, Credit.role, place.label("place"))
        .join(Media, Media.id == Credit.media_id)
        .where(Credit.person_id.in_(person_ids), Media.id.not_in(hidden_titles(before)))
        .subquery()
    )
    query = (
        select(Credit)
        .join(
            credited,
            (Credit.person_id == credited.c.person_id)
            & (Credit.media_id == credited.c.media_id)
            & (Credit.role == credited.c.role),
        )
        .where(credited.c.place <= TITLES_OF_A_PERSON)
        .order_by(credited.c.place)
        .options(
            joinedload(Credit.person),
            joinedload(Credit.media).options(joinedload(Media.movie), joinedload(Media.tv_show)),
            raiseload("*"),
        )
    )
    credits_of: dict[str, list[Credit]] = {}
    for credit in session.scalars(query).unique():
        credits_of.setdefault(credit.person_id, []).append(credit)
    return [FoundPerson(rows[0].person, rows) for person_id in person_ids if (rows := credits_of.get(person_id))]
