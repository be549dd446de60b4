"""A film's path: the folder that bears its title, or the file itself."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from worker.naming import aka, editions, extras, fallback, ids, parts
from worker.naming.extras import Extra
from worker.naming.guess import Guess, Kind
from worker.naming.spelling import lowered, same, tidy
from worker.naming.titles import NOTHING, Name, read


class _Titled(NamedTuple):
    """A name, and where it stood."""

    name: Name
    source: str


#: Folders that a disc or a ripper makes; they say nothing of the film, but for the disc's number.
_STRUCTURE = re.compile(
    r"bdmv|stream|video_ts|certificate|backup|(?:cd|dis[ck]|dvd|part|pt)[ ._-]?0?(?P<part>[0-9]{1,2})", re.IGNORECASE
)
_SHELF_NAMES = """
    action adventure animation anime arthouse biography bluray blu-ray bollywood cartoons christmas classics comedies
    comedy complete completed crime disney documentaries documentary download downloads drama dvd dvds family fantasy
    favorites favourites filme films halloween hd history hollywood horror incoming kids kinder marvel media misc
    movie movies music musical musicals mystery new noir other pixar romance sci-fi scifi sf sport sports
    standup stand-up superhero thriller thrillers uhd unsorted unwatched video videos war watched western westerns
    peliculas películas фильмы
"""
_SHELVES = frozenset(_SHELF_NAMES.split())
_SHELF_AT_END = re.compile(
    r".*\W(?:collections?|movies|films|filme|filmreihe|saga|(?:tri|quadri|penta|hexa)logy|anthology|box ?set|universe"
    r"|pack|oscars|winners|favou?rites|kids|[0-9]{4}s)",
    re.IGNORECASE,
)
#: ``Batman Collection (1989-1997)``: no film came out in several years.
_YEARS = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2} ?[-\u2013] ?(?:19|20)[0-9]{2}(?![0-9])")
_LETTER_SHELF = re.compile(r"(?:[a-z]|0-9|#|[a-z] ?- ?[a-z])|[0-9]{4}s", re.IGNORECASE)
_YEAR_SHELF = re.compile(r"19[0-9]{2}|20[0-3][0-9]")
#: A file name that names no film: a ripper's, a downloader's or a hash.
_MEANINGLESS = re.compile(
    r"movie|film|video(?:[ _]ts)?|main|feature|full|title[_ ]?t?[0-9]*|[0-9]{1,2}"
    r"|vts[_ ][0-9_ ]+|0[0-9]{2,}|untitled|file|index|stream"
    r"|[0-9a-f]{16,}|(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{18,}|[bcdfghjklmnpqrstvwxz0-9]{10,}"
    r"|[a-z0-9]+(?:-[a-z0-9]{6,}){3,}",
    re.IGNORECASE,
)
#: ``HEAT_t00``: which title of a disc a ripper took.
_RIPPED = re.compile(r"(?<=\w)_t[0-9]{2}\Z")
_GROUP_AND_SHORT = re.compile(r"[a-z0-9]+-[a-z0-9]+")


def guess(dirs: tuple[str, ...], stem: str) -> Guess:
    """Read a film's path: ``Heat (1995)/heat-1080p`` is ``Heat``, 1995, ``Heat (1995)/Trailers/x`` an extra of it."""
    if stem[-4:-2] == "_t":
        stem = _RIPPED.sub("", stem)
    extra = extras.find(dirs, stem, shelves=True)
    if extra is None:
        return _film(dirs, stem, None)
    stem = extra.stem
    if stem and read(stem).year is None and any(not _is_shelf(read(name)) for name in dirs[: extra.depth]):
        stem = ""
    return _film(dirs[: extra.depth], stem, extra)


