"""One list of genres: a line for each way in which somebody writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.genres import canonical


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Science Fiction", "Science Fiction"),
        ("Sci-Fi", "Science Fiction"),
        ("SciFi", "Science Fiction"),
        ("science-fiction", "Science Fiction"),
        ("Ciencia ficción", "Science Fiction"),
        ("Fantascienza", "Science Fiction"),
        ("Sci-Fi & Fantasy", "Science Fiction, Fantasy"),
        ("Science Fiction & Fantasy", "Science Fiction, Fantasy"),
        ("Action & Adventure", "Action, Adventure"),
        ("War & Politics", "War, Politics"),
        ("Guerra y Política", "War, Politics"),
        ("Action and Adventure", "Action, Adventure"),
        ("Drama, Thriller", "Drama, Thriller"),
        ("Drama / Kaiju", "Drama, Kaiju"),
        ("KOMÖDIE", "Comedy"),
        ("Komodie", "Comedy"),
        ("comédie", "Comedy"),
        ("Film-Noir", "Film Noir"),
        ("Kids", "Children"),
        ("Sports", "Sport"),
        ("Reality-TV", "Reality"),
        ("TV-Film", "TV Movie"),
        ("Kung  Fu\n", "Kung Fu"),
        ("Rock & Roll", "Rock & Roll"),
        ("ドラマ", "ドラマ"),
        ("  ", ""),
        ("&", "&"),
    ],
)
def test_a_genre_has_one_name_however_it_is_written(written: str, expected: str) -> None:
    assert ", ".join(canonical([written])) == expected


def test_genres_keep_their_order_and_come_once() -> None:
    assert canonical(["Drama", "Sci-Fi & Fantasy", "Drame", "Science-Fiction", "kaiju", "Kaiju"]) == (
        "Drama",
        "Science Fiction",
        "Fantasy",
        "kaiju",
    )


@given(st.lists(st.text(max_size=30), max_size=5))
def test_what_was_named_by_the_list_stays_as_it_is(genres: list[str]) -> None:
    once = canonical(genres)

    assert canonical(once) == once
