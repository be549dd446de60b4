"""What is read at a glance is what all rules would read: the forms that are, some that aren't, and names at random."""

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.worker.naming.film_forms import FILM_FORMS, FILM_FORMS_OF_EXTRAS
from tests.worker.naming.film_names import FILM_EXTRAS, FILMS
from tests.worker.naming.show_forms import SHOW_FORMS, SHOW_FORMS_OF_EXTRAS
from tests.worker.naming.show_names import SHOW_EXTRAS, SHOWS
from worker.naming import Guess, glance, movies, shows

FILMS_AT_A_GLANCE = [
    "Heat (1995)/Heat (1995)",
    "Heat (1995)/Heat (1995) - 1080p",
    "Heat (1995)/Heat (1995) [Bluray-1080p]",
    "Heat (1995)/Heat (1995) - Director's Cut",
    "Heat (1995)/Heat (1995) - part2",
    "Heat (1995)/Heat (1995).3D.HSBS",
    "The Letter (1940)/The Letter (1940)",
    "Apollo 13 (1995)/Apollo 13 (1995)",
    "Spider-Man (2002)/Spider-Man (2002)",
    "Amélie (2001)/Amélie (2001)",
    "Lock, Stock and Two Smoking Barrels (1998)/Lock, Stock and Two Smoking Barrels (1998)",
]
FILMS_BY_ALL_RULES = [
    "Heat (1995)/Heat",
    "Heat (1995)/Heat (1996)",
    "Heat (1995)/Heat (1995)-trailer",
    "Heat (1995)/Heat (1995) (US)",
    "Heat (1995)/Heat (1995) {tmdb-949}",
    "Heat (1995)/Extras/Heat (1995)",
    "The Final Cut (2004)/The Final Cut (2004)",
    "Saw 3D (2010)/Saw 3D (2010)",
    "Trailer Town (2003)/Trailer Town (2003)",
    "Matrix, The (1999)/Matrix, The (1999)",
    "James Bond - Goldfinger (1964)/James Bond - Goldfinger (1964)",
    "Heat Remux (1995)/Heat Remux (1995)",
    "七人の侍 (1954)/七人の侍 (1954)",
]
EPISODES_AT_A_GLANCE = [
    "The Wire (2002)/Season 01/The Wire - S01E02 - The Detail",
    "The Wire (2002)/Season 01/The Wire (2002) - S01E02 - The Detail",
    "The Wire {tvdb-79126}/Season 1/The Wire - S01E02",
    "The Wire/The Wire - S01E02",
    "The Wire (2002)/Season 04/The Wire - S04E05 - Another Short Scene",
    "Élite (2018)/Season 1/Élite - S01E02 - Desaparecida",
    "The Wire/The Wire - S01E02 - Mr. Nugget, Who?",
    "The 100 (2014)/Season 1/The 100 - S01E02 - Earth Skills",
    "Doctor Who (2005)/Specials/Doctor Who - S00E01 - Born Again",
]
EPISODES_BY_ALL_RULES = [
    "The Wire (2002)/Season 01/The Wire - S01E02-E03 - The Detail",
    "The Wire (2002)/Season 01/The Wire - S01E02 - Episode 3",
    "The Wire (2002)/Season 01/The Wire - S01E02 - The Detail - 1080p",
    "The Wire (2002)/Season 01/The Wire - S01E02 - Detail, The",
    "The Wire (2002)/Season 01/The Wire - S01E02 - Sample",
    "The Wire (2002)/Season 01/The Wire - S01E02 - German",
    "The Wire (2002)/Season 01/The Wire - S01E02 - Bluray",
    "The Wire (2002)/Season 01/S01E02 - The Detail",
    "The Wire (2002)/Season 01/Wire - S01E02 - The Detail",
    "The Wire (2002)/Featurettes/The Wire - S01E02 - The Detail",
]

