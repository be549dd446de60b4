"""How the picture of a film is in 3D."""

import re

from worker.naming.spelling import any_of, lowered

_EDGE, _STOP = r"(?<![^\W_])", r"(?![^\W_])"
_HALF = r"(?P<half>h(?:alf)?[ ._-]?)"
_FULL = r"(?:f(?:ull)?[ ._-]?)"
_SIDES = r"sbs|side[ ._-]by[ ._-]side"
_OVER = r"ou|tab|over[ ._-]?under|top[ ._-](?:and|&)[ ._-]bottom"
#: What says how, beside ``3D`` or by itself.
_LAYOUT = re.compile(
    rf"{_EDGE}(?:{_HALF}|{_FULL})?(?:(?P<sides>{_SIDES})|(?P<over>{_OVER})|(?P<mvc>mvc))(?:[ ._-]?3d)?{_STOP}"
)
_PLAIN = re.compile(rf"{_EDGE}(?:blu[ ._-]?ray|bd)?3d{_STOP}")
#: ``3D`` and its layout at the end of what is left of a title; one that stands alone is a word of other languages.
_AT_END = re.compile(
    rf"(?<=[^\s._\-(\[])[\s._\-(\[]+(?:(?:3d[ ._-]?)(?:(?:h(?:alf)?|f(?:ull)?)?[ ._-]?(?:{_SIDES}|{_OVER}|mvc))?"
    rf"|(?:(?:h(?:alf)?|f(?:ull)?)[ ._-]?)?(?:sbs|ou|tab)[ ._-]?3d|(?:h(?:alf)?[ ._-]?)(?:sbs|ou|tab)|sbs|mvc)"
    r"[)\]]?[\s._\-]*\Z"
)
_FIRST = re.compile(r"[\s._\-]+3d(?![^\W_])")
_CUE = any_of(("3d", "sbs", "mvc", "half", "hou", "h-ou", "htab"))


def read(text: str) -> str | None:
    """Read how: ``.3D.1080p.Half-SBS`` is ``HSBS``, `` [3D]`` just ``3D``; ``ou`` without ``3D`` is French for *or*."""
    low = lowered(text)
    if not _CUE.search(low):
        return None
    plain = _PLAIN.search(low) is not None or "3d" in low
    for found in _LAYOUT.finditer(low):
        if found["mvc"]:
            return "MVC"
        if found["sides"] or plain or found["half"]:
            return ("H" if found["half"] else "") + ("SBS" if found["sides"] else "OU")
    return "3D" if _PLAIN.search(low) else None


def is_first(tail: str) -> bool:
    """Tell whether ``3D`` follows a title at once, and may belong to it: ``Saw 3D [1080p]``."""
    return _FIRST.match(lowered(tail)) is not None


def take_at_end(head: str) -> tuple[str | None, str]:
    """Take it from a title's end: ``Saw.3d.hsbs`` is ``HSBS``, and ``Saw``; ``3D`` alone stays what it is."""
    low = lowered(head)
    if not _CUE.search(low) or not (found := _AT_END.search(low)):
        return None, head
    return read(head[found.start() :]), head[: found.start()]
