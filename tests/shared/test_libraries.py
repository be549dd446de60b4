"""Removing libraries, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shared.catalogue import library_removal
from shared.catalogue.library_removal import Removed
from shared.database import Database
from shared.errors import NotFoundError
from shared.kinds import MediaType
from shared.lease_time import LEASE
from shared.models import (
    Base,
    Enrichment,
    Episode,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    MediaName,
    Movie,
    Person,
    ProviderRow,
    ScanJob,
    SearchText,
    SearchWord,
    Season,
    TitleCount,
)
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from tests.builders import (
    a_credit,
    a_file,
    a_library,
    a_movie,
    a_scan_folder,
    a_scan_job,
    a_season,
    a_show,
    an_enrichment,
    an_episode,
)
from tests.statements import counted_queries
from worker import leases
from worker.record.titles import titles_by_file


def removed(database: Database, library: Library) -> Removed:
    with database.begin() as session:
        return library_removal.remove(session, library.id)


def hold(session: Session, library: Library, media_id: str, key: str | None = None) -> None:
    """Have another library hold a title, too."""
    session.add(LibraryMedia(library_id=library.id, media_id=media_id))
    session.add(MediaName(library_id=library.id, media_id=media_id, key=key or media_id))
    session.flush()


def filled(session: Session, name: str = "Films") -> Library:
    """Make a library that has something in every table."""
    library = a_library(session, name)
    scan_job = a_scan_job(session, library, status=JobStatus.IN_PROGRESS)
    folder = a_scan_folder(session, scan_job)
    film = a_movie(session, library=library, genres=["Crime"], external_ids={"TMDB": f"{name}1"})
    show = a_show(session, library=library, external_ids={"TMDB": f"{name}2"})
    episode = an_episode(session, a_season(session, show))
    a_file(session, library=library, movie=film, folder_id=folder.id)
    a_file(session, library=library, episodes=[episode], folder_id=folder.id)
    for media_id in (film.media_id, show.media_id):
        session.add(MediaName(library_id=library.id, media_id=media_id, key=media_id))
        an_enrichment(session, scan_job, media_id=media_id)
        a_credit(session, media_id)
    session.flush()
    return library


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        rows = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
        # Of these there is a row for each connection that counted.
        titles = session.scalar(select(func.sum(TitleCount.titles))) or 0
    return rows | {TitleCount.__tablename__: titles}


def test_with_a_library_goes_all_that_only_it_held(database: Database) -> None:
    with database.begin() as session:
        library = filled(session)

    gone = removed(database, library)

    assert (gone.library_id, gone.library_name, len(gone.media_ids)) == (library.id, "Films", 2)
    left = {name for name, rows in counts(database).items() if rows}
    # People stay, for another title that names them.
    assert left <= {row.__tablename__ for row in (Person, SearchText, SearchWord, TitleCount, ProviderRow)}
    with database.read() as session:
        assert all(row.person_id for row in session.scalars(select(SearchText)))


def test_what_a_search_looks_through_goes_with_the_titles(database: Database) -> None:
    is_sqlite = database.engine.dialect.name == "sqlite"
    found = text(
        "SELECT rowid FROM search_text_words WHERE search_text_words MATCH 'heat'"
        if is_sqlite
        else "SELECT id FROM search_texts WHERE text LIKE '%heat%'"
    )
    with database.begin() as session:
        library = filled(session)
        assert len(session.execute(found).all()) == 1

    removed(database, library)

    with database.read() as session:
        assert session.execute(found).all() == []


def test_another_library_keeps_all_it_has(database: Database) -> None:
    with database.begin() as session:
        filled(session, "Other")
    before = counts(database)
    with database.begin() as session:
        library = filled(session)

    removed(database, library)

    assert counts(database) == before


def test_a_title_that_another_library_holds_stays_with_the_files_that_are_there(database: Database) -> None:
    with database.begin() as session:
        library, other = a_library(session), a_library(session, "Other")
        film = a_movie(session, library=library)
        hold(session, other, film.media_id)
        a_file(session, library=library, movie=film)
        kept = a_file(session, library=other, movie=film)
        only_here = a_movie(session, "Alien", library=library)

    gone = removed(database, library)

    assert gone.media_ids == [only_here.media_id]
    with database.read() as session:
        assert session.scalars(select(Movie.id)).all() == [film.id]
        assert session.scalars(select(MediaFile.id)).all() == [kept.id]
        assert session.scalars(select(LibraryMedia.library_id)).all() == [other.id]
        assert session.scalars(select(MediaName.library_id)).all() == [other.id]


def test_a_show_that_stays_keeps_the_episodes_of_which_others_have_files(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session, library_type=MediaType.TV_SHOW)
        other = a_library(session, "Other", library_type=MediaType.TV_SHOW)
        show = a_show(session, library=library)
        hold(session, other, show.media_id)
        first, second = a_season(session, show, 1), a_season(session, show, 2)
        in_both, only_here, missing_there = (an_episode(session, first, number) for number in (1, 2, 3))
        gone_with_its_season = an_episode(session, second)
        a_file(session, library=library, episodes=[in_both, only_here, missing_there])
        a_file(session, library=library, episodes=[gone_with_its_season])
        a_file(session, library=other, episodes=[in_both])
        a_file(session, library=other, episodes=[missing_there], missing_since=now())
        elsewhere = an_episode(session, a_season(session, a_show(session, "Another", library=other)))
        a_file(session, library=other, episodes=[elsewhere])

    gone = removed(database, library)

    assert gone.media_ids == []
    with database.read() as session:
        assert set(session.scalars(select(Episode.id))) == {in_both.id, missing_there.id, elsewhere.id}
        assert set(session.scalars(select(Season.id))) == {first.id, elsewhere.season_id}


def test_a_library_below_the_removed_one_stays_and_stands_alone(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        child = a_library(session, "Child", parent_id=library.id)

    removed(database, library)

    with database.read() as session:
        assert session.get_one(Library, child.id).parent_id is None


def test_a_title_that_stays_goes_on_its_way_without_the_scan_and_whoever_held_it_loses_it(database: Database) -> None:
    with database.begin() as session:
        library, other = a_library(session), a_library(session, "Other")
        scan_job = a_scan_job(session, library, status=JobStatus.IN_PROGRESS)
        film = a_movie(session, library=library)
        hold(session, other, film.media_id)
        held = an_enrichment(
            session, scan_job, media_id=film.media_id, status=EnrichmentStatus.ARTWORK, lease_until=now() + LEASE
        )

    removed(database, library)

    with database.begin() as session:
        assert leases.still_held_enrichments(session, [held]) == set()
        (waiting,) = leases.claim_enrichments(session, None, EnrichmentStatus.ARTWORK, 5)
        assert waiting.media_id == film.media_id


def test_a_removal_takes_the_same_statements_however_much_there_is(database: Database) -> None:
    with database.begin() as session:
        small, large = a_library(session, "Small"), a_library(session, "Large")
        for library, titles in ((small, 1), (large, 50)):
            for _ in range(titles):
                a_file(session, library=library, movie=a_movie(session, library=library))

    with counted_queries(database) as of_small:
        removed(database, small)
    with counted_queries(database) as of_large:
        removed(database, large)

    assert len(of_large) == len(of_small) < 15


def test_what_is_not_there_is_not_removed(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
    removed(database, library)

    with pytest.raises(NotFoundError):
        removed(database, library)


def test_a_worker_that_records_at_the_same_moment_is_waited_for_and_waits_for_nobody(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        scan_job = a_scan_job(session, library, status=JobStatus.IN_PROGRESS, fence=0)
        folder = a_scan_folder(session, scan_job, status=FolderStatus.PENDING)
        film = a_movie(session, library=library)
        title = an_enrichment(session, scan_job, media_id=film.media_id)
    holds = Event()

    def work() -> None:
        with database.begin() as session:
            assert leases.still_held_folders(session, [folder]) == {folder.id}
            holds.set()
            # As long as the removal needs to come to where it waits.
            session.connection().exec_driver_sql(
                "SELECT pg_sleep(0.5)" if database.engine.dialect.name == "postgresql" else "SELECT 1"
            )
            assert leases.still_held_enrichments(session, [title]) == {film.media_id}
            a_file(session, library=library, movie=film, folder_id=folder.id)
            session.add(Media(**_another_title()))
            session.get_one(Media, film.media_id).title = "Renamed"
            session.flush()

    with ThreadPoolExecutor(2) as threads:
        worker = threads.submit(work)
        holds.wait(10)
        gone = threads.submit(removed, database, library)
        worker.result(20)
        assert gone.result(20).media_ids == [film.media_id]

    with database.read() as session:
        assert session.scalars(select(MediaFile.id)).all() == []


def _another_title() -> dict[str, Any]:
    return {
        "type": MediaType.MOVIE,
        "title": "Alien",
        "search_title": "alien",
        "guessed_title": "Alien",
        "match_status": "pending",
    }


def test_a_title_that_becomes_another_librarys_at_the_same_moment_stays(database: Database) -> None:
    with database.begin() as session:
        library, other = a_library(session), a_library(session, "Other")
        film = a_movie(session, library=library)
        twin = a_movie(session, "Heat, again", library=other)
        a_file(session, library=library, movie=film)
        file = a_file(session, library=other, movie=twin)
        title = an_enrichment(session, a_scan_job(session, other), media_id=twin.media_id)
    holds = Event()

    def become() -> None:
        """Do what a worker does when a provider says that two titles are the same."""
        with database.begin() as session:
            leases.still_held_enrichments(session, [title])
            session.get_one(MediaFile, file.id).movie_id = film.id
            session.add(LibraryMedia(library_id=other.id, media_id=film.media_id))
            session.flush()
            holds.set()
            session.connection().exec_driver_sql(
                "SELECT pg_sleep(0.5)" if database.engine.dialect.name == "postgresql" else "SELECT 1"
            )

    with ThreadPoolExecutor(2) as threads:
        worker = threads.submit(become)
        holds.wait(10)
        gone = threads.submit(removed, database, library)
        worker.result(20)
        assert gone.result(20).media_ids == []

    with database.read() as session:
        assert titles_by_file(session, [file.id]) == {file.id: film.media_id}
        assert session.scalars(select(Enrichment.media_id)).all() == [twin.media_id]
        assert session.scalars(select(ScanJob.library_id)).all() == [other.id]
