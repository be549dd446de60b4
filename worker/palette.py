"""A picture → its four colours, the most widespread first. Pure: the same pixels always give the same colours."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil
from typing import NamedTuple, TypeAlias, cast

from colorthief import MMCQ, VBox
from PIL import Image

Colour: TypeAlias = tuple[int, int, int]
Palette: TypeAlias = tuple[str, str, str, str]

COLOURS = 4

#: The longest side of the rendition whose pixels are counted.
_LONGEST_SIDE = 40
#: From here on a pixel counts as opaque, and (in all three channels) as white: colorthief's own limits.
_OPAQUE = 125
_WHITE = 251
#: A picture of nothing at all.
_GREY: Colour = (128, 128, 128)
#: How far a derived shade goes from its colour towards black or white.
_STEPS = (1 / 4, 1 / 2, 3 / 4, 1 / 8, 3 / 8, 5 / 8, 7 / 8)

#: A cell's edge in a channel's values: 32.
_CELL_BITS = 5


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
    counted = cast("list[tuple[int, tuple[int, ...]]]", small.getcolors(small.width * small.height) or [])
    if small.mode == "RGB":
        return {(red, green, blue): count for count, (red, green, blue) in counted}
    seen: Counter[Colour] = Counter()
    for count, (red, green, blue, alpha) in counted:
        if alpha >= _OPAQUE:
            seen[red, green, blue] += count
    return seen


def _cluster(seen: dict[Colour, int]) -> list[Colour]:
    """Cluster by colorthief's median cut; give the mean colour of each cluster, the largest first.

    Most of the median cut's time goes into walking the cells of a cube of 32 x 32 x 32 colours again and again, however
    few pixels there are: 35 ms. Four colours don't need cells that fine: here they are cut as if there were 8 x 8 x 8.
    The means are those of the true colours.
    """
    cells: dict[Colour, list[tuple[Colour, int]]] = defaultdict(list)
    for (red, green, blue), count in seen.items():
        cells[red >> _CELL_BITS, green >> _CELL_BITS, blue >> _CELL_BITS].append(((red, green, blue), count))
    sizes = {cell: sum(count for _, count in members) for cell, members in cells.items()}
    boxes = _cut(sizes)
    weighed = [
        (sum(sizes[cell] for cell in box), _mean(member for cell in box for member in cells[cell])) for box in boxes
    ]
    return [colour for _, colour in sorted(weighed, reverse=True)]


def _cut(sizes: Mapping[Colour, int]) -> list[list[Colour]]:
    """Cut cells, given with their numbers of pixels, into as many boxes as there are colours, or cells.

    As colorthief does: the box with the most pixels first; the last time that with the most pixels times its volume.
    """
    histogram = {MMCQ.get_color_index(*cell): size for cell, size in sizes.items()}
    boxes = [_Box.around(list(sizes), histogram)]
    for is_last in (False, False, True):
        whole = [box for box in boxes if len(box.cells) > 1]
        if not whole:
            break
        largest = max(whole, key=lambda box: box.bounds.count * (box.bounds.volume if is_last else 1))
        below, _ = MMCQ.median_cut_apply(histogram, largest.bounds)
        parts: tuple[list[Colour], list[Colour]] = ([], [])
        for cell in largest.cells:
            parts[cell[0] > below.r2 or cell[1] > below.g2 or cell[2] > below.b2].append(cell)
        boxes.remove(largest)
        boxes += [_Box.around(part, histogram) for part in parts]
    return [box.cells for box in boxes]


class _Box(NamedTuple):
    """Cells, and the smallest box that holds them: each cut of it leaves some of them on either side."""

    cells: list[Colour]
    bounds: VBox

    @classmethod
    def around(cls, cells: list[Colour], histogram: Mapping[int, int]) -> "_Box":
        reds, greens, blues = zip(*cells, strict=True)
        return cls(cells, VBox(min(reds), max(reds), min(greens), max(greens), min(blues), max(blues), histogram))


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
