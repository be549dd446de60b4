"""Which typos are forgiven, and by which pieces of a word its misspellings are found."""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

#: Letters from which on one edit is forgiven, and two; what is longer than the last is taken as typed.
_ONE_FROM = 4
_TWO_FROM = 8
_NONE_BEYOND = 24

#: So many letters more must the beginning of a word have to be forgiven as a whole word is.
_BEGINNING_NEEDS_MORE = 2


def forgiven(word: str) -> int:
    """Return how many edits to a word are forgiven: 1 in 4 to 7 letters, 2 in 8 to 24."""
    return _allowed(len(word)) if len(word) <= _NONE_BEYOND else 0


def forgiven_in_a_beginning(word: str) -> int:
    """Return how many edits are forgiven where a longer word may go on: 1 in 6 to 9 letters, 2 in 10 to 24."""
    return _allowed(len(word) - _BEGINNING_NEEDS_MORE) if len(word) <= _NONE_BEYOND else 0


def edits(word: str, other: str, *, may_go_on: bool) -> int | None:
    """Return how many edits make a word into the other one, or into its beginning; None where that is not forgiven.

    An edit adds a letter, takes one away, changes one, or swaps two neighbours.
    """
    most = forgiven(word)
    found = [OSA.distance(word, other, score_cutoff=most)] if abs(len(word) - len(other)) <= most else []
    best = min((edited for edited in found if edited <= most), default=None)
    if may_go_on and (most_of_a_beginning := forgiven_in_a_beginning(word)):
        lengths = range(len(word) - most_of_a_beginning, min(len(word) + most_of_a_beginning, len(other) - 1) + 1)
        for length in lengths:
            edited = OSA.distance(word, other[:length], score_cutoff=most_of_a_beginning)
            if edited <= most_of_a_beginning and (best is None or edited < best):
                best = edited
    return best


def edits_to_each(word: str, others: Collection[str], *, may_go_on: bool) -> dict[str, int]:
    """Return ``edits`` to those of many words to which they are forgiven.

    All are compared at once, and looked at closely only what is near, as a whole or when cut to this word's length: a
    letter more or less than the beginning that is meant is one more edit each.
    """
    most, of_a_beginning = forgiven(word), forgiven_in_a_beginning(word) if may_go_on else 0
    known = list(others)
    near = _nearest(word, known, most)
    if of_a_beginning:
        near |= _nearest(word, [other[: len(word)] for other in known], 2 * of_a_beginning)
    # Many words begin alike, as names without their spaces do: what goes on makes a difference, but not how.
    longest = len(word) + most
    beginnings = {
        other: other if len(other) <= longest else f"{other[:longest]}\n" for other in map(known.__getitem__, near)
    }
    needed = {beginning: edits(word, beginning, may_go_on=may_go_on) for beginning in set(beginnings.values())}
    return {other: edited for other, beginning in beginnings.items() if (edited := needed[beginning]) is not None}


def _nearest(word: str, others: Sequence[str], most: int) -> set[int]:
    """Return the places of those that no more edits make a word into."""
    return {at for _, _, at in extract(word, others, scorer=OSA.distance, score_cutoff=most, limit=None)}


def pieces_of_misspellings(word: str, *, may_go_on: bool) -> list[str]:
    """Return pieces of which each forgiven misspelling of a word has at least one; each has three letters or more.

    A space in a piece is where a word begins or ends: ``matrix`` gives ``" mat"``, ``"rix "`` and ``" martix "``.
    """
    most, of_a_beginning = forgiven(word), forgiven_in_a_beginning(word) if may_go_on else 0
    pieces = dict.fromkeys(_pieces(f" {word}", of_a_beginning)) if of_a_beginning else {}
    # A whole word is a beginning, too.
    return list(pieces if of_a_beginning == most else pieces | dict.fromkeys(_pieces(f" {word} ", most)))


def _allowed(letters: int) -> int:
    if letters < _ONE_FROM:
        return 0
    return 1 if letters < _TWO_FROM else 2


def _pieces(padded: str, most: int) -> Iterator[str]:
    """Cut a word into one part more than there are edits: one part at least is left whole.

    Only a swap across a cut spoils two parts. But it is known, so that both parts, swapped, are a piece of their own.
    """
    cuts = [len(padded) * at // (most + 1) for at in range(most + 2)]
    for first, last in combinations(range(most + 2), 2):
        letters = list(padded)
        for cut in cuts[first + 1 : last]:
            letters[cut - 1], letters[cut] = letters[cut], letters[cut - 1]
        yield "".join(letters[cuts[first] : cuts[last]])
