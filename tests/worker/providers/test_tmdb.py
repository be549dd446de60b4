"""TMDB, asked over a real socket; the stand-in answers in its shapes."""

import json
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kinds import MediaType, Role, Source
from tests.tmdb_stand_in import TmdbStandIn
from worker.providers import tmdb_candidates
from worker.providers.base import Credit, HeldEpisode, Match, Metadata, ProviderError, Wanted
from worker.providers.billing import MOST_OF_A_ROLE
from worker.providers.budget import Budget
from worker.providers.json_client import new_session
from worker.providers.tmdb import TmdbProvider
from worker.providers.tmdb_shapes import Shapes

FILM_PARTS = "external_ids,credits,videos,release_dates"
SHOW_PARTS = "external_ids,credits,videos,content_ratings"
EN = {"language": "en-US"}
IMAGES = "https://image.example"
SHAPES = Shapes(IMAGES, "en-US", "US")


@pytest.fixture
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn() as stand_in:
        stand_in.add_movie(603, "The Matrix", 1999)
        stand_in.add_movie(604, "The Matrix Reloaded", 2003)
        stand_in.add_show(1396, "Breaking Bad", 2008, {0: 2, 1: 7, 2: 13})
        yield stand_in


@pytest.fixture
def budget(redis_url: str) -> Budget:
    return Budget(redis.Redis.from_url(redis_url), uuid4().hex, 0)


def a_provider(
    stand_in: TmdbStandIn,
    budget: Budget,
    *,
    key: str | None = None,
    timeout: tuple[float, float] = (3.05, 10),
    base_url: str | None = None,
    language: str = "en-US",
    country: str = "US",
) -> TmdbProvider:
    return TmdbProvider(
        key or stand_in.key,
        base_url=base_url or stand_in.url,
        image_base_url=IMAGES,
        budget=budget,
        session=new_session(32),
        language=language,
        country=country,
        timeout=timeout,
    )


def a_film(title: str = "The Matrix", year: int | None = 1999, ids: dict[Source, str] | None = None) -> Wanted:
    return Wanted(MediaType.MOVIE, title, year, ids=ids or {})


def a_show(*seasons: int, title: str = "Breaking Bad", ids: dict[Source, str] | None = None) -> Wanted:
    held = tuple(HeldEpisode(season, 1, Path(f"/tv/s{season}.mkv")) for season in seasons)
    return Wanted(MediaType.TV_SHOW, title, 2008, ids=ids or {}, episodes=held)


def fetched(provider: TmdbProvider, wanted: Wanted, *, brief: bool = False) -> Metadata:
    metadata = provider.fetch(wanted, brief=brief)
    assert metadata is not None
    return metadata


