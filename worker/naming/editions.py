"""Which cut of a film a file holds."""

import re

from worker.naming import tags
from worker.naming.spelling import any_of, lowered

_TAGGED = re.compile(r"[{\[]edition[-=: ]\s?([^{}\[\]]*)[}\]]", re.IGNORECASE)
_CUT = r"(?:tv[ ._-])?(?:cut|edition|version|edit)"
#: What names an edition even beside a title.
_PLAIN = (
    rf"(?:the[ ._])?(?:directors?'?s?|extended|theatrical|unrated|uncut|ultimate|final|special|collector'?s?'?|rogue"
    r"|roadshow|integral|european"
    rf"|snyder|producer'?s?'?|alternat(?:iv)?e|assembly|international|deluxe|definitive|limited|anniversary|fan|imax"
    rf"|despecialized|[0-9]{{1,2}}(?:th|st|nd|rd)[ ._]anniversary|diamond|criterion|original|restored|remastered"
    rf"|signature|imperial|collectors|uncensored|television|festival|work[ ._]?print)[ ._-]{_CUT}"
    r"|version[ ._-](?:longue|int[ée]grale|remasteris[ée]e)|edition[ ._-](?:collector|sp[ée]ciale|limit[ée]e)"
    r"|criterion[ ._]collection"
    r"|[0-9]{1,2}(?:th|st|nd|rd)[ ._]anniversary(?:[ ._]remaster(?:ed)?)?"
    r"|4k[ ._]?remaster(?:ed)?|4k[ ._]restoration|open[ ._]matte|black[ ._](?:and|&)[ ._]chrome|[2-5]in1"
)
#: What could as well be a word of a title, and only counts after the year or a dash.
_SHORT = (
    r"extended|theatrical|unrated|uncut|uncensored|remaster(?:ed)?|imax|restored|despecialized|criterion|redux"
    r"|director'?s'?|workprint|fanedit|superbit|colou?ri[sz]ed|dc"
)
#: ``Bounty Hunter's Cut``: only after the year, where no title goes on.
_ANY_CUT = r"(?:(?!the[ ._])[a-z0-9'\u2019]+[ ._]){1,3}(?:cut|edition)"
_ANYWHERE = re.compile(rf"(?<![^\W_])(?:{_PLAIN}|{_SHORT}|version[ ._](?=imax))(?![^\W_])")
_MADE_UP = re.compile(rf"[\s._\-(\[{{]{{0,4}}(?:the[ ._])?({_ANY_CUT})(?![^\W_])")
_AT_END = re.compile(
    rf"(?<=[^\s._\-(\[])[\s._\-(\[]+(?P<plain>{_PLAIN})[)\]]?[\s._\-]*\Z"
    rf"|(?:\s-\s|[._]|\(|\[)(?P<short>{_SHORT})[)\]]?[\s._\-]*\Z"
    r"| (?P<spaced>extended|theatrical|unrated|uncensored|remastered)[\s\-]*\Z"
)
#: ``Extended Director's Cut``: one word more, where an edition has been found already.
_BEFORE_ANOTHER = re.compile(rf"(?<=[^\s._\-(\[])[\s._\-(\[]+(?P<more>{_PLAIN}|{_SHORT})[)\]]?[\s._\-]*\Z")
#: One of these stands in every edition; most names have none, and cost no more than this.
CUES = (
    "cut", "edit", "version", "remaster", "matte", "criterion", "chrome", "restor", "annivers", "in1", "extended",
    "theatrical", "unrated", "uncensored", "imax", "redux", "direct", "desp", "dc", "workprint", "superbit", "colo",
)  # fmt: skip
_CUE = any_of(CUES)
_ARTICLES = frozenset({"the", "a", "an", ""})
#: ``Bigger, Longer and Uncut`` is all title.
_GOES_ON = re.compile(r"[\s._-](?:and|&|or|of|the|und|et|y)\Z")
_DC = re.compile(r"\bdc\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\b(director|collector|producer)'?s?'?(?=\s)", re.IGNORECASE)


def take_tagged(name: str) -> tuple[str | None, str]:
    """Take a tagged edition out: ``Heat {edition-Director's Cut}`` is ``Director's Cut``, and ``Heat``."""
    if "dition" not in name or not (found := _TAGGED.search(name)):
        return None, name
    return " ".join(found[1].split()) or None, f"{name[: found.start()]} {name[found.end() :]}"


def named_after_year(tail: str) -> str | None:
    """Read the edition in what follows the year: `` - Extended Remastered`` is ``Extended Remastered``.

    Any words before ``Cut`` or ``Edition`` are one there, as in ``.Bounty.Hunters.Cut.1080p``.
    """
    low = lowered(tail)
    if not _CUE.search(low):
        return None
    if (made_up := _MADE_UP.match(low)) and tags.start(f".{made_up[1]}") is None:
        rest = [tail[match.start() : match.end()] for match in _ANYWHERE.finditer(low, made_up.end())]
        return _spelled(" ".join([tail[made_up.start(1) : made_up.end(1)], *rest]))
    found = [tail[match.start() : match.end()] for match in _ANYWHERE.finditer(low)]
    return _spelled(" ".join(found)) if found else None


def take_at_end(head: str) -> tuple[str | None, str]:
    """Take the edition from a title's end: ``Blade Runner The Final Cut`` is ``Final Cut``; ``The Final Cut`` stays."""
    low = lowered(head)
    if not _CUE.search(low):
        return None, head
    end, words, rule = len(head), list[str](), _AT_END
    while found := rule.search(low[:end]):
        before = low[: found.start()].strip(" ._-([")
        if before in _ARTICLES or _GOES_ON.search(before):
            break
        group = found.lastgroup or 0
        words.insert(0, head[found.start(group) : found.end(group)])
        end, rule = found.start(), _BEFORE_ANOTHER
    return (_spelled(" ".join(words)), head[:end]) if words else (None, head)


def _spelled(text: str) -> str:
    """``directors.cut`` is ``Director's Cut``; ``IMAX`` stays as it was written."""
    words = " ".join(text.replace(".", " ").replace("_", " ").replace("-", " ").split())
    words = _POSSESSIVE.sub(r"\1's", words)
    if words.lower().startswith("the "):
        words = words[4:]
    if words.lower().startswith("edition "):
        words = words[8:]
    if words.islower() or (words.isupper() and " " in words):
        words = " ".join(word.capitalize() for word in words.split())
    words = _DC.sub("Director's Cut", words)
    return "IMAX" if words.lower() == "imax" else words
