"""When it is time to look at what was touched. The clock is a number."""

from worker.watching.rules import Extent, Touch
from worker.watching.touched import LONGEST, LONGEST_BUSY, MOST, QUIET, Collected, by_extent


def a_folder(name: str) -> Touch:
    return Touch(name, Extent.FOLDER)


def names(touches: frozenset[Touch]) -> set[str]:
    return {touch.path for touch in touches}


def test_a_touched_folder_is_due_when_it_has_become_quiet() -> None:
    collected = Collected()
    collected.add(a_folder("a"), 100.0)
    collected.add(a_folder("a"), 101.0)

    assert names(collected.due(101.0 + QUIET - 0.1)) == set()
    assert names(collected.due(101.0 + QUIET)) == {"a"}


def test_a_thousand_films_that_are_copied_one_after_the_other_are_few_scans() -> None:
    collected = Collected()
    scans: list[set[str]] = []

    for second in range(1000):
        collected.add(a_folder(f"film {second}"), float(second))
        if due := collected.due(float(second)):
            scans.append(names(due))
            collected.forget(due, float(second))
    rest = collected.due(1000.0 + QUIET)

    assert len(scans) <= 1000 / (LONGEST - QUIET) + 1
    assert sum(map(len, scans)) + len(rest) == 1000


def test_a_file_that_grows_for_hours_holds_up_nobody_and_is_looked_at_now_and_then() -> None:
    collected = Collected()
    looked: list[tuple[int, set[str]]] = []

    for second in range(3600):
        collected.add(a_folder("recording"), float(second))
        if second == 100:
            collected.add(a_folder("film"), float(second))
        if due := collected.due(float(second)):
            looked.append((second, names(due)))
            collected.forget(due, float(second))

    assert (100 + int(LONGEST), {"film"}) in looked
    assert 3600 / LONGEST_BUSY - 2 <= sum("recording" in found for _, found in looked) <= 3600 / LONGEST_BUSY + 1
    assert len(looked) <= 3600 / LONGEST_BUSY + 2


def test_what_is_touched_while_its_scan_is_asked_for_stays() -> None:
    collected = Collected()
    collected.add(a_folder("a"), 100.0)
    collected.add(a_folder("b"), 100.0)
    due = collected.due(110.0)

    collected.add(a_folder("a"), 110.5)
    collected.forget(due, 110.0)

    assert names(collected.due(120.0)) == {"a"}


def test_beyond_a_certain_number_everything_is_touched() -> None:
    collected = Collected()

    for number in range(MOST + 5):
        collected.add(a_folder(f"film {number}"), 100.0)

    assert Touch("", Extent.TREE) in collected.due(200.0)
    assert len(collected.due(200.0)) < MOST


def test_touches_are_sorted_by_how_far_to_look() -> None:
    touches = {Touch("a", Extent.FOLDER), Touch("b", Extent.TREE), Touch("c", Extent.GONE)}

    sorted_ = by_extent(frozenset(touches))

    assert (sorted_.folders, sorted_.trees, sorted_.gone) == ({"a"}, {"b"}, {"c"})
