"""In which styles people and tools name what they have, and what a library of each style is made of.

Of a name: ``t`` title, ``y`` year, ``d`` as releases spell it, ``u`` lower case with underscores, ``l`` lower case,
``the`` with its article behind, ``o`` original title, ``od`` that as releases spell it, ``cc`` country; ``s``, ``e``
season and episode, ``e2`` the last of several, ``et`` its title, ``etd`` that as releases spell it, ``a`` its number
through all seasons, ``day`` its date.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import regex

from benchmarks.known_titles import Title
from shared.catalogue.normal import normalised

_ACCENTS = re.compile("[\u0300-\u036f]")
_ARTICLE = re.compile(r"\A(The|A|An) (.+)\Z")
_GROUPS = ("SPARKS", "NTb", "FGT", "AMIABLE", "playWEB", "ROVERS")


@dataclass(frozen=True, slots=True)
class Style:
    """Names of files, one a film or an episode, and of what lies beside them."""

    group: str
    names: tuple[str, ...]
    beside: tuple[str, ...] = ()
    #: Of whom alone: ``anime``, ``daily``, ``original`` (whose original title is another one), ``animated original``.
    only: str = ""
    #: How many episodes a file holds.
    span: int = 1

    @property
    def says_which(self) -> bool:
        """Whether a year or an id tells namesakes apart."""
        return re.search(r"\{(?:y|id|imdb|tvdb)\b", self.names[0]) is not None

    @property
    def says_country(self) -> bool:
        return "{cc}" in self.names[0]


@dataclass(frozen=True, slots=True)
class Named:
    """A file, and what it is: a title, and the episodes it holds; an extra has neither."""

    path: str
    title: Title | None
    episodes: frozenset[tuple[int, int]] = frozenset()


def _styles(
    group: str, *names: str | tuple[str, ...], beside: tuple[str, ...] = (), only: str = "", span: int = 1
) -> list[Style]:
    return [Style(group, (name,) if isinstance(name, str) else name, beside, only, span) for name in names]


# fmt: off
# ruff: noqa: E501
FILMS = [
    *_styles(
        "media servers",
        "{t} ({y})/{t} ({y}).mkv",
        "{t} ({y})/{t} ({y}) - 2160p.mkv",
        "{t} ({y}).mp4",
        "{shelf}/{t} ({y})/{t} ({y}).mkv",
        "{t} ({y})/{t}.mkv",
        "{t} ({y})/{t} ({y}) WEBDL-1080p.mkv",
        "{t} ({y}) {{edition-Director's Cut}}/{t} ({y}) {{edition-Director's Cut}}.mkv",
    ),
    *_styles(
        "ids",
        "{t} ({y}) {{tmdb-{id}}}/{t} ({y}) {{tmdb-{id}}}.mkv",
        "{t} ({y}) [tmdbid-{id}]/{t} ({y}).mkv",
        "{t} [imdbid-{imdb}]/{t} [imdbid-{imdb}] - 1080p.mkv",
        "{t} ({y}) {{imdb-{imdb}}}/{t} ({y}) {{imdb-{imdb}}} - [Bluray-1080p][DTS-HD MA 5.1][x264]-{grp}.mkv",
    ),
    *_styles(
        "releases",
        "{d}.{y}.1080p.BluRay.x264-{grp}.mkv",
        "{d}.{y}.2160p.UHD.BluRay.REMUX.HDR.HEVC.Atmos-{grp}/{d}.{y}.2160p.UHD.BluRay.REMUX.HDR.HEVC.Atmos-{grp}.mkv",
        "{d}.{y}.German.DL.1080p.WEB.H264-{grp}.mkv",
        "{d}.{y}.EXTENDED.REPACK.720p.BluRay.DD5.1.x264-{grp}.mkv",
        "{t} ({y}) [1080p] [BluRay] [YTS.MX]/{d}.{y}.1080p.BluRay.x264-[YTS.MX].mp4",
        "www.Site.org - {t} {y} 720p WEBRip x265 AAC.mkv",
    ),
    *_styles(
        "folder with junk",
        "{t} ({y})/movie.mkv",
        "{d}.{y}.720p.BluRay.x264-{grp}/{junk}-720.mkv",
        "{t} ({y})/title_t00.mkv",
        "{t} ({y})/BDMV/STREAM/00001.m2ts",
    ),
    *_styles(
        "other spellings, with year",
        "{the} ({y})/{the} ({y}).mkv",
        "{u}_{y}_720p.avi",
        "{l} {y}.mp4",
        "{t} - {y}.avi",
        "{y} - {t}.mkv",
        "({y}) {t}/{t}.mkv",
        "[{y}] {t} [1080p].mkv",
        "{y}/{t}.mkv",
    ),
    *_styles(
        "parts",
        ("{t} ({y})/{t} ({y}) CD1.avi", "{t} ({y})/{t} ({y}) CD2.avi"),
        ("{d}.{y}.DVDRip.XviD-{grp}/CD1/{junk}.cd1.avi", "{d}.{y}.DVDRip.XviD-{grp}/CD2/{junk}.cd2.avi"),
        ("{t} ({y})/{t} ({y}) - part1.mkv", "{t} ({y})/{t} ({y}) - part2.mkv"),
    ),
    *_styles("other languages", "{o} ({y})/{o} ({y}).mkv", "{o} AKA {t} ({y}).mkv", "{od}.{y}.1080p.BluRay.x264-{grp}.mkv", only="original"),
    *_styles(
        "with extras",
        "{t} ({y})/{t} ({y}).mkv",
        beside=("{t} ({y})/{t} ({y})-trailer.mp4", "{t} ({y})/Featurettes/Making of.mkv", "{t} ({y})/Deleted Scenes/Scene 1.mkv"),
    ),
    *_styles(
        "with extras",
        "{d}.{y}.1080p.BluRay.x264-{grp}/{d}.{y}.1080p.BluRay.x264-{grp}.mkv",
        beside=("{d}.{y}.1080p.BluRay.x264-{grp}/Sample/{junk}-sample.mkv", "{d}.{y}.1080p.BluRay.x264-{grp}/RARBG.com.mp4"),
    ),
    *_styles(
        "no year",
        "{t}.mkv",
        "{t}/{t}.mkv",
        "{d}.1080p.WEB-DL.H264-{grp}.mkv",
        "{u}.avi",
        "{the}.mkv",
        "{t}/movie.mkv",
        "{t} [1080p].mp4",
    ),
]

SHOWS = [
    *_styles(
        "media servers",
        "{t} ({y})/Season {s:02}/{t} ({y}) - S{s:02}E{e:02} - {et}.mkv",
        "{t} ({y})/Season {s:02}/{t} - S{s:02}E{e:02}.mkv",
        "{t}/Season {s}/{t} - S{s:02}E{e:02} - {et} WEBDL-1080p.mkv",
        "{t} ({y})/Season {s:02}/S{s:02}E{e:02}.mkv",
        "{shelf}/{t} ({y})/S{s:02}/{t} S{s:02}E{e:02}.mkv",
    ),
    *_styles(
        "ids",
        "{t} ({y}) {{tvdb-{tvdb}}}/Season {s:02}/{t} ({y}) - S{s:02}E{e:02} - {et} [WEBDL-1080p][EAC3 5.1][h264]-{grp}.mkv",
        "{t} [tmdbid-{id}]/Season {s:02}/{t} S{s:02}E{e:02}.mkv",
        "{t} ({y}) {{imdb-{imdb}}}/Season {s:02}/{t} - s{s:02}e{e:02}.mkv",
    ),
    *_styles(
        "releases",
        "{d}.S{s:02}.1080p.BluRay.x264-{grp}/{d}.S{s:02}E{e:02}.1080p.BluRay.x264-{grp}.mkv",
        "{d}.S{s:02}E{e:02}.{etd}.1080p.WEB.h264-{grp}.mkv",
        "{d}.{y}.S{s:02}E{e:02}.720p.HDTV.x264-{grp}.mkv",
        "{t}/{d}.S{s:02}E{e:02}.720p.HDTV.x264-{grp}.mkv",
        "{d}.S{s:02}.720p.WEB-{grp}/{junk}.s{s:02}e{e:02}.mkv",
        "{l}.{s}{e:02}.hdtv-lol.avi",
    ),
    *_styles(
        "1x02 and other numbers",
        "{t}/{t} - {s}x{e:02} - {et}.avi",
        "{t} ({y})/Season {s}/{s}x{e:02} - {et}.mkv",
        "{u}/{u}_{s}x{e:02}.avi",
        "{u}_s{s:02}e{e:02}.avi",
        "{t}/Season {s}/{e:02} - {et}.mkv",
        "{t} ({y})/Season {s}/{e:02}.mkv",
        "{t} ({y})/Season {s:02}/E{e:02} - {et}.mkv",
        "{t}/Season {s}/Episode {e}.mp4",
        "{t}/{t} Season {s}/{e:02}. {et}.mkv",
        "{the} ({y})/Season {s:02}/{the} - S{s:02}E{e:02}.mkv",
        "{t} - Season {s} - Episode {e} - {et}.mp4",
    ),
    *_styles(
        "season folders in other languages",
        "{t} ({y})/Staffel {s}/{t} - S{s:02}E{e:02}.mkv",
        "{t}/Staffel {s:02}/{e:02} - {et}.mkv",
        "{t}/Saison {s}/Episode {e:02}.mkv",
        "{t} ({y})/Temporada {s}/{t} {s}x{e:02}.mkv",
        "{t}/Stagione {s}/{e:02}.mkv",
    ),
    *_styles("country", "{t} ({cc})/Season {s:02}/{t} ({cc}) - S{s:02}E{e:02}.mkv", "{d}.{cc}.S{s:02}E{e:02}.720p.HDTV.x264-{grp}.mkv"),
    *_styles("several in a file", "{t} ({y})/Season {s:02}/{t} ({y}) - S{s:02}E{e:02}E{e2:02}.mkv", "{t}/Season {s}/{t} {s}x{e:02}-{e2:02}.mkv", span=2),
    *_styles("several in a file", "{d}.S{s:02}E{e:02}-E{e2:02}.1080p.WEB.h264-{grp}.mkv", span=3),
    *_styles(
        "anime",
        "[SubsPlease] {t} - {a:02} (1080p) [A1B2C3D4].mkv",
        "{t}/[Erai-raws] {t} - {a:02} [1080p][Multiple Subtitle].mkv",
        "{t} ({y})/Season {s:02}/{t} - {a:03} - {et}.mkv",
        "{t}/{t} - {a:03}.mkv",
        "[Group] {t} S{s} - {e:02}v2 [BD 1080p HEVC].mkv",
        "{u}_{a:02}.mkv",
        only="anime",
    ),
    *_styles("anime", "{o}/{o} - {a:02}.mkv", "{alt} ({y})/Season {s:02}/{alt} S{s:02}E{e:02}.mkv", only="animated original"),
    *_styles("dates", "{t}/{t} - {day} - {et}.mkv", "{d}.{dday}.1080p.WEB.h264-{grp}.mkv", "{t}/Season {s}/{t} {day}.mp4", only="daily"),
    *_styles("other languages", "{o} ({y})/Season {s:02}/{o} - S{s:02}E{e:02}.mkv", "{od}.S{s:02}E{e:02}.1080p.WEB.h264-{grp}.mkv", only="original"),
    *_styles(
        "with extras",
        "{t} ({y})/Season {s:02}/{t} - S{s:02}E{e:02}.mkv",
        beside=("{t} ({y})/Season {s:02}/Featurettes/Behind the curtain.mkv", "{t} ({y})/Trailers/Trailer.mp4", "{t} ({y})/Season {s:02}/Sample/sample.mkv"),
    ),
]
# fmt: on


def library(style: Style, titles: list[Title], random: Random) -> list[Named]:
    """Write the files of these titles in one style, of a show those of one season; no two titles go by one name."""
    taken: set[str] = set()
    files: list[Named] = []
    for title in titles:
        plain = f"{normalised(title.title)} {title.country if style.says_country else ''}"
        if not is_for(style, title) or (plain in taken and not style.says_which):
            continue
        season = random.choice([number for number in title.seasons if number]) if title.seasons else 0
        fields = _fields(title, random) | {"s": season}
        named = [Named(path, title, held) for path, held in _files(style, title, fields, season)]
        named += [Named(beside.format(**fields), None) for beside in style.beside]
        if not taken.isdisjoint(each.path for each in named):
            continue
        taken |= {plain, *(each.path for each in named)}
        files += named
    return files


def is_for(style: Style, title: Title) -> bool:
    is_translated = bool(title.original) and title.original != title.title
    wanted = {
        "": True,
        "anime": title.named == "anime",
        "daily": title.named == "daily",
        "original": is_translated and title.named != "anime",
        "animated original": title.named == "anime" and bool(title.others),
    }
    return wanted[style.only]


def _files(
    style: Style, title: Title, fields: dict[str, str | int], season: int
) -> Iterator[tuple[str, frozenset[tuple[int, int]]]]:
    if not title.seasons:
        yield from ((name.format(**fields), frozenset()) for name in style.names)
        return
    size = title.seasons[season]
    for first in range(1, size + 1, style.span):
        last = min(first + style.span - 1, size)
        if style.span > 1 and last == first:
            continue
        called, day = title.episode_titles[season, first], title.aired(season, first)
        numbers = {"e": first, "e2": last, "a": title.absolute(season, first)}
        told = {"et": called, "etd": _dotted(called), "day": day.isoformat(), "dday": day.strftime("%Y.%m.%d")}
        held = frozenset((season, number) for number in range(first, last + 1))
        yield style.names[0].format(**fields, **numbers, **told), held


def _fields(title: Title, random: Random) -> dict[str, str | int]:
    plain = _for_disk(title.title)
    article = _ARTICLE.match(plain)
    original = _for_disk(title.original or title.title)
    return {
        "t": plain,
        "y": title.year,
        "d": _dotted(title.title),
        "u": _dotted(title.title).replace(".", "_").lower(),
        "l": " ".join(_dotted(title.title).split(".")).lower(),
        "the": f"{article[2]}, {article[1]}" if article else plain,
        "o": original,
        "od": _dotted(title.original or title.title),
        "alt": _for_disk(title.others[0]) if title.others else plain,
        "cc": "UK" if title.country == "GB" else title.country,
        "id": title.id,
        "imdb": f"tt{title.id:07}",
        "tvdb": title.id + 80_000,
        "shelf": random.choice(("Action", "Drama", "Kids", "4K", "Watched", plain[0])),
        "grp": random.choice(_GROUPS),
        "junk": "".join(word[0] for word in _dotted(title.title).lower().split(".") if word) + "rip",
    }


def _for_disk(title: str) -> str:
    """Leave out what no file system likes."""
    return re.sub(r'[?"*<>|]', "", title.replace(": ", " - ").replace(":", "-").replace("/", "-")).strip(" .")


def _dotted(title: str) -> str:
    """Spell a title as releases do: no accents, no punctuation, dots between words."""
    spaced = re.sub(r"[/;·]|(?=[½⅓])", " ", title.replace("&", "and"))
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", spaced)))
    plain = regex.sub(r"[^\w\p{M}\s.-]", "", plain.replace("\u2044", " "))
    return re.sub(r"[\s.]+", ".", plain).strip(".")
