"""How far a scan is, and how long it may still take."""

import pytest

from shared.scan_counts import Counts, eta_seconds

NAMED = Counts(folders=4, folders_named=4, folders_settled=4, titles=10)


@pytest.mark.parametrize(
    ("counts", "percent"),
    [
        (Counts(), 0),
        (Counts(folders=4), 0),
        (Counts(folders=4, folders_named=4), 20),
        (Counts(folders=4, folders_named=4, folders_settled=4), 35),
        (Counts(folders=4, folders_named=4, folders_settled=4, titles=2, titles_fetched=2), 80),
        (Counts(folders=4, folders_named=4, folders_settled=4, titles=2, titles_fetched=2, titles_settled=2), 99),
    ],
)
def test_a_percentage_is_what_the_steps_are_worth(counts: Counts, percent: int) -> None:
    assert counts.percent == percent


@pytest.mark.parametrize(
    ("begun", "current", "elapsed", "seconds"),
    [
        # From 35 to 57.5 in 9 seconds: 42.5 more take 17.
        (NAMED, Counts(4, 4, 4, titles=10, titles_fetched=5), 9.0, 17),
        (NAMED, Counts(4, 4, 4, titles=10, titles_fetched=10, titles_settled=10), 9.0, 0),
        # What an unchanged library had settled at once counts for nothing.
        (Counts(100, 90, 90), Counts(100, 100, 95), 9.0, 3),
        # Without titles the scan ends when all folders are looked into.
        (Counts(10), Counts(10, 10, 4), 13.0, 5),
    ],
)
def test_what_is_left_takes_as_long_as_what_was_done(
    begun: Counts, current: Counts, elapsed: float, seconds: int
) -> None:
    assert eta_seconds(begun, current, elapsed) == seconds


@pytest.mark.parametrize(
    ("begun", "current", "elapsed"),
    [
        (Counts(), Counts(), 60.0),
        (NAMED, NAMED, 60.0),
        (NAMED, Counts(4, 4, 4, titles=10, titles_fetched=5), 1.0),
        # Nobody knows how many titles the other folders hold.
        (Counts(4), Counts(4, 3, 0, titles=10, titles_fetched=10), 60.0),
        # Titles that were given up are tried again.
        (Counts(4, 4, 4, titles=10, titles_fetched=10), NAMED, 60.0),
    ],
)
def test_nobody_knows_how_long_it_takes_before_there_is_a_rate(begun: Counts, current: Counts, elapsed: float) -> None:
    assert eta_seconds(begun, current, elapsed) is None
