"""What searches look through follows what is recorded."""

from pathlib import Path

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from shared.catalogue.indexing import index_titles
from shared.database import Database
from shared.kinds import MediaType, Source
from shared.models import Episode, Media, Person, SearchText, SearchWord
from tests.builders import MODIFIED, a_credit, a_movie, a_scan_folder, a_scan_job, a_season, a_show, an_episode
from worker.found import FoundFile
from worker.naming import Guess, Kind
from worker.placing import held_in
from worker.providers.base import EpisodeMetadata, Match, Metadata
from worker.record.files import register
from worker.record.metadata import identified
from worker.record.search import index_episodes, index_people


def texts(session: Session) -> list[str]:
    return sorted(session.scalars(select(SearchText.text)))


def test_names_are_indexed_once_and_follow_what_changes(database: Database) -> None:
    with database.begin() as session:
        media_id = a_movie(session, "WALL·E", original_title="Wall-E", guessed_title="Heat").media_id
        episode_id = an_episode(session, a_season(session, a_show(session))).id
        person_id = a_credit(session, media_id, "Penélope Cruz").person_id
    with database.read() as session:
        before = texts(session)

    with database.begin() as session:
        session.get_one(Media, media_id).title = "Up"
        session.get_one(Episode, episode_id).title = "Amélie"
        session.get_one(Person, person_id).name = "Al Pacino"
        for _ in range(2):
            index_titles(session, [media_id])
            index_episodes(session, [episode_id])
            index_people(session, [person_id])

    wire = "\n the wire \n thewire \n"
    assert before == [
        "\n penelope cruz \n penelopecruz \n",
        "\n the target \n thetarget \n",
        wire,
        "\n wall e \n walle \n heat \n",
    ]
    with database.read() as session:
        assert texts(session) == [
            "\n al pacino \n alpacino \n",
            "\n amelie \n",
            wire,
            "\n up \n wall e \n walle \n heat \n",
        ]


def test_the_full_text_table_of_sqlite_forgets_what_is_gone(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        return
    with database.begin() as session:
        media_id = a_movie(session, "Heat").media_id
        index_titles(session, [media_id])
        session.get_one(Media, media_id).title = "Dune"
        session.get_one(Media, media_id).guessed_title = "Dune"
        index_titles(session, [media_id])
    matching = text("SELECT count(*) FROM search_text_words WHERE search_text_words MATCH :word")

    with database.begin() as session:
        assert session.scalar(matching, {"word": '"heat"'}) == 0
        assert session.scalar(matching, {"word": '"dune"'}) == 1
        session.execute(delete(Media).where(Media.id == media_id))
        assert session.scalar(matching, {"word": '"dune"'}) == 0
        assert texts(session) == []


def a_found_file(folder_id: str, path: Path, guess: Guess) -> FoundFile:
    held = held_in(path, guess)
    return FoundFile(folder_id, str(path), 1, MODIFIED, MediaType.TV_SHOW, guess.title, str(path.parent), guess, held)


def test_files_are_found_by_their_names_and_titles_by_those_of_the_providers(database: Database) -> None:
    with database.begin() as session:
        scan_job = a_scan_job(session)
        folder = a_scan_folder(session, scan_job)
        guesses = (
            Guess(Kind.EPISODE, "The Wire", season=1, episodes=(1,), episode_title="Pilot"),
            Guess(Kind.EPISODE, "The Wire", season=1, episodes=(2,)),
        )
        files = [a_found_file(folder.id, Path(f"/media/{at}.mkv"), guess) for at, guess in enumerate(guesses)]
        (media_id,) = register(session, scan_job, [folder.id], files).media_ids
        registered = texts(session)
        answer = Metadata(
            "tmdb",
            Match(1.0),
            title="Sur écoute",
            original_title="The Wire",
            ids={Source.TMDB: "1438"},
            episodes=(EpisodeMetadata(1, 1, "The Target"),),
        )
        identified(session, media_id, answer)

        assert registered == ["\n episode 2 \n episode2 \n", "\n pilot \n", "\n the wire \n thewire \n"]
        assert texts(session) == [
            "\n episode 2 \n episode2 \n",
            "\n sur ecoute \n surecoute \n the wire \n thewire \n",
            "\n the target \n thetarget \n",
        ]


def test_titles_that_turn_out_to_be_one_are_found_once(database: Database) -> None:
    with database.begin() as session:
        one, other = (a_movie(session, title).media_id for title in ("Heat", "Heat 1995"))
        answer = Metadata("tmdb", Match(1.0), title="Heat", ids={Source.TMDB: "949"})
        identified(session, one, answer)
        identified(session, other, answer)

        assert texts(session) == ["\n heat \n"]


def test_words_are_noted_once_and_without_those_that_nobody_misspells(database: Database) -> None:
    with database.begin() as session:
        for title in ("Spider-Man", "Spider-Man: Homecoming", "The Spider"):
            index_titles(session, [a_movie(session, title).media_id])

    with database.read() as session:
        words = sorted(word.strip() for word in session.scalars(select(SearchWord.word)))
    assert words == ["homecoming", "man", "spider", "spiderman", "the", "thespider"]
