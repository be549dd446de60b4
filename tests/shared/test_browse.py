"""Lists of titles on both databases: walked by cursor while they change, and read off indexes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, text

from shared.catalogue import browse
from shared.catalogue.browse import Page, SortKey
from shared.database import Database
from shared.kinds import MatchStatus, MediaType
from shared.models import Media, Movie, TVShow
from tests.builders import EPOCH, a_library, a_migrated_database, a_movie

Facts = tuple[str, int, str, date | None, float | None]

MANY = 50_000
in_every_order = pytest.mark.parametrize(
    "order",
    [Page(sort=sort, descending=descending) for sort in SortKey for descending in (True, False)],
    ids=lambda page: f"{page.sort} {'desc' if page.descending else 'asc'}",
)

#: Few values, so that many titles share one, and often none at all.
FACTS = st.tuples(
    st.uuids(version=4).map(str),
    st.integers(0, 3),
    st.sampled_from(["alien", "heat", "é", "x" * 200, "x" * 300, "x" * 200 + "y", ""]),
    st.sampled_from([None, date(1, 1, 1), date(1995, 12, 15), date(9999, 12, 31)]),
    st.sampled_from([None, 0.0, 0.1 + 0.2, 7.0, 10.0]),
)


def add(database: Database, facts: list[Facts], media_type: MediaType = MediaType.MOVIE) -> None:
    """Add titles; the film or show of a title has its id, too."""
    rows = [
        {
            "id": media_id,
            "type": media_type,
            "title": title,
            "search_title": title,
            "guessed_title": title,
            "match_status": MatchStatus.MATCHED,
            "created_at": EPOCH + timedelta(microseconds=added),
            "release_date": released,
            "rating": rating,
        }
        for media_id, added, title, released, rating in facts
    ]
    kind = Movie if media_type == MediaType.MOVIE else TVShow
    with database.begin() as session:
        for start in range(0, len(rows), 5000):
            chunk = rows[start : start + 5000]
            session.execute(insert(Media), chunk)
            session.execute(insert(kind), [{"id": row["id"], "media_id": row["id"]} for row in chunk])


def remove(database: Database, ids: list[str]) -> None:
    with database.begin() as session:
        session.execute(delete(Media).where(Media.id.in_(ids)))


def walk(database: Database, page: Page) -> Iterator[list[str]]:
    """Yield the ids of each page, from the first to the last."""
    while True:
        with database.read() as session:
            found = browse.movies(session, page)
        yield [row.media_id for row in found.rows]
        if found.next_cursor is None:
            return
        page = replace(page, cursor=found.next_cursor)


def in_order(facts: list[Facts], order: Page) -> list[str]:
    """Put titles into order as anybody would: by value, then id; those without a value last."""
    place = {SortKey.CREATED_AT: 1, SortKey.TITLE: 2, SortKey.RELEASE_DATE: 3, SortKey.RATING: 4}[order.sort]

    def value(fact: Facts) -> Any:
        return fact[place][:200] if isinstance(fact[place], str) else fact[place]

    valued = sorted((fact for fact in facts if value(fact) is not None), key=lambda fact: (value(fact), fact[0]))
    without = sorted((fact for fact in facts if value(fact) is None), key=lambda fact: fact[0])
    parts = (reversed(valued), reversed(without)) if order.descending else (valued, without)
    return [fact[0] for part in parts for fact in part]


@in_every_order
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    facts=st.lists(FACTS, max_size=12, unique_by=lambda fact: fact[0]),
    limit=st.integers(1, 5),
    changes=st.lists(st.one_of(FACTS, st.integers(0, 11)), max_size=8),
)
def test_whoever_walks_by_cursor_meets_each_title_that_stays_once_and_in_order(
    database: Database, order: Page, facts: list[Facts], limit: int, changes: list[Facts | int]
) -> None:
    add(database, facts)
    staying, added, met = list(facts), set[str](), list[str]()
    pending = list(changes)

    for ids in walk(database, replace(order, limit=limit)):
        assert len(ids) <= limit
        met += ids
        if pending and isinstance(change := pending.pop(), int):
            # Also the very title that the cursor stands on.
            remove(database, [fact[0] for fact in facts[change : change + 1]])
            staying = [fact for fact in staying if fact not in facts[change : change + 1]]
        elif pending and not isinstance(change, int) and change[0] not in {fact[0] for fact in facts} | added:
            add(database, [change])
            added.add(change[0])

    remained = {fact[0] for fact in staying}
    assert [media_id for media_id in met if media_id in remained] == in_order(staying, order)
    assert len(met) == len(set(met))
    remove(database, [*added, *(fact[0] for fact in facts)])


@in_every_order
def test_the_pages_by_number_are_those_by_cursor(database: Database, order: Page) -> None:
    facts: list[Facts] = [
        (str(UUID(int=n)), n % 3, f"film {n % 4}", None if n % 3 else date(2000, 1, n % 5 + 1), n % 2 or None)
        for n in range(23)
    ]
    add(database, facts)
    page = replace(order, limit=5)

    by_cursor = list(walk(database, page))

    for number, ids in enumerate(by_cursor, 1):
        with database.read() as session:
            found = browse.movies(session, replace(page, page=number))
        assert [row.media_id for row in found.rows] == ids
        assert found.total == 23
        assert (found.next_cursor is None) == (number == len(by_cursor))
    assert list(chain(*by_cursor)) == in_order(facts, order)


def test_a_walk_keeps_to_its_filters(database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        wanted = [
            a_movie(
                session, f"Film {n}", library=library, genres=["Crime"], rating=8.0, release_date=date(1995, 1, n + 1)
            )
            for n in range(7)
        ]
        a_movie(session, "Film of nobody", genres=["Crime"], rating=8.0, release_date=date(1995, 1, 1))
        a_movie(session, "Film", library=library, genres=["Drama"], rating=8.0, release_date=date(1995, 1, 1))
        a_movie(session, "Film", library=library, genres=["Crime"], rating=7.0, release_date=date(1995, 1, 1))
        a_movie(session, "Film", library=library, genres=["Crime"], rating=8.0, release_date=date(1996, 1, 1))
        a_movie(session, "Film", library=library, genres=["Crime"], release_date=date(1995, 1, 1))
        expected = [row.media_id for row in wanted]
    page = Page(
        limit=2,
        descending=False,
        genre="crime",
        year=1995,
        rating=7.5,
        q="film",
        library_id=library.id,
        unmatched=False,
    )

    assert list(chain(*walk(database, page))) == expected


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Make a database of many films and shows, of which some have no date or rating."""
    database = a_migrated_database(request.param, postgres_url, tmp_path_factory.mktemp("large"))
    for media_type, many in ((MediaType.MOVIE, MANY), (MediaType.TV_SHOW, 2_000)):
        add(
            database,
            [
                (
                    str(UUID(int=(n * 7919 + (media_type == MediaType.MOVIE)) << 64)),
                    n,
                    f"film {n * 31 % MANY:05}",
                    None if n % 10 == 0 else date(1950, 1, 1) + timedelta(days=n * 17 % 25_000),
                    None if n % 7 == 0 else n % 100 / 10,
                )
                for n in range(many)
            ],
            media_type,
        )
    if request.param == "postgresql":
        with database.begin() as session:
            session.execute(text("ANALYZE"))
    return database


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        seen.append((arguments[2], arguments[3]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def plan_of(database: Database, page: Page) -> Any:
    """Return how the database finds a page: of SQLite (parent, sentence)s, of PostgreSQL all nodes of the tree."""
    with database.read() as session:
        with statements(database) as seen:
            browse.movies(session, page)
        statement, parameters = next(one for one in seen if "FROM movies" in one[0])
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [(parent, sentence) for _, parent, _, sentence in rows]
        (plans,) = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalars()
    return list(nodes(plans[0]["Plan"]))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


def places(database: Database, order: Page) -> list[Page]:
    """Return the first page, one deep among the titles with a value, and one among those without."""
    first = replace(order, limit=20)
    pages = [first]
    for number in (MANY // 40, MANY // 20 - 100):
        with database.read() as session:
            cursor = browse.movies(session, replace(first, page=number)).next_cursor
        assert cursor is not None
        pages.append(replace(first, cursor=cursor))
    return pages


@in_every_order
def test_a_page_of_a_large_list_is_read_off_an_index(large: Database, order: Page) -> None:
    for page in places(large, order):
        plan = plan_of(large, page)

        most = 2 * (page.limit + 1)
        if large.engine.dialect.name == "sqlite":
            assert not [sentence for _, sentence in plan if sentence.startswith("SCAN media")], plan
            indexed = {parent for parent, sentence in plan if "INDEX ix_media_type_" in sentence}
            assert indexed, plan
            # What is sorted afterwards are the few rows of the page.
            assert not [sentence for parent, sentence in plan if "TEMP B-TREE" in sentence and parent in indexed], plan
        else:
            for node in plan:
                if node.get("Index Name") == "pk_title_counts":
                    # Entries of versions that are gone; VACUUM removes them, and their number is not the list's.
                    continue
                read = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
                assert read <= most, node


def test_creation_dates_keep_their_microseconds_in_a_cursor(database: Database) -> None:
    a, b = str(UUID(int=1)), str(UUID(int=2))
    add(database, [(a, 1, "a", None, None), (b, 2, "b", None, None)])

    assert list(walk(database, Page(limit=1))) == [[b], [a]]
