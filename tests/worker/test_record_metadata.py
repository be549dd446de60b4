"""What is recorded of an answer, and what is not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import Database
from shared.kinds import MatchStatus, Role, Source
from shared.models import (
    Credit,
    Episode,
    ExternalId,
    Media,
    MediaFile,
    MediaGenre,
    MediaName,
    Movie,
    SearchText,
    Season,
    TVShow,
    episode_files,
)
from tests.builders import a_day, a_file, a_library, a_movie, a_show
from worker.naming import Guess, Kind
from worker.placing import held_in
from worker.providers.base import Collection, EpisodeMetadata, Match, Metadata, Problem, SeasonMetadata
from worker.providers.base import Credit as Credited
from worker.record import episodes, guesses
from worker.record.metadata import identified, unidentified, unmatched_by_user

HEAT = Metadata(
    "tmdb",
    Match(0.97, {"title": 1.0}, ({"title": "Heat", "year": 1986, "externalId": "1", "source": "TMDB", "score": 0.9},)),
    title="Heat",
    original_title="Heat (original)",
    description="A heist.",
    release_date=a_day("1995-12-15"),
    rating=7.9,
    genres=("Crime", "Drama"),
    ids={Source.TMDB: "949"},
    poster="https://example.org/heat.jpg",
    backdrop="https://example.org/heat-wide.jpg",
    duration=170,
    trailer_url="https://example.org/trailer",
    certification="R",
    studios=("Forward Pass",),
    collection=Collection("The heists", "77"),
    credits=(Credited("Al Pacino", Role.ACTOR, "Vincent"),),
)
BRIEF = Metadata("tmdb", Match(0.97), title="Heat", description="A heist.", ids={Source.TMDB: "949"}, is_brief=True)
OTHER = Metadata("tmdb", Match(0.8), title="Heat", ids={Source.TMDB: "11"}, is_brief=True)
NOT_FOUND = Problem("not-found", "No provider knows this title well enough.")


def a_new_film(session: Session, **more: Any) -> Media:
    return a_movie(session, "heat.1995", match_status=MatchStatus.PENDING, **more).media


def ids_of(session: Session, media_id: str) -> dict[str, str]:
    rows = session.scalars(select(ExternalId).where(ExternalId.media_id == media_id))
    return {row.source: row.external_id for row in rows}


def test_an_answer_fills_the_title_and_says_why(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT, asked_with="digest")

        assert (media.title, media.certification, media.studios) == ("Heat", "R", ["Forward Pass"])
        assert media.collection == {"name": "The heists", "externalId": "77"}
        assert (media.match_status, media.match_score, media.asked_with) == (MatchStatus.MATCHED, 0.97, "digest")
        assert media.match_detail["parts"] == {"title": 1.0}
        assert [known["year"] for known in media.match_detail["runnersUp"]] == [1986]
        assert set(session.scalars(select(MediaGenre.genre))) == {"crime", "drama"}


def test_a_brief_answer_wipes_nothing_that_is_known_of_the_same_title(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT, asked_with="digest")
        identified(session, media.id, BRIEF, is_partial=True)
        session.refresh(media)

        assert (media.rating, media.genres, media.certification) == (7.9, ["Crime", "Drama"], "R")
        assert (media.poster_source, media.collection["name"]) == ("https://example.org/heat.jpg", "The heists")
        assert session.scalars(select(Movie.duration)).all() == [170]
        assert len(session.scalars(select(Credit)).all()) == 1
        assert media.asked_with is None


def test_an_answer_of_another_title_leaves_nothing_of_the_one_before(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT)
        identified(session, media.id, OTHER, is_partial=True)
        session.refresh(media)

        assert (media.rating, media.genres, media.poster_source, media.collection) == (None, [], None, {})
        assert session.scalars(select(Credit)).all() == session.scalars(select(MediaGenre)).all() == []
        assert ids_of(session, media.id) == {"TMDB": "11"}


def test_an_id_that_an_answer_corrects_is_replaced(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session, external_ids={"TMDB": "949", "IMDB": "tt1"})
        identified(
            session, media.id, Metadata("x", Match(1), title="Heat", ids={Source.TMDB: "949", Source.IMDB: "tt2"})
        )

        assert ids_of(session, media.id) == {"TMDB": "949", "IMDB": "tt2"}


def test_ids_that_only_an_earlier_answer_had_stay_until_a_whole_one_has_others_or_none(database: Database) -> None:
    nfo = Metadata("nfo", Match(1), title="Heat", description="A heist.", poster="file:///heat/poster.jpg")
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT)
        identified(session, media.id, nfo, is_partial=True)
        assert ids_of(session, media.id) == {"TMDB": "949"}

        identified(session, media.id, nfo)
        assert ids_of(session, media.id) == {}


def test_what_the_user_locked_no_answer_changes(database: Database) -> None:
    locked = ["title", "originalTitle", "description", "releaseDate", "rating", "genres", "certification", "studios"]
    with database.begin() as session:
        media = a_new_film(session, locked_fields=locked, genres=["Mine"], studios=["Me"], description="My words.")
        identified(session, media.id, HEAT)
        unmatched_by_user(session, media.id)

        assert (media.title, media.description, media.rating) == ("heat.1995", "My words.", None)
        assert (media.genres, media.studios, media.certification) == (["Mine"], ["Me"], None)
        assert session.scalars(select(MediaGenre.genre)).all() == ["mine"]


def test_of_a_locked_title_the_index_of_searches_knows_the_user_s_word(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session, locked_fields=["title"])
        identified(session, media.id, HEAT)

        assert (
            "\n heat 1995 \n" in session.scalars(select(SearchText.text).where(SearchText.media_id == media.id)).one()
        )


def test_a_title_that_nobody_knows_has_its_candidates(database: Database) -> None:
    nearest = {"source": "TMDB", "externalId": "5", "title": "Heat", "year": 1972, "score": 0.6}
    with database.begin() as session:
        media = a_new_film(session)
        unidentified(
            session, media.id, NOT_FOUND, Metadata("tmdb", Match(0.6, runners_up=(nearest,)), poster="file:///p")
        )

        assert media.match_status == MatchStatus.UNMATCHED
        assert media.match_detail == {"cause": "not-found", "reason": NOT_FOUND.message, "runnersUp": [nearest]}
        assert (media.title, media.poster_source) == ("heat.1995", "file:///p")


def test_a_title_that_was_known_stays_known_when_nobody_answers(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT)
        unidentified(session, media.id, NOT_FOUND, None)

        assert (media.title, media.match_status) == ("Heat", MatchStatus.MATCHED)


def test_a_title_is_not_what_it_was_when_nobody_knows_what_the_user_chose(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT)
        media.chosen = {"source": "TMDB", "externalId": "404"}
        unidentified(session, media.id, NOT_FOUND, None)

        assert (media.title, media.match_status) == ("heat.1995", MatchStatus.UNMATCHED)
        assert ids_of(session, media.id) == {}


def test_what_a_user_unmatched_has_only_what_its_name_says(database: Database) -> None:
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, HEAT, asked_with="digest")
        unmatched_by_user(session, media.id)
        session.flush()

        assert (media.title, media.description, media.poster_source, media.genres) == ("heat.1995", None, None, [])
        assert (media.match_status, media.match_detail["cause"]) == (MatchStatus.UNMATCHED, "unmatched-by-user")
        assert media.asked_with is None
        assert ids_of(session, media.id) == {}
        assert session.scalars(select(Credit)).all() == []
        assert session.scalars(select(Movie.duration)).all() == [None]


def test_a_match_that_may_be_wrong_says_so_unless_the_user_chose_it(database: Database) -> None:
    doubtful = Metadata("tmdb", Match(0.8, is_doubtful=True), title="Heat", ids={Source.TMDB: "949"})
    with database.begin() as session:
        media = a_new_film(session)
        identified(session, media.id, doubtful)
        by_name = media.is_doubtful
        media.chosen = {"source": "TMDB", "externalId": "949"}
        identified(session, media.id, doubtful)

        assert (by_name, media.is_doubtful) == (True, False)


def test_a_choice_goes_along_into_the_title_that_already_has_its_id(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        owner = a_new_film(session, library=library, external_ids={"TMDB": "949"})
        film = a_movie(session, "h34t", library=library, chosen={"source": "TMDB", "externalId": "949"})
        session.add(MediaName(library_id=library.id, key="h34t", media_id=film.media_id))
        file = a_file(session, library=library, movie=film)

        assert identified(session, film.media_id, HEAT) == owner.id
        session.refresh(file)
        assert file.movie_id == session.scalars(select(Movie.id).where(Movie.media_id == owner.id)).one()
        assert owner.chosen == {"source": "TMDB", "externalId": "949"}
        assert session.scalars(select(MediaName.media_id)).all() == [owner.id]
        assert session.get(Media, film.media_id) is None


def test_a_title_that_becomes_another_one_in_brief_wipes_nothing_of_that_one(database: Database) -> None:
    with database.begin() as session:
        owner = a_new_film(session)
        identified(session, owner.id, HEAT)
        film = a_new_film(session, external_ids={"TMDB": "11"}, chosen={"source": "TMDB", "externalId": "949"})

        assert identified(session, film.id, BRIEF, is_partial=True) == owner.id
        session.refresh(owner)
        assert (owner.rating, owner.poster_source) == (7.9, "https://example.org/heat.jpg")
        assert ids_of(session, owner.id) == {"TMDB": "949"}


# Shows


def a_show_of(session: Session, *guessed: Guess) -> tuple[TVShow, list[MediaFile]]:
    """Make a show with a file of each of these guesses, where a scan puts it."""
    library = a_library(session)
    show = a_show(session, "Show", library=library, match_status=MatchStatus.PENDING)
    files = []
    for number, guess in enumerate(guessed):
        path = Path(f"{library.library_path}/Show/{number}.mkv")
        file = a_file(session, path, library=library, guess=guesses.to_json(guess))
        files.append(file)
        episodes.hold(
            session,
            [
                (file.id, (show.id, held.season, held.episode), episodes.provisional(held, guess))
                for held in held_in(path, guess)
            ],
        )
    return show, files


def episode(*numbers: int, season: int | None = None, **more: Any) -> Guess:
    return Guess(Kind.EPISODE, "Show", season=season, episodes=numbers, **more)


def standing(session: Session, files: Sequence[MediaFile]) -> list[list[tuple[int, int, str]]]:
    """Return where each file stands: seasons, numbers and titles."""
    rows = session.execute(
        select(episode_files.c.file_id, Season.season_number, Episode.episode_number, Episode.title)
        .join(Episode, Episode.id == episode_files.c.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .order_by(Season.season_number, Episode.episode_number)
    ).all()
    return [[(season, number, title) for id_, season, number, title in rows if id_ == file.id] for file in files]


SHOW = Metadata(
    "tmdb",
    Match(1.0),
    title="Show",
    ids={Source.TMDB: "7"},
    seasons=(SeasonMetadata(1, "One", episodes=2), SeasonMetadata(2, "Two", episodes=3)),
    episodes=tuple(
        EpisodeMetadata(season, number, f"{season}x{number}", "Words.", a_day(f"202{season}-01-0{number}"), 45)
        for season, size in ((1, 2), (2, 3))
        for number in range(1, size + 1)
    ),
)


def test_files_go_where_the_provider_has_their_episodes_and_nothing_empty_is_left(database: Database) -> None:
    with database.begin() as session:
        show, files = a_show_of(
            session,
            episode(4),
            Guess(Kind.EPISODE, "Show", air_date=a_day("2022-01-03")),
            episode(1, 2, season=1),
            episode(9, season=5),
        )
        before = standing(session, files)
        identified(session, show.media_id, SHOW)

        assert before == [
            [(1, 4, "Episode 4")],
            [(2022, 103, "2022-01-03")],
            [(1, 1, "Episode 1"), (1, 2, "Episode 2")],
            [(5, 9, "Episode 9")],
        ]
        assert standing(session, files) == [
            [(2, 2, "2x2")],
            [(2, 3, "2x3")],
            [(1, 1, "1x1"), (1, 2, "1x2")],
            [(5, 9, "Episode 9")],
        ]
        assert sorted(session.scalars(select(Season.season_number))) == [1, 2, 5]
        assert len(session.scalars(select(SearchText).where(SearchText.episode_id.is_not(None))).all()) == 5


def test_episodes_that_stand_where_they_stood_keep_their_ids(database: Database) -> None:
    with database.begin() as session:
        show, _ = a_show_of(session, episode(1, season=1), episode(3))
        before = dict(session.execute(select(Episode.episode_number, Episode.id)).tuples().all())
        identified(session, show.media_id, SHOW)
        first = session.scalars(select(Episode.id).where(Episode.title == "1x1")).one()
        moved = session.scalars(select(Episode.id).where(Episode.title == "2x1")).one()
        identified(session, show.media_id, SHOW)

        assert first == before[1]
        assert set(session.scalars(select(Episode.id))) == {first, moved}


@pytest.mark.parametrize("answer", [{"is_brief": True}, {}], ids=["brief", "without TMDB"])
def test_an_answer_that_lacks_the_episodes_leaves_files_where_they_are(
    database: Database, answer: dict[str, Any]
) -> None:
    with database.begin() as session:
        show, files = a_show_of(session, episode(4))
        identified(session, show.media_id, SHOW)
        identified(
            session,
            show.media_id,
            Metadata("x", Match(1.0), title="Show", ids={Source.TMDB: "7"}, **answer),
            is_partial=True,
        )

        assert standing(session, files) == [[(2, 2, "2x2")]]
        assert session.scalars(select(Episode.overview)).all() == ["Words."]


def test_another_show_places_files_by_their_names_and_not_by_where_they_stood(database: Database) -> None:
    other = Metadata(
        "tmdb",
        Match(1.0),
        title="Another",
        ids={Source.TMDB: "8"},
        seasons=(SeasonMetadata(1, episodes=10),),
        episodes=(EpisodeMetadata(1, 4, "The fourth"),),
    )
    with database.begin() as session:
        show, files = a_show_of(session, episode(4), episode(2, season=1))
        identified(session, show.media_id, SHOW)
        identified(session, show.media_id, other)

        assert standing(session, files) == [[(1, 4, "The fourth")], [(1, 2, "Episode 2")]]
        second = session.scalars(select(Episode).where(Episode.episode_number == 2)).one()
        assert (second.overview, second.air_date, second.runtime) == (None, None, None)
        assert session.scalars(select(Season.name)).all() == [None]


def test_an_unmatched_show_has_its_episodes_by_their_names(database: Database) -> None:
    with database.begin() as session:
        day = a_day("2022-01-03")
        show, files = a_show_of(session, episode(4), Guess(Kind.EPISODE, "Show", air_date=day, episode_title="Guests"))
        identified(session, show.media_id, SHOW)
        unmatched_by_user(session, show.media_id)

        assert standing(session, files) == [[(1, 4, "Episode 4")], [(2022, 103, "Guests")]]
        assert session.scalars(select(Episode.air_date).where(Episode.title == "Guests")).all() == [day]


def test_a_file_from_before_names_were_kept_is_placed_by_where_it_stands(database: Database) -> None:
    with database.begin() as session:
        show, files = a_show_of(session, episode(3, season=2))
        files[0].guess = {}
        identified(session, show.media_id, SHOW)

        assert standing(session, files) == [[(2, 3, "2x3")]]
