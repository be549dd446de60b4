"""What answers a query: films, shows, episodes and people by whose names somebody may mean what was typed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from shared.catalogue import search_words
from shared.catalogue.ranking import ARTICLES, Place, Query, is_as_typed, placed
from shared.catalogue.search_candidates import (
    BEGINS_NAME,
    Candidate,
    Conditions,
    Kind,
    Lot,
    Term,
    candidates,
    candidates_of_each,
)
from shared.catalogue.typos import forgiven

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

Places = list[Place[Candidate]]
#: What answers a query, of each kind, the best first; those that answer alike in any order.
Answers = Mapping[str, Places]


class _LookedUp(NamedTuple):
    """What the names that a query asks for are looked up by."""

    #: Those that the index is asked for.
    words: Sequence[str]
    #: What a name must have for each of them.
    typed: Conditions
    #: Those that names must have besides.
    others: Sequence[str]


class Begun(NamedTuple):
    """What is known of a query for which more has to be asked."""

    looked_up: _LookedUp | None = None
    #: Names with all words as typed.
    lot: Lot | None = None


NOTHING_KNOWN = Begun()


def answers(connection: Connection, query: Query, begun: Begun) -> Answers:
    """Return what answers a query, of which something may be known; nothing answers one without words.

    1. Look for names with all words as typed; if there are very many, also for those that fit better.
    2. If none has words that begin with those typed, look for short ones amid words, and for misspellings.
    """
    if not query.words:
        return _in_their_places(query, ())
    words, typed, others = begun.looked_up or _looked_up(connection, [query])[query]
    parts = _parts(others)
    lot = begun.lot or candidates(connection, typed, MOST_CANDIDATES, parts=parts)
    rows = list(lot.rows)
    if lot.is_cut:
        rows += _fitting_and_titles(connection, query, lot, typed, parts)
    is_unknown = not lot.is_cut and not _is_known(query, rows)
    if is_unknown and _has_short_part(query):
        if not others:
            typed = _as_typed(words, search_words.holding(connection, words))
        rows += candidates(connection, typed, MOST_CANDIDATES, parts=others).rows
    forgiving = is_unknown and query.may_be_forgiven
    if forgiving:
        known = dict(zip(words, typed, strict=True))
        # Any of the words may be the misspelled one.
        words, others = _split(query)
        new = [word for word in words if word not in known]
        known |= zip(new, _as_typed(new, search_words.holding(connection, new)), strict=True)
        misspelled = _misspelled(connection, query, known)
        meant = candidates(connection, misspelled, MOST_CANDIDATES, parts=_parts(others)).rows
        if not meant and _parts(others) != others:
            meant = candidates(connection, misspelled, MOST_CANDIDATES, parts=others).rows
        rows += meant
    return _in_their_places(query, rows, forgiving=forgiving)


def answers_at_once(connection: Connection, queries: Collection[Query]) -> dict[Query, Answers | Begun]:
    """Return what answers those queries for which it is enough to look for names with all words as typed.

    They must have a long word. Those of words that very many names have are asked for alone.
    """
    known: dict[Query, Answers | Begun] = dict.fromkeys(queries, NOTHING_KNOWN)
    looked_up = _looked_up(connection, [query for query in queries if any(map(_is_long, query.words))])
    wanted = [(each.typed, _parts(each.others)) for each in looked_up.values()]
    lots = candidates_of_each(connection, wanted, MOST_CANDIDATES)
    for (query, by), lot in zip(looked_up.items(), lots, strict=True):
        known[query] = _in_their_places(query, lot.rows) if lot and _is_enough(query, lot) else Begun(by, lot)
    return known


def _is_enough(query: Query, lot: Lot) -> bool:
    """Whether nothing answers a query but what this lot has."""
    may_be_meant = query.may_be_forgiven or _has_short_part(query)
    return not lot.is_cut and (not may_be_meant or _is_known(query, lot.rows))


def _is_known(query: Query, rows: Iterable[Candidate]) -> bool:
    return any(is_as_typed(query, row.text) for row in rows)


def _has_short_part(query: Query) -> bool:
    return any(len(word) < _LONG_PART for word in query.words)


def _in_their_places(query: Query, rows: Iterable[Candidate], *, forgiving: bool = False) -> Answers:
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


def _looked_up(connection: Connection, queries: Collection[Query]) -> dict[Query, _LookedUp]:
    """Return what the names with all words as typed are looked up by."""
    split = {query: _split(query, _MOST_WORDS_ASKED) for query in queries}
    parts = {word for words, _ in split.values() for word in words if len(word) >= _LONG_PART}
    amid = search_words.holding(connection, parts)
    return {query: _LookedUp(words, _as_typed(words, amid), others) for query, (words, others) in split.items()}


def _split(query: Query, most: int | None = None) -> tuple[Sequence[str], Sequence[str]]:
    """Return which words of a query the index is asked for, the longest, and which others the names must have.

    Half of all names have a word that begins with ``a``, and to gather them takes longer than all the rest.
    """
    longest = sorted(filter(_is_long, query.words), key=len, reverse=True)
    words = longest[:most] or query.words
    return words, [word for word in query.words if word not in words]


def _is_long(word: str) -> bool:
    return len(word) >= _LONG_WORD


def _parts(words: Sequence[str]) -> list[str]:
    """Spell what names must have: words that begin with short ones, and those that hold long ones."""
    return [word if len(word) >= _LONG_PART else f" {word}" for word in words]


def _as_typed(words: Sequence[str], amid: Mapping[str, Sequence[str]]) -> list[list[Term]]:
    """Return what a name must have: words that begin with these, or have them amid, as far as those are known."""
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
