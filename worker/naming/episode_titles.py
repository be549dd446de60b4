"""The title of an episode, in what follows its number."""

import re

from worker.naming import tags
from worker.naming.spelling import tidy

_ASIDE = re.compile(r"\[[^\[\]]*\]|\{[^{}]*\}|\((?:19|20)[0-9]{2}\)|\((?:dub|sub)(?:bed)?\)", re.IGNORECASE)
_OPENING = frozenset("[{(")
_VERSION = re.compile(r"\Av[0-9](?![0-9a-z])", re.IGNORECASE)
#: ``S05E101 - 101 - Title``: the number over all seasons, beside the one in its own.
_ABSOLUTE_TOO = re.compile(r"\A ?- ?(?!(?:19|20)[0-9]{2}\Z)[0-9]{2,4}(?:-[0-9]{2,4})? ?(?=- |\Z)")
_COPY = re.compile(r"\([0-9]{1,2}\)")


def title_in(tail: str, *, spaced: bool) -> str | None:
    """Read an episode's title: `` - Pilot (1080p)`` is ``Pilot``, ``.The.Title.1080p.WEB-GRP`` ``The Title``."""
    if not tail:
        return None
    text = tail
    for rule in (_VERSION, _ABSOLUTE_TOO):
        if found := rule.match(text):
            text = text[found.end() :]
    if not spaced and text.startswith("-"):
        return None
    cut = tags.start(text)
    if cut is not None:
        text = tags.without_flags(text[:cut])
    elif not spaced:
        text = text.rsplit("-", 1)[0]
    if tags.only_flags(text):
        return None
    title = tidy(_ASIDE.sub(" ", text) if _OPENING.intersection(text) else text)
    return title if any(map(str.isalnum, title)) and not _COPY.fullmatch(title) else None
