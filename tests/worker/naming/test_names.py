"""What names mean: a line for each, the path as the test's id. A bug report becomes a line."""

import copy
import pickle
import time
import unicodedata
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kinds import MediaType
from tests.worker.naming.film_forms import FILM_FORMS, FILM_FORMS_OF_EXTRAS
from tests.worker.naming.film_names import FILM_EXTRAS, FILMS
from tests.worker.naming.kept_readings import CACHES
from tests.worker.naming.show_forms import SHOW_FORMS, SHOW_FORMS_OF_EXTRAS
from tests.worker.naming.show_names import SHOW_EXTRAS, SHOWS
from worker.naming import Guess, guess_file

AMONG_FILMS = FILMS + FILM_EXTRAS + FILM_FORMS + FILM_FORMS_OF_EXTRAS
AMONG_SHOWS = SHOWS + SHOW_EXTRAS + SHOW_FORMS + SHOW_FORMS_OF_EXTRAS
FILM_PATHS = [case.values[0] for case in AMONG_FILMS]
SHOW_PATHS = [case.values[0] for case in AMONG_SHOWS]
EVERY_CASE = [(path, MediaType.MOVIE) for path in FILM_PATHS] + [(path, MediaType.TV_SHOW) for path in SHOW_PATHS]

#: What rules that go back and forth would never come back from.
REPEATED = [
    "[",
    "(",
    "{",
    "[]",
    "()",
    " ",
    ".",
    "-",
    " - ",
    "_",
    "1",
    "S01E01-",
    "1x1-",
    "a.",
    "(2000",
    "2000 ",
    "cd1 ",
    "a,",
]

#: From the first film to those that are announced.
YEARS = range(1800, 2100)

#: Pieces of names, for a search to put together in ways that nobody would.
PIECES = st.sampled_from(
    [
        "S01E02",
        "1x02",
        "(1995)",
        "1995",
        " - ",
        "-",
        ".",
        "_",
        " ",
        "[",
        "]",
        "{",
        "}",
        "/",
        "Season 1",
        "1080p",
        "cd1",
        "Heat",
        "{tmdb-603}",
        "tt0133093",
        "The",
        ", The",
        "-trailer",
        "Extras",
        "Specials",
        "Extended",
        "\ud800",
        "\x00",
        "\u0301",
        "é",
        "第3話",
        "24v2",
        ".mkv",
        "..",
        "E02",
        "German.DL",
        "Part 2",
        "\u200b",
        "\n",
    ]
)


def said(guess: Guess) -> dict[str, Any]:
    """Return what a guess says, without what it leaves open and without its sources."""
    facts = {name: value for name, value in guess._asdict().items() if name != "sources"}
    return {name: value for name, value in facts.items() if value not in (None, (), {})}


def stated(expected: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in expected.items() if value not in (None, (), {})}


@pytest.mark.parametrize(("path", "expected"), AMONG_FILMS)
def test_a_name_among_films_means_what_the_table_says(path: str, expected: dict[str, Any]) -> None:
    assert said(guess_file(PurePosixPath(path), MediaType.MOVIE)) == stated(expected)


@pytest.mark.parametrize(("path", "expected"), AMONG_SHOWS)
def test_a_name_among_shows_means_what_the_table_says(path: str, expected: dict[str, Any]) -> None:
    assert said(guess_file(PurePosixPath(path), MediaType.TV_SHOW)) == stated(expected)


@pytest.mark.parametrize(("path", "library_type"), EVERY_CASE, ids=[path for path, _ in EVERY_CASE])
def test_every_field_that_is_filled_says_where_it_came_from(path: str, library_type: MediaType) -> None:
    guess = guess_file(PurePosixPath(path), library_type)

    assert set(guess.sources) == set(said(guess)) - {"kind"} | ({"season"} if guess.season == 0 else set())
    assert set(guess.sources.values()) <= {"file", "folder", "parent"}


def test_the_sources_tell_a_file_from_its_folder_and_those_above() -> None:
    episode = guess_file(PurePosixPath("The Show (2008) {tvdb-1}/Season 1/02 - Title.mkv"), MediaType.TV_SHOW)

    assert episode.sources == {
        "title": "parent",
        "year": "parent",
        "ids": "parent",
        "season": "folder",
        "episodes": "file",
        "episode_title": "file",
    }


