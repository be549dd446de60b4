"""A title, a year and what else one name says: that of a folder, or of a file without its ending."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from shared.kinds import Source
from worker.naming import aka, editions, ids, parts, tags, three_d
from worker.naming.spelling import lowered, tidy


class Name(NamedTuple):
    """What one name says by itself."""

    title: str
    year: int | None = None
    edition: str | None = None
    part: int | None = None
    three_d: str | None = None
    #: What else this name says the title to be.
    others: tuple[str, ...] = ()
    ids: Mapping[Source, str] = ids.NO_IDS
    #: The year stood in brackets: somebody named this with care.
    bracketed: bool = False
    #: Release words stood there.
    tagged: bool = False
    #: Whether the rules know what they read.
    sure: bool = True


class _Piece(NamedTuple):
    head: str
    tail: str = ""
    year: int | None = None
    bracketed: bool = False
    tagged: bool = False
    #: The title as it would be with a language that was dropped, or without one that was kept.
    other: str = ""


class _After(NamedTuple):
    """What the words after a title and its year say."""

    edition: str | None = None
    part: int | None = None
    three_d: str | None = None


class _Titled(NamedTuple):
    """What the words before the year say, and those of them that are the title."""

    head: str
    title: str
    others: tuple[str, ...]
    edition: str | None
    three_d: str | None


NOTHING = Name("")
_NOTHING_AFTER = _After()

_YEAR_IN_BRACKETS = re.compile(
    r"[(\[{] ?(?:[^()\[\]{}0-9]{1,40}(?:, ?|(?<!of) ))?(1[89][0-9]{2}|20[0-9]{2})"
    r"(?: ?[-\u2013,] ?[^()\[\]{}]{0,40}| [A-Za-z ]{0,30})?[)\]}]"
)
_COUNTRY = re.compile(r"\s*\((?:US|UK|AU|NZ|CA|IE|IN|DE|FR|JP|KR)\)")
_YEAR_FIRST = re.compile(r"\s*[(\[](1[89][0-9]{2}|20[0-9]{2})[)\]][\s._\-]*(?=[\w(\[¡¿])")
_YEAR_AND_DASH = re.compile(r"\s*(19[0-9]{2}|20[0-3][0-9])(?:[\s._]-[\s._]+|\.\s+)(?=[\w(\[.¡¿'\u2019])")
#: ``2012 - 2009``: a year behind a dash is the film's, whatever it begins with.
_DASH_AND_YEAR = re.compile(r"[\s._]-[\s._]+(?:19[0-9]{2}|20[0-3][0-9])\s*\Z")
#: Beyond these a bare number is no year: ``Blade.Runner.2049``.
_BARE_YEAR = re.compile(r"[\s._\-](19[0-9]{2}|20[0-3][0-9])(?=[\s._\-,]|\Z)")
_GROUP_FIRST = re.compile(r"\s*(?:\[(?!rec\])[^\[\]]*\]|\{[^{}]*\}|【[^【】]*】)[\s._\-]*(?=[^\s._\-])", re.IGNORECASE)
_SITE_ENDINGS = "com|net|org|info|tv|cc|to|me|cd|ws|pl|ru|biz|site|xyz|se|eu|in|nl|de|fr|it|es|lol|mx"
#: ``www.site.org - `` and ``site.com_``, where the title goes on.
_SITE_FIRST = re.compile(
    rf"\s*(?:[\[({{] ?)?(?:www\.[\w\-]+(?:\.[\w\-]+)*?\.(?:{_SITE_ENDINGS})(?!\w)|www\.[^\s\[\](){{}}]+(?=[\s\])}}]))"
    r" ?[\])}]?[\s._\-]*(?=[\w\[(])|\s*[\w\-]+\.(?:com|net|org|info)(?: ?- ?|_)(?=[\w\[(])",
    re.IGNORECASE,
)
#: ``3 - 10 to Yuma`` is all title.
_COUNTED = re.compile(
    r"\s*(?:0(?!07)[0-9]{1,2}\s*-\s+|0[1-9](?:\s+|[._])(?=[^\W\d])|(?:\([0-9]{1,2}|[0-9]{1,3})\)\s+|[1-9]\s+-\s+(?![0-9])|(?:0?[0-9]{1,2}|[1-9][0-9]{2})\.\s+)(?=[\w¡¿])"
)
_WHOLE_SERIES = re.compile(
    r"[\s._\-(\[](?<![\s._\-(\[]{2})[\s._\-(\[]*(?:the[\s._])?(?:complete(?:(?=\s*(?:\Z|[\[(]))|[\s._](?:series|collection"
    r"|show|season(?![\s._]?[0-9])|mini[ -]?series))"
    r"|(?:seasons?|saisons?|staffeln?|s)[\s._]?[0-9]{1,2}[\s._]?(?:-|to|bis|&)[\s._]?s?[0-9]{1,2})(?![^\W_])",
    re.IGNORECASE,
)
_BRACKETS = frozenset("[]{}【】")
#: The film that is called by its brackets, and those that followed it.
_REC = re.compile(r"\A\s*\[rec\]", re.IGNORECASE)
#: ``Class of 1984`` is all title.
_OF = re.compile(r"[\s._](?:of|since)[\s._]\Z", re.IGNORECASE)
_DASH = re.compile(r"[\s._]*-(?:\s|[^\s]*\Z)")


@lru_cache(maxsize=4096)
def read(name: str) -> Name:
    """Read one name: ``The.Matrix.1999.Remastered.1080p`` is ``The Matrix``, 1999, ``Remastered``."""
    found, text = ids.take(name)
    edition, text = editions.take_tagged(text)
    piece = _bracketed(text) or _released(_without_prefix(text))
    bare = piece.year is None and not piece.tagged
    part, head = parts.take_at_end(piece.head) if bare else (None, piece.head)
    after = after_title(piece.tail) if piece.tail else _NOTHING_AFTER
    titled = before_year(head, bracketed=piece.bracketed)
    title, others = titled.title, titled.others
    if not title:
        title, others = aka.split(tidy(_without_prefix(text)[: len(titled.head)]))
    sure = piece.year is not None or piece.tagged or not _is_odd(titled.head)
    mode = after.three_d if after.three_d not in (None, "3D") else titled.three_d or after.three_d
    longer = f"{title} 3D" if piece.year is None and after.three_d == "3D" and three_d.is_first(piece.tail) else ""
    if piece.other or longer or not titled.title:
        others = aka.others(title, (*others, tidy(piece.other), longer))
    edition, part = edition or after.edition or titled.edition, part or after.part
    return Name(title, piece.year, edition, part, mode, others, found, piece.bracketed, piece.tagged, sure)


@lru_cache(maxsize=4096)
def after_title(tail: str) -> _After:
    """Read what follows the year; most files of a library end alike."""
    return _After(editions.named_after_year(tail), parts.named_after_year(tail), three_d.read(tail))


@lru_cache(maxsize=4096)
def before_year(head: str, *, bracketed: bool) -> _Titled:
    """Read the title and what else stands before the year; a folder and its file say the same.

    ``Saw.3D.2010`` is ``Saw`` in 3D, or else ``Saw 3D``; ``Saw 3D (2010)`` is ``Saw 3D``, or else ``Saw``.
    """
    edition, text = editions.take_at_end(head)
    anniversary = tidy(head) if edition and "anniversary" in edition.lower() else None
    mode, shorter = three_d.take_at_end(text)
    longer = None
    if mode and bracketed:
        mode, longer = None, tidy(shorter)
    elif mode:
        longer, text = tidy(text) if mode == "3D" else None, shorter
    title, others = aka.split(tidy(text))
    return _Titled(text, title, aka.others(title, (*others, longer, anniversary)), edition, mode)


def whole_series(name: str) -> str:
    """Drop what says how much of a show this is: ``The.Wire.Complete.Series.1080p`` is ``The.Wire``."""
    found = _WHOLE_SERIES.search(name, 1)
    return name[: found.start()] if found else name


def _bracketed(text: str) -> _Piece | None:
    """``2001 A Space Odyssey (1968) - 4K`` is the title before the brackets; ``(1995) Heat`` the one after."""
    found = _YEAR_IN_BRACKETS.search(text, 1)
    if found and any(map(str.isalnum, head := text[: found.start()])):
        if not head[0].isalpha() or head[0] in "wW":
            head = _without_prefix(head)
        head, tail = tags.before(head), text[found.end() :]
        if country := _COUNTRY.match(tail):
            head, tail = f"{head.rstrip()} {country[0].strip()}", tail[country.end() :]
        return _Piece(head, tail, int(found[1]), bracketed=True)
    if first := _YEAR_FIRST.match(text):
        return _Piece(tags.before(text[first.end() :]), "", int(first[1]), bracketed=True)
    return None


def _released(text: str) -> _Piece:
    """``Blade.Runner.2049.2017.1080p.WEB-GRP`` is what stands before the last year before the release words."""
    cut = tags.start(text)
    end = len(text) if cut is None else cut
    if (first := _YEAR_AND_DASH.match(text)) and cut is None and not _DASH_AND_YEAR.search(text):
        return _Piece(text[first.end() :], "", int(first[1]))
    years = [year for year in _BARE_YEAR.finditer(text, 0, end) if not _OF.search(text[: year.start(1)][-7:])]
    if years and any(map(str.isalnum, text[: years[-1].start()])):
        last = years[-2] if len(years) > 1 and text[years[-2].end() : years[-1].start(1)] == "-" else years[-1]
        if cut is not None or _ends_a_title(text, last.end()):
            head, tail = text[: last.start()], text[last.end() :]
            head, other = tags.before_year(head, tail)
            return _Piece(head, tail, int(last[1]), tagged=cut is not None, other=other)
    if first:
        return _Piece(tags.before(text[first.end() :]), text[end:], int(first[1]))
    if cut is None:
        text = tags.without_quality(text)
        return _Piece("", text, tagged=True) if tags.start(f".{text}") == 1 else _Piece(text)
    later = _BARE_YEAR.search(text, cut - 1)
    head = tags.without_flags(text[:cut])
    return _Piece(head, text[len(head) :], int(later[1]) if later else None, tagged=True)


def _ends_a_title(text: str, at: int) -> bool:
    """Tell whether a bare year ends the title: that of ``Heat.1995.Some.Words``, not of ``Class of 1984 Reunion``."""
    rest = text[at:]
    if not rest.strip(" ._-") or " " not in text.strip():
        return True
    return bool(
        _DASH.match(rest) or tags.only_flags(rest) or editions.named_after_year(rest) or parts.named_after_year(rest)
    )


def _without_prefix(text: str) -> str:
    """``[Group] Heat``, ``www.site.org - Heat`` and ``01. Heat`` are ``Heat``; ``[REC] 2`` and ``12 Monkeys`` stay."""
    for prefix in (_SITE_FIRST, _GROUP_FIRST, _COUNTED):
        if found := prefix.match(text):
            rest = text[found.end() :]
            if any(map(str.isalnum, rest)) and tags.start("." + rest) != 1:
                text = rest
                if (more := _GROUP_FIRST.match(text)) and any(map(str.isalnum, text[more.end() :])):
                    text = text[more.end() :]
    return text


def _is_odd(head: str) -> bool:
    """Tell what the rules are not made for: brackets, but those of ``[REC]``, and flags without release words."""
    if _BRACKETS.intersection(_REC.sub("", head)):
        return True
    low = lowered(head)
    return " " not in low and tags.without_flags(low) != low