#: Words that some rule knows, beside those that none does.
WORDS = """
    Heat River Golden The A of and Cut Final Director's Extended Uncut IMAX DC Fan Edition aka AKA a k 3D SBS half HOU
    House HD UHD Web DL x H 264 265 13 2 100 1080 2012 Remux Bluray DTS German English French Limited Proper Trailer
    Sample Official Other Short Scene Clip Extra Deleted Making Behind Interview tmdb Tvdb tt tt0133093 603 Letter Mal
    Malcolm nc Once NCOP OP ED Clean Season One Two Seasons Series Specials Special OVA SP Volume Vol Book Part I II IV
    T S X E Episode Complete Collection Movies Kids Action 1990s Matrix, Spider-Man X-Men - -- & ! It's What! www Www
    CD Disc Theme (US) [REC] Mr. 24 Amélie Third First Who? Detail, ... e- x-y S.W.A.T. M.A. -E ,The
"""
TITLES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=4).map(" ".join)
YEARS = st.sampled_from([" (1995)", " (2008)", " (1899)", " (2099)", " (2100)", " (1799)", "", " [1995]", " (1995-)"])
TAILS = st.one_of(
    st.just(""),
    TITLES.map(" - {}".format),
    TITLES.map(" {}".format),
    TITLES.map(" [{}]".format),
    st.sampled_from(
        [" - 1080p", "-trailer", " - part1", " {tmdb-5}", " (US)", ".3D.HSBS", " - 4K Remaster", "-cd1", "_t01"]
    ),
)
NUMBERS = st.sampled_from(
    ["S01E02", "S1E2", "S00E01", "S20E08", "S08E24", "S01E100", "S01E02-E03", "s01e02", "1x02", "2024-03-15", "02"]
)
SEASONS = st.sampled_from(
    ["", "Season 1/", "Season 01/", "Specials/", "Extras/", "Season 1 Extras/", "Disc 1/", "1/", "Season 1 {tvdb-5}/"]
)


def parted(path: str) -> tuple[tuple[str, ...], str]:
    *dirs, stem = PurePosixPath(path).parts or ("",)
    return tuple(dirs), stem


def reads_an_episode_at_a_glance(path: str) -> bool:
    dirs, stem = parted(path)
    return shows.at_a_glance(dirs, stem) is not None


def told(guess: Guess) -> dict[str, object]:
    return {**guess._asdict(), "sources": list(guess.sources.items())}


def same_film(path: str) -> None:
    seen = glance.film(*parted(path))
    assert seen is None or told(seen) == told(movies.guess(*parted(path)))


def same_episode(path: str) -> None:
    assert told(shows.guess(*parted(path))) == told(shows.in_full(*parted(path)))


@pytest.mark.parametrize("path", FILMS_AT_A_GLANCE)
def test_a_film_of_plain_words_named_as_its_folder_is_read_at_a_glance(path: str) -> None:
    assert glance.film(*parted(path)) == movies.guess(*parted(path))


@pytest.mark.parametrize("path", FILMS_BY_ALL_RULES)
def test_a_film_of_which_a_rule_may_say_more_is_left_to_the_rules(path: str) -> None:
    assert glance.film(*parted(path)) is None


@pytest.mark.parametrize("path", EPISODES_AT_A_GLANCE)
def test_an_episode_of_plain_words_after_its_shows_title_is_read_at_a_glance(path: str) -> None:
    assert reads_an_episode_at_a_glance(path)
    same_episode(path)


@pytest.mark.parametrize("path", EPISODES_BY_ALL_RULES)
def test_an_episode_of_which_a_rule_may_say_more_is_left_to_the_rules(path: str) -> None:
    assert not reads_an_episode_at_a_glance(path)


def test_every_name_of_the_tables_is_at_a_glance_what_it_is_in_full() -> None:
    for case in FILMS + FILM_EXTRAS + FILM_FORMS + FILM_FORMS_OF_EXTRAS:
        same_film(str(PurePosixPath(case.values[0]).with_suffix("")))
    for case in SHOWS + SHOW_EXTRAS + SHOW_FORMS + SHOW_FORMS_OF_EXTRAS:
        same_episode(str(PurePosixPath(case.values[0]).with_suffix("")))


@given(path=st.builds("{0}{1}{2}/{0}{1}{3}".format, TITLES, YEARS, st.sampled_from(["", " {tmdb-5}"]), TAILS))
@example(path="Heat (1995)/Heat (1995) - 1080p")
@settings(deadline=None, max_examples=500)
def test_whatever_words_a_film_has_they_are_at_a_glance_what_they_are_in_full(path: str) -> None:
    same_film(path)


@given(path=st.builds("{0}{1}/{2}{0}{3} - {4}{5}".format, TITLES, YEARS, SEASONS, YEARS, NUMBERS, TAILS))
@example(path="The Wire (2002)/Season 01/The Wire - S01E02 - The Detail")
@settings(deadline=None, max_examples=500)
def test_whatever_words_an_episode_has_they_are_at_a_glance_what_they_are_in_full(path: str) -> None:
    same_episode(path)