def refused(provider: TmdbProvider, wanted: Wanted | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        provider.fetch(wanted or a_film(), brief=False)
    return raised.value


def test_a_film_is_found_by_title_and_year_in_two_requests(tmdb: TmdbStandIn, budget: Budget) -> None:
    film = fetched(a_provider(tmdb, budget), a_film())

    assert (film.provider, film.title, film.original_title) == ("tmdb", "The Matrix", "The Matrix")
    assert film.description == "What happens in The Matrix."
    assert film.release_date == date(1999, 3, 31)
    assert film.rating == pytest.approx(6.3)
    assert film.genres == ("Drama", "Science Fiction")
    assert film.ids == {Source.TMDB: "603", Source.IMDB: "tt0000603"}
    assert film.poster == f"{IMAGES}/t/p/w500/poster603.jpg"
    assert film.backdrop == f"{IMAGES}/t/p/w1280/backdrop603.jpg"
    assert film.trailer_url == "https://www.youtube.com/watch?v=trailer0603"
    assert (film.duration, film.creator, film.network) == (93, None, None)
    assert film.credits == (
        Credit("Ann Example", Role.ACTOR, "The Lead"),
        Credit("Bob Sample 3", Role.ACTOR, "Number 603"),
        Credit("Cy Extra", Role.ACTOR),
        Credit("Dee Vision 3", Role.DIRECTOR),
        Credit("Eve Script", Role.WRITER),
    )
    assert film.certification == "PG-13"
    assert film.studios == ("Example Pictures", "Sample Studio 1")
    assert film.collection is None
    assert not film.is_brief
    assert tmdb.asked == [
        ("/3/search/movie", EN | {"query": "The Matrix", "year": "1999"}),
        ("/3/movie/603", EN | {"append_to_response": FILM_PARTS}),
    ]


def test_the_match_names_its_runners_up(tmdb: TmdbStandIn, budget: Budget) -> None:
    film = fetched(a_provider(tmdb, budget), a_film(year=None))

    assert film.match.score == 0.8  # the very title; the name has no year
    assert not film.match.is_doubtful
    assert "The Matrix Reloaded" in {str(candidate["title"]) for candidate in film.match.runners_up}


def test_a_wrong_year_is_searched_again_without_it(tmdb: TmdbStandIn, budget: Budget) -> None:
    film = fetched(a_provider(tmdb, budget), a_film(year=2000))

    assert film.ids[Source.TMDB] == "603"
    assert [params.get("year") for path, params in tmdb.asked if "search" in path] == ["2000", None]


def test_an_unknown_film_is_no_answer(tmdb: TmdbStandIn, budget: Budget) -> None:
    provider = a_provider(tmdb, budget)

    assert provider.fetch(a_film("Zzyzx Nonesuch"), brief=False) is None
    assert provider.fetch(Wanted(MediaType.MUSIC, "A Song"), brief=False) is None
    assert provider.types == {MediaType.MOVIE, MediaType.TV_SHOW}


@pytest.mark.parametrize(
    ("ids", "asked"),
    [
        ({Source.TMDB: "603"}, ["/3/movie/603"]),
        ({Source.IMDB: "tt0000603"}, ["/3/find/tt0000603", "/3/movie/603"]),
        ({Source.TMDB: "99", Source.IMDB: "tt0000603"}, ["/3/movie/99", "/3/find/tt0000603", "/3/movie/603"]),
        ({Source.TMDB: "99"}, ["/3/movie/99", "/3/search/movie", "/3/movie/603"]),
        ({Source.IMDB: "tt7777777"}, ["/3/find/tt7777777", "/3/search/movie", "/3/movie/603"]),
        ({Source.TMDB: "../tv/1", Source.IMDB: "?x"}, ["/3/search/movie", "/3/movie/603"]),
    ],
)
def test_ids_are_tried_before_the_title(
    tmdb: TmdbStandIn, budget: Budget, ids: dict[Source, str], asked: list[str]
) -> None:
    film = fetched(a_provider(tmdb, budget), a_film(ids=ids))

    assert film.title == "The Matrix"
    assert [path for path, _ in tmdb.asked] == asked


def test_a_show_is_told_with_the_seasons_that_are_held(tmdb: TmdbStandIn, budget: Budget) -> None:
    show = fetched(a_provider(tmdb, budget), a_show(0, 2, ids={Source.TVDB: "81396"}))

    assert (show.title, show.creator, show.network) == ("Breaking Bad", "Vince Example", "Example Network")
    assert (show.credits[0].name, show.credits[-1]) == ("Ann Example", Credit("Vince Example", Role.CREATOR))
    assert show.release_date == date(2008, 1, 20)
    assert show.ids == {Source.TMDB: "1396", Source.IMDB: "tt0001396", Source.TVDB: "81396"}
    assert show.certification == "TV-14"
    assert show.studios == ("Example Pictures", "Sample Studio 3")
    assert [(season.number, season.name, season.episodes, season.poster) for season in show.seasons] == [
        (0, "Specials", 2, f"{IMAGES}/t/p/w342/season1396-0.jpg"),
        (1, "Season 1", 7, f"{IMAGES}/t/p/w342/season1396-1.jpg"),
        (2, "Season 2", 13, f"{IMAGES}/t/p/w342/season1396-2.jpg"),
    ]
    assert [(episode.season, episode.episode) for episode in show.episodes] == [
        *((0, number) for number in (1, 2)),
        *((2, number) for number in range(1, 14)),
    ]
    first = show.episodes[2]
    assert (first.title, first.runtime, first.air_date) == ("Episode 2x01", 45, date(2010, 1, 2))
    assert first.still == f"{IMAGES}/t/p/w300/still1396-2-1.jpg"
    assert tmdb.asked[-1] == ("/3/tv/1396", EN | {"append_to_response": f"{SHOW_PARTS},season/0,season/2"})


def test_many_seasons_take_a_request_for_each_twenty(tmdb: TmdbStandIn, budget: Budget) -> None:
    tmdb.add_show(7, "Breaking Bad", 2008, dict.fromkeys(range(1, 46), 3))

    show = fetched(a_provider(tmdb, budget), a_show(*range(1, 61), ids={Source.TMDB: "7"}))

    assert [len(params["append_to_response"].split(",")) for _, params in tmdb.asked] == [20, 20, 9]
    assert [season.number for season in show.seasons] == list(range(1, 46))
    assert len(show.episodes) == 45 * 3


def test_a_v4_token_goes_into_a_header_and_a_v3_key_into_the_address(tmdb: TmdbStandIn, budget: Budget) -> None:
    fetched(a_provider(tmdb, budget, key=f" {tmdb.token}\n"), a_film())
    assert tmdb.last_headers["authorization"] == f"Bearer {tmdb.token}"

    fetched(a_provider(tmdb, budget), a_film())
    assert "authorization" not in tmdb.last_headers


def test_two_keys_in_one_process_never_mix(tmdb: TmdbStandIn, budget: Budget) -> None:
    right, wrong = a_provider(tmdb, budget), a_provider(tmdb, budget, key="f" * 32)

    def ask(number: int) -> str:
        try:
            (wrong if number % 2 else right).fetch(a_film(), brief=False)
        except ProviderError as error:
            return error.cause
        return "found"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(80)))

    assert answers == ["found", "tmdb-unauthorized"] * 40