def _film(dirs: tuple[str, ...], stem: str, extra: Extra | None) -> Guess:
    """Weigh the file's name against the folders', and put together what they say of one film."""
    file = read(stem) if stem else NOTHING
    owner, part = _owner(dirs, file) if dirs else (None, None)
    chosen = _choose(file, owner) if owner else _Titled(file, "file")
    if chosen.source == "file" and not file.sure:
        file = _asked_again(stem, file)
        chosen = _Titled(file, "file")
    folder = owner if owner and chosen is owner else None
    edition, file_part, mode = _version(stem, file, folder.name if folder else NOTHING)
    year, dated = chosen.name.year or file.year, chosen.source if chosen.name.year else "file"
    if year is None:
        year, dated = _year_of_shelf(dirs, chosen.name.title)
    found = ids.nearest((file.ids, *(read(name).ids for name in reversed(dirs) if "collection" not in name.lower())))
    others = aka.others(chosen.name.title, _other_titles(dirs, stem, file, owner, chosen))
    above = folder.source if folder else "file"
    part = part or (folder.name.part if folder else None)
    filled = {
        "title": chosen.source,
        "year": dated if year else None,
        "other_titles": (above if chosen.name.others else "file") if others else None,
        "ids": ("file" if file.ids else "folder" if read(dirs[-1]).ids else "parent") if found else None,
        "edition": ("file" if edition == file.edition else above) if edition else None,
        "part": "file" if file_part else "folder" if part else None,
        "three_d": ("file" if file.three_d else above) if mode else None,
        "extra": extra.source if extra else None,
    }
    return Guess(
        kind=Kind.EXTRA if extra else Kind.MOVIE,
        title=chosen.name.title,
        year=year,
        other_titles=others,
        ids=found,
        edition=edition,
        part=file_part or part,
        three_d=mode,
        extra=extra.type if extra else None,
        sources={name: where for name, where in filled.items() if where},
    )


def _version(stem: str, file: Name, folder: Name) -> tuple[str | None, int | None, str | None]:
    """Read which version of the folder's film the file is: its edition, its part, and how it is in 3D."""
    edition, part = file.edition, file.part
    if folder.title and file.year is None:
        edition, part = _beside_title(stem, folder.title, file)
    return edition or folder.edition, part, file.three_d or folder.three_d


def _owner(dirs: tuple[str, ...], file: Name) -> tuple[_Titled | None, int | None]:
    """Find the folder that bears the film's title, past ``CD1`` and ``BDMV``, and the number of a ``CD1``."""
    nearest, part = None, None
    for depth in range(len(dirs) - 1, -1, -1):
        if structure := _STRUCTURE.fullmatch(dirs[depth]):
            part = part or (int(structure["part"]) if structure["part"] else None)
            continue
        name = read(dirs[depth])
        if not name.title or _is_shelf(name) or _has_years(dirs[depth]):
            continue
        titled = _Titled(name, "folder" if depth == len(dirs) - 1 else "parent")
        if name.year is None:
            nearest = nearest or titled
        elif nearest and file.title and file.year is None and same(nearest.name.title, file.title):
            return (titled if same(name.title, file.title) else nearest), part
        else:
            return titled, part
    return nearest, part


def _choose(file: Name, owner: _Titled) -> _Titled:
    """``Heat (1995)/grp-heat`` is the folder's, ``Marvel/Iron Man (2008)`` the file's."""
    folder = owner.name
    if not file.title:
        return owner
    if file.title == folder.title and file.year == folder.year and file.bracketed and folder.bracketed:
        return owner
    if folder.year is None:
        if file.year is None and (folder.ids or _is_meaningless(file, folder) or same(file.title, folder.title)):
            return owner
        return _Titled(file, "file")
    if any(same(all_title, folder.title) for all_title in (f"{file.title}{file.year}", f"{file.year}{file.title}")):
        return owner
    if same(file.title, folder.title) and file.bracketed and folder.bracketed:
        return _Titled(file, "file") if file.year != folder.year else owner
    if file.year is None or same(file.title, folder.title):
        return owner
    if _is_hasty(file, folder):
        return owner
    apart = abs(file.year - folder.year)
    careless = file.bracketed and not (folder.bracketed or folder.tagged)
    if apart > 1 or (apart and file.bracketed) or careless:
        return _Titled(file, "file")
    return owner


