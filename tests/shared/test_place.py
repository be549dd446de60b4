"""Which library would read a path, and from where on."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from shared import config
from shared.catalogue.place import place
from shared.config import Config
from shared.database import Database
from shared.errors import InvalidError, NotFoundError
from shared.kinds import MediaType
from shared.models import Library
from tests.builders import a_library

MOVIE, TV = MediaType.MOVIE, MediaType.TV_SHOW
ANY = config.load({})


def libraries(session: Session) -> dict[str, Library]:
    return {
        "all": a_library(session, path="/media"),
        "shows": a_library(session, path="/media/shows", library_type=TV),
        "films": a_library(session, path="/media/shows", library_type=MOVIE),
    }


@pytest.mark.parametrize(
    ("path", "media_type", "name", "root", "read_as"),
    [
        ("/media/a/b.mkv", None, "all", "/media", MOVIE),
        ("/media/shows/a/b.mkv", TV, "shows", "/media/shows", TV),
        ("/media/shows/a/b.mkv", MOVIE, "films", "/media/shows", MOVIE),
        ("/media/a/b.mkv", TV, None, "/", TV),
        ("/mediaeval/a.mkv", None, None, "/", MOVIE),
        ("//media///a/./b.mkv", None, "all", "/media", MOVIE),
        ("a/b.mkv", TV, None, "/", TV),
    ],
)
def test_a_path_is_read_by_the_nearest_library_around_it(
    database: Database, path: str, media_type: MediaType | None, name: str | None, root: str, *, read_as: MediaType
) -> None:
    with database.begin() as session:
        known = libraries(session)
        found = place(session, ANY, path, media_type, None)

    assert found.library is (known[name] if name else None)
    assert (found.root, found.media_type) == (Path(root), read_as)


@pytest.mark.parametrize("path", ["The Wire/1x01.mkv", "/media/shows/The Wire/1x01.mkv"])
def test_the_library_that_is_named_reads_the_path_as_its_own_type(database: Database, path: str) -> None:
    with database.begin() as session:
        shows = libraries(session)["shows"]
        found = place(session, ANY, path, MOVIE, shows.id)

    assert (found.library, found.media_type) == (shows, TV)
    assert found.path == Path("/media/shows/The Wire/1x01.mkv")


def test_without_a_library_a_path_is_read_from_its_media_root(database: Database) -> None:
    with database.read() as session:
        found = place(session, config.load({"MEDIA_ROOTS": "/mnt/x:/mnt/y"}), "/mnt/y/a/b.mkv", None, None)

    assert (found.root, found.path) == (Path("/mnt/y"), Path("/mnt/y/a/b.mkv"))


def test_a_path_of_the_host_is_read_as_it_is_here(database: Database) -> None:
    mounted = config.load({"HOST_MEDIA_PATH": "/volume1/media", "CONTAINER_MEDIA_PATH": "/media"})
    with database.begin() as session:
        found = place(session, mounted, "/volume1/media/a.mkv", None, libraries(session)["all"].id)

    assert found.path == Path("/media/a.mkv")


@pytest.mark.parametrize("path", ["/", ".", " ", "/media/../etc/passwd", "a\0b", "x" * 4097, "ü" * 2049, "\ud800"])
@pytest.mark.parametrize("settings_in_force", [ANY, config.load({"MEDIA_ROOTS": "/media"})], ids=["any", "roots"])
def test_what_can_be_no_file_is_refused(database: Database, settings_in_force: Config, path: str) -> None:
    with database.read() as session, pytest.raises(InvalidError) as refused:
        place(session, settings_in_force, path, None, None)

    assert refused.value.field == "path"


@pytest.mark.parametrize("path", ["/elsewhere/a.mkv", "/media/shows", ".", "/media/showstoppers/a.mkv"])
def test_a_path_that_is_not_below_the_library_that_is_named_is_refused(database: Database, path: str) -> None:
    with database.begin() as session:
        library_id = libraries(session)["shows"].id
        with pytest.raises(InvalidError, match="not below the folder"):
            place(session, ANY, path, None, library_id)


def test_an_unknown_library_is_not_found(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFoundError):
        place(session, ANY, "a.mkv", None, "nobody")
