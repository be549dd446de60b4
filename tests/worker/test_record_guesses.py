"""Guesses to JSON and back."""

import json
from pathlib import PurePosixPath

import pytest

from shared.kinds import ExtraType, MediaType, Source
from tests.builders import a_day
from worker.naming import Guess, Kind, guess_file
from worker.record import guesses

FULL = Guess(
    Kind.EXTRA,
    "Heat",
    1995,
    other_titles=("Fuego contra fuego",),
    season=1,
    episodes=(2, 3),
    air_date=a_day("2024-03-15"),
    episode_title="Pilot",
    ids={Source.TMDB: "949"},
    edition="Extended",
    part=2,
    three_d="SBS",
    extra=ExtraType.TRAILER,
    sources={"title": "folder"},
)


@pytest.mark.parametrize(
    "guess",
    [
        FULL,
        Guess(Kind.MOVIE, "Heat"),
        guess_file(PurePosixPath("Heat (1995)/Heat (1995) {imdb-tt0113277}.mkv"), MediaType.MOVIE),
        guess_file(PurePosixPath("Show (2001)/Season 1/Show - S01E02-E03.mkv"), MediaType.TV_SHOW),
    ],
)
def test_a_guess_that_was_kept_is_read_back_as_it_was(guess: Guess) -> None:
    assert guesses.from_json(json.loads(json.dumps(guesses.to_json(guess)))) == guess


def test_a_file_from_before_guesses_were_kept_has_none() -> None:
    assert guesses.from_json({}) is None


def test_the_names_are_those_of_the_wire() -> None:
    assert guesses.to_json(FULL) == {
        "kind": "extra",
        "title": "Heat",
        "year": 1995,
        "otherTitles": ["Fuego contra fuego"],
        "season": 1,
        "episodes": [2, 3],
        "airDate": "2024-03-15",
        "episodeTitle": "Pilot",
        "ids": {"TMDB": "949"},
        "edition": "Extended",
        "part": 2,
        "threeD": "SBS",
        "extra": "trailer",
        "sources": {"title": "folder"},
    }
