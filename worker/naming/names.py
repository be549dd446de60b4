"""From a path to a guess: the one question that the rest of the worker asks of a name."""

import re
from pathlib import PurePosixPath

from shared.kinds import MediaType
from worker.naming import glance, movies, shows
from worker.naming.guess import Guess
from worker.naming.spelling import plain, tidy

_ENDING_NAMES = """
    3g2 3gp asf avi bdmv divx dv evo f4v flv ifo img iso m1v m2p m2t m2ts m2v m4v mk3d mkv mov mp4 mpe mpeg mpg mts mxf
    nsv nuv ogm ogv ogx qt rec rm rmvb strm tp trp ts vob vro webm wmv wtv xvid
"""
_ENDINGS = frozenset(_ENDING_NAMES.split())
#: No file system has longer names or, in practice, deeper folders; a hostile one may not cost more than they do.
_LONGEST = 256
_DEEPEST = 12
_TOP = 6
#: What fansubs end with, to tell a broken copy: its letters and figures number nothing.
_CHECKSUM = re.compile(r"\[(?:CRC[ _-]?)?([0-9A-Fa-f]{8})\]")
_SEVERAL = 2
#: What is left of ``720p``, ``1080p`` or ``S03E02`` in a name that was turned round to hide it.
_BACKWARDS = re.compile(r"[-._ ](?:p027|p0801|[0-9]{2}E[0-9]{2}S)(?=[-._ ])")


def guess_file(path: PurePosixPath, library_type: MediaType) -> Guess:
    """Say what a video file is, by its path below the library's root; never fails, and always knows a title."""
    parts = path.parts
    name = plain(parts[-1][-_LONGEST:]) if parts else ""
    if len(parts) > _DEEPEST:
        parts = parts[:_TOP] + parts[-_TOP:]
    dirs = tuple([plain(part[:_LONGEST]) for part in parts[:-1] if part != "/"])
    stem = _readable(_stem(name))
    if "[" in stem:
        stem = _without_checksum(stem)
    if library_type is MediaType.TV_SHOW:
        found = shows.guess(dirs, stem)
    else:
        found = glance.film(dirs, stem) or movies.guess(dirs, stem)
    return found if any(map(str.isalnum, found.title)) else _titled_anyhow(found, dirs, stem, name)


def _stem(name: str) -> str:
    """``Heat.mkv`` is ``Heat``, and ``S.W.A.T`` keeps what is no ending."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.lower() in _ENDINGS else name


def _readable(stem: str) -> str:
    """``The+Matrix+1999`` and ``The%20Matrix`` have spaces, and ``p027.20E30S.emaN`` is ``Name.S03E02.720p``."""
    if " " in stem:
        return stem
    if stem.count("+") >= _SEVERAL or "%20" in stem:
        return stem.replace("%20", " ").replace("+", " ")
    return stem[::-1] if _BACKWARDS.search(f".{stem}") else stem


def _without_checksum(stem: str) -> str:
    """``[Group] Name - 05 [E2FA5FC1]`` is ``[Group] Name - 05``, and ``[20240315]`` a day."""
    found = _CHECKSUM.search(stem, 1)
    if not found or (found[1].isdecimal() and found[1].startswith(("19", "20"))):
        return stem
    return stem[: found.start()].rstrip(" _.") + stem[found.end() :]


def _titled_anyhow(found: Guess, dirs: tuple[str, ...], stem: str, name: str) -> Guess:
    """``1080p.mkv`` is ``1080p``: where no rule leaves a title, the first readable name is one."""
    levels = [("file", stem), ("folder", dirs[-1] if dirs else ""), ("parent", dirs[0] if dirs else "")]
    readable = [(source, tidy(text)) for source, text in levels if any(map(str.isalnum, text))]
    whole = [
        (source, text.strip()) for source, text in (("file", found.title), *levels, ("file", name)) if text.strip()
    ]
    source, title = (*readable, *whole, ("file", "Untitled"))[0]
    return found._replace(title=title, sources={**found.sources, "title": source})