@pytest.mark.parametrize("library_type", [MediaType.MOVIE, MediaType.TV_SHOW])
@given(path=st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join)))
@settings(deadline=None, max_examples=300)
def test_whatever_a_name_holds_there_is_a_title_that_can_be_kept(library_type: MediaType, path: str) -> None:
    guess = guess_file(PurePosixPath(path), library_type)

    assert guess.title.strip()
    for text in (guess.title, guess.edition or "", guess.episode_title or "", *guess.other_titles):
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)
        text.encode()
    assert guess.year is None or guess.year in YEARS
    assert guess.air_date is None or guess.air_date.year in YEARS
    assert all(number >= 0 for number in guess.episodes)
    assert len(guess.other_titles) <= 3
    assert guess.title not in guess.other_titles
    assert guess == guess_file(PurePosixPath(path), library_type)


@pytest.mark.parametrize("library_type", [MediaType.MOVIE, MediaType.TV_SHOW])
@given(
    name=st.lists(PIECES, min_size=20, max_size=80).map(lambda pieces: "".join(pieces).replace("/", "")[:251] + ".mkv")
)
@settings(deadline=None, max_examples=100)
def test_no_name_of_the_greatest_length_costs_more_than_a_moment(library_type: MediaType, name: str) -> None:
    """Measured in this process's own time and without what was kept of an earlier reading.

    The worst names take some hundredths of a second; rules that go back and forth would take minutes.
    """
    for kept in CACHES:
        kept.cache_clear()
    begun = time.process_time()
    guess_file(PurePosixPath(name), library_type)

    assert time.process_time() - begun < 1


NAMED_FILMS = [(values["title"], values["year"]) for _, values in (case.values for case in FILMS) if values["year"]]


@pytest.mark.parametrize(("title", "year"), sorted(set(NAMED_FILMS)))
def test_a_film_that_is_renamed_to_what_was_read_is_read_the_same_again(title: str, year: int) -> None:
    guess = guess_file(PurePosixPath(f"{title} ({year})/{title} ({year}).mkv"), MediaType.MOVIE)

    assert (guess.title, guess.year) == (title, year)


@pytest.mark.parametrize("library_type", [MediaType.MOVIE, MediaType.TV_SHOW])
@pytest.mark.parametrize("end", ["", ".mkv", "/x.mkv", "/S01E01.mkv"])
@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.timeout(10)
def test_a_name_of_nothing_but_the_same_comes_to_an_end(piece: str, end: str, library_type: MediaType) -> None:
    for length in (250, 4000):
        assert guess_file(PurePosixPath((piece * length)[:length] + end), library_type).title


@pytest.mark.timeout(10)
def test_a_path_of_two_thousand_folders_comes_to_an_end() -> None:
    assert guess_file(PurePosixPath("[/" * 2000 + "x.mkv"), MediaType.TV_SHOW).title


@pytest.mark.parametrize("path", [".", "/", "..", "", "/Heat (1995)/Heat (1995).mkv"])
def test_a_path_that_is_none_below_a_root_has_a_title_too(path: str) -> None:
    assert guess_file(PurePosixPath(path), MediaType.MOVIE).title


def test_a_guess_is_the_same_each_time_and_whatever_was_asked_before() -> None:
    first = [guess_file(PurePosixPath(path), library_type) for path, library_type in EVERY_CASE]
    again = [guess_file(PurePosixPath(path), library_type) for path, library_type in reversed(EVERY_CASE)]

    assert first == again[::-1]


def test_a_guess_can_be_copied_and_sent() -> None:
    guess = guess_file(PurePosixPath("Heat (1995)/Heat (1995).mkv"), MediaType.MOVIE)

    assert copy.deepcopy(guess) == guess
    assert pickle.loads(pickle.dumps(guess)) == guess  # noqa: S301 - our own bytes


def test_all_versions_of_a_film_in_its_folder_are_one_film() -> None:
    names = [
        "Heat (1995) - 1080p",
        "Heat (1995) - 4K",
        "heat.1995.remux",
        "Heat (1995) - Extended",
        "heat-cd1",
        "b4d455",
    ]

    guesses = [guess_file(PurePosixPath(f"Heat (1995)/{name}.mkv"), MediaType.MOVIE) for name in names]

    assert {(guess.title, guess.year) for guess in guesses} == {("Heat", 1995)}


def test_all_files_of_a_show_in_its_folder_are_of_one_show() -> None:
    names = [
        "Season 1/S01E01",
        "Season 1/02 - Other Words",
        "Specials/Show.S00E01",
        "the.show.s02e01",
        "Extras/Making Of",
    ]

    guesses = [guess_file(PurePosixPath(f"The Show (2008)/{name}.mkv"), MediaType.TV_SHOW) for name in names]

    assert {(guess.title, guess.year) for guess in guesses} == {("The Show", 2008)}
