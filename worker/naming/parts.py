"""Which part of a film in several files one of them is."""

import re

from worker.naming.spelling import lowered

#: ``DVD5`` and ``DVD9`` say how much a disc holds.
_DISC = r"(?:cd|dis[ck]|dvd(?![59](?![0-9])))"
_PART = r"(?:part|pt)"
_WORDS = ("one", "two", "three", "four", "i", "ii", "iii", "iv")
_PART_AFTER = re.compile(
    rf"(?<![^\W_])(?:(?:{_DISC}|{_PART})[ ._-]?(?:0?([0-9]{{1,2}})(?: ?of ?[0-9]{{1,2}})?|([a-d])|({'|'.join(_WORDS)}))"
    r"|([1-9]) ?of ?[2-9])(?![^\W_])"
)
_PART_AT_END = re.compile(
    rf"[\s._\-(\[]+(?:{_DISC}[ ._-]?0?([0-9]{{1,2}})|{_PART}0?([0-9]{{1,2}}))[)\]]?\Z"
    rf"|\A(?:{_PART}|cd|dis[ck])[ ._-]?0?([0-9]{{1,2}})\Z"
)
_ENDS_IN_FIGURE = frozenset("0123456789)]")


def named_after_year(tail: str) -> int | None:
    """Read the part in what follows the year: ``.CD2.XviD`` is 2, and ``-part-b`` too."""
    if not (found := _PART_AFTER.search(lowered(tail))):
        return None
    if figure := found[1] or found[4]:
        return int(figure) or None
    return "abcd".index(found[2]) + 1 if found[2] else _WORDS.index(found[3]) % 4 + 1


def take_at_end(text: str) -> tuple[int | None, str]:
    """Take the part from a name's end: ``heat-cd2`` is 2, and ``heat``; ``Kill Bill Part 2`` stays a title."""
    if not text or text[-1] not in _ENDS_IN_FIGURE or not (found := _PART_AT_END.search(lowered(text))):
        return None, text
    number = int(found[1] or found[2] or found[3])
    return (number, text[: found.start()]) if number else (None, text)
