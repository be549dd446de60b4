"""What the database finds for a search: all that the rules of ``ranking`` may accept, and some that they won't.

Names are found by their words, of which each engine has an index: PostgreSQL of the vectors that ``search_vector``
makes, SQLite a full-text table. In both a word that begins a name is there once more, marked. Which words to look for
``search_words`` says.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnClause,
    Connection,
    Engine,
    Integer,
    Select,
    String,
    all_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from shared.catalogue.search_words import ESCAPED, quoted
from shared.dialects import array_for_any_plan
from shared.kinds import MediaType
from shared.models import Credit, SearchText, TVShow

T = TypeVar("T")

#: Before a word that begins a name.
BEGINS_NAME = "="

Named = Select[str | None, str | None, str | None, str]
Query = Select[str | None, str, str, str | None]
#: The parameters of the queries that say which words, which parts of texts, and which of several questions it is.
_ASKED, _PART, _NUMBER = "asked", "part", "number"
#: No word has it.
_BETWEEN = "\n"
_NAMED = (SearchText.media_id, SearchText.episode_id, SearchText.person_id, SearchText.text)

#: So many names make a word frequent: to go through them in the index takes longer than a millisecond.
MANY_NAMES = 10_000
#: How many names have the most common words, as PostgreSQL's planner knows them.
_COMMON = text("""
    SELECT known.word, share * (SELECT reltuples FROM pg_class WHERE oid = CAST('search_texts' AS regclass))
    FROM pg_stats
    CROSS JOIN LATERAL unnest(CAST(CAST(most_common_elems AS text) AS text[]), most_common_elem_freqs)
        AS known (word, share)
    WHERE schemaname = current_schema() AND tablename = 'ix_search_texts_words' AND word IS NOT NULL
