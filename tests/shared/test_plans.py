"""What lists, details, searches and libraries cost: so many statements, and none that reads a whole table."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from benchmarks.filling import fill
from shared.catalogue import browse, details, libraries
from shared.catalogue.browse import Page
from shared.catalogue.search import MOST_AT_ONCE, Asked, Found, search, searches
from shared.catalogue.search_answers import Begun
from shared.database import Database
from shared.models import Library, Media, MediaFile, Movie
from tests.builders import a_migrated_database

FILMS = 600
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
#: Tables that grow with the catalogue.
LARGE = "media|movies|tv_shows|media_files|external_ids|credits|people|search_texts|search_words|library_media"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = a_migrated_database(request.param, postgres_url, tmp_path_factory.mktemp("filled"))
    fill(database, FILMS)
    return database


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        if arguments[2] != "BEGIN":
            seen.append((arguments[2], arguments[3]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def plan_of(session: Session, statement: str, parameters: Any) -> list[str]:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    # So few rows are read faster without any index; what none serves is read whole even so.
    connection.exec_driver_sql("SET enable_seqscan = off")
    try:
        return list(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
    finally:
        connection.exec_driver_sql("RESET enable_seqscan")


def whole_tables(plans: list[list[str]]) -> list[str]:
    """Return the lines of plans that read a large table wholly."""
    scans = re.compile(rf"Seq Scan on ({LARGE})\b|SCAN ({LARGE})\b(?! USING (COVERING )?INDEX)")
    return [line for plan in plans for line in plan if scans.search(line)]


def a_film(session: Session) -> tuple[str, str]:
    row = session.execute(select(Movie.id, Media.title).join(Movie.media).order_by(Media.title).limit(1)).one()
    return row[0], row[1]


def hide_the_last_film(session: Session) -> None:
    last = select(MediaFile.id).join(Movie).join(Media).order_by(Media.title.desc()).limit(1)
    session.execute(update(MediaFile).where(MediaFile.id.in_(last)).values(missing_since=LONG_AGO))


def misspelled(title: str) -> str:
    word = max(title.split(), key=len)
    return word[:2] + word[3:]


# fmt: off
READS = [
    # what, most statements where nothing is hidden, the read
    ("list",    1, lambda session, _movie_id, _title: browse.movies(session, Page()).rows),
    ("shows",   1, lambda session, _movie_id, _title: browse.tv_shows(session, Page()).rows),
    ("details", 1, lambda session, movie_id, _title: details.movies(session, [movie_id])),
    ("title",   7, lambda session, _movie_id, title: searches(session, [Asked(title, 1, 10)]).values()),
    ("typo",    9, lambda session, _movie_id, title: search(session, Asked(misspelled(title), 1, 10)).movies),
    ("library", 1, lambda session, _movie_id, _title: libraries.listed(session)),
]
# fmt: on


@pytest.mark.parametrize(("most", "read"), [read[1:] for read in READS], ids=[read[0] for read in READS])
def test_a_read_costs_few_statements_and_reads_no_whole_table(
    filled: Database, most: int, read: Callable[[Session, str, str], Any]
) -> None:
    with filled.read() as session:
        movie_id, title = a_film(session)
        with statements(filled) as seen:
            assert read(session, movie_id, title)
        plans = [plan_of(session, *one) for one in list(seen)]

    assert len(plans) <= most
    assert whole_tables(plans) == []


@pytest.mark.parametrize(("most", "read"), [read[1:] for read in READS], ids=[read[0] for read in READS])
def test_what_is_hidden_costs_a_read_no_whole_table_either(
    filled: Database, most: int, read: Callable[[Session, str, str], Any]
) -> None:
    with filled.begin() as session:
        movie_id, title = a_film(session)
        hide_the_last_film(session)
        with statements(filled) as seen:
            assert read(session, movie_id, title)
        plans = [plan_of(session, *one) for one in list(seen)]
        session.rollback()

    # It turns out with the first one; of what a search finds it is asked afterwards which titles and episodes it is.
    assert len(plans) <= most + 2
    # So few shows SQLite reads faster without an index.
    assert [line for line in whole_tables(plans) if line != "SCAN tv_shows"] == []


def test_what_was_found_together_with_others_is_not_asked_for_again(filled: Database) -> None:
    with filled.read() as session:
        asked = Asked(misspelled(a_film(session)[1]), 1, 10)
        begun = searches(session, [asked])[asked]
        assert isinstance(begun, Begun)
        with statements(filled) as gone_on_with:
            assert search(session, asked, begun).movies
        with statements(filled) as from_the_start:
            assert search(session, asked).movies

    assert len(gone_on_with) <= len(from_the_start) - 2


@pytest.mark.parametrize("hidden", ["nothing", "a film"])
def test_searches_at_once_read_their_titles_by_the_same_statements(filled: Database, hidden: str) -> None:
    def plans_of(asked: Sequence[str]) -> list[list[str]]:
        with statements(filled) as seen:
            found = searches(session, [Asked(title, 1, 10) for title in asked])
        assert all(isinstance(each, Found) and each.total for each in found.values())
        # On SQLite, words and names are asked for one search after the other.
        return [plan_of(session, *one) for one in list(seen) if "search_" not in one[0] or not is_sqlite]

    is_sqlite = filled.engine.dialect.name == "sqlite"
    with filled.begin() as session:
        titles = session.scalars(select(Media.title).order_by(Media.title).limit(MOST_AT_ONCE)).all()
        if hidden == "a film":
            hide_the_last_film(session)
        alone, at_once = plans_of(titles[:1]), plans_of(titles)
        session.rollback()

    assert [line for line in whole_tables(at_once) if not is_sqlite or line != "SCAN tv_shows"] == []
    # Names are asked for by one statement for one word, and by another one for two; some searches find shows or people.
    assert len(at_once) <= len(alone) + 4


@pytest.mark.parametrize("filled", ["postgresql"], indirect=True)
def test_postgresql_plans_what_many_ask_for_once_and_not_each_time(filled: Database) -> None:
    # What is not used has no plans yet.
    filled.engine.dispose()
    kept = text("SELECT statement, custom_plans, generic_plans FROM pg_prepared_statements")
    with filled.read() as session:
        movie_id, title = a_film(session)
        # For few at once a plan of their own looks best.
        for _ in range(20):
            searches(session, [Asked(title, 1, 10)])
            details.movies(session, [movie_id])
        plans = [tuple(row) for row in session.execute(kept) if re.search(r"unnest|= ANY", row.statement)]

    # So many times PostgreSQL tries plans for what is asked, before it thinks that one for anything is as good.
    assert [(custom <= 5, generic > 0) for _, custom, generic in plans] == [(True, True)] * len(plans)
    read = {table for table in ("search_words", "search_texts", "media_files") for plan in plans if table in plan[0]}
    assert read == {"search_words", "search_texts", "media_files"}


def test_libraries_are_counted_without_reading_what_they_hold(filled: Database) -> None:
    with filled.read() as session:
        held = libraries.listed(session)
        count = len(session.scalars(select(Library.id)).all())

    assert (len(held), sum(titles for _, titles in held)) == (count, FILMS + FILMS // 10)