def _other_titles(
    dirs: tuple[str, ...], stem: str, file: Name, owner: _Titled | None, chosen: _Titled
) -> Iterator[str | None]:
    """``Léon (1994)/The.Professional.1994`` is ``The Professional``, too, and ``Девушка / The Girl`` is ``Девушка``."""
    yield from chosen.name.others
    if owner and chosen is owner:
        longer = file.title == owner.name.title or lowered(file.title).startswith(lowered(owner.name.title))
        is_dated = file.year and not _is_hasty(file, owner.name)
        if is_dated or (" " in file.title and not longer and not _MEANINGLESS.fullmatch(file.title)):
            yield file.title
            yield from file.others
    elif owner and (owner.name.tagged or owner.name.ids or (owner.name.bracketed and owner.name.year == file.year)):
        yield owner.name.title
    if dirs and dirs[-1].endswith(" ") and stem.startswith(" "):
        yield read(dirs[-1]).title
    yield aka.without_series(chosen.name.title)


def _is_hasty(file: Name, folder: Name) -> bool:
    """Tell a file's name that its release's folder says better: ``1917.2019.1080p.BluRay.x264-GRP/grp-1917``."""
    return folder.tagged and not (file.tagged or file.bracketed)


def _is_meaningless(file: Name, folder: Name) -> bool:
    """Tell a name that names no film: ``title_t00``, a hash, and ``grp-lm`` in ``Loose.Movie.1080p-GRP``."""
    if _MEANINGLESS.fullmatch(file.title):
        return True
    return folder.tagged and not file.tagged and _GROUP_AND_SHORT.fullmatch(file.title) is not None


def _beside_title(stem: str, title: str, file: Name) -> tuple[str | None, int | None]:
    """``Heat (1995)/Heat - Extended - Part 2``: after the folder's title, ``Extended`` and part 2."""
    if file.edition and file.part:
        return file.edition, file.part
    text = tidy(stem)
    rest = text[len(title) :] if lowered(text).startswith(lowered(title)) else text
    if len(rest) == len(text):
        whole, _ = parts.take_at_end(rest)
        return file.edition, file.part or whole or (None if "part" in lowered(title) else parts.named_after_year(rest))
    return file.edition or editions.named_after_year(rest), file.part or parts.named_after_year(rest)


def _is_shelf(name: Name) -> bool:
    """Tell a shelf of films from a film: ``Action``, ``Marvel Movies`` and ``A``, not ``M.1931.1080p.BluRay``."""
    title = name.title
    if name.bracketed:
        return False
    is_release = name.tagged and name.year is not None
    if title.lower() in _SHELVES or _LETTER_SHELF.fullmatch(title):
        return not is_release
    return not is_release and _SHELF_AT_END.fullmatch(title) is not None


def _has_years(folder: str) -> bool:
    return ("-" in folder or "\u2013" in folder) and _YEARS.search(folder) is not None


def _year_of_shelf(dirs: tuple[str, ...], title: str) -> tuple[int | None, str]:
    """``1995/Heat`` stands on the shelf of 1995; ``2001/2001 A Space Odyssey`` in a folder that is called short."""
    for depth in range(len(dirs) - 1, -1, -1):
        if _YEAR_SHELF.fullmatch(dirs[depth]) and dirs[depth] not in title:
            return int(dirs[depth]), "folder" if depth == len(dirs) - 1 else "parent"
    return None, "file"


def _asked_again(stem: str, file: Name) -> Name:
    """``Das.Boot.GERMAN.DL`` is ``Das Boot``: the rules were not sure, guessit is."""
    opinion = fallback.ask_movie(stem)
    return file._replace(title=tidy(opinion.title or "") or file.title, year=opinion.year)