""")
#: For how many seconds they are taken for known: to ask takes milliseconds, and they say only what is faster.
_KNOWN_FOR = 60
#: What is known of the database of this process, and since when.
_frequent: dict[tuple[Engine, int], frozenset[str]] = {}


class Term(NamedTuple):
    """A word, or the beginning of one."""

    word: str
    may_go_on: bool = False


#: Each condition is a choice: one of its terms must be in a text.
Conditions = Sequence[Sequence[Term]]


class Kind(StrEnum):
    """What is searched for."""

    TITLE = "title"
    EPISODE = "episode"
    PERSON = "person"


class Candidate(NamedTuple):
    """A title, episode or person that may be meant; as the database says it, the words are plain texts."""

    kind: str
    id: str
    text: str
    #: Of titles only.
    type: str | None = None


class Lot(NamedTuple):
    """What one question brings, and whether there may be more of it."""

    rows: list[Candidate]
    is_cut: bool


def candidates(
    connection: Connection,
    conditions: Conditions,
    most: int,
    *,
    parts: Sequence[str] = (),
    only_titles: bool = False,
) -> Lot:
    """Return what meets all conditions and has all parts; of more than ``most`` those that the index comes upon first.

    The index is asked for the conditions. Parts are looked for in the texts that it names.
    """
    if not all(conditions):
        return Lot([], is_cut=False)
    dialect = connection.dialect.name
    asked = (
        [_asked_of_sqlite(conditions)] if dialect == "sqlite" else [_asked_of_postgresql(each) for each in conditions]
    )
    query = _statement(dialect, most, len(asked), len(parts), only_titles=only_titles)
    rows = connection.execute(query, _named(_ASKED, asked) | _named(_PART, parts)).all()
    return Lot([Candidate._make(row) for row in rows if row[0] is not None], is_cut=len(rows) == most)


def candidates_of_each(
    connection: Connection, wanted: Sequence[tuple[Conditions, Sequence[str]]], most: int
) -> list[Lot | None]:
    """Return what ``candidates`` does for each of these conditions and parts.

    PostgreSQL makes a plan once, for any words: it asks the index for all names that have them, and then cuts. Of words
    that very many names have it is not asked so, and None is returned.
    """
    if connection.dialect.name == "sqlite":
        return [candidates(connection, conditions, most, parts=parts) for conditions, parts in wanted]
    frequent = _frequent_beginnings(connection)
    rare = [
        number
        for number, (conditions, _) in enumerate(wanted)
        if not any(term.word in frequent for choice in conditions for term in choice)
    ]
    rows: dict[int, list[Candidate]] = {number: [] for number in rare}
    counts = dict.fromkeys(rare, 0)
    for count in {len(wanted[number][0]) for number in rare}:
        alike = [(number, *wanted[number]) for number in rare if len(wanted[number][0]) == count]
        given: dict[str, list[Any]] = {
            _NUMBER: [number for number, _, _ in alike],
            _PART: [_BETWEEN.join(f"%{part.translate(ESCAPED)}%" for part in parts) for _, _, parts in alike],
            **_named(
                _ASKED, ([_asked_of_postgresql(conditions[at]) for _, conditions, _ in alike] for at in range(count))
            ),
        }
        for number, *row in connection.execute(_statement_for_each(most, count), given).all():
            counts[number] += 1
            if row[0] is not None:
                rows[number].append(Candidate._make(row))
    return [
        Lot(rows[number], is_cut=counts[number] == most) if number in rows else None for number in range(len(wanted))
    ]


def _frequent_beginnings(connection: Connection) -> frozenset[str]:
    """Return the words, and beginnings of words, that very many names of a PostgreSQL database have."""
    when = connection.engine, int(time.monotonic() // _KNOWN_FOR)
    known = _frequent.get(when)
    if known is None:
        names: Counter[str] = Counter()
        for word, having in connection.execute(_COMMON):
            names.update({word[: at + 1]: having for at in range(len(word))})
        known = frozenset(beginning for beginning, having in names.items() if having >= MANY_NAMES)
        _frequent.clear()
        _frequent[when] = known
    return known


@lru_cache(maxsize=256)
def _statement(dialect: str, most: int, asked: int, parts: int, *, only_titles: bool) -> Query:
    """Make the query of ``candidates`` with so many questions and parts, which it is given when it is executed."""
    named = select(*_NAMED)
    if only_titles:
        named = named.where(SearchText.media_id.is_not(None))
    spelled = _for_sqlite(named) if dialect == "sqlite" else _for_postgresql(named, asked)
    begins = func.instr if dialect == "sqlite" else func.strpos
    for name in _named(_PART, range(parts)):
        spelled = spelled.where(begins(SearchText.text, bindparam(name, type_=String)) > 0)
    return _described(spelled.limit(most))


@lru_cache(maxsize=16)
def _statement_for_each(most: int, asked: int) -> Select[Any]:
    """Make the query of ``candidates_of_each`` for so many conditions each."""
    names = _named(_ASKED, range(asked))
    columns: list[ColumnClause[Any]] = [column(_NUMBER, Integer)]
    columns += [column(name, String) for name in (_PART, *names)]
    arrays = (array_for_any_plan(bindparam(one.name, type_=ARRAY(one.type))) for one in columns)
    each = func.unnest(*arrays).table_valued(*columns).render_derived(name="each")
    named = select(*_NAMED).where(SearchText.text.op("LIKE")(all_(func.string_to_array(each.c[_PART], _BETWEEN))))
    for name in names:
        named = named.where(func.search_vector(SearchText.text).op("@@")(cast(each.c[name], TSQUERY)))
    found = _described(named.correlate(each).limit(most)).lateral("found")
    return select(each.c[_NUMBER], *found.c).select_from(each.join(found, true()))


def _described(named: Named) -> Query:
    """Make the query that says who goes by these names."""
    found = named.subquery("named")
    is_title = found.c.media_id.is_not(None)
    kind = case(
        (is_title, _spelled(Kind.TITLE)),
        (found.c.episode_id.is_not(None), _spelled(Kind.EPISODE)),
        # Who has no credit left is nobody's answer.
        (exists().where(Credit.person_id == found.c.person_id), _spelled(Kind.PERSON)),
    )
    owner_id = func.coalesce(found.c.media_id, found.c.episode_id, found.c.person_id)
    type_of_title = case(
        (TVShow.media_id.is_not(None), _spelled(MediaType.TV_SHOW)), (is_title, _spelled(MediaType.MOVIE))
    )
    # A title's own row is nowhere near: a thousand of them would be a thousand pages to read.
    columns = (kind, owner_id, found.c.text, type_of_title)
    return select(*columns).outerjoin_from(found, TVShow, TVShow.media_id == found.c.media_id)


def _spelled(word: StrEnum) -> BindParameter[str]:
    return literal(word.value, String, literal_execute=True)


def _for_postgresql(query: Named, count: int) -> Named:
    # One by one, so that the index compares what each has found, and not each row with all the words.
    for name in _named(_ASKED, range(count)):
        # In the statement itself, so that it is planned by how frequent these words are.
        asked = bindparam(name, type_=String, literal_execute=True)
        query = query.where(func.search_vector(SearchText.text).op("@@")(cast(asked, TSQUERY)))
    return query


def _for_sqlite(query: Named) -> Named:
    # The plus keeps SQLite from asking the index anew for each text.
    index = table("search_text_words", column("rowid"))
    query = query.join(index, SearchText.id == literal_column("+search_text_words.rowid"))
    matches = literal_column("search_text_words").op("MATCH")(bindparam(f"{_ASKED}_0", type_=String))
    return query.where(matches).order_by(index.c.rowid)


def _named(name: str, values: Iterable[T]) -> dict[str, T]:
    return {f"{name}_{number}": value for number, value in enumerate(values)}


def _asked_of_postgresql(choice: Sequence[Term]) -> str:
    """Spell a choice as a tree: of fifty words in a chain, all are gone through for each name that has one."""
    if len(choice) == 1:
        return _lexeme(choice[0])
    half = len(choice) // 2
    return f"({_asked_of_postgresql(choice[:half])} | {_asked_of_postgresql(choice[half:])})"


def _asked_of_sqlite(conditions: Conditions) -> str:
    return " AND ".join(f"({' OR '.join(map(_phrase, choice))})" for choice in conditions)


def _lexeme(term: Term) -> str:
    word = term.word.replace("\\", "\\\\").replace("'", "''")
    return f"'{word}'{':*' if term.may_go_on else ''}"


def _phrase(term: Term) -> str:
    return f"{quoted(term.word)}{' *' if term.may_go_on else ''}"
