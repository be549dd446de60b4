"""Whether a text answers a query, and how well. Pure: the same on every database."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeVar

from shared.catalogue.normal import normalised
from shared.catalogue.search_text import lines_of
from shared.catalogue.typos import edits_to_each, forgiven

#: What stands before a name and is no part of what it is asked for by.
ARTICLES = ("the", "an", "a")
_ARTICLE = re.compile(f"^(?:{'|'.join(ARTICLES)}) ")


class Ranked(Protocol):
    """What can be ranked."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...


T = TypeVar("T", bound=Ranked)
#: For each word that may be misspelled: how many edits make it into others.
Meant = Mapping[str, Mapping[str, int]]
_NONE_MEANT: Mapping[str, int] = {}
#: More edits than are ever forgiven.
_NEVER = 1000


class Fit(IntEnum):
    """How a text answers a query, the best first."""

    #: A name is the query, but for an article before it.
    EXACT = 0
    #: A name begins with it.
    BEGINS = 1
    #: A word in a name begins with it.
    WORD_BEGINS = 2
    #: A name holds it.
    HOLDS = 3
    #: All words of the query are somewhere in the names.
    ALL_WORDS = 4
    #: They are, when typos are forgiven.
    TYPO = 5


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for, as the texts spell it."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> "Query":
        spelled = normalised(typed)
        return cls(spelled, tuple(dict.fromkeys(spelled.split())))

    @property
    def may_be_forgiven(self) -> bool:
        return any(forgiven(word) for word in self.words)


class Rank(NamedTuple):
    """The place of a text among others; the least comes first."""

    fit: Fit
    edits: int
    #: Letters of the name that fits.
    length: int


#: What answers, and how well.
Place = tuple[Rank, T]


def rank(query: Query, text: str, *, forgiving: bool = False) -> Rank | None:
    """Return how well a text (``search_text``) answers a query; None if it doesn't.

    A text answers if every word of the query is contained in it, in any order and also amid a word. With ``forgiving``,
    words that aren't contained may be misspelled, see ``typos.edits``; the last one may be the beginning of a word.
    """
    return _rank(query, text, _meant(query, [text]) if forgiving else {})


def is_as_typed(query: Query, text: str) -> bool:
    """Whether a text has, for each word of the query, a word that begins with it.

    Only where no text has is a typo forgiven: else ``heat`` would bring ``Heart`` along with ``Heat`` and ``Heathers``.
    """
    return all(f" {word}" in text for word in query.words)


def placed(query: Query, candidates: Iterable[T], *, forgiving: bool = False) -> list[Place[T]]:
    """Return those candidates that answer, the best first; those that answer alike, and are as long, in any order."""
    rows = list(candidates)
    meant = _meant(query, [row.text for row in rows]) if forgiving else {}
    places = [(fit, row) for row in rows if (fit := _rank(query, row.text, meant)) is not None]
    return sorted(places, key=itemgetter(0))


def head(places: Sequence[Place[T]], count: int) -> Sequence[Place[T]]:
    """Return so many of the first places, and those that are alike the last of these."""
    if count < len(places):
        last, _ = places[count - 1]
        count = bisect_right(places, last, lo=count, key=itemgetter(0))
    return places[:count]


def ordered(places: Iterable[Place[T]], ratings: Mapping[str, float | None]) -> list[T]:
    """Return what has these places: of those that are alike the better rated comes first, then by title and id."""

    def order(place: Place[T]) -> tuple[Rank, float, str, str]:
        rank, row = place
        return rank, -(ratings.get(row.id) or 0), row.text, row.id

    return [row for _, row in sorted(places, key=order)]


def _meant(query: Query, texts: Sequence[str]) -> Meant:
    """Compare words that may be misspelled with all words of texts; together, since many texts have the same."""
    others = set(" ".join(texts).split())
    last = query.words[-1]
    return {word: edits_to_each(word, others, may_go_on=word == last) for word in query.words if forgiven(word)}


def _rank(query: Query, text: str, meant: Meant) -> Rank | None:
    if missing := [word for word in query.words if word not in text]:
        return _forgiven(missing, text, meant)
    asked = query.text
    if asked not in text:
        return Rank(Fit.ALL_WORDS, 0, _length(text))
    fit, length = min((_fit(asked, name), len(name)) for name in lines_of(text) if asked in name)
    return Rank(fit, 0, length)


def _fit(asked: str, name: str) -> Fit:
    """Return how a name answers that holds what is asked."""
    if name == asked:
        return Fit.EXACT
    begins = name.startswith(asked)
    # Who looks for The Matrix types "matrix".
    if name.startswith(ARTICLES):
        without_article = _ARTICLE.sub("", name)
        if without_article == asked:
            return Fit.EXACT
        begins = begins or without_article.startswith(asked)
    if begins:
        return Fit.BEGINS
    return Fit.WORD_BEGINS if f" {asked}" in name else Fit.HOLDS


def _forgiven(missing: Sequence[str], text: str, meant: Meant) -> Rank | None:
    others, sum_of_edits = text.split(), 0
    for word in missing:
        least = min(map(meant.get(word, _NONE_MEANT).get, others, repeat(_NEVER)))
        if least == _NEVER:
            return None
        sum_of_edits += least
    return Rank(Fit.TYPO, sum_of_edits, _length(text))


def _length(text: str) -> int:
    """Return how many letters the first name of a text has."""
    return text.index("\n", 1) - len("\n  ")
