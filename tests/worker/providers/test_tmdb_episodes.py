"""Where TMDB says that episodes stand, and what they are called; the stand-in answers in its shapes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from shared.kinds import MediaType, Source
from tests.tmdb_stand_in import TmdbStandIn
from worker.placing import places
from worker.providers.base import HeldEpisode, Metadata, Wanted
from worker.providers.budget import Budget
from worker.providers.json_client import new_session
from worker.providers.tmdb import TmdbProvider


@pytest.fixture
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn() as stand_in:
        yield stand_in


def a_provider(tmdb: TmdbStandIn, redis_url: str, language: str = "en-US") -> TmdbProvider:
    return TmdbProvider(
        tmdb.key,
        base_url=tmdb.url,
        image_base_url=tmdb.url,
        budget=Budget(redis.Redis.from_url(redis_url), uuid4().hex, 0),
        session=new_session(4),
        language=language,
    )


@pytest.fixture
def provider(tmdb: TmdbStandIn, redis_url: str) -> TmdbProvider:
    return a_provider(tmdb, redis_url)


def absolute(*numbers: int) -> tuple[HeldEpisode, ...]:
    return tuple(HeldEpisode(1, number, Path(f"{number}.mkv"), is_absolute=True) for number in numbers)


def called(*titles: tuple[int, int, str]) -> tuple[HeldEpisode, ...]:
    return tuple(HeldEpisode(season, number, Path("a.mkv"), title=title) for season, number, title in titles)


def a_show(title: str, *episodes: HeldEpisode, **more: object) -> Wanted:
    return Wanted(MediaType.TV_SHOW, title, episodes=episodes, **more)  # type: ignore[arg-type]


def fetched(provider: TmdbProvider, wanted: Wanted, *, brief: bool = False) -> Metadata:
    answer = provider.fetch(wanted, brief=brief)
    assert answer is not None
    return answer


def asked(tmdb: TmdbStandIn) -> list[str]:
    return [path.removeprefix("/3") for path, _ in tmdb.asked]


# Absolute numbers


def test_a_group_that_counts_absolutely_goes_before_the_sizes_of_the_seasons(
    tmdb: TmdbStandIn, provider: TmdbProvider
) -> None:
    counted = [*((1, number) for number in range(1, 11)), (3, 1), (3, 2), (2, 1)]
    tmdb.add_show(7, "Anime", 2010, {1: 10, 2: 5, 3: 5}, absolute=counted)
    held = absolute(10, 11, 13, 14)

    answer = fetched(provider, a_show("Anime", *held))

    standing = places(held, answer.seasons, answer.episodes, answer.absolute)
    assert list(standing.values()) == [(1, 10), (3, 1), (2, 1), (2, 4)]
    assert {episode.season for episode in answer.episodes} == {1, 2, 3}
    assert asked(tmdb) == ["/search/tv", "/tv/7", "/tv/episode_group/absolute7", "/tv/7"]


def test_without_absolute_numbers_nobody_asks_for_groups(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(7, "Anime", 2010, {1: 10, 2: 5}, absolute=[(2, 1)])

    answer = fetched(provider, a_show("Anime", HeldEpisode(1, 1, Path("a.mkv"))))

    assert answer.absolute == ()
    assert not any("episode_group" in f"{path} {params}" for path, params in tmdb.asked)


def test_a_show_without_such_a_group_costs_no_request_more(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(7, "Anime", 2010, {1: 10, 2: 5})

    assert fetched(provider, a_show("Anime", *absolute(3))).absolute == ()
    assert asked(tmdb) == ["/search/tv", "/tv/7"]


# Languages


GERMAN = {(1, 1): {"name": "Anfang", "overview": "Es beginnt."}, (1, 2): {"name": "Mitte", "overview": ""}}
ENGLISH = {
    (1, 2): {"name": "Middle", "overview": "It goes on."},
    (1, 3): {"name": "End", "overview": ""},
    (1, 4): {"name": "After"},
}
DANISH = {(1, 3): {"name": "Slut", "overview": "Det slutter."}}


def test_what_a_language_lacks_of_episodes_is_told_in_english_or_else_in_the_original_one(
    tmdb: TmdbStandIn, redis_url: str
) -> None:
    spoken = {"de": GERMAN, "en": ENGLISH, "da": DANISH}
    tmdb.add_show(7, "Borgen", 2010, {1: 4}, spoken=spoken, original_language="da")
    held = called(*((1, number, "") for number in (1, 2, 3)))

    answer = fetched(a_provider(tmdb, redis_url, "de-DE"), a_show("Borgen", *held))

    assert [(episode.title, episode.overview) for episode in answer.episodes[:3]] == [
        ("Anfang", "Es beginnt."),
        ("Mitte", "It goes on."),
        ("End", "Det slutter."),
    ]
    assert [params["language"] for path, params in tmdb.asked if path == "/3/tv/7"] == ["de-DE", "en", "da"]


def test_nothing_is_asked_in_english_for_episodes_without_files(tmdb: TmdbStandIn, redis_url: str) -> None:
    tmdb.add_show(7, "Borgen", 2010, {1: 4}, spoken={"de": GERMAN, "en": ENGLISH})

    fetched(a_provider(tmdb, redis_url, "de-DE"), a_show("Borgen", HeldEpisode(1, 1, Path("a.mkv"))))

    assert asked(tmdb) == ["/search/tv", "/tv/7"]


def test_in_english_no_other_language_is_asked(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(7, "Borgen", 2010, {1: 4}, spoken={"da": DANISH}, original_language="da")

    fetched(provider, a_show("Borgen", HeldEpisode(1, 3, Path("a.mkv"))))

    assert asked(tmdb) == ["/search/tv", "/tv/7"]


# What episodes say of their show


def test_of_two_shows_of_a_name_it_is_the_one_whose_episodes_are_called_so(
    tmdb: TmdbStandIn, provider: TmdbProvider
) -> None:
    tmdb.add_show(1, "Heroes", 2006, {1: 10}, popularity=50.0, episodes={(1, 2): {"name": "The Return"}})
    tmdb.add_show(2, "Heroes", 2015, {1: 10}, popularity=9.0, episodes={(1, 2): {"name": "The Long Road"}})

    answer = fetched(provider, a_show("Heroes", *called((1, 2, "The Long Road"))), brief=True)

    assert answer.ids[Source.TMDB] == "2"
    assert answer.match.parts["episodeTitles"] == 1.0
    assert asked(tmdb) == ["/search/tv", "/tv/1", "/tv/2"]


def test_of_two_shows_of_a_name_it_is_the_one_that_was_on_that_day(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    first, second = ({(1, 2): {"air_date": day}} for day in ("2016-04-01", "2016-04-09"))
    tmdb.add_show(1, "Daily", 2006, {1: 10}, popularity=50.0, episodes=first)
    tmdb.add_show(2, "Daily", 2015, {1: 10}, popularity=50.0, episodes=second)
    held = HeldEpisode(2016, 409, Path("a.mkv"), air_date=date(2016, 4, 9))

    answer = fetched(provider, a_show("Daily", held))

    assert answer.ids[Source.TMDB] == "2"
    assert answer.match.parts["airDates"] == 1.0


def test_a_show_that_began_later_is_not_looked_at(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(1, "Daily", 2020, {1: 10})
    tmdb.add_show(2, "Daily", 2009, {1: 10})
    held = HeldEpisode(2009, 121, Path("a.mkv"), air_date=date(2009, 1, 21))

    assert fetched(provider, a_show("Daily", held)).ids[Source.TMDB] == "2"
