"""Who is asked after whom, and what becomes of their answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from redis import Redis

from shared import providers as configured
from shared import settings
from shared.config import load
from shared.database import Database
from shared.kinds import MediaType, Source
from shared.providers import Change
from tests.tvmaze_stand_in import TvmazeStandIn
from worker.providers.base import (
    EpisodeMetadata,
    HeldEpisode,
    Match,
    Metadata,
    Problem,
    Provider,
    ProviderError,
    SeasonMetadata,
    Wanted,
)
from worker.providers.budget import Budget
from worker.providers.chain import Answer, ask, in_force, ordered, signature
from worker.providers.nfo import NfoProvider
from worker.resources import Resources

FILM = Wanted(MediaType.MOVIE, "Heat", 1995)
SHOW = Wanted(MediaType.TV_SHOW, "The Quiet Harbour", 2011)
AWAY = ProviderError("It is away.", cause="away", permanent=False, retry_after=7)
WRONG_KEY = ProviderError("Wrong key.", cause="wrong-key", permanent=True)


@dataclass
class Knows:
    """A provider that knows one thing, and writes down what it was asked."""

    name: str
    answer: Metadata | Exception | None = None
    is_online: bool = True
    types: frozenset[MediaType] = frozenset({MediaType.MOVIE, MediaType.TV_SHOW})
    language: str = "en"
    asked: list[Wanted] = field(default_factory=list)

    def signature(self, _wanted: Wanted) -> str:
        return self.language

    def fetch(self, wanted: Wanted, *, brief: bool) -> Metadata | None:
        self.asked.append(wanted)
        if isinstance(self.answer, Exception):
            raise self.answer
        return replace(self.answer, is_brief=brief) if self.answer and self.is_online else self.answer


def told(provider: str = "tmdb", title: str | None = "Heat", **more: object) -> Metadata:
    values: dict[str, object] = {
        "match": Match(1.0),
        "description": f"{provider} tells it.",
        "poster": "https://p/p.jpg",
    }
    return Metadata(provider=provider, title=title, **(values | more))  # type: ignore[arg-type]


def candidates(provider: str, *scores: float) -> Metadata:
    runners_up = tuple({"source": provider.upper(), "externalId": str(score), "score": score} for score in scores)
    return Metadata(provider=provider, match=Match(max(scores), runners_up=runners_up))


def asked(
    *providers: Provider,
    wanted: Wanted = FILM,
    brief: bool = False,
    local_artwork_wins: bool = True,
    order: list[str] | None = None,
) -> Answer:
    return ask(providers, wanted, brief=brief, local_artwork_wins=local_artwork_wins, order=order)


def known(answer: Answer) -> Metadata:
    assert answer.metadata is not None
    return answer.metadata


def local(answer: Metadata | Exception | None) -> Knows:
    return Knows("nfo", answer, is_online=False)


# Who is asked


def test_a_complete_local_answer_keeps_everybody_else_from_being_asked() -> None:
    tmdb = Knows("tmdb", told())

    answer = asked(local(told("nfo")), tmdb)

    assert (known(answer).provider, tmdb.asked) == ("nfo", [])
    assert answer == Answer(answer.metadata, None, None)


def test_the_next_is_asked_for_what_is_missing_by_what_is_known() -> None:
    tmdb = Knows("tmdb", told(title="Not This", rating=8.0))

    answer = asked(local(told("nfo", ids={Source.TMDB: "949"}, description=None, release_date=date(1996, 1, 1))), tmdb)

    assert [(wanted.title, wanted.year, wanted.ids) for wanted in tmdb.asked] == [("Heat", 1996, {Source.TMDB: "949"})]
    assert (known(answer).title, known(answer).description, known(answer).rating) == ("Heat", "tmdb tells it.", 8.0)


def test_two_that_are_online_never_tell_of_one_title_together() -> None:
    tvmaze, nfo = Knows("tvmaze", told("tvmaze")), local(told("nfo", title=None, description="Beside it."))

    answer = asked(Knows("tmdb", told(description=None, poster=None)), tvmaze, nfo, wanted=SHOW)

    assert tvmaze.asked == []
    assert (known(answer).provider, known(answer).description) == ("tmdb", "Beside it.")


def test_who_does_not_know_a_type_is_not_asked_for_it() -> None:
    tvmaze = Knows("tvmaze", told("tvmaze"), types=frozenset({MediaType.TV_SHOW}))

    assert asked(tvmaze).metadata is None
    assert tvmaze.asked == []
    assert asked(tvmaze, wanted=SHOW).metadata is not None


@pytest.mark.parametrize(("place", "is_enough"), [((1, 2), True), ((1, 3), False), ((2, 2), False)])
def test_a_show_is_complete_when_each_held_episode_has_a_title(place: tuple[int, int], *, is_enough: bool) -> None:
    nfo = local(told("nfo", episodes=(EpisodeMetadata(1, 2, title="Two"), EpisodeMetadata(2, 2))))
    tmdb = Knows("tmdb")

    asked(nfo, tmdb, wanted=replace(SHOW, episodes=(HeldEpisode(*place, Path("/tv/a.mkv")),)))

    assert (tmdb.asked == []) is is_enough


def test_a_held_episode_is_looked_for_at_its_place_in_the_seasons() -> None:
    seasons = (SeasonMetadata(1, episodes=10), SeasonMetadata(2, episodes=10))
    episodes = (EpisodeMetadata(2, 3, title="Thirteen", air_date=date(2012, 3, 1)),)
    nfo, last = local(told("nfo", seasons=seasons, episodes=episodes)), Knows("tmdb")
    by_number = HeldEpisode(1, 13, Path("/tv/13.mkv"), is_absolute=True)
    by_date = HeldEpisode(2012, 301, Path("/tv/2012.mkv"), air_date=date(2012, 3, 1))

    asked(nfo, last, wanted=replace(SHOW, episodes=(by_number, by_date)))

    assert last.asked == []


# What fails


def test_a_failure_before_somebody_else_named_the_title_is_worth_another_try() -> None:
    answer = asked(Knows("tmdb", AWAY), Knows("tvmaze", told("tvmaze")), wanted=SHOW)

    assert (known(answer).provider, answer.reason) == ("tvmaze", None)
    assert (answer.error, answer.may_wait) == (AWAY, False)


def test_a_failure_after_an_online_answer_does_not_count() -> None:
    answer = asked(Knows("tmdb", told(description=None)), local(ZeroDivisionError()))

    assert (answer.error, answer.reason) == (None, None)


def test_a_failure_is_worth_another_try_where_only_the_files_name_the_title() -> None:
    answer = asked(local(told("nfo", poster=None)), Knows("tmdb", AWAY))

    assert (known(answer).title, answer.error, answer.may_wait) == ("Heat", AWAY, False)


@pytest.mark.parametrize("unknown", [None, candidates("tmdb", 0.4)])
def test_no_scan_need_wait_for_one_who_only_stands_in(unknown: Metadata | None) -> None:
    answer = asked(Knows("tmdb", unknown), Knows("tvmaze", AWAY), wanted=SHOW)

    assert (answer.error, answer.may_wait) == (AWAY, True)
    assert answer.reason == Problem("away", "It is away.")


def test_one_who_does_not_know_the_type_is_nobody_to_stand_in_for() -> None:
    tvmaze = Knows("tvmaze", types=frozenset({MediaType.TV_SHOW}))

    assert asked(tvmaze, Knows("tmdb", AWAY)).may_wait is False


def test_of_several_failures_the_first_that_may_be_over_later_counts() -> None:
    later = ProviderError("Later.", cause="later", permanent=False)

    assert asked(Knows("tmdb", WRONG_KEY), Knows("tvmaze", AWAY), wanted=SHOW).error is AWAY
    assert asked(Knows("tmdb", AWAY), Knows("tvmaze", later), wanted=SHOW).error is AWAY
    assert asked(Knows("tmdb", WRONG_KEY), Knows("tvmaze"), wanted=SHOW).error is WRONG_KEY


def test_a_bug_in_a_provider_costs_its_own_part_alone() -> None:
    answer = asked(Knows("tmdb", ZeroDivisionError()), Knows("tvmaze", told("tvmaze")), wanted=SHOW)

    assert known(answer).provider == "tvmaze"
    assert answer.error is not None
    assert (answer.error.cause, answer.error.permanent) == ("provider-failed", True)


def test_a_title_that_nobody_knows_has_its_reason() -> None:
    without_tmdb = asked(local(None)).reason
    with_tmdb = asked(local(None), Knows("tmdb")).reason

    assert without_tmdb is not None
    assert with_tmdb is not None
    assert (without_tmdb.cause, with_tmdb.cause) == ("no-tmdb-key", "not-found")


@pytest.mark.parametrize(("order", "cause"), [(["nfo"], "not-found"), (["nfo", "tmdb"], "no-tmdb-key")])
def test_a_key_is_missed_only_where_the_library_wants_tmdb(order: list[str], cause: str) -> None:
    reason = asked(local(None), order=order).reason

    assert reason is not None
    assert reason.cause == cause


# What a user chose


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [
        (told(ids={Source.TMDB: "603"}), True),
        (told(ids={Source.TMDB: "604"}), False),
        (told(ids={Source.IMDB: "tt0000001"}), False),
        (told(ids={Source.IMDB: "tt0000001"}, match=Match(1.0, {"id": "TMDB"})), True),
        (told("nfo"), False),
        (told("nfo", title=None, description=None), True),
        (told("nfo", title=None, ids={Source.TMDB: "604"}), False),
    ],
)
def test_what_contradicts_the_users_choice_is_not_taken(answer: Metadata, *, is_taken: bool) -> None:
    chosen = replace(FILM, ids={Source.TMDB: "603"}, is_chosen=True)

    assert (asked(Knows("tmdb", answer), wanted=chosen).metadata is not None) is is_taken


def test_to_a_chosen_id_no_other_is_added() -> None:
    tmdb = Knows("tmdb")

    asked(
        local(told("nfo", title=None, ids={Source.IMDB: "tt0000001"})),
        tmdb,
        wanted=replace(FILM, ids={Source.TMDB: "603"}, is_chosen=True),
    )

    assert [wanted.ids for wanted in tmdb.asked] == [{Source.TMDB: "603"}]


# What becomes of answers


def test_candidates_of_all_stand_together_best_first() -> None:
    answer = asked(
        Knows("tmdb", candidates("tmdb", 0.5, 0.3)),
        Knows("tvmaze", candidates("tvmaze", 0.4, 0.2, 0.1, 0.05)),
        wanted=SHOW,
    )

    assert known(answer).title is None
    assert [(one["source"], one["score"]) for one in known(answer).match.runners_up] == [
        ("TMDB", 0.5),
        ("TVMAZE", 0.4),
        ("TMDB", 0.3),
        ("TVMAZE", 0.2),
        ("TVMAZE", 0.1),
    ]


def test_candidates_stay_where_there_are_pictures_alone() -> None:
    pictures = Metadata(provider="nfo", match=Match(0.0), poster="file:///poster.jpg")

    answer = asked(local(pictures), Knows("tmdb", candidates("tmdb", 0.5)))

    assert (known(answer).poster, known(answer).provider) == ("file:///poster.jpg", "tmdb")
    assert [one["externalId"] for one in known(answer).match.runners_up] == ["0.5"]
    assert answer.reason is not None


def test_whoever_names_the_title_says_why() -> None:
    match = Match(0.9, {"title": 0.9})

    answer = asked(Knows("tmdb", candidates("tmdb", 0.5)), Knows("tvmaze", told("tvmaze", match=match)), wanted=SHOW)

    assert (known(answer).provider, known(answer).match) == ("tvmaze", match)


def test_an_answer_is_brief_if_any_part_of_it_is() -> None:
    incomplete = local(told("nfo", description=None))

    assert known(asked(incomplete, Knows("tmdb", told()), brief=True)).is_brief is True
    assert known(asked(incomplete, Knows("tmdb", told()), brief=False)).is_brief is False


def test_genres_leave_by_the_names_of_the_one_list() -> None:
    answer = asked(local(told("nfo", genres=("Sci-Fi & Fantasy", "Komödie", "SciFi"))))

    assert known(answer).genres == ("Science Fiction", "Fantasy", "Comedy")


def test_certification_studios_and_collection_are_filled_like_anything_else() -> None:
    nfo = told("nfo", description=None, certification="R")

    answer = known(asked(local(nfo), Knows("tmdb", told(certification="18", studios=("Regency",)))))

    assert (answer.certification, answer.studios) == ("R", ("Regency",))


def with_pictures() -> Metadata:
    return told(
        "nfo",
        poster="file:///poster.jpg",
        backdrop="file:///fanart.jpg",
        seasons=(SeasonMetadata(1, name="One", poster="file:///s1.jpg"), SeasonMetadata(2, poster="file:///s2.jpg")),
        episodes=(EpisodeMetadata(1, 1, title="Pilot", still="file:///1.jpg"),),
    )


def test_pictures_beside_the_files_win_where_they_are_to() -> None:
    tmdb = Knows("tmdb", told(backdrop="https://b"))

    answer = known(asked(local(with_pictures()), tmdb, wanted=SHOW))

    assert (answer.poster, tmdb.asked) == ("file:///poster.jpg", [])


def test_else_they_are_taken_where_no_provider_has_one() -> None:
    online = told(
        seasons=(SeasonMetadata(1, poster="https://s1"),), episodes=(EpisodeMetadata(1, 1, still="https://1"),)
    )

    answer = known(asked(local(with_pictures()), Knows("tmdb", online), wanted=SHOW, local_artwork_wins=False))

    assert (answer.provider, answer.poster, answer.backdrop) == ("nfo", "https://p/p.jpg", "file:///fanart.jpg")
    assert [(season.name, season.poster) for season in answer.seasons] == [
        ("One", "https://s1"),
        (None, "file:///s2.jpg"),
    ]
    assert [(episode.title, episode.still) for episode in answer.episodes] == [("Pilot", "https://1")]


def test_else_they_stay_where_nobody_is_online() -> None:
    answer = known(asked(local(with_pictures()), wanted=SHOW, local_artwork_wins=False))

    assert answer == with_pictures()


# Signatures and orders


def test_a_signature_stays_while_question_and_circumstances_do() -> None:
    wanted = replace(FILM, ids={Source.TMDB: "1", Source.IMDB: "tt1"}, files=(Path("/a/b.mkv"),))
    same = replace(wanted, ids={Source.IMDB: "tt1", Source.TMDB: "1"}, files=(Path("/elsewhere/b.mkv"),))

    assert signature([Knows("tmdb")], wanted) == signature([Knows("tmdb")], same)
    assert len(signature([Knows("tmdb")], wanted)) == 32


@pytest.mark.parametrize(
    "changed",
    [
        replace(SHOW, type=MediaType.MOVIE),
        replace(SHOW, title="The Quiet Harbor"),
        replace(SHOW, year=None),
        replace(SHOW, other_titles=("Another",)),
        replace(SHOW, ids={Source.TMDB: "1"}),
        replace(SHOW, is_chosen=True),
        replace(SHOW, episodes=(HeldEpisode(1, 1, Path("/a.mkv")),)),
        replace(SHOW, episodes=(HeldEpisode(1, 1, Path("/a.mkv"), is_absolute=True),)),
        replace(SHOW, episodes=(HeldEpisode(1, 1, Path("/a.mkv"), air_date=date(2011, 1, 1)),)),
    ],
)
def test_another_question_has_another_signature(changed: Wanted) -> None:
    assert signature([Knows("tmdb")], changed) != signature([Knows("tmdb")], SHOW)


def test_other_providers_languages_and_files_make_another_signature(tmp_path: Path) -> None:
    wanted = replace(FILM, files=(tmp_path / "Heat.mkv",), folder=tmp_path)
    chains: list[list[Provider]] = [
        [],
        [Knows("tmdb")],
        [Knows("tmdb", language="de")],
        [NfoProvider(), Knows("tmdb")],
        [Knows("tmdb"), NfoProvider()],
    ]
    before = [signature(chain, wanted) for chain in chains]
    (tmp_path / "movie.nfo").write_text("<movie/>")

    after = [signature(chain, wanted) for chain in chains]

    assert len(set(before)) == len(before)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, True, False, False]


def test_names_that_are_no_text_have_a_signature_too(tmp_path: Path) -> None:
    (tmp_path / "\udcff.nfo").write_text("<movie/>")

    assert signature([NfoProvider()], replace(FILM, title="\udcff", folder=tmp_path))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (None, ["nfo", "tmdb", "tvmaze"]),
        ([], []),
        (["tvmaze", "nfo"], ["tvmaze", "nfo"]),
        (["tmdb", "tmdb", "gone"], ["tmdb"]),
    ],
)
def test_a_library_has_an_order_of_its_own(names: Sequence[str] | None, expected: list[str]) -> None:
    assert [one.name for one in ordered([Knows("nfo"), Knows("tmdb"), Knows("tvmaze")], names)] == expected


# As it is configured


@pytest.fixture
def tvmaze() -> Iterator[TvmazeStandIn]:
    with TvmazeStandIn() as stand_in:
        stand_in.add_show(82, "The Quiet Harbour", 2011)
        yield stand_in


@pytest.fixture
def resources(redis: Redis, redis_url: str, tmp_path: Path, tvmaze: TvmazeStandIn) -> Resources:
    environ = {"REDIS_URL": redis_url, "DATA_DIR": str(tmp_path), "TMDB_BASE_URL": "http://127.0.0.1:1"}
    resources = Resources(load(environ | {"TVMAZE_BASE_URL": tvmaze.url}))
    resources.tvmaze_budget = Budget(redis, "tvmaze", 0)
    return resources


def chain_of(database: Database, resources: Resources) -> list[Provider]:
    with database.begin() as session:
        configured.change(session, "tmdb", Change(config={settings.API_KEY: "a key"}))
    with database.read() as session:
        return in_force(session, resources)


def test_while_tmdb_is_away_tvmaze_answers_and_tmdb_is_soon_left_alone(
    database: Database, resources: Resources
) -> None:
    chain = chain_of(database, resources)

    answers = [asked(*chain, wanted=SHOW, brief=True) for _ in range(7)]

    assert {known(answer).provider for answer in answers} == {"tvmaze"}
    errors = [answer.error.cause for answer in answers if answer.error is not None]
    assert errors == ["tmdb-unreachable"] * 5 + ["tmdb-paused"] * 2


def test_a_film_is_nothing_to_tvmazes_circuit(database: Database, resources: Resources, tvmaze: TvmazeStandIn) -> None:
    chain = ordered(chain_of(database, resources), ["tvmaze"])
    tvmaze.fail_next(500, times=5)
    for _ in range(5):
        asked(*chain, wanted=SHOW)

    film, show = asked(*chain), asked(*chain, wanted=SHOW)

    assert film.error is None
    assert show.error is not None
    assert show.error.cause == "tvmaze-paused"


def test_what_a_user_sets_is_in_force_for_the_next_question(database: Database, resources: Resources) -> None:
    before = signature(chain_of(database, resources), FILM)
    with database.begin() as session:
        settings.write(session, {"metadata_language": "de-DE", "metadata_country": "DE"})

    assert signature(chain_of(database, resources), FILM) != before
