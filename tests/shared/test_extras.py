"""Whose extra a file is."""

from typing import Any

from sqlalchemy.orm import Session

from shared.catalogue import details
from shared.database import Database
from shared.kinds import ExtraType
from shared.models import Library, MediaFile, MediaName, Movie
from shared.models.base import now
from tests.builders import EPOCH, a_file, a_library, a_movie


def a_named_film(session: Session, library: Library, title: str, folder: str) -> Movie:
    """Make a film with a file that goes by its title and lies in a folder."""
    movie = a_movie(session, title, library=library)
    session.add(MediaName(library_id=library.id, key=title, media_id=movie.media_id))
    a_file(session, library=library, movie=movie, owner_key=title, owner_folder=folder)
    return movie


def an_extra(session: Session, library: Library, path: str, **more: Any) -> MediaFile:
    values = {"extra_type": ExtraType.TRAILER, "owner_key": "nobody", "owner_folder": "/nowhere"}
    return a_file(session, path, library=library, **(values | more))


def extras_of(session: Session, movie: Movie) -> list[str]:
    """Return the paths of a film's extras, as its own page has them."""
    return [file.path for file in details.movies(session, [movie.id])[movie.id].extras]


def test_an_extra_is_of_the_title_that_its_name_says_wherever_it_lies(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        heat = a_named_film(session, library, "heat", "/media/Heat")
        ronin = a_named_film(session, library, "ronin", "/media/Ronin")
        an_extra(session, library, "/media/Ronin/heat.mkv", owner_key="heat", owner_folder="/media/Ronin")

        assert extras_of(session, heat) == ["/media/Ronin/heat.mkv"]
        assert extras_of(session, ronin) == []


def test_an_extra_without_a_known_name_is_of_the_title_in_whose_folder_it_lies(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        heat = a_named_film(session, library, "heat", "/media/Heat")
        other = a_named_film(session, library, "ronin", "/media/Ronin")
        teaser = an_extra(session, library, "/media/Heat/teaser.mkv", owner_folder="/media/Heat")

        assert extras_of(session, heat) == [teaser.path]
        assert extras_of(session, other) == []


def test_in_a_folder_of_several_titles_an_extra_without_a_known_name_is_nobody_s(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        films = [a_named_film(session, library, title, "/media") for title in ("heat", "ronin")]
        an_extra(session, library, "/media/teaser.mkv", owner_folder="/media")

        assert [extras_of(session, film) for film in films] == [[], []]


def test_in_a_folder_of_one_title_under_two_names_an_extra_is_that_title_s(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        heat = a_named_film(session, library, "heat", "/media/Heat")
        session.add(MediaName(library_id=library.id, key="heat:1995", media_id=heat.media_id))
        a_file(session, library=library, movie=heat, owner_key="heat:1995", owner_folder="/media/Heat")
        teaser = an_extra(session, library, "/media/Heat/teaser.mkv", owner_folder="/media/Heat")

        assert extras_of(session, heat) == [teaser.path]


def test_extras_of_other_libraries_are_not_taken_for_a_title_s_own(database: Database) -> None:
    with database.begin() as session:
        heat = a_named_film(session, a_library(session), "heat", "/media/Heat")
        an_extra(session, a_library(session), "/a.mkv", owner_key="heat", owner_folder="/media/Heat")

        assert extras_of(session, heat) == []


def test_extras_come_by_type_and_path_and_with_those_that_have_not_been_missing_for_long(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        heat = a_named_film(session, library, "heat", "/media/Heat")
        for path, kind in (("/b", ExtraType.TRAILER), ("/c", ExtraType.SCENE), ("/a", ExtraType.TRAILER)):
            an_extra(session, library, path, owner_key="heat", extra_type=kind, missing_since=now())
        an_extra(session, library, "/d", owner_key="heat", missing_since=EPOCH)

        assert extras_of(session, heat) == ["/c", "/a", "/b"]
