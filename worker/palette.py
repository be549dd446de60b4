"""A picture → its four colours, the most widespread first. Pure: the same pixels always give the same colours."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil
from typing import TypeAlias, cast

from PIL import Image

from worker.median_cut import Cell, clusters

Colour: TypeAlias = tuple[int, int, int]
Palette: TypeAlias = tuple[str, str, str, str]

COLOURS = 4

#: The longest side of the rendition whose pixels are counted.
_LONGEST_SIDE = 48
#: From here on a pixel counts as opaque, and (in all three channels) as white, as colorthief has it.
_OPAQUE = 125
_WHITE = 251
#: A picture of nothing at all.
_GREY: Colour = (128, 128, 128)
#: How far a derived shade goes from its colour towards black or white.
_STEPS = (1 / 4, 1 / 2, 3 / 4, 1 / 8, 3 / 8, 5 / 8, 7 / 8)
#: Colours that differ by less than this many bits of a channel are clustered together; four need nothing finer.
_CELL_BITS = 4


def palette(image: Image.Image) -> Palette:
    """Give the four colours of a picture as ``#RRGGBB``.

    White and transparent pixels don't count. Where fewer than four colours remain, shades of the first fill up.
    """
    seen = _count(image)
    coloured = {colour: count for colour, count in seen.items() if min(colour) < _WHITE}
    found = _cluster(coloured) if coloured else [max(seen, default=_GREY)]
    first, second, third, fourth = (f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in _filled_up(found))
    return first, second, third, fourth


def as_rgba(image: Image.Image) -> Image.Image:
    """Convert from any mode; Pillow would clip 16-bit greys to white, and knows no direct way from some modes."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    elif image.mode == "La":
        image = image.convert("LA")
    return image.convert("RGBA")


def _count(image: Image.Image) -> dict[Colour, int]:
    """Count the opaque pixels of a small rendition by colour."""
    small = image if image.mode == "RGB" else as_rgba(image)
    factors = (max(1, ceil(small.width / _LONGEST_SIDE)), max(1, ceil(small.height / _LONGEST_SIDE)))
    if max(factors) > 1:
        small = small.reduce(factors)
    seen: Counter[Colour] = Counter()
    for count, colour in as_rgba(small).getcolors(small.width * small.height) or ():
        red, green, blue, alpha = cast("tuple[int, int, int, int]", colour)
        if alpha >= _OPAQUE:
            seen[red, green, blue] += count
    return seen


def _cluster(seen: Mapping[Colour, int]) -> list[Colour]:
    """Cluster by median cut; give the mean colour of each cluster, the largest first."""
    cells: dict[Cell, list[tuple[Colour, int]]] = defaultdict(list)
    for (red, green, blue), count in seen.items():
        cells[red >> _CELL_BITS, green >> _CELL_BITS, blue >> _CELL_BITS].append(((red, green, blue), count))
    sizes = {cell: sum(count for _, count in members) for cell, members in cells.items()}
    parts = clusters(sizes, min(COLOURS, len(sizes)))
    weighed = [
        (sum(sizes[cell] for cell in part), _mean(member for cell in part for member in cells[cell])) for part in parts
    ]
    return [colour for _, colour in sorted(weighed, reverse=True)]


def _mean(members: Iterable[tuple[Colour, int]]) -> Colour:
    total = red = green = blue = 0
    for colour, count in members:
        total += count
        red += colour[0] * count
        green += colour[1] * count
        blue += colour[2] * count
    return red // total, green // total, blue // total


def _filled_up(found: list[Colour]) -> list[Colour]:
    """Add shades of the first colour until there are four: darker ones of a light colour, lighter ones of a dark."""
    red, green, blue = found[0]
    light = 299 * red + 587 * green + 114 * blue >= 128 * 1000
    end = 0 if light else 255
    colours = list(found)
    for step in _STEPS:
        shade = (_between(red, end, step), _between(green, end, step), _between(blue, end, step))
        if shade not in colours:
            colours.append(shade)
    return colours[:COLOURS]


def _between(start: int, end: int, step: float) -> int:
    return round(start + (end - start) * step)
