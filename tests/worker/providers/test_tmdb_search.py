"""How TMDB is asked: what each way of finding a title costs, and what comes of it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from shared.kinds import MediaType, Source
from tests.tmdb_stand_in import TmdbStandIn
from worker.providers.base import Collection, HeldEpisode, Match, Metadata, Wanted
from worker.providers.budget import Budget
from worker.providers.json_client import new_session
from worker.providers.tmdb import TmdbProvider

MATRIX = Wanted(MediaType.MOVIE, "The Matrix", 1999)
IMAGES = "https://image.example"


@pytest.fixture
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn() as stand_in:
        stand_in.add_movie(603, "The Matrix", 1999)
        yield stand_in


@pytest.fixture
def provider(tmdb: TmdbStandIn, redis_url: str) -> TmdbProvider:
    return a_provider(tmdb, redis_url)


def a_provider(tmdb: TmdbStandIn, redis_url: str, language: str = "en-US", country: str = "US") -> TmdbProvider:
    return TmdbProvider(
        tmdb.key,
        base_url=tmdb.url,
        image_base_url=IMAGES,
        budget=Budget(redis.Redis.from_url(redis_url), uuid4().hex, 0),
        session=new_session(4),
        language=language,
        country=country,
    )


def a_film(title: str, year: int | None = None, **more: object) -> Wanted:
    return Wanted(MediaType.MOVIE, title, year, **more)  # type: ignore[arg-type]


def a_show(title: str, *held: HeldEpisode, **more: object) -> Wanted:
    return Wanted(MediaType.TV_SHOW, title, episodes=held, **more)  # type: ignore[arg-type]


def an_episode(season: int, episode: int, **more: object) -> HeldEpisode:
    return HeldEpisode(season, episode, Path("a.mkv"), **more)  # type: ignore[arg-type]


def fetched(provider: TmdbProvider, wanted: Wanted, *, brief: bool = False) -> Metadata:
    metadata = provider.fetch(wanted, brief=brief)
    assert metadata is not None
    return metadata


def paths(tmdb: TmdbStandIn) -> list[str]:
    return [path.removeprefix("/3") for path, _ in tmdb.asked]


def queries(tmdb: TmdbStandIn) -> list[tuple[str | None, ...]]:
    """Return what was searched for: the words, the year and the page."""
    asked = [params for _, params in tmdb.asked if "query" in params]
    return [(params["query"], params.get("year"), params.get("page")) for params in asked]


def appended(tmdb: TmdbStandIn) -> list[str]:
    """Return the seasons that were appended to each request for details."""
    return [
        ",".join(part for part in params["append_to_response"].split(",") if part.startswith("season/"))
        for _, params in tmdb.asked
        if "append_to_response" in params
    ]


# In brief


def test_a_sure_search_is_a_brief_answer_in_one_request(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    film = fetched(provider, MATRIX, brief=True)

    assert film == Metadata(
        "tmdb",
        film.match,
        title="The Matrix",
        original_title="The Matrix",
        description="What happens in The Matrix.",
        release_date=date(1999, 3, 31),
        rating=film.rating,
        genres=("Drama", "Science Fiction"),
        ids={Source.TMDB: "603"},
        poster=f"{IMAGES}/t/p/w500/poster603.jpg",
        backdrop=f"{IMAGES}/t/p/w1280/backdrop603.jpg",
        is_brief=True,
    )
    assert film.rating == pytest.approx(6.3)
    assert film.match.score == 1.0
    assert paths(tmdb) == ["/search/movie"]


def test_the_rest_follows_in_one_request_under_the_same_match(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    match = Match(0.9, {"title": 1.0, "year": 0.9}, is_doubtful=True)

    film = fetched(provider, a_film("Matrix", 1998, ids={Source.TMDB: "603"}, match=match))

    assert film.match == match
    assert (film.is_brief, film.duration, len(film.credits)) == (False, 93, 5)
    assert paths(tmdb) == ["/movie/603"]


def test_a_foreign_id_is_a_brief_answer_in_one_request(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    film = fetched(provider, a_film("Whatever", ids={Source.IMDB: "tt0000603"}), brief=True)

    assert (film.title, film.is_brief, film.match) == ("The Matrix", True, Match(1.0, {"id": "IMDB"}))
    assert paths(tmdb) == ["/find/tt0000603"]


def test_its_own_id_is_a_full_answer_at_once(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    film = fetched(provider, a_film("Whatever", ids={Source.TMDB: "603"}), brief=True)

    assert (film.title, film.is_brief, film.match) == ("The Matrix", False, Match(1.0, {"id": "TMDB"}))
    assert paths(tmdb) == ["/movie/603"]


@pytest.mark.parametrize("brief", [True, False])
def test_an_id_that_the_user_chose_is_the_only_way(tmdb: TmdbStandIn, provider: TmdbProvider, *, brief: bool) -> None:
    chosen = a_film("The Matrix", 1999, ids={Source.TMDB: "99"}, is_chosen=True)

    assert provider.fetch(chosen, brief=brief) is None
    assert paths(tmdb) == ["/movie/99"]


def test_its_answers_depend_on_language_and_country(tmdb: TmdbStandIn, redis_url: str) -> None:
    provider = a_provider(tmdb, redis_url, "de-DE", "AT")

    assert provider.signature(MATRIX) == "de-DE AT"
    assert provider.is_online


# Searches


def test_a_year_that_is_off_by_one_costs_one_more_search(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    film = fetched(provider, a_film("The Matrix", 2000), brief=True)

    assert (film.title, film.is_brief) == ("The Matrix", True)
    assert queries(tmdb) == [("The Matrix", "2000", None), ("The Matrix", None, None)]
    assert len(tmdb.asked) == 2


def test_what_else_the_name_could_mean_is_searched_in_order(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    wanted = a_film("Matriks", 1999, other_titles=("Nowhere Film", "Matrix", "Other Film"))

    film = fetched(provider, wanted, brief=True)

    assert film.ids == {Source.TMDB: "603"}
    assert [words for words, *_ in queries(tmdb)] == ["Matriks", "Matriks", "Nowhere Film", "Matrix"]
    assert len(tmdb.asked) == 4


def test_a_subtitle_that_tmdb_does_not_list_is_dropped(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    film = fetched(provider, a_film("The Matrix - Remastered Truth", 1999))

    assert film.ids[Source.TMDB] == "603"
    assert film.match.is_doubtful
    assert ("The Matrix", "1999", None) in queries(tmdb)


@pytest.mark.parametrize(
    ("listed", "title"),
    [("Frost/Nixon", "FrostNixon"), ("Alien³", "Alien3"), ("Ocean's Eleven", "Ocean s Eleven")],
)
def test_words_that_are_written_otherwise_are_found(
    tmdb: TmdbStandIn, provider: TmdbProvider, listed: str, title: str
) -> None:
    tmdb.add_movie(1, listed, 2008)

    assert fetched(provider, a_film(title, 2008)).title == listed


def test_nothing_is_asked_twice(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_movie(1, "Nowhere Film: Again", 2001)
    fetched(provider, a_film("Nowhere Film - Nowhere", 1999, other_titles=("nowhere film", "Nowhere Film - Nowhere")))

    asked = [(path, tuple(sorted(params.items()))) for path, params in tmdb.asked]
    assert len(asked) == len(set(asked))
    assert len(asked) <= 9


def test_an_unknown_title_is_no_answer(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    assert provider.fetch(a_film("Zzyzx Nonesuch", 1999), brief=True) is None
    # With and without the year, by either of its words, and the year as a part of it, behind and before.
    assert len(tmdb.asked) == 6


def _many(tmdb: TmdbStandIn, number: int) -> None:
    for film in range(number):
        tmdb.add_movie(2000 + film, f"It Number {film}", 2017, popularity=500.0 - film)


def test_a_page_is_turned_where_the_first_has_only_other_films(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    _many(tmdb, 25)
    tmdb.add_movie(1, "It", 2017, popularity=2.0)

    film = fetched(provider, a_film("It", 2017), brief=True)

    assert (film.title, film.is_brief) == ("It", True)
    assert queries(tmdb) == [("It", "2017", None), ("It", "2017", "2")]


def test_no_page_is_turned_after_an_equal_title(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    _many(tmdb, 60)
    tmdb.add_movie(1, "It", 2017, popularity=999.0)

    fetched(provider, a_film("It", 2017), brief=True)

    assert queries(tmdb) == [("It", "2017", None)]


def test_no_more_than_one_page_is_turned(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    _many(tmdb, 60)

    fetched(provider, a_film("It", 2017))

    assert max(int(page or 1) for *_, page in queries(tmdb)) == 2


# The second round


def test_the_details_of_twins_are_asked_for_and_used(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_movie(1, "Heat", 1986, runtime=101, popularity=9.0)
    tmdb.add_movie(2, "Heat", 1995, runtime=170, popularity=8.0)

    film = fetched(provider, a_film("Heat", duration=168), brief=True)

    assert (film.ids[Source.TMDB], film.is_brief, film.duration) == ("2", False, 170)
    assert film.match.parts == {"title": 1.0, "year": 0.8, "duration": 1.0}
    assert not film.match.is_doubtful
    assert sorted(paths(tmdb)) == ["/movie/1", "/movie/2", "/search/movie"]


def test_what_nothing_tells_apart_is_left_to_the_user(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    for film, year in enumerate((1972, 1986, 1995, 2013), start=1):
        tmdb.add_movie(film, "Heat", year, popularity=10.0 - film)

    answer = fetched(provider, a_film("Heat"))

    assert (answer.title, answer.ids, answer.match.score) == (None, {}, 0.8)
    assert [(other["source"], other["externalId"], other["year"]) for other in answer.match.runners_up[:2]] == [
        ("TMDB", "1", 1972),
        ("TMDB", "2", 1986),
    ]
    assert len(answer.match.runners_up) == 5
    assert paths(tmdb) == ["/search/movie", "/movie/1", "/movie/2", "/movie/3", "/movie/4"]


def test_the_far_more_popular_of_twins_is_taken_in_doubt(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_movie(1, "Heat", 1986, popularity=2.0)
    tmdb.add_movie(2, "Heat", 1995, popularity=90.0)

    film = fetched(provider, a_film("Heat"), brief=True)

    assert (film.ids[Source.TMDB], film.match.is_doubtful, film.is_brief) == ("2", True, False)
    assert len(tmdb.asked) == 3


def test_the_seasons_of_shows_tell_them_apart(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(1, "Doctor Who", 1963, {1: 42, 20: 22}, popularity=60.0)
    tmdb.add_show(2, "Doctor Who", 2005, {1: 13, 2: 13}, popularity=300.0)

    show = fetched(provider, a_show("Doctor Who", an_episode(20, 7)), brief=True)

    assert (show.ids[Source.TMDB], [season.number for season in show.seasons]) == ("1", [1, 20])
    assert {episode.season for episode in show.episodes} == {20}
    assert len(tmdb.asked) == 3


@pytest.mark.parametrize(
    "more",
    [
        {"alternative_titles": {"titles": [{"iso_3166_1": "US", "title": "Seven", "type": ""}]}},
        {"translations": {"translations": [{"iso_639_1": "fr", "iso_3166_1": "FR", "data": {"title": "Seven"}}]}},
    ],
)
def test_another_of_its_titles_makes_it_sure(
    tmdb: TmdbStandIn, provider: TmdbProvider, more: dict[str, object]
) -> None:
    tmdb.add_movie(807, "Se7en", 1995, **more)

    film = fetched(provider, a_film("Seven", 1995), brief=True)

    assert (film.title, film.match.parts["title"], film.match.is_doubtful) == ("Se7en", 0.96, False)
    assert tmdb.asked[-1][1]["append_to_response"].endswith("release_dates,alternative_titles,translations")


def test_a_film_that_only_resembles_is_offered_and_not_taken(provider: TmdbProvider) -> None:
    answer = fetched(provider, a_film("Matrix", 2012), brief=True)

    assert (answer.title, answer.is_brief, answer.match.score) == (None, False, 0.297)
    assert answer.match.runners_up[0]["externalId"] == "603"


# Seasons


def test_every_season_is_told_and_only_the_held_ones_are_asked_for(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(7, "Long Show", 2009, dict.fromkeys(range(13), 10))

    show = fetched(provider, a_show("Long Show", an_episode(3, 1), an_episode(12, 1), an_episode(40, 1)))

    assert [(season.number, season.episodes) for season in show.seasons] == [(number, 10) for number in range(13)]
    assert {episode.season for episode in show.episodes} == {3, 12}
    assert appended(tmdb) == ["season/3,season/12,season/40"]
    assert len(tmdb.asked) == 2


def test_for_a_date_its_season_and_the_next_are_asked_for_afterwards(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(7, "Daily Show", 2009, {1: 20, 2: 20, 3: 20})
    aired = an_episode(2010, 105, air_date=date(2010, 2, 5))

    show = fetched(provider, a_show("Daily Show", aired))

    assert {episode.season for episode in show.episodes} == {2, 3}
    assert appended(tmdb) == ["", "season/2,season/3"]


def test_for_a_number_through_all_seasons_its_season_is_asked_for(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    tmdb.add_show(7, "Long Anime", 2009, {1: 20, 2: 20, 3: 20})

    held = [an_episode(1, number, is_absolute=True) for number in (30, 55)]
    show = fetched(provider, a_show("Long Anime", *held))

    assert {episode.season for episode in show.episodes} == {1, 2, 3}
    assert appended(tmdb) == ["season/1", "season/2,season/3"]


# Languages and countries


def test_what_a_language_lacks_is_told_in_english(tmdb: TmdbStandIn, redis_url: str) -> None:
    english = {"iso_639_1": "en", "iso_3166_1": "US", "data": {"title": "Spirited Away", "overview": "A girl."}}
    tmdb.add_movie(
        129,
        "Spirited Away",
        2001,
        original_title="千と千尋",
        original_language="ja",
        translations={"translations": [english]},
    )

    film = fetched(a_provider(tmdb, redis_url, "de-DE", "DE"), a_film("Spirited Away", 2001))

    assert (film.title, film.original_title, film.description) == ("Spirited Away", "千と千尋", "A girl.")
    assert {params["language"] for _, params in tmdb.asked} == {"de-DE"}
    assert tmdb.asked[-1][1]["include_video_language"] == "de,en"
    assert film.trailer_url is not None


def test_a_language_is_told_where_it_is_known(tmdb: TmdbStandIn, redis_url: str) -> None:
    german = {"iso_639_1": "de", "iso_3166_1": "DE", "data": {"title": "Chihiros Reise", "overview": "Ein Mädchen."}}
    tmdb.add_movie(129, "Spirited Away", 2001, original_language="ja", translations={"translations": [german]})

    film = fetched(a_provider(tmdb, redis_url, "de-DE", "DE"), a_film("Chihiros Reise", 2001), brief=True)

    assert (film.title, film.description, film.is_brief) == ("Chihiros Reise", "Ein Mädchen.", True)


@pytest.mark.parametrize(("country", "certification"), [("DE", "12"), ("FR", "PG-13"), ("US", "PG-13"), ("GB", "15")])
def test_a_films_certification_is_the_countrys_or_else_the_american_one(
    tmdb: TmdbStandIn, redis_url: str, country: str, certification: str
) -> None:
    told = {
        "DE": [("12", 3), ("16", 1)],
        "US": [("", 3), ("PG-13", 4), ("R", 5)],
        "GB": [("18", 5), ("15", 2)],
        "FR": [("", 3)],
    }
    results = [
        {"iso_3166_1": code, "release_dates": [{"certification": words, "type": kind} for words, kind in releases]}
        for code, releases in told.items()
    ]
    tmdb.add_movie(1, "Rated", 2001, release_dates={"results": results})

    film = fetched(a_provider(tmdb, redis_url, country=country), a_film("Rated", 2001))

    assert film.certification == certification


@pytest.mark.parametrize(("country", "certification"), [("DE", "12"), ("FR", "TV-14"), ("US", "TV-14")])
def test_a_shows_certification_is_the_countrys_or_else_the_american_one(
    tmdb: TmdbStandIn, redis_url: str, country: str, certification: str
) -> None:
    told = {"FR": "", "US": "TV-14", "DE": "12"}
    results = [{"iso_3166_1": code, "rating": rating} for code, rating in told.items()]
    tmdb.add_show(1, "Rated", 2001, content_ratings={"results": results})

    show = fetched(a_provider(tmdb, redis_url, country=country), a_show("Rated", year=2001))

    assert show.certification == certification


def test_a_film_names_its_collection(tmdb: TmdbStandIn, provider: TmdbProvider) -> None:
    collection = {"id": 2344, "name": "The Matrix Collection", "poster_path": None, "backdrop_path": None}
    tmdb.add_movie(604, "The Matrix Reloaded", 2003, belongs_to_collection=collection)

    film = fetched(provider, a_film("The Matrix Reloaded", 2003))

    assert film.collection == Collection("The Matrix Collection", "2344")
