"""Titles of made-up words, of which few are frequent and most are rare; the same number gives the same every time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

_ONSETS = (
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "r",
    "s",
    "st",
    "t",
)
_VOWELS = ("a", "e", "i", "o", "u", "ea", "io", "ou")
_CODAS = ("", "", "", "n", "r", "s", "l", "m", "t", "nd", "ck")
_SMALL = ("The", "of", "and", "in", "a", "to")


@dataclass(frozen=True, slots=True)
class Words:
    """Words by how often they are used: that of place n about 1/n as often as the first, as in any language."""

    known: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def made(cls, random: Random, count: int) -> "Words":
        made: dict[str, None] = {}
        while len(made) < count:
            syllables = random.choices((1, 2, 3, 4), (1, 6, 5, 2))[0]
            made["".join(_syllable(random) for _ in range(syllables)).capitalize()] = None
        return cls(list(made), list(accumulate(1 / (place + 20) for place in range(count))))

    def title(self, random: Random) -> str:
        """Make a title of one to four words and, in every second, a small one."""
        words = random.choices(self.known, cum_weights=self.weights, k=random.choices((1, 2, 3, 4), (2, 4, 3, 1))[0])
        if random.random() < 0.5:
            words.insert(random.randrange(len(words)), random.choice(_SMALL))
        return " ".join(words)


def _syllable(random: Random) -> str:
    return random.choice(_ONSETS) + random.choice(_VOWELS) + random.choice(_CODAS)


def titles(count: int, words: int, seed: int = 6) -> Iterator[str]:
    """Make titles; some are the same."""
    random = Random(seed)
    known = Words.made(random, words)
    return (known.title(random) for _ in range(count))
