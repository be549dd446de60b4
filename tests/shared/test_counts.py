"""Counts of titles that triggers keep, whoever writes, and however many write at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.catalogue import browse, libraries, library_removal
from shared.catalogue.browse import Page
from shared.catalogue.libraries import titles_in
from shared.database import Database
from shared.kinds import MediaType
from shared.models import Library, LibraryMedia, Media, TitleCount
from tests.builders import EPOCH, a_file, a_library, a_movie, a_show


def counted(session: Session) -> dict[str, int]:
    sums = select(TitleCount.counted, func.sum(TitleCount.titles)).group_by(TitleCount.counted)
    return {name: titles for name, titles in session.execute(sums) if titles}


def are_true(session: Session) -> bool:
    types = select(Media.type, func.count()).group_by(Media.type)
    held = select(LibraryMedia.library_id, func.count()).group_by(LibraryMedia.library_id)
    return counted(session) == dict(map(tuple, [*session.execute(types), *session.execute(held)]))


def test_lists_and_libraries_count_what_there_is_as_titles_come_and_go(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        for number in range(3):
            a_movie(session, f"Film {number}", library=library)
        a_show(session, "Show", library=library)
        gone = a_movie(session, "Gone", library=library)
        assert titles_in(session, library.id) == 5
        session.execute(delete(Media).where(Media.id == gone.media_id))

        assert browse.movies(session, Page(limit=1)).total == 3
        assert browse.movies(session, Page(page=9)).total == 3
        assert browse.tv_shows(session, Page()).total == 1
        assert [titles for _, titles in libraries.listed(session)] == [4]
        assert are_true(session)


def test_what_is_hidden_is_not_counted_until_it_is_back(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        kept, away = (a_movie(session, title, library=library) for title in ("Kept", "Away"))
        a_file(session, "/kept.mkv", library=library, movie=kept)
        file = a_file(session, "/away.mkv", library=library, movie=away, missing_since=EPOCH)
        a_movie(session, "Without a file", library=library)
        session.flush()

        def counts() -> list[int]:
            listed = [browse.movies(session, page).total for page in (Page(limit=1), Page(page=9), Page(q="a"))]
            return [*listed, titles_in(session, library.id), libraries.listed(session)[0][1]]

        assert counts() == [2, 2, 1, 2, 2]
        file.missing_since = None
        session.flush()
        assert counts() == [3, 3, 2, 3, 3]
        assert are_true(session)


def test_a_transaction_that_fails_counts_nothing(database: Database) -> None:
    with database.begin() as session:
        a_movie(session)
        session.rollback()

    with database.read() as session:
        assert counted(session) == {}
        assert browse.movies(session, Page()).total == 0


def test_a_library_that_is_removed_leaves_no_count(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        a_movie(session, library=library)
        other = a_library(session)
        a_movie(session, library=other)
    with database.begin() as session:
        library_removal.remove(session, library.id)

    with database.read() as session:
        assert session.scalars(select(TitleCount.counted).where(TitleCount.counted == library.id)).all() == []
        assert counted(session) == {MediaType.MOVIE: 1, other.id: 1}


def test_titles_that_are_added_and_removed_at_once_are_all_counted(database: Database) -> None:
    with database.begin() as session:
        library_id = a_library(session).id
    together = Barrier(4)

    def work(worker: int) -> None:
        together.wait()
        for number in range(5):
            with database.begin() as session:
                library = session.get_one(Library, library_id)
                kept, gone = (a_movie(session, f"{worker} {number} {each}", library=library) for each in range(2))
                assert kept.id
                session.execute(delete(Media).where(Media.id == gone.media_id))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))

    with database.read() as session:
        assert titles_in(session, library_id) == 20
        assert are_true(session)
