"""All words that names have: which of them hold a part that somebody typed, and which may be meant by a misspelling.

There are far fewer words than names, and they are short. Both engines look for parts of words through an index of
trigrams: PostgreSQL by itself, if pg_trgm was to be had; SQLite in a full-text table that triggers keep.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import TypeVarTuple

import regex
from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    Row,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from shared.catalogue.typos import edits_to_each, forgiven, pieces_of_misspellings
from shared.dialects import insert_for, insert_rows
from shared.models import SearchWord

Columns = TypeVarTuple("Columns")

#: What means something in a pattern of LIKE.
ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\%_"})
#: What an index of trigrams needs.
_TRIGRAM = 3
#: Whether a part has a trigram for PostgreSQL's index to look up: else all of the index would be read.
_HAS_TRIGRAM = regex.compile(r"[\p{Alphabetic}\p{Nd}]{3}")
#: Words that hold what was typed amid them.
MOST_HOLDING = 50
#: Words that are compared with a misspelled one, and those of them that it may mean.
_MOST_COMPARED = 3000
MOST_MEANT = 50
#: Parameters of the query for words that are compared.
_LEAST, _LONGEST, _TRIGRAMS = "least", "longest", "trigrams"

#: PostgreSQL's query for words that hold parts, each by itself. The limit stands outside of what is materialised, where
#: the planner does not see it: else it believes that the first words hold any part, and reads all of them. How long the
#: arrays are is hidden from it as ``array_for_any_plan`` does.
_THAT_HOLD = text("""
    SELECT asked.part, held.word
    FROM unnest((SELECT CAST(:parts AS text[])), (SELECT CAST(:patterns AS text[]))) AS asked (part, pattern)
    CROSS JOIN LATERAL (
        WITH held AS MATERIALIZED (
            SELECT word FROM search_words WHERE word LIKE asked.pattern AND NOT starts_with(word, ' ' || asked.part)
        )
        SELECT word FROM held LIMIT :most
    ) AS held
""")
#: The same for parts that no trigram is in.
_THAT_HOLD_SHORT = text("""
    SELECT asked.part, held.word
    FROM unnest((SELECT CAST(:parts AS text[]))) AS asked (part)
    CROSS JOIN LATERAL (
        SELECT word FROM search_words
        WHERE strpos(word, asked.part) > 0 AND NOT starts_with(word, ' ' || asked.part) LIMIT :most
    ) AS held
""")


def add(session: Session, words: Collection[str]) -> None:
    """Note words; those that are known already are not written again.

    Two transactions that come upon a new word at once both note it: neither has to wait for the other, and a word that
    is there twice is found once.
    """
    spelled = {_spelled(word) for word in words}
    known = session.scalars(select(SearchWord.word).where(SearchWord.word.in_(spelled)))
    new = spelled - set(known)
    insert_rows(session, insert_for(session, SearchWord), [{"word": word} for word in sorted(new)])


def holding(connection: Connection, parts: Collection[str]) -> dict[str, list[str]]:
    """Return for each part words that hold it and don't begin with it; of very many, some."""
    if connection.dialect.name == "sqlite":
        return {part: _holding_on_sqlite(connection, part) for part in parts}
    found: dict[str, list[str]] = {part: [] for part in parts}
    long = [part for part in parts if _HAS_TRIGRAM.search(part)]
    short = [part for part in parts if part not in long]
    rows: list[Row[str, str]] = []
    if short:
        rows += connection.execute(_THAT_HOLD_SHORT, {"parts": short, "most": MOST_HOLDING}).all()
    if long:
        patterns = [f"%{part.translate(ESCAPED)}%" for part in long]
        rows += connection.execute(_THAT_HOLD, {"parts": long, "patterns": patterns, "most": MOST_HOLDING}).all()
    for part, word in rows:
        found[part].append(word.strip())
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


def _holding_on_sqlite(connection: Connection, part: str) -> list[str]:
    trigrams = {_TRIGRAMS: _asked(part)} if len(part) >= _TRIGRAM else {}
    words = connection.scalars(_that_hold(is_short=not trigrams), {"part": part, **trigrams})
    return [word.strip() for word in words]


@cache
def _that_hold(*, is_short: bool) -> Select[str]:
    """Make SQLite's query for words that hold a part, which may be too short for an index of trigrams."""
    part = bindparam("part", type_=String)
    query = select(SearchWord.word).where(func.instr(SearchWord.word, part) > 0)
    if not is_short:
        query = _by_trigrams(query, bindparam(_TRIGRAMS, type_=String))
    return query.where(func.instr(SearchWord.word, " " + part) == 0).limit(MOST_HOLDING)


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
        query = query.where(or_(*(SearchWord.word.like(_in_the_text(name)) for name in names)))
        return select(func.string_agg(query.limit(_MOST_COMPARED).subquery().c.word, ""))
    query = query.where(or_(*(func.instr(SearchWord.word, bindparam(name, type_=String)) > 0 for name in names)))
    query = _by_trigrams(query, bindparam(_TRIGRAMS, type_=String))
    return select(func.group_concat(query.limit(_MOST_COMPARED).subquery().c.word, ""))


def _given_pieces(dialect: str, pieces: Sequence[str]) -> dict[str, str]:
    """Return what the query for words that have these pieces is executed with."""
    if dialect != "sqlite":
        return {f"holds_{number}": f"%{piece.translate(ESCAPED)}%" for number, piece in enumerate(pieces)}
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
