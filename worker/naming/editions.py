"""Which cut of a film a file holds, and which part of it."""

import re
from itertools import chain

from worker.naming.spelling import lowered

_TAGGED = re.compile(r"[{\[]edition[-=: ]\s?([^{}\[\]]*)[}\]]", re.IGNORECASE)
_CUT = r"(?:cut|edition|version|edit)"
#: What names an edition even beside a title.
_PLAIN = (
    rf"(?:the[ ._])?(?:director'?s?'?|extended|theatrical|unrated|uncut|ultimate|final|special|collector'?s?'?|rogue"
    rf"|snyder|producer'?s?'?|alternat(?:iv)?e|assembly|international|deluxe|definitive|limited|anniversary|fan|imax"
    rf"|despecialized|[0-9]{{2}}th[ ._]anniversary|diamond|criterion|original|restored|remastered)[ ._-]{_CUT}"
    r"|criterion[ ._]collection|4k[ ._]?remaster(?:ed)?|4k[ ._]restoration|open[ ._]matte|black[ ._]and[ ._]chrome"
)
#: What could as well be a word of a title, and only counts after the year or a dash.
_SHORT = (
    r"extended|theatrical|unrated|uncut|uncensored|remaster(?:ed)?|imax|restored|despecialized|criterion|redux"
    r"|director'?s?'?|workprint|fanedit|superbit|dc"
)
_ANYWHERE = re.compile(rf"(?<![^\W_])(?:{_PLAIN}|{_SHORT})(?![^\W_])")
_AT_END = re.compile(
    rf"(?<=[^\s._\-(\[])[\s._\-(\[]+(?P<plain>{_PLAIN})[)\]]?[\s._\-]*\Z"
    rf"|(?:\s-\s|[._]|\(|\[)(?P<short>{_SHORT})[)\]]?[\s._\-]*\Z"
)
_CUES = ("cut", "edition", "version", "edit", "remaster", "matte", "criterion", "chrome", "restor")
_SHORT_CUES = ("extended", "theatrical", "unrated", "uncut", "uncensored", "imax", "redux", "direct", "desp")
_ARTICLES = frozenset({"the", "a", "an", ""})
_POSSESSIVE = re.compile(r"\b(director|collector|producer)'?s?'?(?=\s)", re.IGNORECASE)

_PART_AFTER = re.compile(r"(?<![^\W_])(?:cd|dis[ck]|dvd|part|pt)[ ._-]?0?([0-9]{1,2})(?![^\W_])")
_PART_AT_END = re.compile(
    r"[\s._\-(\[]+(?:(?:cd|dis[ck]|dvd)[ ._-]?0?([0-9]{1,2})|(?:part|pt)0?([0-9]{1,2}))[)\]]?\Z"
    r"|\A(?:part|pt|cd|dis[ck])[ ._-]?0?([0-9]{1,2})\Z"
)
_ENDS_IN_FIGURE = frozenset("0123456789)]")


def take_tagged(name: str) -> tuple[str | None, str]:
    """Take a tagged edition out: ``Heat {edition-Director's Cut}`` is ``Director's Cut``, and ``Heat``."""
    if "dition" not in name or not (found := _TAGGED.search(name)):
        return None, name
    return " ".join(found[1].split()) or None, f"{name[: found.start()]} {name[found.end() :]}"


def named_after_year(tail: str) -> str | None:
    """Read the edition in what follows the year: `` - Extended Remastered`` is ``Extended Remastered``."""
    low = lowered(tail)
    found = [tail[match.start() : match.end()] for match in _ANYWHERE.finditer(low)]
    return _spelled(" ".join(found)) if found else None


def take_at_end(head: str) -> tuple[str | None, str]:
    """Take the edition from a title's end: ``Blade Runner The Final Cut`` is ``Final Cut``; ``The Final Cut`` stays."""
    low = lowered(head)
    if not any(cue in low for cue in chain(_CUES, _SHORT_CUES)) or not (found := _AT_END.search(low)):
        return None, head
    group = "plain" if found["plain"] else "short"
    rest = head[: found.start()]
    if rest.strip(" ._-([").lower() in _ARTICLES:
        return None, head
    return _spelled(head[found.start(group) : found.end(group)]), rest


def part_after_year(tail: str) -> int | None:
    """Read the part in what follows the year: ``.CD2.XviD`` is 2."""
    if not (found := _PART_AFTER.search(lowered(tail))):
        return None
    return int(found[1]) or None


def take_part_at_end(text: str) -> tuple[int | None, str]:
    """Take the part from a name's end: ``heat-cd2`` is 2, and ``heat``; ``Kill Bill Part 2`` stays a title."""
    if not text or text[-1] not in _ENDS_IN_FIGURE or not (found := _PART_AT_END.search(lowered(text))):
        return None, text
    number = int(found[1] or found[2] or found[3])
    return (number, text[: found.start()]) if number else (None, text)


def _spelled(text: str) -> str:
    """``directors.cut`` is ``Director's Cut``; ``IMAX`` stays as it was written."""
    words = " ".join(text.replace(".", " ").replace("_", " ").replace("-", " ").split())
    words = _POSSESSIVE.sub(r"\1's", words)
    if words.lower().startswith("the "):
        words = words[4:]
    if words.islower() or (words.isupper() and " " in words):
        words = " ".join(word.capitalize() for word in words.split())
    return {"imax": "IMAX", "dc": "Director's Cut"}.get(words.lower(), words)