def test_connections_are_kept_and_shared_by_many_threads(tmdb: TmdbStandIn, budget: Budget) -> None:
    tmdb.latency = 0.05
    provider = a_provider(tmdb, budget)

    with ThreadPoolExecutor(16) as pool:
        films = list(pool.map(lambda _: fetched(provider, a_film()), range(100)))

    assert {film.title for film in films} == {"The Matrix"}
    assert tmdb.requests.total() == 200
    assert tmdb.connections <= 16
    assert tmdb.peak_concurrent > 8


def test_every_request_is_taken_from_the_budget(tmdb: TmdbStandIn, redis_url: str) -> None:
    budget = Budget(redis.Redis.from_url(redis_url), uuid4().hex, 20)
    provider = a_provider(tmdb, budget)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fetched(provider, a_film()), range(30)))

    assert tmdb.requests.total() == 60
    assert tmdb.per_second < 32
    assert tmdb.peak_per_second <= 23  # by their arrival, which is a moment after their turn


@pytest.mark.parametrize(
    ("status", "cause", "permanent"),
    [
        (401, "tmdb-unauthorized", True),
        (403, "tmdb-unauthorized", True),
        (400, "tmdb-refused", True),
        (422, "tmdb-refused", True),
        (301, "tmdb-refused", True),
        (500, "tmdb-unavailable", False),
        (503, "tmdb-unavailable", False),
        (504, "tmdb-unavailable", False),
    ],
)
def test_refusals_are_told_apart(
    tmdb: TmdbStandIn, budget: Budget, *, status: int, cause: str, permanent: bool
) -> None:
    tmdb.fail_next(status)

    error = refused(a_provider(tmdb, budget))

    assert (error.cause, error.permanent) == (cause, permanent)
    assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2),
        (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True), 20),
        ("99999999", 3600),
        ("soon", 5),
        ("-1", 5),
        (None, 5),
    ],
)
def test_a_rate_limit_pauses_everybody_for_as_long_as_tmdb_asks(
    tmdb: TmdbStandIn, budget: Budget, header: object, seconds: int
) -> None:
    value = header() if callable(header) else header
    tmdb.fail_next(429, headers={"Retry-After": value} if value else {})

    error = refused(a_provider(tmdb, budget))

    assert (error.cause, error.permanent) == ("tmdb-rate-limited", False)
    assert error.retry_after == pytest.approx(seconds, abs=1.5)
    assert budget.waiting_seconds() == pytest.approx(seconds, abs=1.5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"{}",
        b'{"results": null}',
        b'{"results": {"a": 1}}',
        b"\xff\xfe\xfa",
        b"[" * 100_000,
        b"9" * 5000,
    ],
)
def test_an_answer_in_another_shape_is_garbage(tmdb: TmdbStandIn, budget: Budget, body: bytes) -> None:
    tmdb.fail_next(200, body=body, times=2)

    error = refused(a_provider(tmdb, budget))
    assert (error.cause, error.permanent) == ("tmdb-garbage", False)


