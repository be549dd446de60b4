"""What the database finds for a search: all that the rules of ``ranking`` may accept, and some that they won't.

Here is all that differs between the engines. Both ask for pieces of text that must be contained, and each has its
index of trigrams for it: PostgreSQL by itself, if pg_trgm was to be had; SQLite in a full-text table that is asked
first. Pieces too short for an index are compared row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, and_, column, exists, func, literal_column, or_, select, table, text
from sqlalchemy.orm import Session

from shared.catalogue.typos import Pieces
from shared.models import Credit, Media, SearchText

#: What an index of trigrams needs.
_TRIGRAM = 3
#: Trigrams of one alternative that SQLite's index is asked for; more hardly narrow it.
_MOST_TRIGRAMS = 12
#: Conditions that SQLite's index is asked for; the others are compared.
_MOST_CONDITIONS = 3

#: Each condition is a choice of alternatives: one of them must be in the text, with all its pieces.
Conditions = Sequence[Sequence[Pieces]]
Query = Select[str | None, str | None, str | None, str, float | None, str | None]


class Kind(StrEnum):
    """What is searched for."""

    TITLE = "title"
    EPISODE = "episode"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A title, episode or person that may be meant."""

    kind: Kind
    id: str
    text: str
    #: From 0 to 10; of titles only, as their type.
    rating: float | None = None
    type: str | None = None


def prepare(session: Session) -> None:
    """Have PostgreSQL plan each search by what is searched for; a plan for all would not know rare from frequent."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def candidates(session: Session, conditions: Conditions, most: int, *, only_titles: bool = False) -> list[Candidate]:
    """Return what meets all conditions; of more than ``most`` those that were indexed first."""
    rows = session.execute(statement(session.get_bind().dialect.name, conditions, most, only_titles=only_titles))
    return [
        Candidate(kind, owner_id, names, rating, media_type)
        for *owner_ids, names, rating, media_type in rows
        for kind, owner_id in zip(Kind, owner_ids, strict=True)
        if owner_id is not None
    ]


def statement(dialect: str, conditions: Conditions, most: int, *, only_titles: bool = False) -> Query:
    """Return the query of ``candidates``."""
    owners = (SearchText.media_id, SearchText.episode_id, SearchText.person_id)
    query: Query = select(*owners, SearchText.text, Media.rating, Media.type)
    query = query.outerjoin(Media, Media.id == SearchText.media_id)
    # Who has no credit left is nobody's answer.
    is_credited = exists().where(Credit.person_id == SearchText.person_id)
    query = query.where(or_(SearchText.person_id.is_(None), is_credited))
    if only_titles:
        query = query.where(SearchText.media_id.is_not(None))
    spelled = _for_sqlite(query, conditions) if dialect == "sqlite" else _for_postgresql(query, conditions)
    return spelled.limit(most)


def _for_postgresql(query: Query, conditions: Conditions) -> Query:
    contained = [
        or_(*(and_(*(SearchText.text.contains(piece, autoescape=True) for piece in pieces)) for pieces in choice))
        for choice in conditions
    ]
    is_frequent = all(len(piece.strip()) <= _TRIGRAM for choice in conditions for pieces in choice for piece in pieces)
    is_one_choice = all(len(choice) == 1 for choice in conditions)
    # What most texts have is found soonest by reading along; for what is rare that would mean to read them all, and
    # the planner, which guesses, must not try.
    reads_along = is_frequent and is_one_choice
    return query.where(*contained).order_by(SearchText.id if reads_along else SearchText.id + 0)


def _for_sqlite(query: Query, conditions: Conditions) -> Query:
    # The rarest first, as far as that can be told: those with the most letters.
    indexed = [choice for choice in conditions if all(any(map(_trigrams, pieces)) for pieces in choice)]
    indexed.sort(key=lambda choice: min(len("".join(pieces)) for pieces in choice), reverse=True)
    indexed = indexed[:_MOST_CONDITIONS]
    # What is no longer than a trigram the index has told exactly.
    compared = [
        or_(*(and_(*(func.instr(SearchText.text, piece) > 0 for piece in pieces)) for pieces in choice))
        for choice in conditions
        if choice not in indexed or len(choice) == 1
    ]
    if not indexed:
        return query.where(*compared).order_by(SearchText.id)
    # The plus keeps SQLite from asking the index anew for each text.
    index = table("search_trigrams", column("rowid"))
    query = query.join(index, SearchText.id == literal_column("+search_trigrams.rowid"))
    matches = literal_column("search_trigrams").op("MATCH")(" AND ".join(f"({_spelled(choice)})" for choice in indexed))
    return query.where(matches, *compared).order_by(index.c.rowid)


def _spelled(choice: Sequence[Pieces]) -> str:
    """Spell a condition for the full-text table."""
    alternatives = ([trigram for piece in pieces for trigram in _trigrams(piece)] for pieces in choice)
    return " OR ".join(f"({' AND '.join(map(_quoted, found[:_MOST_TRIGRAMS]))})" for found in alternatives)


def _trigrams(piece: str) -> list[str]:
    """Return what a text with this piece has in the full-text table; see the triggers that fill it."""
    spelled = piece.replace("\n ", "\n").replace(" \n", "\n") if "\n" in piece else piece.replace(" ", "  ")
    return list(dict.fromkeys(spelled[at : at + _TRIGRAM] for at in range(len(spelled) - _TRIGRAM + 1)))


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'
