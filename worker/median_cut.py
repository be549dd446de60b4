"""Many colours → few clusters, by the modified median cut that colorthief made known. Pure.

Its boxes are those of colorthief, which walks every cell of a cube of 32 x 32 x 32 again and again, however few are
filled: 35 ms for four colours. Here a box knows its own cells, and one that is a single cell is not cut into itself and
nothing, which cost a picture of one large even area its fourth colour.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

Cell: TypeAlias = tuple[int, int, int]

#: The share of the clusters that are cut out by how many pixels they hold alone.
_BY_POPULATION = 0.75


@dataclass(frozen=True)
class Box:
    """A range of each channel, both ends included, and the cells within, with how many pixels each stands for."""

    low: Cell
    high: Cell
    cells: Mapping[Cell, int]

    @cached_property
    def population(self) -> int:
        return sum(self.cells.values())

    @cached_property
    def weight(self) -> int:
        """Pixels times size: what is large and sparse holds colours that are seen, too."""
        red, green, blue = (high - low + 1 for low, high in zip(self.low, self.high, strict=True))
        return self.population * red * green * blue


def clusters(cells: Mapping[Cell, int], count: int) -> list[list[Cell]]:
    """Part cells into ``count`` clusters; there must be at least so many cells."""
    boxes = [_around(cells)]
    while len(boxes) < count:
        by_population = len(boxes) < _BY_POPULATION * count
        several = [box for box in boxes if len(box.cells) > 1]
        largest = max(several, key=lambda box: (box.population if by_population else box.weight, box.low))
        boxes.remove(largest)
        boxes += _cut(largest)
    return [list(box.cells) for box in boxes]


def _cut(box: Box) -> tuple[Box, Box]:
    """Cut a box of several cells in two that are not empty, across its longest side.

    The cut is in the middle of the larger part beside the median, so that small areas of a colour of their own don't
    end in the box of the large one.
    """
    axis = max(range(3), key=lambda channel: (box.high[channel] - box.low[channel], -channel))
    along: Counter[int] = Counter()
    for cell, pixels in box.cells.items():
        along[cell[axis]] += pixels
    low, high, filled = box.low[axis], box.high[axis], sorted(along)
    if len(filled) == 1:
        return _cut(_around(box.cells))
    median, seen = low, 0
    for place in filled:
        seen += along[place]
        if seen > box.population / 2:
            median = place
            break
    left, right = median - low, high - median
    last = min(high - 1, int(median + right / 2)) if left <= right else max(low, int(median - 1 - left / 2))
    last = min(max(last, filled[0]), filled[-1] - 1)
    below = {cell: pixels for cell, pixels in box.cells.items() if cell[axis] <= last}
    above = {cell: pixels for cell, pixels in box.cells.items() if cell[axis] > last}
    return Box(box.low, _with(box.high, axis, last), below), Box(_with(box.low, axis, last + 1), box.high, above)


def _around(cells: Mapping[Cell, int]) -> Box:
    reds, greens, blues = zip(*cells, strict=True)
    low, high = (min(reds), min(greens), min(blues)), (max(reds), max(greens), max(blues))
    return Box(low, high, cells)


def _with(cell: Cell, axis: int, value: int) -> Cell:
    red, green, blue = (value if channel == axis else old for channel, old in enumerate(cell))
    return red, green, blue
