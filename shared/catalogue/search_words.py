"""All words that names have: which of them hold a part that somebody typed, and which may be meant by a misspelling.

There are far fewer words than names, and they are short. Both engines look for parts of words through an index of
trigrams: PostgreSQL by itself, if pg_trgm was to be had; SQLite in a full-text table that triggers keep.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, String, column, func, insert, literal, literal_column, or_, select, table, union_all
from sqlalchemy.orm import Session

from shared.catalogue.typos import edits, forgiven, pieces_of_misspellings
from shared.models import SearchWord

#: What an index of trigrams needs.
_TRIGRAM = 3
#: Words that hold what was typed amid them.
MOST_HOLDING = 50
#: Words that are compared with a misspelled one, and those of them that it may mean.
_MOST_COMPARED = 3000
MOST_MEANT = 50


def add(session: Session, words: Collection[str]) -> None:
    """Note words; those that are known already are not written again.

    Two transactions that come upon a new word at once both note it: neither has to wait for the other, and a word that
    is there twice is found once.
    """
    spelled = {_spelled(word) for word in words}
    known = session.scalars(select(SearchWord.word).where(SearchWord.word.in_(spelled)))
    if new := spelled - set(known):
        session.execute(insert(SearchWord), [{"word": word} for word in sorted(new)])


def holding(session: Session, parts: Sequence[str]) -> dict[str, list[str]]:
    """Return for each part words that hold it and don't begin with it; of very many, some."""
    found: dict[str, list[str]] = {part: [] for part in parts}
    queries = [_that_hold(_dialect(session), part) for part in parts]
    for part, word in session.execute(union_all(*(select(query.subquery()) for query in queries))) if queries else ():
        found[part].append(word.strip())
    return found


def meant(session: Session, word: str, *, may_go_on: bool) -> list[str]:
    """Return the words that somebody may have meant who typed this one, the nearest first."""
    pieces, most = pieces_of_misspellings(word, may_go_on=may_go_on), forgiven(word)
    query = _that_have(_dialect(session), pieces).where(func.length(SearchWord.word) >= len(word) - most + 2)
    if not may_go_on:
        query = query.where(func.length(SearchWord.word) <= len(word) + most + 2)
    compared = {other.strip() for other in session.scalars(query.limit(_MOST_COMPARED))}
    needed = {other: edited for other in compared if (edited := edits(word, other, may_go_on=may_go_on)) is not None}
    return sorted(needed, key=lambda other: (needed[other], len(other), other))[:MOST_MEANT]


def _spelled(word: str) -> str:
    return f" {word} "


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _that_hold(dialect: str, part: str) -> Select[str, str]:
    begins = SearchWord.word.startswith(f" {part}", autoescape=True)
    words = _that_have(dialect, [part]).where(~begins).limit(MOST_HOLDING)
    return words.with_only_columns(literal(part, String).label("part"), SearchWord.word)


def _that_have(dialect: str, pieces: Sequence[str]) -> Select[str]:
    """Return the query for words that have one of these pieces."""
    query = select(SearchWord.word)
    if dialect != "sqlite":
        return query.where(or_(*(SearchWord.word.contains(piece, autoescape=True) for piece in pieces)))
    query = query.where(or_(*(func.instr(SearchWord.word, piece) > 0 for piece in pieces)))
    if any(len(piece) < _TRIGRAM for piece in pieces):
        return query
    # The plus keeps SQLite from asking the index anew for each word.
    index = table("search_word_trigrams", column("rowid"))
    query = query.join(index, SearchWord.id == literal_column("+search_word_trigrams.rowid"))
    return query.where(literal_column("search_word_trigrams").op("MATCH")(" OR ".join(map(_asked, pieces))))


def _asked(piece: str) -> str:
    """Spell a piece for the full-text table: all its trigrams; what has them in another order is sorted out."""
    trigrams = (piece[at : at + _TRIGRAM] for at in range(len(piece) - _TRIGRAM + 1))
    return f"({' AND '.join(map(quoted, dict.fromkeys(trigrams)))})"


def quoted(text: str) -> str:
    """Quote a text for a question to a full-text table of SQLite."""
    return '"' + text.replace('"', '""') + '"'
