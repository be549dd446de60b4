"""What a batch of folders costs, and what becomes of files whose names are read otherwise than before."""

from pathlib import Path, PurePosixPath

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.kinds import ExtraType, MediaType
from shared.models import Library, Media, MediaFile, MediaName, Movie, ScanJob
from shared.opening import at_once
from tests.builders import MODIFIED, a_library, a_scan_folder, a_scan_job
from tests.statements import counted_queries
from worker.found import FoundFile, found_file
from worker.moves import find
from worker.naming import Guess, Kind
from worker.record.files import register
from worker.walk import VideoFile
from worker.wanted import questions


def a_scan_of(database: Database, media_type: MediaType, path: Path | None = None) -> tuple[ScanJob, Library, str]:
    with database.begin() as session:
        library = a_library(session, library_type=media_type, path=path)
        scan_job = a_scan_job(session, library)
        return scan_job, library, a_scan_folder(session, scan_job).id


def found(library: Library, folder_id: str, name: str, size: int = 1) -> FoundFile:
    root = PurePosixPath(library.library_path or "")
    video = VideoFile(f"{root}/{name}", size, MODIFIED)
    return found_file(video, folder_id=folder_id, root=root, media_type=MediaType(library.library_type or ""))


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        (MediaType.MOVIE, "Film {0} (1999)/Film {0} (1999).mkv"),
        (MediaType.TV_SHOW, "Show {0} (1999)/Show {0} S01E01.mkv"),
    ],
)
def test_a_batch_costs_the_same_queries_however_many_files_it_has(
    database: Database, media_type: MediaType, name: str
) -> None:
    scan_job, library, folder_id = a_scan_of(database, media_type)
    costs = []

    for numbers in (range(3), range(3, 43)):
        files = [found(library, folder_id, name.format(number), number) for number in numbers]
        with counted_queries(database) as made:
            find(database, library, files, at_once)
            with database.begin() as session:
                media_ids = sorted(register(session, scan_job, [folder_id], files).media_ids)
            with database.read() as session:
                asked = questions(session, media_ids[-len(numbers) :])
        costs.append(len(made))
        assert len(asked) == len(numbers)

    # The first batch also begins the counts of titles.
    assert costs[1] <= costs[0] <= 43


def test_a_film_that_turns_out_to_be_an_extra_leaves_no_title_behind(database: Database) -> None:
    scan_job, library, folder_id = a_scan_of(database, MediaType.MOVIE)
    extra = found(library, folder_id, "Heat (1995)/Heat (1995)-trailer.mkv")
    guess = Guess(Kind.MOVIE, "Heat trailer", 1995)
    as_film = FoundFile(folder_id, extra.path, 1, MODIFIED, MediaType.MOVIE, "heat trailer", extra.title_folder, guess)
    with database.begin() as session:
        (media_id,) = register(session, scan_job, [folder_id], [as_film]).media_ids

    with database.begin() as session:
        registered = register(session, scan_job, [folder_id], [extra])

        assert registered.removed_media_ids == {media_id}
        assert registered.media_ids == set()
        assert session.scalars(select(Media)).all() == session.scalars(select(Movie)).all() == []
        assert session.scalars(select(MediaFile.extra_type)).all() == [ExtraType.TRAILER]


def test_an_extra_that_turns_out_to_be_a_film_becomes_a_title(database: Database) -> None:
    scan_job, library, folder_id = a_scan_of(database, MediaType.MOVIE)
    film = found(library, folder_id, "Heat (1995)/Heat (1995).mkv")
    guess = Guess(Kind.EXTRA, "Heat", 1995, extra=ExtraType.OTHER)
    as_extra = FoundFile(folder_id, film.path, 1, MODIFIED, MediaType.MOVIE, film.key, film.title_folder, guess)
    with database.begin() as session:
        assert register(session, scan_job, [folder_id], [as_extra]).media_ids == set()
        file_id = session.scalars(select(MediaFile.id)).one()

    with database.begin() as session:
        (media_id,) = register(session, scan_job, [folder_id], [film]).new_media_ids

        row = session.scalars(select(MediaFile)).one()
        assert (row.id, row.extra_type) == (file_id, None)
        assert row.movie_id == session.scalars(select(Movie.id).where(Movie.media_id == media_id)).one()


def test_a_title_whose_files_are_read_otherwise_than_before_is_asked_about_by_what_is_read_now(
    database: Database, tmp_path: Path
) -> None:
    scan_job, library, folder_id = a_scan_of(database, MediaType.MOVIE, tmp_path)
    film = found(library, folder_id, "Heat (1995)/Heat (1995).mkv")
    Path(film.path).parent.mkdir(parents=True)
    Path(film.path).write_bytes(b"1")
    guess = Guess(Kind.MOVIE, "Heat (", 1995)
    as_before = FoundFile(folder_id, film.path, 1, MODIFIED, MediaType.MOVIE, "heat (:1995", film.title_folder, guess)
    with database.begin() as session:
        (media_id,) = register(session, scan_job, [folder_id], [as_before]).media_ids

    moved = find(database, library, [film], at_once)
    with database.begin() as session:
        registered = register(session, scan_job, [folder_id], [film], moved=moved)
        media = session.get_one(Media, media_id)

        assert (registered.media_ids, registered.removed_media_ids) == ({media_id}, set())
        assert (media.title, media.guessed_title) == ("Heat", "Heat")
        assert session.scalars(select(MediaName.key)).all() == ["heat:1995"]