def test_details_without_an_id_are_garbage(tmdb: TmdbStandIn, budget: Budget) -> None:
    tmdb.fail_next(200, body=b'{"title": "The Matrix"}')

    assert refused(a_provider(tmdb, budget), a_film(ids={Source.TMDB: "603"})).cause == "tmdb-garbage"


def test_a_404_that_is_not_tmdbs_says_nothing_about_a_film(tmdb: TmdbStandIn, budget: Budget) -> None:
    tmdb.fail_next(404, body=b"<html>nginx</html>")

    assert refused(a_provider(tmdb, budget)).cause == "tmdb-garbage"


def test_a_slow_tmdb_is_a_time_out(tmdb: TmdbStandIn, budget: Budget) -> None:
    tmdb.latency = 1

    error = refused(a_provider(tmdb, budget, timeout=(0.2, 0.2)))

    assert (error.cause, error.permanent) == ("tmdb-timeout", False)


def test_a_tmdb_that_stops_in_the_middle_of_an_answer_is_a_time_out(tmdb: TmdbStandIn, budget: Budget) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def stall() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
                time.sleep(0.6)

        pool.submit(stall)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        error = refused(a_provider(tmdb, budget, timeout=(0.2, 0.2), base_url=url))

    assert (error.cause, error.permanent) == ("tmdb-timeout", False)


def test_a_tmdb_that_is_away_cannot_be_reached(tmdb: TmdbStandIn, budget: Budget) -> None:
    error = refused(a_provider(tmdb, budget, base_url="http://127.0.0.1:1"))

    assert (error.cause, error.permanent) == ("tmdb-unreachable", False)


def test_a_kept_connection_that_was_closed_is_opened_again(tmdb: TmdbStandIn, budget: Budget) -> None:
    provider = a_provider(tmdb, budget)
    fetched(provider, a_film())
    tmdb.fail_next(0)

    assert fetched(provider, a_film()).title == "The Matrix"

    tmdb.fail_next(0, times=2)
    assert refused(provider).cause == "tmdb-unreachable"


