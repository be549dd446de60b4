"""TVmaze, asked over a real socket; the stand-in answers in its shapes."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kinds import MediaType, Role, Source
from tests.tvmaze_stand_in import TvmazeStandIn
from worker.providers import json_client, tvmaze_shapes
from worker.providers.base import Credit, HeldEpisode, Match, Metadata, ProviderError, Wanted
from worker.providers.budget import Budget
from worker.providers.fields import plain
from worker.providers.json_client import new_session
from worker.providers.tvmaze import TvmazeProvider


@pytest.fixture
def tvmaze() -> Iterator[TvmazeStandIn]:
    with TvmazeStandIn() as stand_in:
        stand_in.add_show(82, "The Quiet Harbour", 2011, {1: 3, 2: 4})
        stand_in.add_show(90, "The Quiet Harbour Murders", 2019)
        yield stand_in


@pytest.fixture
def budget(redis_url: str) -> Budget:
    return Budget(redis.Redis.from_url(redis_url), uuid4().hex, 0)


@pytest.fixture
def provider(tvmaze: TvmazeStandIn, budget: Budget) -> TvmazeProvider:
    return a_provider(tvmaze.url, budget)


def a_provider(url: str, budget: Budget, timeout: tuple[float, float] = (3.05, 10)) -> TvmazeProvider:
    return TvmazeProvider(base_url=url, budget=budget, session=new_session(4), timeout=timeout)


def a_show(*held: tuple[int, int], title: str = "The Quiet Harbour", year: int | None = 2011, **more: object) -> Wanted:
    episodes = tuple(HeldEpisode(season, number, Path(f"/tv/{season}x{number}.mkv")) for season, number in held)
    return Wanted(MediaType.TV_SHOW, title, year, episodes=episodes, **more)  # type: ignore[arg-type]


def fetched(provider: TvmazeProvider, wanted: Wanted, *, brief: bool = False) -> Metadata:
    metadata = provider.fetch(wanted, brief=brief)
    assert metadata is not None
    return metadata


def refused(provider: TvmazeProvider, wanted: Wanted | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        provider.fetch(wanted or a_show(), brief=False)
    return raised.value


def test_a_show_is_told_in_two_requests(tvmaze: TvmazeStandIn, provider: TvmazeProvider) -> None:
    show = fetched(provider, a_show((2, 1)))

    assert (show.provider, show.title, show.is_brief) == ("tvmaze", "The Quiet Harbour", False)
    assert show.description == "The Quiet Harbour is about a town & its people.\nThey talk."
    assert (show.release_date, show.rating, show.duration) == (date(2011, 1, 20), 8.4, 55)
    assert (show.genres, show.network) == (("Drama", "Science-Fiction"), "Example Network")
    assert show.ids == {Source.TVMAZE: "82", Source.IMDB: "tt0000082", Source.TVDB: "80082"}
    assert show.poster == f"{tvmaze.url}/uploads/original/show82.jpg"
    assert show.credits == (Credit("Ann Example", Role.ACTOR, "The Mayor"), Credit("Bob Sample", Role.ACTOR))
    assert show.match.score == 1.0
    assert tvmaze.asked == [
        ("/search/shows", {"q": ["The Quiet Harbour"]}),
        ("/shows/82", {"embed[]": ["episodes", "seasons", "cast"]}),
    ]


def test_all_seasons_are_told_and_the_episodes_of_those_that_are_held(provider: TvmazeProvider) -> None:
    show = fetched(provider, a_show((2, 1)))

    assert [(season.number, season.episodes, season.overview) for season in show.seasons] == [
        (1, 3, "Season 1 of it."),
        (2, 4, "Season 2 of it."),
    ]
    assert [(episode.season, episode.episode) for episode in show.episodes] == [(2, n) for n in (1, 2, 3, 4)]
    first = show.episodes[0]
    assert (first.title, first.runtime, first.air_date) == ("Episode 2x01", 45, date(2010, 1, 1))
    assert (first.overview, first.still is not None) == ("What happens in episode 1.", True)


def test_an_episode_by_its_date_brings_the_seasons_in_which_it_may_have_aired(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    tvmaze.add_show(7, "Daily", 2009, dict.fromkeys(range(1, 7), 3))
    held = HeldEpisode(2010, 102, Path("/tv/a.mkv"), air_date=date(2010, 1, 2))

    show = fetched(provider, Wanted(MediaType.TV_SHOW, "Daily", 2009, episodes=(held,)))

    assert date(2010, 1, 2) in {episode.air_date for episode in show.episodes}
    assert {episode.season for episode in show.episodes} < {1, 2, 3}


def test_a_season_that_still_runs_has_as_many_episodes_as_are_planned(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    planned = [{"number": 1, "episodeOrder": 8}, {"number": 2, "episodeOrder": None}, {"number": "3"}]
    listed = [{"season": 1, "number": 1, "name": "One"}, {"season": 2, "number": 1}, {"season": 2, "number": 2}]
    tvmaze.add_show(7, "Unfinished", 2020, _seasons=planned, _episodes=listed)

    show = fetched(provider, a_show(ids={Source.TVMAZE: "7"}))

    assert [(season.number, season.episodes) for season in show.seasons] == [(1, 8), (2, 2)]


def test_a_special_is_told_under_the_number_of_the_file_that_is_called_like_it(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    tvmaze.add_show(7, "Festive", 2020, specials=["The Making Of", "A Christmas Tale"])
    titles = {(0, 1): "A christmas tale", (0, 2): "Unheard Of", (1, 1): None}
    held = tuple(HeldEpisode(*place, Path(f"{place}.mkv"), title=title) for place, title in titles.items())

    show = fetched(provider, Wanted(MediaType.TV_SHOW, "Festive", 2020, episodes=held))

    specials = [(episode.season, episode.episode, episode.title) for episode in show.episodes if not episode.season]
    assert specials == [(0, 1, "A Christmas Tale")]
    assert tvmaze.paths == ["/search/shows", "/shows/7", "/shows/7/episodes"]


def test_of_two_shows_of_a_name_it_is_the_one_that_has_the_episodes(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    tvmaze.add_show(1, "Heroes", 2006, {1: 3}, weight=90)
    tvmaze.add_show(2, "Heroes", 2015, {1: 9}, weight=80)

    show = fetched(provider, a_show((1, 8), title="Heroes", year=None))

    assert (show.ids[Source.TVMAZE], show.match.is_doubtful) == ("2", False)


def test_specials_have_no_number_and_are_told_under_none(tvmaze: TvmazeStandIn, provider: TvmazeProvider) -> None:
    special = {"season": 1, "number": None, "type": "significant_special", "name": "A Christmas Tale"}
    tvmaze.add_show(7, "Festive", 2020, _episodes=[{"season": 1, "number": 1, "name": "One"}, special])

    show = fetched(provider, a_show((0, 1), (1, 1), ids={Source.TVMAZE: "7"}))

    assert [(episode.season, episode.episode, episode.title) for episode in show.episodes] == [(1, 1, "One")]


def test_a_search_answer_that_is_sure_suffices_where_it_may_be_brief(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    show = fetched(provider, a_show((1, 1)), brief=True)

    assert (show.title, show.is_brief, show.poster is not None) == ("The Quiet Harbour", True, True)
    assert (show.ids[Source.TVMAZE], show.seasons, show.credits) == ("82", (), ())
    assert tvmaze.paths == ["/search/shows"]


def test_details_that_follow_a_brief_answer_keep_its_reason(tvmaze: TvmazeStandIn, provider: TvmazeProvider) -> None:
    brief = fetched(provider, a_show(), brief=True)

    show = fetched(provider, a_show(ids=brief.ids, match=brief.match))

    assert (show.match, show.is_brief, show.title) == (brief.match, False, "The Quiet Harbour")
    assert tvmaze.paths == ["/search/shows", "/shows/82"]


@pytest.mark.parametrize(
    ("ids", "asked"),
    [
        ({Source.TVMAZE: "90"}, ["/shows/90"]),
        ({Source.IMDB: "tt0000090"}, ["/lookup/shows", "/shows/90"]),
        ({Source.TVDB: "80090"}, ["/lookup/shows", "/shows/90"]),
        ({Source.TVMAZE: "5", Source.TVDB: "80090"}, ["/shows/5", "/lookup/shows", "/shows/90"]),
        ({Source.IMDB: "tt9999999", Source.TVDB: "80090"}, ["/lookup/shows", "/lookup/shows", "/shows/90"]),
    ],
)
def test_ids_are_tried_before_the_title(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider, ids: dict[Source, str], asked: list[str]
) -> None:
    show = fetched(provider, a_show(ids=ids))

    assert show.title == "The Quiet Harbour Murders"
    assert (show.match.score, "id" in show.match.parts) == (1.0, True)
    assert tvmaze.paths == asked


@pytest.mark.parametrize(
    "ids",
    [{Source.TMDB: "82"}, {Source.TVMAZE: "../people/1", Source.IMDB: "?x", Source.TVDB: "0"}, {Source.TVMAZE: "7"}],
)
def test_ids_that_are_of_no_use_leave_the_title(provider: TvmazeProvider, ids: dict[Source, str]) -> None:
    assert fetched(provider, a_show(ids=ids)).ids[Source.TVMAZE] == "82"


def test_what_a_user_chose_is_never_searched_by_title(tvmaze: TvmazeStandIn, provider: TvmazeProvider) -> None:
    assert provider.fetch(a_show(ids={Source.TMDB: "1"}, is_chosen=True), brief=False) is None
    assert tvmaze.paths == []


def test_a_film_is_never_asked_for(tvmaze: TvmazeStandIn, provider: TvmazeProvider) -> None:
    assert provider.fetch(Wanted(MediaType.MOVIE, "The Quiet Harbour", ids={Source.TVMAZE: "82"}), brief=False) is None
    assert tvmaze.paths == []


def test_an_unknown_show_is_no_answer(provider: TvmazeProvider) -> None:
    assert provider.fetch(a_show(title="Zzyzx Nonesuch"), brief=False) is None


def test_names_that_are_not_near_enough_are_candidates(provider: TvmazeProvider) -> None:
    show = fetched(provider, a_show(title="Harbour Murders of Old", year=1980))

    assert show.title is None
    first = show.match.runners_up[0]
    assert (first["source"], first["externalId"] in {"82", "90"}) == ("TVMAZE", True)


def test_all_that_a_name_could_mean_is_searched_before_a_show_is_given_up(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    others = ("Sundhavn", "Le Port", "The Quiet Harbour")

    assert fetched(provider, a_show(title="Der stille Hafen", other_titles=others)).title == "The Quiet Harbour"
    assert [path for path in tvmaze.paths if path == "/search/shows"] == ["/search/shows"] * 4


def test_another_of_its_titles_finds_a_show(tvmaze: TvmazeStandIn, provider: TvmazeProvider) -> None:
    tvmaze.add_show(7, "La Maison Close", 2017, _akas=[{"name": "Haus ohne Fenster", "country": {"code": "DE"}}])

    assert fetched(provider, a_show(title="Haus ohne Fenster", year=2017)).ids[Source.TVMAZE] == "7"
    assert tvmaze.paths[-2:] == ["/shows/7", "/shows/7"]


@pytest.mark.parametrize(
    ("status", "body", "cause", "permanent"),
    [
        (500, b"{}", "tvmaze-unavailable", False),
        (403, b"{}", "tvmaze-refused", True),
        (200, b"<html>", "tvmaze-garbage", False),
        (200, b"[" * 100_000, "tvmaze-garbage", False),
        (200, b'"x"', "tvmaze-garbage", False),
        (404, b"<html>", "tvmaze-garbage", False),
    ],
)
def test_every_failure_has_its_cause(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider, status: int, body: bytes, cause: str, *, permanent: bool
) -> None:
    tvmaze.fail_next(status, body=body)

    error = refused(provider)

    assert (error.cause, error.permanent) == (cause, permanent)


def test_too_many_requests_are_a_pause_for_everybody(tvmaze: TvmazeStandIn, redis_url: str) -> None:
    budget = Budget(redis.Redis.from_url(redis_url), uuid4().hex, 0)
    tvmaze.fail_next(429, headers={"Retry-After": "7"})

    error = refused(a_provider(tvmaze.url, budget))

    assert (error.cause, error.permanent, error.retry_after) == ("tvmaze-rate-limited", False, 7.0)
    assert 6 < budget.waiting_seconds() <= 7


def test_a_server_that_is_away_or_slow_is_worth_a_retry(tvmaze: TvmazeStandIn, budget: Budget) -> None:
    away = refused(a_provider("http://127.0.0.1:1", budget))
    tvmaze.fail_next(0, times=2)
    gone = refused(a_provider(tvmaze.url, budget))
    tvmaze.latency = 0.3
    slow = refused(a_provider(tvmaze.url, budget, timeout=(1, 0.05)))

    assert (away.cause, away.permanent) == (gone.cause, gone.permanent) == ("tvmaze-unreachable", False)
    assert (slow.cause, slow.permanent) == ("tvmaze-timeout", False)


def test_a_connection_that_was_closed_meanwhile_is_opened_again(
    tvmaze: TvmazeStandIn, provider: TvmazeProvider
) -> None:
    fetched(provider, a_show())
    tvmaze.fail_next(0)

    assert fetched(provider, a_show()).title == "The Quiet Harbour"


def test_only_a_show_of_tvmaze_is_looked_up_at_a_location() -> None:
    assert tvmaze_shapes.id_in("https://api.tvmaze.com/shows/82") == "82"
    assert tvmaze_shapes.id_in("/shows/82") == "82"
    for location in (None, "", "https://api.tvmaze.com/people/82", "/shows/82/../83", "https://x/?/shows/82"):
        assert tvmaze_shapes.id_in(location) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One.<br>Two.<BR />Three", "One.\nTwo.\nThree"),
        ("<p>Tom &amp; <i>Jerry</i> &lt;3</p>", "Tom & Jerry <3"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("<p onclick='x'> \n a   b </p>", "a b"),
        ("<![foo[", "<![foo["),
        ("<a" * 50_000, "<a" * 50_000),
        ("<p></p>", None),
        (7, None),
    ],
)
def test_html_becomes_plain_text(written: object, expected: str | None) -> None:
    assert plain(written) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "id", "name", "genres", "runtime", "premiered", "rating", "network", "webChannel", "externals", "image", "summary"
)  # fmt: skip
PARTS = st.fixed_dictionaries({}, optional={"episodes": JSON, "seasons": JSON, "cast": JSON})


@settings(max_examples=150)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON) | {"_embedded": PARTS | JSON}))
def test_whatever_shape_an_answer_has_it_is_read(details: dict[str, object]) -> None:
    seasons = tvmaze_shapes.seasons(details)
    tvmaze_shapes.episodes(details, (HeldEpisode(1, 1, Path("/a.mkv")),), seasons)
    show = tvmaze_shapes.show(details, Match(1.0))

    found = tvmaze_shapes.found([{"show": details}, details])
    assert all(tvmaze_shapes.candidate(one).title for one in found)
    json.dumps([show.title, show.description, show.genres, [credit.name for credit in show.credits]]).encode()


def test_an_answer_that_does_not_end_is_given_up(provider: TvmazeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    assert provider.fetch(a_show(), brief=False) is not None
    monkeypatch.setattr(json_client, "MOST_BYTES", 100)

    error = refused(provider)

    assert (error.cause, error.permanent) == ("tvmaze-garbage", False)
