"""The words of release names that belong to no title: resolutions, sources, codecs, languages."""

import re
from functools import lru_cache

from worker.naming.spelling import lowered

#: A rule that begins with a character, and not with what stands before one, is searched for several times as fast.
_EDGE = r"[\s._\-\[\](){}+,~|&]"
_SURE = re.compile(
    rf"{_EDGE}(?:"
    r"[0-9]{3,4}[pi](?:[0-9]{2})?|[48]k|uhd|[0-9]{3,4}x[0-9]{3,4}|f(?:ull)?hd|(?:hd|sd|pd|ds|u?hd)tv(?:rip)?|hdrip"
    r"|blu[ ._-]?ray(?:rip)?|b[dr](?:-?rip|remux|mv|25|50)|remux|hd-?dvd(?:rip)?|dvd(?:-?rip|scr|[0-9]|-?r)"
    r"|web(?:-|\.| )?(?:dl|rip|hd)(?:rip)?|webcap|(?:vhs|tv|sat|dvb|ppv|ld|hdtc|hdcam|cam|hdts)-?rip"
    r"|(?:ma|nf|it|max|hulu|pcok|pmtp|stan|cr|sho|crav|hbo|vudu|itv|stz|hs)(?=[ ._]web[ ._-]?(?:dl|rip))"
    r"|screener|telesync|hdcam|hdts"
    r"|[xh][ .]?26[456]|hevc|avc|av1|vp9|xvid|divx[0-9]?|mpeg-?[24]|vc-?1|(?:8|10|12)-?bits?|hi10p?"
    r"|aac(?:[0-9][ .][0-9])?|e-?ac-?3|ac-?3|dd(?:[p+][0-9]?|[0-9])(?:[ .][0-9])?|dts(?:-?(?:hd|x|es|ma))?|truehd"
    r"|atmos|flac|mp3|lpcm"
    r"|hdr(?:10)?(?:\+|p|plus)?|dolby[ ._-]?vision|dovi|sdr"
    r"|(?:h[ .-]?|half[ ._-]?)(?:sbs|ou|tab)|3d[ ._-]?(?:sbs|ou|tab|mvc)|(?:sbs|ou|tab)[ ._-]?3d"
    r"|truefrench|vostfr|subfrench|dual[ ._-]audio|multi[ ._-]?subs?|repack[0-9]?|rerip|amzn|dsnp|hmax|atvp"
    rf")(?={_EDGE}|\Z)"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words that a title might hold as well; by themselves they prove nothing.
_LANGUAGES = _words(
    "german french english italian spanish dutch russian japanese korean swedish danish norwegian finnish polish czech "
    "hungarian portuguese turkish hindi tamil telugu castellano latino ger fre fra eng ita esp spa nld rus jpn jap "
    "nordic ita-eng vff vfq vf vo vost subita español espanol deutsch français francais catalan ukrainian dublado "
    "legendado dabing lektor swesub plsub plsubbed"
)
_FLAGS = _words(
    "proper real internal limited dl dubbed subbed dual multi ml ld md ts tc cam r5 web dvd hd 3d sbs hsbs mvc nf hulu "
    "pcok dv hq hc ws pal ntsc hybrid complete uncensored retail readnfo nfofix dirfix repack sub subs esub esubs"
)
#: Those that say what they are in any spelling.
_NAMES = _words(
    "german french italian spanish dutch russian japanese korean swedish danish norwegian finnish polish czech "
    "hungarian portuguese turkish hindi tamil telugu castellano dublado legendado dabing lektor"
)
#: Those belong to no language, and are read by a rule of their own.
_PICTURES = _words("3d sbs hsbs mvc")
#: Countries' codes for languages, and ``WS`` for a wide screen, which only count in capitals.
_CODES = _words("ws pl cz sk hu de fr es it nl ru dk se no fi pt br ro tr ua")
_CUT_ALONE = _words("dubbed subbed multi internal readnfo web hd proper hybrid 3d sbs mvc")
#: No title by themselves: ``The Repack`` and ``The Italian`` are whole.
ARTICLES = frozenset({"", "the", "a", "an", "der", "die", "das", "le", "la", "el", "il"})
_ALONE = ARTICLES - {""}
_OPENED = re.compile(r"[\[({][^\[\](){}]{0,40}\Z")
_LAST = re.compile(r"[\s._\-\[(]([^\s._\-\[\](){}]+)[\s._\-\])]*\Z")
_FIRST = re.compile(r"[\s._\-\[\](){}]*([^\s._\-\[\](){}]+)")
#: ``The.Good.German``, ``Broken English``: a language that is the last word of a title, by those before it.
_NOUN = re.compile(r"[\s._]*(?:the|an?)[\s._]+(?:[^\s._]+[\s._]+)?[^\s._]+|.*english", re.IGNORECASE | re.DOTALL)
_MANY = 2
#: What ends a name that has no other release words, in capitals only.
_QUALITIES = frozenset({"HD", "VF", "VFF", "CAM"})
_LONG = 3


def start(text: str, at: int = 0) -> int | None:
    """Find where the release words begin: 5 in ``Heat.1080p.BluRay``; None where there are none."""
    low = lowered(text)
    found = _SURE.search(low, max(at - 1, 0))
    if found and low[: found.start()].strip(" ._-[(") in _ALONE:
        found = _SURE.search(low, found.end())
    if not found:
        return None
    begins = found.start() + 1
    opened = _OPENED.search(text[:begins])
    return opened.start() if opened and opened.start() else begins


@lru_cache(maxsize=4096)
def before(text: str) -> str:
    """Keep what stands before the release words: ``Das.Boot.German.DL.1080p.BluRay`` is ``Das.Boot``."""
    at = start(text)
    return text if at is None else without_flags(text[:at])


def without_flags(head: str) -> str:
    """Drop languages and flags at the end: ``Das.Boot.German.DL`` is ``Das.Boot``, ``The.Good.German`` stays whole."""
    rest, dropped, first = head, 0, ""
    shouting = False
    alone = False
    while found := _LAST.search(rest):
        word = found[1].lower()
        if rest[: found.start()].strip(" ._-").lower() in _ALONE:
            break
        if word not in _LANGUAGES and word not in _FLAGS and not (word in _CODES and found[1].isupper()):
            break
        first = first or word
        alone = alone or (word in _CUT_ALONE and found[1] != "Web")
        is_loud = found[1].replace("i", "I").isupper() and (len(word) >= _LONG or word in _CODES)
        shouting = shouting or (is_loud and word not in _PICTURES)
        rest, dropped = rest[: found.start()], dropped + 1
    spoken = dropped and " " not in head and first in _NAMES and not _NOUN.fullmatch(head.rstrip(" ._-"))
    if not dropped or (dropped < _MANY and not alone and not spoken and not (shouting and not rest.isupper())):
        return head
    return rest


def without_quality(name: str) -> str:
    """``Heat HD`` is ``Heat``, where the rest isn't written in capitals as well."""
    found = _LAST.search(name)
    if not found or found[1] not in _QUALITIES or name[: found.start()].isupper():
        return name
    rest = name[: found.start()]
    return rest if rest.strip(" ._-").lower() not in ARTICLES else name


def before_year(head: str, tail: str) -> tuple[str, str]:
    """Drop what stands between title and year: ``Das.Boot.German`` before ``.1981.DL`` is ``Das.Boot``.

    ``The.Good.German`` and ``Johnny.English`` stay: there the language is the last word of a title. Return the title,
    and what else it could be.
    """
    rest, spoken, shouted = head, False, False
    while (found := _LAST.search(rest)) and rest[: found.start()].strip(" ._-").lower() not in ARTICLES:
        word, before_it = found[1].lower(), rest[: found.start()]
        loud = len(word) > 1 and found[1].replace("i", "I").isupper() and not before_it.isupper()
        if word in _NAMES or (word in _LANGUAGES and loud):
            spoken = True
        elif not (word in _FLAGS and word not in _PICTURES and loud):
            break
        rest, shouted = before_it, shouted or loud
    if not spoken or shouted:
        return rest, ""
    followed = _FIRST.match(tail)
    if (followed and followed[1].lower() in _FLAGS) or not _NOUN.fullmatch(head.rstrip(" ._-")):
        return rest, head
    return head, "" if head.lower().endswith("english") else rest


def only_flags(text: str) -> bool:
    """Tell whether nothing but languages and flags stands here, as in ``GERMAN.DL``."""
    at = 0
    while found := _FIRST.match(text, at):
        if found[1].lower() not in _LANGUAGES and found[1].lower() not in _FLAGS:
            return False
        at = found.end()
    return True