@pytest.mark.parametrize("base_url", [None, "http://127.0.0.1:1", "nonsense://"])
@pytest.mark.parametrize("status", [0, 401, 500])
def test_no_error_and_no_log_holds_the_key(
    tmdb: TmdbStandIn, budget: Budget, caplog: pytest.LogCaptureFixture, base_url: str | None, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    tmdb.fail_next(status, times=2)

    error = refused(a_provider(tmdb, budget, base_url=base_url))

    assert tmdb.key not in "".join(traceback.format_exception(error))
    assert tmdb.key not in caplog.text


def test_texts_and_numbers_that_no_database_takes_are_left_out() -> None:
    details = {
        "id": 603,
        "title": "The\0 Matrix\ud800",
        "overview": "\0",
        "release_date": "0000-00-00",
        "vote_average": 8.2,
        "vote_count": 0,
        "runtime": 2**40,
        "poster_path": "../../etc/passwd",
        "genres": [None, {"name": None}, {"name": "Drama"}, {"name": "Drama"}, 7],
        "external_ids": {"imdb_id": "", "tvdb_id": 0},
        "videos": {"results": [{"site": "YouTube", "type": "Trailer", "key": "a&b=c"}]},
    }

    film = SHAPES.movie(details, Match(1.0))

    assert film == Metadata("tmdb", Match(1.0), title="The Matrix", genres=("Drama",), ids={Source.TMDB: "603"})


def test_the_official_trailer_comes_first() -> None:
    kinds = [
        ("teaser1", "Teaser", True),
        ("fan-made", "Trailer", False),
        ("first1", "Trailer", True),
        ("second", "Trailer", True),
    ]
    videos = [{"site": "YouTube", "key": key, "type": kind, "official": official} for key, kind, official in kinds]

    film = SHAPES.movie({"id": 1, "videos": {"results": videos}}, Match(1.0))

    assert film.trailer_url == "https://www.youtube.com/watch?v=first1"


def credits_of(credited: object) -> tuple[Credit, ...]:
    return SHAPES.movie({"id": 1, "credits": credited}, Match(1.0)).credits


def test_the_cast_comes_in_its_order_and_not_all_of_it() -> None:
    cast = [{"name": f"Actor {order}", "character": f"Number {order}", "order": order} for order in range(99, -1, -1)]

    billed = credits_of({"cast": [{"name": "Unplaced"}, *cast]})

    expected = [Credit(f"Actor {order}", Role.ACTOR, f"Number {order}") for order in range(MOST_OF_A_ROLE)]
    assert list(billed) == expected


def test_a_crew_is_read_by_its_jobs() -> None:
    jobs = [
        ("Ida Dunn", "Novel"),
        ("Max Lens", "Director of Photography"),
        ("Ida Dunn", "Director"),
        ("Jo Page", "Screenplay"),
        ("Ida Dunn", "Author"),
        ("Kit Cash", "Executive Producer"),
    ]

    billed = credits_of({"crew": [{"name": name, "job": job} for name, job in jobs]})

    assert billed == (
        Credit("Ida Dunn", Role.DIRECTOR),
        Credit("Ida Dunn", Role.WRITER),
        Credit("Jo Page", Role.WRITER),
    )


@pytest.mark.parametrize(
    "credited",
    [
        None,
        "x",
        [],
        {"cast": None, "crew": 7},
        {"cast": {"name": "A"}, "crew": "Director"},
        {"cast": [None, 7, "A", {}, {"name": None}, {"name": " "}, {"name": ["A"]}, {"name": "\0"}]},
        {"crew": [{"name": "A"}, {"name": "A", "job": None}, {"name": "A", "job": ["Director"]}, {"job": "Director"}]},
    ],
)
def test_credits_in_another_shape_are_none(credited: object) -> None:
    assert credits_of(credited) == ()


def test_a_cast_without_an_order_comes_last_as_it_is_listed() -> None:
    orders: list[object] = [None, "1", -1, 1.5, True, float("nan"), 2**70, 3, 0]

    billed = credits_of(
        {"cast": [{"name": str(place), "order": order, "character": 7} for place, order in enumerate(orders)]}
    )

    assert [credit.name for credit in billed] == ["8", "7", "0", "1", "2", "3", "4", "5", "6"]
    assert {credit.character for credit in billed} == {None}


_WORDS = st.sampled_from(
    [
        "credits",
        "cast",
        "crew",
        "job",
        "order",
        "character",
        "id",
        "title",
        "name",
        "results",
        "seasons",
        "episodes",
        "season_number",
        "episode_number",
        "season/1",
        "videos",
        "release_date",
        "air_date",
        "runtime",
        "genres",
        "external_ids",
        "poster_path",
        "vote_average",
        "networks",
        "created_by",
        "popularity",
        "genre_ids",
        "alternative_titles",
        "titles",
        "translations",
        "iso_639_1",
        "iso_3166_1",
        "data",
        "overview",
        "original_title",
        "original_language",
        "origin_country",
        "release_dates",
        "content_ratings",
        "certification",
        "rating",
        "belongs_to_collection",
        "production_companies",
        "total_pages",
        "episode_count",
        "season/",
        "season/x",
        "key",
        "site",
        "type",
        "episode_run_time",
    ]
)
_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "0000-00-00", "Director", 1, "de", "en", "DE", "US"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_WORDS, _ANYTHING))
def test_no_json_whatever_breaks_the_reading(details: dict[str, object]) -> None:
    for found in tmdb_candidates.found(details):
        assert tmdb_candidates.candidate(found).title
    tmdb_candidates.candidate(details)
    tmdb_candidates.has_more(details)
    german = Shapes(IMAGES, "de-DE", "DE")

    for metadata in (
        german.brief(details, Match(1.0)),
        german.movie(details, Match(1.0)),
        german.show(details, Match(1.0)),
    ):
        assert "\0" not in json.dumps(repr(metadata), ensure_ascii=False)
