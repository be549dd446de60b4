"""A picture → its four colours, the most widespread first. Pure: the same pixels always give the same colours."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil
from typing import TypeAlias, cast

from colorthief import MMCQ
from PIL import Image

Colour: TypeAlias = tuple[int, int, int]
Palette: TypeAlias = tuple[str, str, str, str]

COLOURS = 4

#: The longest side of the rendition whose pixels are counted.
_LONGEST_SIDE = 48
#: From here on a pixel counts as opaque, and (in all three channels) as white: colorthief's own limits.
_OPAQUE = 125
_WHITE = 251
#: A picture of nothing at all.
_GREY: Colour = (128, 128, 128)
#: How far a derived shade goes from its colour towards black or white.
_STEPS = (1 / 4, 1 / 2, 3 / 4, 1 / 8, 3 / 8, 5 / 8, 7 / 8)

#: How many entries the colours of a picture are boiled down to before they are clustered.
_VOTES = 128
#: A cell's edge in a channel's values, and in those that colorthief is shown: a quarter, as its own cube's cells have.
_CELL_BITS = 5
_SHOWN_BITS = _CELL_BITS - 2


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


def _cluster(seen: dict[Colour, int]) -> list[Colour]:
    """Cluster by colorthief's median cut; give the mean colour of each cluster, the largest first.

    Most of the median cut's time goes into walking the cells of a cube of 32 x 32 x 32 colours again and again, however
    few pixels there are: 35 ms. Four colours don't need cells that fine. So colorthief is shown the colours at a
    quarter of their brightness, which fill a 64th of its cube, with a few votes for each cell instead of every pixel.
    Its clusters are then filled with the true colours, so neither step costs precision in the means.
    """
    cells: dict[Colour, list[tuple[Colour, int]]] = defaultdict(list)
    for colour, count in sorted(seen.items()):
        red, green, blue = colour
        cells[red >> _CELL_BITS, green >> _CELL_BITS, blue >> _CELL_BITS].append((colour, count))

    clusters: dict[Colour, list[tuple[Colour, int]]] = defaultdict(list)
    if len(cells) <= COLOURS:
        clusters = cells
    else:
        nearest = MMCQ.quantize(_votes(cells), COLOURS).map
        for cell, members in cells.items():
            clusters[nearest(_shown(cell))] += members
    weighed = [(sum(count for _, count in members), _mean(members)) for members in clusters.values()]
    return [colour for _, colour in sorted(weighed, reverse=True)]


def _votes(cells: dict[Colour, list[tuple[Colour, int]]]) -> list[Colour]:
    """Give each cell votes by its share of the pixels, and two at least: a lone vote sends colorthief in circles."""
    sizes = {cell: sum(count for _, count in members) for cell, members in cells.items()}
    total = sum(sizes.values())
    return [vote for cell, size in sizes.items() for vote in [_shown(cell)] * (1 + ceil(size * _VOTES / total))]


def _shown(cell: Colour) -> Colour:
    red, green, blue = cell
    return red << _SHOWN_BITS, green << _SHOWN_BITS, blue << _SHOWN_BITS


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
