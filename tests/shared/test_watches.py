"""Who watches which library: one process at a time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from shared import watches
from shared.database import Database
from shared.lease_time import LEASE
from shared.models import Library, LibraryWatch
from shared.models.base import now
from shared.watches import Standing, WatchState
from tests.builders import a_library

EVENTS = Standing(WatchState.EVENTS)


def a_watched_library(database: Database, **more: Any) -> Library:
    with database.begin() as session:
        library = a_library(session, **({"watch": True} | more))
        watches.note_wanted(session, [library.id])
        return library


def held(database: Database, holder: str, *library_ids: str) -> set[str]:
    with database.begin() as session:
        return watches.hold(session, holder, library_ids)


def standing(database: Database, library: Library) -> Standing:
    with database.read() as session:
        return watches.standing(session, library, session.get(LibraryWatch, library.id))


def change(database: Database, **values: Any) -> None:
    with database.begin() as session:
        session.execute(update(LibraryWatch).values(**values))


def test_a_library_is_held_by_one_process_until_that_lets_go_or_dies(database: Database) -> None:
    library = a_watched_library(database)

    assert held(database, "a", library.id) == {library.id}
    assert held(database, "b", library.id) == set()
    assert held(database, "a", library.id) == {library.id}

    with database.begin() as session:
        watches.release(session, "a", [library.id])
    assert held(database, "b", library.id) == {library.id}

    change(database, lease_until=now() - timedelta(seconds=1))
    assert held(database, "a", library.id) == {library.id}


def test_a_lease_of_another_time_is_over(database: Database) -> None:
    library = a_watched_library(database)
    held(database, "a", library.id)
    with database.begin() as session:
        watches.say(session, "a", library.id, EVENTS)

    # Of a clock that has been set back since.
    change(database, lease_until=now() + timedelta(hours=1))

    assert standing(database, library).reason == "nobody-watches"
    with database.read() as session:
        assert watches.free(session, "b") == {library.id}
    assert held(database, "b", library.id) == {library.id}
    with database.read() as session:
        assert watches.free(session, "a") == set()


def test_only_its_holder_says_how_it_goes_and_only_what_is_new(database: Database) -> None:
    library = a_watched_library(database)
    held(database, "a", library.id)

    with database.begin() as session:
        assert not watches.say(session, "b", library.id, EVENTS)
        assert watches.say(session, "a", library.id, EVENTS)
        assert not watches.say(session, "a", library.id, EVENTS)

    assert standing(database, library) == EVENTS


def test_a_holder_that_died_is_noticed_by_its_silence(database: Database) -> None:
    library = a_watched_library(database)
    held(database, "a", library.id)
    with database.begin() as session:
        watches.say(session, "a", library.id, EVENTS)

    change(database, lease_until=now() - timedelta(seconds=1))

    assert (standing(database, library).state, standing(database, library).reason) == ("stopped", "nobody-watches")


def test_that_nobody_ever_begins_is_noticed_after_a_while(database: Database) -> None:
    library = a_watched_library(database)
    assert standing(database, library) == Standing(WatchState.WAITING)

    change(database, since=now() - LEASE)

    assert standing(database, library).reason == "nobody-watches"


def test_a_library_that_is_not_to_be_watched_is_not_whatever_was_before(database: Database) -> None:
    library = a_watched_library(database, watch=False)
    held(database, "a", library.id)

    assert standing(database, library) == Standing(WatchState.OFF)


def test_why_it_stopped_is_known_after_it_was_let_go(database: Database) -> None:
    library = a_watched_library(database)
    held(database, "a", library.id)
    gone = Standing(WatchState.STOPPED, "folder-gone", "There is no folder.")
    with database.begin() as session:
        watches.say(session, "a", library.id, gone)
        watches.release(session, "a", [library.id])

    assert standing(database, library) == gone


def test_libraries_that_want_nothing_are_not_among_the_wanted(database: Database) -> None:
    with database.begin() as session:
        a_library(session, name="Idle")
        a_library(session, name="Nowhere", watch=True).library_path = None
        watched = a_library(session, name="Watched", watch=True)
        timed = a_library(session, name="Timed", scan_interval_minutes=5)

    with database.read() as session:
        assert {library.id for library, _ in watches.wanted(session)} == {watched.id, timed.id}
