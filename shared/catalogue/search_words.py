"""All words that names have: which of them hold a part that somebody typed, and which may be meant by a misspelling.

There are far fewer words than names, and they are short. Both engines look for parts of words through an index of
trigrams: PostgreSQL by itself, if pg_trgm was to be had; SQLite in a full-text table that triggers keep.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import TypeVarTuple

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session

from shared.catalogue.typos import edits_to_each, forgiven, pieces_of_misspellings
from shared.dialects import insert_for, insert_rows
from shared.models import SearchWord

Columns = TypeVarTuple("Columns")

_ESCAPE = "/"
_ESCAPED = str.maketrans({sign: _ESCAPE + sign for sign in "/%_"})
#: What an index of trigrams needs.
_TRIGRAM = 3
#: Words that hold what was typed amid them.
MOST_HOLDING = 50
#: Words that are compared with a misspelled one, and those of them that it may mean.
_MOST_COMPARED = 3000
MOST_MEANT = 50
#: Parameters of the query for words that are compared.
_LEAST, _LONGEST, _TRIGRAMS = "least", "longest", "trigrams"


def add(session: Session, words: Collection[str]) -> None:
    """Note words; those that are known already are not written again.

    Two transactions that come upon a new word at once both note it: neither has to wait for the other, and a word that
    is there twice is found once.
    """
    spelled = {_spelled(word) for word in words}
    known = session.scalars(select(SearchWord.word).where(SearchWord.word.in_(spelled)))
    new = spelled - set(known)
    insert_rows(session, insert_for(session, SearchWord), [{"word": word} for word in sorted(new)])


def holding(connection: Connection, parts: Sequence[str]) -> dict[str, list[str]]:
    """Return for each part words that hold it and don't begin with it; of very many, some."""
    found: dict[str, list[str]] = {part: [] for part in parts}
    if parts:
        dialect = connection.dialect.name
        query = _that_hold(dialect, tuple(len(part) < _TRIGRAM for part in parts))
        given: dict[str, str] = {}
        for number, part in enumerate(parts):
            given |= _given(dialect, number, part)
        for number, word in connection.execute(query, given):
            found[parts[number]].append(word.strip())
    return found


def meant(connection: Connection, word: str, *, may_go_on: bool) -> list[str]:
    """Return the words that somebody may have meant who typed this one, the nearest first."""
    dialect, most = connection.dialect.name, forgiven(word)
    pieces = pieces_of_misspellings(word, may_go_on=may_go_on)
    given = {_LEAST: len(_spelled(word)) - most} | ({} if may_go_on else {_LONGEST: len(_spelled(word)) + most})
    query = _that_have(dialect, len(pieces), may_go_on=may_go_on)
    compared = connection.scalar(query, given | _given_pieces(dialect, pieces))
    needed = edits_to_each(word, set((compared or "").split()), may_go_on=may_go_on)
    return sorted(needed, key=lambda other: (needed[other], len(other), other))[:MOST_MEANT]


def _spelled(word: str) -> str:
    return f" {word} "


@cache
def _that_hold(dialect: str, are_short: tuple[bool, ...]) -> CompoundSelect[int, str]:
    """Make the query for words that hold parts, of which some may be too short for an index of trigrams."""
    queries = (_that_hold_one(dialect, number, is_short=is_short) for number, is_short in enumerate(are_short))
    return union_all(*(select(query.subquery()) for query in queries))


def _that_hold_one(dialect: str, number: int, *, is_short: bool) -> Select[int, str]:
    query = select(literal_column(str(number), Integer).label("number"), SearchWord.word)
    if dialect != "sqlite":
        query = query.where(SearchWord.word.like(_in_the_text(f"holds_{number}"), escape=_ESCAPE))
    else:
        query = query.where(func.instr(SearchWord.word, bindparam(f"holds_{number}", type_=String)) > 0)
        if not is_short:
            query = _by_trigrams(query, bindparam(f"trigrams_{number}", type_=String))
    begins = SearchWord.word.like(_in_the_text(f"begins_{number}"), escape=_ESCAPE)
    return query.where(~begins).limit(MOST_HOLDING)


def _given(dialect: str, number: int, part: str) -> dict[str, str]:
    """Return what the query for words that hold this part is executed with."""
    escaped = part.translate(_ESCAPED)
    begins = {f"begins_{number}": f" {escaped}%"}
    if dialect != "sqlite":
        return begins | {f"holds_{number}": f"%{escaped}%"}
    trigrams = {f"trigrams_{number}": _asked(part)} if len(part) >= _TRIGRAM else {}
    return begins | trigrams | {f"holds_{number}": part}


@cache
def _that_have(dialect: str, pieces: int, *, may_go_on: bool) -> Select[str]:
    """Make the query for words of some length that have one of so many pieces, all words in one text.

    The text has them with their spaces: as rows they would take longer to be fetched than to be compared.
    """
    length = func.length(SearchWord.word)
    query = select(SearchWord.word).where(length >= bindparam(_LEAST, type_=Integer))
    if not may_go_on:
        query = query.where(length <= bindparam(_LONGEST, type_=Integer))
    names = [f"holds_{number}" for number in range(pieces)]
    if dialect != "sqlite":
        query = query.where(or_(*(SearchWord.word.like(_in_the_text(name), escape=_ESCAPE) for name in names)))
        return select(func.string_agg(query.limit(_MOST_COMPARED).subquery().c.word, ""))
    query = query.where(or_(*(func.instr(SearchWord.word, bindparam(name, type_=String)) > 0 for name in names)))
    query = _by_trigrams(query, bindparam(_TRIGRAMS, type_=String))
    return select(func.group_concat(query.limit(_MOST_COMPARED).subquery().c.word, ""))


def _given_pieces(dialect: str, pieces: Sequence[str]) -> dict[str, str]:
    """Return what the query for words that have these pieces is executed with."""
    if dialect != "sqlite":
        return {f"holds_{number}": f"%{piece.translate(_ESCAPED)}%" for number, piece in enumerate(pieces)}
    trigrams = {_TRIGRAMS: " OR ".join(map(_asked, pieces))}
    return {f"holds_{number}": piece for number, piece in enumerate(pieces)} | trigrams


def _by_trigrams(query: Select[*Columns], asked: BindParameter[str]) -> Select[*Columns]:
    # The plus keeps SQLite from asking the index anew for each word.
    index = table("search_word_trigrams", column("rowid"))
    query = query.join(index, SearchWord.id == literal_column("+search_word_trigrams.rowid"))
    return query.where(literal_column("search_word_trigrams").op("MATCH")(asked))


def _in_the_text(name: str) -> BindParameter[str]:
    """Return a parameter that is written into the statement: a plan for any would have PostgreSQL read all words."""
    return bindparam(name, type_=String, literal_execute=True)


def _asked(piece: str) -> str:
    """Spell a piece for the full-text table: all its trigrams; what has them in another order is sorted out."""
    trigrams = (piece[at : at + _TRIGRAM] for at in range(len(piece) - _TRIGRAM + 1))
    return f"({' AND '.join(map(quoted, dict.fromkeys(trigrams)))})"


def quoted(text: str) -> str:
    """Quote a text for a question to a full-text table of SQLite."""
    return '"' + text.replace('"', '""') + '"'
