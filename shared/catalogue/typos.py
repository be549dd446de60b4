"""Which typos are forgiven, and by which pieces of a word its misspellings are found through an index of trigrams."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise

from rapidfuzz.distance import OSA

#: Letters from which on one edit is forgiven, and two; what is longer than the last is taken as typed.
_ONE_FROM = 4
_TWO_FROM = 8
_NONE_BEYOND = 24

#: So many letters more must the beginning of a word have to be forgiven as a whole word is.
_BEGINNING_NEEDS_MORE = 2

#: From here on there is choice enough, and the work grows with the fourth power.
_LONGEST_WITH_ALL_PIECES = 14

Piece = str
#: Pieces that stand in a text all together.
Pieces = tuple[Piece, ...]


def forgiven(word: str) -> int:
    """Return how many edits to a word are forgiven: 1 in 4 to 7 letters, 2 in 8 to 24."""
    return _allowed(len(word)) if len(word) <= _NONE_BEYOND else 0


def forgiven_in_a_beginning(word: str) -> int:
    """Return how many edits are forgiven where a longer word may go on: 1 in 6 to 9 letters, 2 in 10 to 24."""
    return _allowed(len(word) - _BEGINNING_NEEDS_MORE) if len(word) <= _NONE_BEYOND else 0


@lru_cache(maxsize=16384)
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


@lru_cache(maxsize=1024)
def pieces_of_misspellings(word: str, *, may_go_on: bool) -> tuple[Pieces, ...]:
    """Return alternatives, of which each forgiven misspelling of a word has at least one.

    A space in a piece is where a word begins or ends. Each piece alone is as long as an index of trigrams needs, and
    each alternative as rare as can be: ``matrix`` gives something like ``" ma" + "ix "``, ``"tri"``, ``" mta"``.
    """
    alternatives = dict.fromkeys(_cover(f" {word} ", forgiven(word)))
    if may_go_on and (most := forgiven_in_a_beginning(word)):
        alternatives |= dict.fromkeys(_cover(f" {word}", most))
    return tuple(alternatives)


def _allowed(letters: int) -> int:
    if letters < _ONE_FROM:
        return 0
    return 1 if letters < _TWO_FROM else 2


def _cover(padded: str, most: int) -> Iterator[Pieces]:
    """Choose alternatives such that, wherever the edits are, all pieces of one of them are left whole.

    1. List the ways in which the word may be damaged. What is changed, removed or added spoils the pieces over one
       position; a swap spoils two, but is known, so that the swapped word's own pieces count.
    2. Note for each piece, and each two, which of the ways leave it whole.
    3. Take those that are left whole by the most ways for their frequency, and with them all else that these ways leave
       whole, until no way is left: a greedy set cover.
    """
    letters = range(1, len(padded.rstrip()))
    ways = [
        (spelling, frozenset(spoiled))
        for swaps in range(most + 1)
        for spelling, swapped in _swapped(padded, letters, swaps)
        for spoiled in combinations([at for at in letters if at not in swapped], most - swaps)
    ]
    whole: dict[Piece, int] = {}
    for number, (spelling, spoiled) in enumerate(ways):
        for start, end in _spans(spelling):
            if not any(start <= at < end for at in spoiled):
                piece = spelling[start:end]
                whole[piece] = whole.get(piece, 0) | 1 << number
    options: dict[Pieces, int] = {(piece,): mask for piece, mask in whole.items()}
    options |= {(a, b): both for (a, x), (b, y) in combinations(whole.items(), 2) if a not in b and (both := x & y)}
    left = (1 << len(ways)) - 1
    while left:
        best = max(options, key=lambda pieces: ((options[pieces] & left).bit_count() / _frequency(pieces), pieces))
        taken = options[best] & left
        left &= ~taken
        yield tuple(piece for piece, mask in whole.items() if not taken & ~mask)


def _swapped(padded: str, letters: range, swaps: int) -> Iterator[tuple[str, frozenset[int]]]:
    """Return the spellings with so many neighbours swapped, and the positions that were."""
    for chosen in combinations(letters[:-1], swaps):
        if any(second - first == 1 for first, second in pairwise(chosen)):
            continue
        spelling = list(padded)
        for at in chosen:
            spelling[at], spelling[at + 1] = spelling[at + 1], spelling[at]
        yield "".join(spelling), frozenset(at for first in chosen for at in (first, first + 1))


def _spans(padded: str) -> Iterator[tuple[int, int]]:
    """Return where the pieces are: each three letters, or each third of them in long words; one at begin and end."""
    yield 0, 2
    step = 1 if len(padded) <= _LONGEST_WITH_ALL_PIECES else 3
    yield from ((at, at + 3) for at in range(0, len(padded) - 2, step))
    if padded.endswith(" "):
        yield len(padded) - 2, len(padded)


def _frequency(pieces: Pieces) -> float:
    """Guess in which part of all texts these pieces stand; a bit more each, because each costs a look-up."""
    frequency = 1.0
    for number, piece in enumerate(pieces):
        if number and any(other.endswith(piece[:shared]) for other in pieces[:number] for shared in (1, 2)):
            # They overlap, or may: where one is, the other is often.
            frequency *= 0.2
        elif len(piece) < 3:  # noqa: PLR2004 - a space and a letter
            frequency *= 0.2
        elif " " in piece:
            frequency *= 0.04
        else:
            frequency *= 0.01
    return frequency + 0.001
