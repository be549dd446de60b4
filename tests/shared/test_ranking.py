"""Which names answer a query, in which order; and that no misspelling escapes the pieces that it is looked up by."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.catalogue.ranking import Fit, Query, head, is_as_typed, ordered, placed, rank
from shared.catalogue.search_text import lines_of, search_text
from shared.catalogue.typos import edits, edits_to_each, forgiven, pieces_of_misspellings


@dataclass(frozen=True)
class Row:
    id: str
    text: str


def fit(query: str, *names: str, forgiving: bool = False) -> Fit | None:
    found = rank(Query.of(query), search_text(names), forgiving=forgiving)
    return found.fit if found else None


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("heat", "Heat", Fit.EXACT),
        ("amelie", "Amélie", Fit.EXACT),
        ("елки", "Ёлки", Fit.EXACT),
        ("strasse", "Straße", Fit.EXACT),
        ("spiderman", "Spider-Man", Fit.EXACT),
        ("wall-e", "WALL·E", Fit.EXACT),
        ("walle", "WALL·E", Fit.EXACT),
        ("the mat", "The Matrix", Fit.BEGINS),
        ("spiderm", "Spider-Man: Homecoming", Fit.BEGINS),
        ("mat", "The Matrix", Fit.BEGINS),
        ("matrix", "The Matrix", Fit.EXACT),
        ("reloaded", "The Matrix Reloaded", Fit.WORD_BEGINS),
        ("matrix rel", "The Matrix Reloaded", Fit.BEGINS),
        ("trix", "The Matrix", Fit.HOLDS),
        ("尋", "千と千尋の神隠し", Fit.HOLDS),
        ("千尋", "千と千尋の神隠し", Fit.HOLDS),
        ("wars star", "Star Wars", Fit.ALL_WORDS),
        ("r w", "Star Wars", Fit.HOLDS),
        ("star trek", "Star Wars", None),
        ("heart", "Heat", None),
    ],
)
def test_a_name_answers_as_the_table_says(query: str, name: str, expected: Fit | None) -> None:
    assert fit(query, name) == expected


def test_any_of_several_names_answers_by_itself_or_with_the_others() -> None:
    assert fit("amelie", "Le fabuleux destin d'Amélie Poulain", "Amelie") == Fit.EXACT
    assert fit("poulain from", "Le fabuleux destin d'Amélie Poulain", "Amelie from Montmartre") == Fit.ALL_WORDS


@pytest.mark.parametrize(
    ("query", "name", "is_forgiven"),
    [
        ("matrx", "The Matrix", True),
        ("matirx", "The Matrix", True),
        ("mmatrix", "The Matrix", True),
        ("natrix", "The Matrix", True),
        ("mtrx", "The Matrix", False),
        ("haet", "Heat", True),
        ("het", "Heat", False),
        ("godfahter", "The Godfather", True),
        ("godfhater", "The Godfather", True),
        ("gdfathre", "The Godfather", True),
        ("gdfthre", "The Godfather", False),
        ("the wrie", "The Wire", True),
        ("teh wire", "The Wire", False),
        ("wrie the", "The Wire", True),
        ("shawsahnk redemtpion", "The Shawshank Redemption", True),
        ("godfta", "The Godfather", True),
        ("godf", "The Godfather", True),
        ("gofda", "The Godfather", False),
        ("godfta the", "The Godfather", False),
        ("спайдермн", "Спайдермен", True),
        ("skywalker" * 3, "skywalkre" * 3, False),
    ],
)
def test_a_typo_is_forgiven_as_the_table_says(query: str, name: str, *, is_forgiven: bool) -> None:
    assert (fit(query, name, forgiving=True) is not None) == is_forgiven


def test_words_as_typed_keep_typos_from_being_forgiven() -> None:
    assert is_as_typed(Query.of("the heat"), search_text(["Heathers: The Musical"]))
    assert not is_as_typed(Query.of("eat"), search_text(["Heat"]))
    assert not is_as_typed(Query.of("the heat"), search_text(["Heat"]))


def test_the_best_match_comes_first_then_the_shorter_the_better_rated_and_by_title() -> None:
    names = [
        ("star wars uncut", None),
        ("wars of the star", 9.9),
        ("the star wars", None),
        ("star wars", None),
        ("star wars two", 5.0),
        ("star wars six", 5.0),
        ("star wars one", 8.0),
        ("costar wars", None),
        ("nothing", 10.0),
    ]
    rows = [Row(str(number), search_text([name])) for number, (name, _) in enumerate(names)]
    ratings = {str(number): rating for number, (_, rating) in enumerate(names)}

    found = ordered(placed(Query.of("Star Wars"), reversed(rows)), ratings)

    assert [lines_of(row.text)[0] for row in found] == [
        "star wars",
        "the star wars",
        "star wars one",
        "star wars six",
        "star wars two",
        "star wars uncut",
        "costar wars",
        "wars of the star",
    ]


def test_the_first_places_are_taken_with_all_that_are_alike() -> None:
    rows = [Row(name, search_text([name])) for name in ("heat", "heat one", "heat two", "heat six", "heat seven")]
    places = placed(Query.of("heat"), rows)

    assert [[row.id for row in ordered(head(places, count), {})] for count in (1, 2, 5, 9)] == [
        ["heat"],
        ["heat", "heat one", "heat six", "heat two"],
        ["heat", "heat one", "heat six", "heat two", "heat seven"],
        ["heat", "heat one", "heat six", "heat two", "heat seven"],
    ]


def test_fewer_typos_come_first() -> None:
    rows = [Row("1", search_text(["Casablnca"])), Row("2", search_text(["Casablanca Nights"]))]

    assert [row.id for _, row in placed(Query.of("Casablanac"), rows, forgiving=True)] == ["2", "1"]


def test_the_text_of_a_title_has_each_name_once_and_without_spaces() -> None:
    assert search_text(["WALL·E", None, "Wall E", "", "Heat"]) == "\n wall e \n walle \n heat \n"
    assert lines_of("\n wall e \n walle \n") == ["wall e", "walle"]
    assert search_text([None]) == "\n"


letters = st.text("abc", min_size=4, max_size=12) | st.text("abcdeж千", min_size=4, max_size=26)


@st.composite
def misspelled(draw: st.DrawFn) -> tuple[str, str]:
    """Make a word and what somebody may have meant by it: up to two edits away, perhaps longer."""
    word = draw(letters)
    other = list(word)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, max(0, len(other) - 2)))
        match draw(st.sampled_from(["add", "take", "change", "swap"])):
            case "add":
                other.insert(at, draw(st.sampled_from("abcz")))
            case "take":
                del other[at : at + 1]
            case "change":
                other[at : at + 1] = draw(st.sampled_from("abcz"))
            case _:
                other[at : at + 2] = reversed(other[at : at + 2])
    return word, "".join(other) + draw(st.text("abcd", max_size=4))


@given(pair=misspelled(), may_go_on=st.booleans())
@example(pair=("abcdefgh", "badcefgh"), may_go_on=False)
@example(pair=("abcdefgh", "bacedfgh"), may_go_on=False)
@example(pair=("aaaa", "aaaaa"), may_go_on=True)
@example(pair=("abcdefghij", "bacdefgihjxyz"), may_go_on=True)
def test_whatever_is_forgiven_has_the_pieces_it_is_looked_up_by(pair: tuple[str, str], *, may_go_on: bool) -> None:
    word, other = pair
    if not forgiven(word) or edits(word, other, may_go_on=may_go_on) is None:
        return

    pieces = pieces_of_misspellings(word, may_go_on=may_go_on)

    text = search_text([other])
    assert word in text or any(piece in text for piece in pieces)
    assert all(len(piece) >= 3 for piece in pieces)


@given(pairs=st.lists(misspelled(), min_size=1), may_go_on=st.booleans())
def test_many_words_are_compared_at_once_as_they_are_one_by_one(
    pairs: list[tuple[str, str]], *, may_go_on: bool
) -> None:
    word, others = pairs[0][0], {word for pair in pairs for word in pair}

    one_by_one = {other: edits(word, other, may_go_on=may_go_on) for other in others}

    assert edits_to_each(word, others, may_go_on=may_go_on) == {
        other: edited for other, edited in one_by_one.items() if edited is not None
    }
