"""Where episodes stand: a table of names against what a provider lists."""

from datetime import date
from pathlib import Path

import pytest

from tests.builders import a_day
from worker.naming import Guess, Kind
from worker.placing import Place, held_in, places, provisional_title, seasons_to_ask
from worker.providers.base import EpisodeMetadata, HeldEpisode, SeasonMetadata

FILE = Path("/media/file.mkv")

#: Season 1 has 25 episodes from 2020 on, season 2 has 12 from 2021 on; two specials.
SIZES = {0: 2, 1: 25, 2: 12}
SEASONS = tuple(
    SeasonMetadata(number, air_date=date(2019 + number, 1, 10), episodes=size) for number, size in SIZES.items()
)
EPISODES = tuple(
    EpisodeMetadata(season, number, air_date=date(2019 + season, 1 + (number - 1) // 25, 3 + (number - 1) % 25))
    for season, size in SIZES.items()
    for number in range(1, size + 1)
)
#: Season 21 goes on counting where season 20 ends.
COUNTING_ON = (SeasonMetadata(20, episodes=891), SeasonMetadata(21, episodes=197))
COUNTED_ON = tuple(EpisodeMetadata(21, number) for number in range(892, 1089))


def numbered(season: int | None, *episodes: int) -> Guess:
    return Guess(Kind.EPISODE, "Show", season=season, episodes=episodes)


def dated(day: str, **more: object) -> Guess:
    return Guess(Kind.EPISODE, "Show", air_date=a_day(day), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("guess", "expected"),
    [
        pytest.param(numbered(2, 5), [(2, 5)], id="S02E05"),
        pytest.param(numbered(1, 3, 4), [(1, 3), (1, 4)], id="S01E03-E04"),
        pytest.param(numbered(None, 5), [(1, 5)], id="an absolute number within the first season"),
        pytest.param(numbered(None, 30), [(2, 5)], id="an absolute number in the second season"),
        pytest.param(numbered(None, 25, 26), [(1, 25), (2, 1)], id="two absolute numbers in two seasons"),
        pytest.param(numbered(None, 38), [(1, 38)], id="an absolute number beyond all seasons"),
        pytest.param(numbered(2, 30), [(2, 5)], id="S02E30 counts through all seasons"),
        pytest.param(numbered(1, 30), [(1, 30)], id="S01E30 is not in another season"),
        pytest.param(numbered(3, 1), [(3, 1)], id="a season that nobody lists"),
        pytest.param(numbered(0, 2), [(0, 2)], id="a special"),
        pytest.param(numbered(0, 30), [(0, 30)], id="a special that nobody lists counts nothing"),
        pytest.param(dated("2020-01-07"), [(1, 5)], id="a date"),
        pytest.param(dated("2020-01-28"), [(1, 25)], id="a date one day late"),
        pytest.param(dated("2021-01-02"), [(2, 1)], id="a date one day early"),
        pytest.param(dated("2019-01-03"), [(2019, 103)], id="a date of a special alone"),
        pytest.param(dated("2024-03-15"), [(2024, 315)], id="a date that nobody knows"),
        pytest.param(dated("2024-03-15", season=1, episodes=(2,)), [(1, 2)], id="a number beside a date counts"),
        pytest.param(Guess(Kind.EPISODE, "Show"), [], id="neither number nor date"),
        pytest.param(Guess(Kind.EPISODE, "Show", season=1, episode_title="A"), [], id="a title in a season alone"),
        pytest.param(Guess(Kind.EPISODE, "Show", season=0), [], id="a special of which nothing is said"),
    ],
)
def test_a_file_stands_where_its_name_and_the_provider_s_list_put_it(guess: Guess, expected: list[Place]) -> None:
    held = held_in(FILE, guess)

    assert list(places(held, SEASONS, EPISODES).values()) == expected


def called(season: int, number: int, title: str | None = None) -> list[HeldEpisode]:
    guess = Guess(Kind.EPISODE, "Show", season=season, episodes=(number,), episode_title=title)
    return held_in(Path(f"/media/{season}x{number} - {title}.mkv"), guess)


def test_a_special_stands_where_its_title_does_for_everybody_numbers_them_in_another_way() -> None:
    specials = (EpisodeMetadata(0, 1, "The Pilot"), EpisodeMetadata(0, 2, "Christmas"), EpisodeMetadata(1, 7, "Easter"))
    held = [*called(0, 7, "christmas"), *called(0, 1, "Easter"), *called(0, 2)]

    assert list(places(held, SEASONS, specials).values()) == [(0, 2), (0, 1), (0, 2)]


def test_a_special_without_a_number_is_found_by_its_title_and_has_a_number_of_its_own_until_then() -> None:
    christmas, easter = (
        held_in(FILE, Guess(Kind.EPISODE, "Show", season=0, episode_title=title)) for title in ("Christmas", "Easter")
    )
    specials = (EpisodeMetadata(0, 2, "Christmas"),)

    assert seasons_to_ask([*christmas, *easter], SEASONS) == [0]
    assert places(christmas, SEASONS, specials) == {christmas[0]: (0, 2)}
    assert places(easter, SEASONS, specials) == {easter[0]: (0, easter[0].episode)}
    assert easter[0].episode > 9_999
    assert easter[0].episode != christmas[0].episode


def test_a_title_that_two_specials_have_moves_no_file() -> None:
    twins = (EpisodeMetadata(0, 1, "Making Of"), EpisodeMetadata(0, 2, "Making Of"))

    assert list(places(called(0, 2, "Making Of"), SEASONS, twins).values()) == [(0, 2)]


def test_a_season_s_numbers_count_through_all_seasons_if_one_of_them_has_to() -> None:
    seasons = (SeasonMetadata(1, episodes=6), SeasonMetadata(2, episodes=22))
    listed = tuple(EpisodeMetadata(2, number) for number in range(1, 23))
    held = [*called(2, 7), *called(2, 28)]

    assert list(places(held, seasons, listed).values()) == [(2, 1), (2, 22)]
    assert list(places(held[:1], seasons, listed).values()) == [(2, 7)]
    assert list(places([*held, *called(2, 1)], seasons, listed).values()) == [(2, 7), (2, 22), (2, 1)]


def test_a_season_s_numbers_count_through_all_seasons_if_its_titles_say_so() -> None:
    seasons = (SeasonMetadata(1, episodes=6), SeasonMetadata(2, episodes=22))
    listed = (EpisodeMetadata(2, 1, "The Dundies"), EpisodeMetadata(2, 7, "The Client"))

    assert list(places(called(2, 7, "The Dundies"), seasons, listed).values()) == [(2, 1)]
    assert list(places(called(2, 7, "The Client"), seasons, listed).values()) == [(2, 7)]


def test_without_a_list_everything_stands_where_its_name_puts_it() -> None:
    held = [*held_in(FILE, numbered(None, 30)), *held_in(FILE, dated("2020-01-07")), *held_in(FILE, numbered(2, 5))]

    assert list(places(held, (), ()).values()) == [(1, 30), (2020, 107), (2, 5)]


@pytest.mark.parametrize("season", [None, 21])
def test_a_season_that_counts_on_has_an_episode_by_its_number_in_all_seasons(season: int | None) -> None:
    held = held_in(FILE, numbered(season, 1071))

    assert list(places(held, COUNTING_ON, COUNTED_ON).values()) == [(21, 1071)]


def test_what_is_known_beside_the_files_does_not_keep_a_number_from_being_counted() -> None:
    held = held_in(FILE, numbered(None, 30))

    assert places(held, SEASONS, (*EPISODES, EpisodeMetadata(1, 30, "From an .nfo"))) == {held[0]: (2, 5)}


@pytest.mark.parametrize(
    ("guess", "seasons"),
    [
        (numbered(2, 5), [2]),
        (numbered(None, 5), [1]),
        (numbered(None, 30), [2]),
        (numbered(None, 99), [1]),
        (numbered(7, 1), []),
        (dated("2020-06-01"), [1, 2]),
        (dated("2021-01-09"), [2]),
        (dated("2019-12-01"), [1]),
    ],
)
def test_only_the_seasons_that_may_have_the_files_are_asked_for(guess: Guess, seasons: list[int]) -> None:
    assert seasons_to_ask(held_in(FILE, guess), SEASONS) == seasons


def test_of_a_show_without_days_no_season_is_asked_for_by_a_date() -> None:
    assert seasons_to_ask(held_in(FILE, dated("2020-06-01")), [SeasonMetadata(1)]) == []


@pytest.mark.parametrize(
    ("guess", "title"),
    [
        (Guess(Kind.EPISODE, "Show", season=1, episodes=(1,), episode_title="Pilot"), "Pilot"),
        (Guess(Kind.EPISODE, "Show", season=1, episodes=(1, 2), episode_title="Pilot"), "Episode 1"),
        (Guess(Kind.EPISODE, "Show", season=1, episodes=(1,)), "Episode 1"),
        (dated("2024-03-15"), "2024-03-15"),
        (dated("2024-03-15", episode_title="Guests"), "Guests"),
    ],
)
def test_an_episode_is_called_by_its_name_number_or_day_until_somebody_knows_more(guess: Guess, title: str) -> None:
    assert provisional_title(held_in(FILE, guess)[0], guess) == title


def test_an_episode_of_an_unread_name_is_called_by_its_number() -> None:
    assert provisional_title(HeldEpisode(1, 7, FILE), None) == "Episode 7"
