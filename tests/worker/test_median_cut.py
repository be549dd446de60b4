"""Cells of a colour cube, parted into clusters."""

import pytest
from worker.median_cut import Cell, clusters

RED, DARK_RED, GREEN, BLUE, BLACK = (31, 0, 0), (28, 2, 2), (0, 31, 0), (0, 0, 31), (0, 0, 0)


def parted(cells: dict[Cell, int], count: int = 4) -> set[frozenset[Cell]]:
    return {frozenset(cluster) for cluster in clusters(cells, count)}


def test_as_many_cells_as_clusters_are_one_each() -> None:
    cells = {RED: 1, GREEN: 1000, BLUE: 10, BLACK: 1}

    assert parted(cells) == {frozenset({cell}) for cell in cells}


def test_cells_that_are_few_and_near_each_other_stay_together() -> None:
    assert parted({GREEN: 50, BLUE: 40, BLACK: 30, RED: 4, DARK_RED: 2}) == {
        frozenset({RED, DARK_RED}),
        frozenset({GREEN}),
        frozenset({BLUE}),
        frozenset({BLACK}),
    }


def test_one_large_even_area_costs_no_cluster() -> None:
    cells = {BLACK: 10_000, RED: 3, GREEN: 2, BLUE: 2, (31, 31, 0): 1}

    found = clusters(cells, 4)

    assert len(found) == 4
    assert all(found)
    assert [BLACK] in found


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_cell_is_in_one_cluster(count: int) -> None:
    cells = {(red, green, 7): 1 + red * green for red in range(0, 32, 5) for green in range(0, 32, 3)}

    found = clusters(cells, count)

    assert len(found) == count
    assert sorted(cell for cluster in found for cell in cluster) == sorted(cells)
