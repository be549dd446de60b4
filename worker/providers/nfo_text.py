"""What an .nfo holds: XML as Kodi writes it, or the address of a page, or both. No files here, only texts."""

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import defusedxml
from defusedxml import ElementTree

from shared.kinds import Role, Source
from worker.providers.base import Collection, Credit
from worker.providers.billing import in_billing_order

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ROOTS = frozenset({"movie", "tvshow", "episodedetails"})

_LOOKS_LIKE_XML = re.compile(r"<\s*(\?xml|!doctype|movie|tvshow|episodedetails)\b", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}>")
_PLAIN_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,500}>", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)", re.IGNORECASE)
_NOT_FOR_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)[\"']")
#: UTF-16 shows itself; where it is only declared, the file is something else.
_CHARSET = re.compile(r"(?:iso|latin|windows|cp|koi8|shift|euc|gb|big5)[\w-]*", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_TMDB_FOLDERS = {"movie": "movie", "tvshow": "tv", "episodedetails": "tv"}
_TMDB_ADDRESS = re.compile(r"themoviedb\.org/(movie|tv)/(\d{1,10})", re.ASCII)
_IMDB_ADDRESS = re.compile(r"imdb\.com/(?:[a-z]{2}/)?title/(tt\d{5,12})", re.ASCII)
#: TVDB's newer addresses hold names, some of which are numbers.
_TVDB_ADDRESS = re.compile(r"thetvdb\.com/(?:dereferrer/\w+/|\S{0,200}?[?&](?:series)?id=)(\d{1,10})", re.ASCII)
_BARE_IMDB = re.compile(r"\s*(tt\d{5,12})\s*", re.ASCII)
_ID_SHAPES = {
    Source.TMDB: re.compile(r"[1-9]\d{0,9}", re.ASCII),
    Source.IMDB: re.compile(r"tt\d{5,12}", re.ASCII),
    Source.TVDB: re.compile(r"[1-9]\d{0,9}", re.ASCII),
    Source.TVMAZE: re.compile(r"[1-9]\d{0,9}", re.ASCII),
}
_MINUTES = re.compile(r"(?:(\d{1,3})\s*h\w*\W*)?(?:(\d{1,5})\s*(?:m\w*\.?)?)?", re.IGNORECASE | re.ASCII)
_CERTIFICATION = re.compile(
    r"\s*(?:[a-z][a-z ]{1,20}:)?\s*(?:rated\s+)?(\S(?:[^/\n]{0,18}?\S)??)\s*(?:\sfor\s|/|\n|\Z)", re.IGNORECASE
)
_VIDEO_KEY = re.compile(r"[\w-]{5,20}", re.ASCII)
_BEST_RATING = 10.0
_CREW = {"director": Role.DIRECTOR, "credits": Role.WRITER, "writer": Role.WRITER, "creator": Role.CREATOR}
#: Kodi's own separator, and an older one; a comma may be part of a name.
_BETWEEN_NAMES = re.compile(r"(?<!\S)/(?!\S)|\|")


class BrokenNfoError(Exception):
    """The text is meant as XML and is none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One film, show or episode as an .nfo describes it."""

    root: str
    title: str | None = None
    original_title: str | None = None
    plot: str | None = None
    released: date | None = None
    rating: float | None = None
    minutes: int | None = None
    genres: tuple[str, ...] = ()
    ids: dict[Source, str] = field(default_factory=dict)
    trailer_url: str | None = None
    studios: tuple[str, ...] = ()
    certification: str | None = None
    collection: Collection | None = None
    credits: tuple[Credit, ...] = ()
    season: int | None = None
    episode: int | None = None
    season_names: dict[int, str] = field(default_factory=dict)


def decoded(data: bytes) -> str:
    """Decode by byte-order mark, by declaration, else as UTF-8, else as Latin-1, which fits everything."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    for prefix, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if data.startswith(prefix):
            return data.decode(encoding, "replace")
    declared = _DECLARED.search(data[:500])
    charset = declared[1].decode() if declared else ""
    for encoding in (charset if _CHARSET.fullmatch(charset) else "utf-8", "utf-8"):
        try:
            return data.decode(encoding)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def ids_in(text: str, root: str) -> dict[Source, str]:
    """Find the ids in the addresses that a text names; an IMDb id may stand alone."""
    ids: dict[Source, str] = {}
    for folder, number in _TMDB_ADDRESS.findall(text):
        if folder == _TMDB_FOLDERS[root]:
            ids.setdefault(Source.TMDB, number)
    if imdb := _IMDB_ADDRESS.search(text) or _BARE_IMDB.fullmatch(text):
        ids[Source.IMDB] = imdb[1]
    if tvdb := _TVDB_ADDRESS.search(text):
        ids[Source.TVDB] = tvdb[1]
    return ids


def parsed(text: str) -> list[Entry]:
    """Read the entries of an .nfo; none where it is no XML at all, as with a release group's.

    Raises:
        BrokenNfoError: it is meant as XML and is none.

    """
    if not _LOOKS_LIKE_XML.search(text):
        return []
    text = _NOT_FOR_XML.sub("", text)
    start, end = text.find("<"), text.rfind(">") + 1
    body = _PLAIN_DOCTYPE.sub("", _DECLARATION.sub("", text[start:end]))
    entries = [_entry(root) for root in _tree(body) if _tag(root) in ROOTS]
    if not entries:
        return []
    # An address beside the XML speaks of what the first entry describes.
    first, *others = entries
    around = ids_in(f"{text[:start]}\n{text[end:]}", first.root)
    return [replace(first, ids={**around, **first.ids}), *others]


def _tree(body: str) -> "Element":
    """Parse several roots as one; within the wrapper no document type, and so no entity, is legal."""
    for attempt in (body, _BARE_AMPERSAND.sub("&amp;", body)):
        try:
            root: Element = ElementTree.fromstring(f"<nfo>{attempt}</nfo>", forbid_dtd=True)
        except (ElementTree.ParseError, defusedxml.DefusedXmlException, ValueError):
            continue
        return root
    raise BrokenNfoError


def _entry(root: "Element") -> Entry:
    return Entry(
        root=_tag(root),
        title=_first(root, "title"),
        original_title=_first(root, "originaltitle"),
        plot=_first(root, "plot", "outline"),
        released=_released(root),
        rating=_rating(root),
        minutes=_minutes(_first(root, "runtime")),
        genres=_genres(root),
        ids=_ids(root),
        trailer_url=_trailer(_first(root, "trailer")),
        studios=_studios(root),
        certification=_certification(_first(root, "mpaa", "certification")),
        collection=_collection(root),
        credits=in_billing_order(_credits(root)),
        season=_number(_first(root, "season")),
        episode=_number(_first(root, "episode")),
        season_names={
            number: name
            for child in root
            if _tag(child) == "namedseason"
            and (number := _number(child.get("number"))) is not None
            and (name := _content(child)) is not None
        },
    )


def _tag(element: "Element") -> str:
    return element.tag.lower()


def _content(element: "Element") -> str | None:
    return "".join(element.itertext()).strip() or None


def _all(root: "Element", tag: str) -> list[str]:
    return [text for child in root if _tag(child) == tag and (text := _content(child)) is not None]


def _first(root: "Element", *tags: str) -> str | None:
    return next((text for tag in tags for text in _all(root, tag)), None)


def _released(root: "Element") -> date | None:
    for tag in ("premiered", "releasedate", "aired"):
        for text in _all(root, tag):
            try:
                return date.fromisoformat(text[:10])
            except ValueError:
                continue
    year = _number(_first(root, "year"))
    return date(year, 1, 1) if year is not None and 1800 <= year <= 2999 else None  # noqa: PLR2004  # years of films


def _rating(root: "Element") -> float | None:
    """Read the rating that is marked as default, else the first, on a scale of ten."""
    ratings = [rating for group in root if _tag(group) == "ratings" for rating in group if _tag(rating) == "rating"]
    ratings.sort(key=lambda rating: (rating.get("default") or "").lower() != "true")
    scaled = [(_first(rating, "value"), _decimal(rating.get("max"))) for rating in ratings]
    for text, most in (*scaled, (_first(root, "rating"), None)):
        value = _decimal(text)
        if value is not None and (value := value * _BEST_RATING / (most or _BEST_RATING)) <= _BEST_RATING:
            return round(value, 2)
    return None


def _genres(root: "Element") -> tuple[str, ...]:
    """Read genres, one a line or several in one with slashes, bars or commas between."""
    parts = (part.strip() for text in _all(root, "genre") for part in re.split(r"\s/\s|[|,/]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def _studios(root: "Element") -> tuple[str, ...]:
    names = (name.strip() for text in _all(root, "studio") for name in _BETWEEN_NAMES.split(text))
    return tuple(dict.fromkeys(name for name in names if name))


def _certification(text: str | None) -> str | None:
    """Read the first, without country and reason: ``US:PG-13 / DE:12`` is ``PG-13``, ``Rated R for Gore`` is ``R``."""
    found = _CERTIFICATION.match(text or "")
    return found[1] if found else None


def _collection(root: "Element") -> Collection | None:
    """Read the set that a film belongs to; older files have its name alone."""
    for element in root:
        if _tag(element) == "set" and (name := _first(element, "name") or (element.text or "").strip()):
            number = element.get("tmdbcolid") or ""
            return Collection(name, number if _ID_SHAPES[Source.TMDB].fullmatch(number) else "")
    return None


def _ids(root: "Element") -> dict[Source, str]:
    """Read ids; a nameless number is of the database that Kodi's own scraper used: TVDB for shows, TMDB for films."""
    nameless = Source.TVDB if _tag(root) == "tvshow" else Source.TMDB
    ids: dict[Source, str] = {}
    for element in root:
        tag, text = _tag(element), _content(element) or ""
        if tag == "uniqueid":
            named = (element.get("type") or "").upper()
            source = Source(named) if named in Source.__members__ else None
        elif tag == "id":
            source = Source.IMDB if text.startswith("tt") else nameless
        else:
            source = next((s for s in Source if tag in {f"{s.lower()}id", f"{s.lower()}_id"}), None)
        if source is not None and _ID_SHAPES[source].fullmatch(text) and (tag != "id" or source not in ids):
            ids[source] = text
    return ids


def _credits(root: "Element") -> Iterator[Credit]:
    """Read the cast by its order, or as it is listed, and the crew."""
    cast = [
        (_number(_first(actor, "order")), Credit(name, Role.ACTOR, _first(actor, "role")))
        for actor in root
        if _tag(actor) == "actor" and (name := _first(actor, "name")) is not None
    ]
    cast.sort(key=lambda listed: (listed[0] is None, listed[0]))
    yield from (credit for _, credit in cast)
    for tag, role in _CREW.items():
        for names in _all(root, tag):
            yield from (Credit(name.strip(), role) for name in _BETWEEN_NAMES.split(names) if name.strip())


def _trailer(text: str | None) -> str | None:
    """Read a trailer's address; Kodi's YouTube plugin has addresses of its own."""
    try:
        url = urlsplit(text or "")
        query = parse_qs(url.query)
    except ValueError:
        return None
    if url.scheme == "plugin" and "youtube" in url.netloc:
        key = (query.get("videoid") or query.get("video_id") or [""])[0]
        return f"https://www.youtube.com/watch?v={key}" if _VIDEO_KEY.fullmatch(key) else None
    return text if url.scheme in {"http", "https"} and url.netloc else None


def _minutes(text: str | None) -> int | None:
    found = _MINUTES.fullmatch(text or "")
    return (int(found[1] or 0) * 60 + int(found[2] or 0)) or None if found else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text.strip(), re.ASCII) else None


def _decimal(text: str | None) -> float | None:
    """Read a number above zero, whichever way its point is written."""
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None
