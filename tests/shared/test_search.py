"""Searching on SQLite, on PostgreSQL with pg_trgm, and on PostgreSQL without: the same answers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

import shared.migrate as migrations
from shared.catalogue import search as searching
from shared.catalogue import search_answers, search_candidates, search_words
from shared.catalogue.search import Asked, Found, searches
from shared.catalogue.search_answers import Begun
from shared.database import Database
from shared.kinds import Role
from shared.models import Media
from tests.builders import (
    a_credit,
    a_file,
    a_migrated_database,
    a_movie,
    a_season,
    a_show,
    an_episode,
    emptied_afterwards,
)
from tests.statements import counted_queries

WITHOUT_TRIGRAMS = "postgresql without pg_trgm"


@pytest.fixture(scope="module", params=["sqlite", "postgresql", WITHOUT_TRIGRAMS])
def engine(request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Database:
    kind = str(request.param).split()[0]
    database = a_migrated_database(kind, postgres_url, tmp_path_factory.mktemp("search"))
    if request.param == WITHOUT_TRIGRAMS:
        with database.begin() as session:
            session.execute(text("DROP EXTENSION pg_trgm CASCADE"))
    return database


@pytest.fixture
def database(engine: Database) -> Iterator[Database]:
    with emptied_afterwards(engine) as lent:
        yield lent


FILMS = [
    "Heat",
    "The Heat",
    "Heathers",
    "Dead Heat",
    "Heart of Stone",
    "Amélie",
    "Ёлки",
    "Die Straße",
    "Spider-Man",
    "Spider-Man: Homecoming",
    "WALL·E",
    "The Matrix",
    "The Matrix Reloaded",
    "Star Wars",
    "Wars of the Star",
    "It",
    "It Follows",
    "Up",
    "千と千尋の神隠し",
    "مُحَمَّد",
    "שָׁלוֹם",
    "Ｆｕｌｌ Ｗｉｄｔｈ",  # noqa: RUF001
    "100% Wolf",
    "!!!",
    "Παράσιτα",
    "हिन्दी मीडियम",
    'The "Quoted" \\ Film',
]
SHOWS = ["The Wire", "Heat of the Night", "Star Trek", "Casablanca Nights"]

# fmt: off
EXPECTED = [
    # query, films, shows
    ("heat",          ["Heat", "The Heat", "Heathers", "Dead Heat"], ["Heat of the Night"]),
    ("HEAT",          ["Heat", "The Heat", "Heathers", "Dead Heat"], ["Heat of the Night"]),
    ("hea",           ["Heat", "Heathers", "The Heat", "Heart of Stone", "Dead Heat"], ["Heat of the Night"]),
    ("amelie",        ["Amélie"], []),
    ("AMÉLIE",        ["Amélie"], []),
    ("елки",          ["Ёлки"], []),
    ("strasse",       ["Die Straße"], []),
    ("spiderman",     ["Spider-Man", "Spider-Man: Homecoming"], []),
    ("spider man",    ["Spider-Man", "Spider-Man: Homecoming"], []),
    ("walle",         ["WALL·E"], []),
    ("wall-e",        ["WALL·E"], []),
    ("trix",          ["The Matrix", "The Matrix Reloaded"], []),
    ("matrix the",    ["The Matrix", "The Matrix Reloaded"], []),
    ("star wars",     ["Star Wars", "Wars of the Star"], []),
    ("star",          ["Star Wars", "Wars of the Star"], ["Star Trek"]),
    ("it",            ["It", "It Follows"], []),
    ("up",            ["Up"], []),
    ("千尋",          ["千と千尋の神隠し"], []),
    ("尋",            ["千と千尋の神隠し"], []),
    ("千と千尋の神し", ["千と千尋の神隠し"], []),
    ("محمد",          ["مُحَمَّد"], []),
    ("שלום",          ["שָׁלוֹם"], []),
    ("full width",    ["Ｆｕｌｌ Ｗｉｄｔｈ"], []),  # noqa: RUF001
    ("παρασιτα",      ["Παράσιτα"], []),
    ("हिन्दी",         ["हिन्दी मीडियम"], []),
    ("!!!",           ["!!!"], []),
    ("%",             [], []),
    ("_",             [], []),
    ('"',             [], []),
    ("\\",            [], []),
    ("' OR 1=1 --",   [], []),
    ('quoted" film',  ['The "Quoted" \\ Film'], []),
    ("100%",          ["100% Wolf"], []),
    # A typo:
    ("haet",          ["Heat", "The Heat", "Dead Heat"], ["Heat of the Night"]),
    ("matrx",         ["The Matrix", "The Matrix Reloaded"], []),
    ("natrix",        ["The Matrix", "The Matrix Reloaded"], []),
    ("the wrie",      [], ["The Wire"]),
    ("wrie",          [], ["The Wire"]),
    ("strar wras",    ["Star Wars", "Wars of the Star"], []),
    ("casabalncaa",   [], ["Casablanca Nights"]),
    ("homceom",       ["Spider-Man: Homecoming"], []),
    ("ηαρασιτα",      ["Παράσιτα"], []),
    # With a short word, which begins another, or is amid one where none does:
    ("matrx re",      ["The Matrix Reloaded"], []),
    ("matrx ix",      ["The Matrix", "The Matrix Reloaded"], []),
    ("star ek",       [], ["Star Trek"]),
    # None where words are as typed, or too short:
    ("het",           [], []),
    ("upp",           [], []),
    ("teh heat",      [], []),
    ("   ",           [], []),
]
# fmt: on


@pytest.fixture
def catalogue(database: Database) -> Database:
    with database.begin() as session:
        for title in FILMS:
            a_movie(session, title)
        for title in SHOWS:
            a_show(session, title)
    return database


def search(session: Session, typed: str, page: int, limit: int) -> Found:
    """Search in all ways; what is answered together with other searches, or begun with them, is answered so."""
    asked = Asked(typed, page, limit)
    answer = searching.search(session, asked)
    at_once = searches(session, [asked])[asked]
    assert answer == (searching.search(session, asked, at_once) if isinstance(at_once, Begun) else at_once)
    return answer


def look_at_no_more_than(names: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_answers, "MOST_CANDIDATES", names)


def found(session: Session, query: str, page: int = 1, limit: int = 100) -> tuple[list[str], list[str]]:
    answer = search(session, query, page, limit)
    return [row.media.title for row in answer.movies], [row.media.title for row in answer.tv_shows]


def test_titles_are_found_as_the_table_says_on_every_database(catalogue: Database) -> None:
    with catalogue.read() as session:
        answers = [(query, *found(session, query)) for query, _, _ in EXPECTED]

    assert answers == EXPECTED


@pytest.mark.parametrize("missing_since", [None, datetime(2020, 1, 1, tzinfo=UTC)], ids=["shown", "hidden"])
def test_searches_at_once_are_answered_as_if_each_were_alone(
    catalogue: Database, missing_since: datetime | None
) -> None:
    asked = [Asked(query, page, limit) for query, _, _ in EXPECTED for page, limit in ((1, 100), (1, 1), (2, 1))]
    with catalogue.begin() as session:
        a_credit(session, a_movie(session, "Ronin").media_id, "Heather Heat")
        season = a_season(session, a_show(session, "Heat Waves"), 1)
        a_file(session, episodes=[an_episode(session, season, 1, "Heatwave")])
        a_file(session, movie=a_movie(session, "Heated"), missing_since=missing_since)

    with catalogue.read() as session:
        at_once = searches(session, asked)
        alone = {each: searching.search(session, each) for each in asked}

    known = {each: found for each, found in at_once.items() if isinstance(found, Found)}
    assert known == {each: alone[each] for each in known}
    heat = known[Asked("heat", 1, 100)]
    assert ("Heated" in [row.media.title for row in heat.movies]) is (missing_since is None)
    assert [row.title for row in heat.episodes] == ["Heatwave"]
    assert [person.name for person in heat.people] == ["Heather Heat"]


def test_of_searches_at_once_only_those_that_too_many_names_hold_are_asked_again(
    catalogue: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_no_more_than(3, monkeypatch)
    many, few = Asked("heat", 1, 100), Asked("casablanca", 1, 100)

    with catalogue.read() as session:
        at_once = searches(session, [many, few])

    assert isinstance(at_once[many], Begun)
    assert isinstance(at_once[few], Found)


def test_postgresql_is_asked_by_itself_for_words_that_it_knows_to_be_frequent(
    catalogue: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_candidates, "MANY_NAMES", 5)
    monkeypatch.setattr(search_candidates, "_frequent", {})
    frequent, begun, together, rare = (Asked(each, 1, 100) for each in ("heathers", "heath", "casa", "parasite"))
    with catalogue.begin() as session:
        for _ in range(5):
            a_movie(session, "Heathers")
        # Neither is frequent by itself.
        for title in ("Casablanca", "Casanova") * 3:
            a_movie(session, title)
        a_movie(session, "Parasite")
    with catalogue.begin() as session:
        session.execute(text("ANALYZE"))

    with catalogue.read() as session:
        at_once = searches(session, [frequent, begun, together, rare])

    is_postgresql = catalogue.engine.dialect.name == "postgresql"
    assert isinstance(at_once[frequent], Begun) is is_postgresql
    assert isinstance(at_once[begun], Begun) is is_postgresql
    assert isinstance(at_once[together], Begun) is is_postgresql
    assert isinstance(at_once[rare], Found)


# fmt: off
PARTS = [
    # of a word, and how PostgreSQL looks for it: by the index where three letters follow each other
    ("atri",   "LIKE"),
    ("сталк",  "LIKE"),
    ("千と千尋", "LIKE"),
    ("!!!!",   "strpos"),
    ("சங்கர்",   "strpos"),
    ("সত্য",    "strpos"),
]
# fmt: on


@pytest.mark.parametrize(("part", "way"), PARTS)
def test_postgresql_looks_no_part_up_in_its_index_that_has_no_trigram(database: Database, part: str, way: str) -> None:
    with database.read() as session, counted_queries(database) as queries:
        search_words.holding(session.connection(), [part])

    ways = [known for query in queries for known in ("LIKE", "strpos", "instr") if known in query]
    assert ways[0] == (way if database.engine.dialect.name == "postgresql" else "instr")


def test_films_and_shows_share_the_pages(catalogue: Database) -> None:
    with catalogue.read() as session:
        pages = [found(session, "heat", page, 2) for page in (1, 2, 3, 4)]
        total = search(session, "heat", 1, 2).total

    assert total == 5
    assert pages == [
        (["Heat"], ["Heat of the Night"]),
        (["The Heat", "Heathers"], []),
        (["Dead Heat"], []),
        ([], []),
    ]


def test_the_original_and_the_guessed_title_find_a_title(database: Database) -> None:
    with database.begin() as session:
        a_movie(session, "Spirited Away", original_title="千と千尋の神隠し", guessed_title="Chihiro")

    with database.read() as session:
        assert [found(session, query)[0] for query in ("千と千尋", "chihiro", "spiritedaway")] == [
            ["Spirited Away"]
        ] * 3


def test_the_better_rated_of_two_alike_comes_first(database: Database) -> None:
    with database.begin() as session:
        ids = [a_movie(session, "Dune", rating=rating).id for rating in (None, 6.5, 8.0)]

    with database.read() as session:
        assert [row.id for row in search(session, "dune", 1, 10).movies] == [ids[2], ids[1], ids[0]]


def test_episodes_are_found_with_their_show_on_the_first_page(database: Database) -> None:
    with database.begin() as session:
        show = a_show(session, "The Wire")
        season = a_season(session, show, 3)
        a_file(session, episodes=[an_episode(session, season, 4, "Amsterdam")])
        an_episode(session, season, 5, "Straight and True")

    with database.read() as session:
        first, second = search(session, "amstredam", 1, 10), search(session, "amstredam", 2, 10)

    assert [(row.title, row.season.tv_show.media.title, len(row.files)) for row in first.episodes] == [
        ("Amsterdam", "The Wire", 1)
    ]
    assert first.total == 0
    assert not second.episodes


def test_people_are_found_with_their_best_rated_titles(database: Database) -> None:
    with database.begin() as session:
        for number in range(7):
            movie = a_movie(session, f"Film {number}", rating=float(number))
            a_credit(session, movie.media_id, "Penélope Cruz", character=f"Role {number}")
        a_credit(session, movie.media_id, "Penélope Cruz", role=Role.DIRECTOR, position=1)
        gone = a_movie(session, "Gone")
        a_credit(session, gone.media_id, "Penelope Nobody")
        session.execute(delete(Media).where(Media.id == gone.media_id))

    with database.read() as session:
        people = search(session, "penelope", 1, 10).people

    assert [person.name for person in people] == ["Penélope Cruz"]
    assert [(found.title, found.role, found.character) for found in people[0].titles] == [
        ("Film 6", "actor", "Role 6"),
        ("Film 6", "director", None),
        ("Film 5", "actor", "Role 5"),
        ("Film 4", "actor", "Role 4"),
        ("Film 3", "actor", "Role 3"),
    ]


def test_what_is_removed_is_not_found(catalogue: Database) -> None:
    with catalogue.begin() as session:
        session.execute(delete(Media).where(Media.title == "Heat"))

    with catalogue.read() as session:
        assert found(session, "heat")[0] == ["The Heat", "Heathers", "Dead Heat"]


def test_names_that_are_the_query_come_first_where_very_many_hold_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_no_more_than(3, monkeypatch)
    with database.begin() as session:
        for title in ("Abiter", "Cabiter", "Arbiter", "White", "Kit", "Merits", "The It", "It Follows", "It"):
            a_movie(session, title)

    with database.read() as session:
        assert found(session, "it", limit=3)[0] == ["It", "The It", "It Follows"]
        # Which of them are looked at is the database's choice.
        names = found(session, "ite", limit=3)[0]
        assert len(names) == 3
        assert set(names) < {"Abiter", "Cabiter", "Arbiter", "White"}


def test_titles_are_found_where_very_many_people_and_episodes_go_by_their_name(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_no_more_than(3, monkeypatch)
    with database.begin() as session:
        season = a_season(session, a_show(session, "Somebody Else"))
        for number in range(5):
            a_credit(session, season.tv_show.media_id, f"John {number}", position=number)
            an_episode(session, season, number, "Pilot")
        for title in ("Long John Silver", "John Wick", "Pilot"):
            a_movie(session, title)

    with database.read() as session:
        assert found(session, "john")[0] == ["John Wick", "Long John Silver"]
        assert found(session, "pilot")[0] == ["Pilot"]


def test_titles_are_found_where_very_many_people_of_their_name_have_no_credit_left(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_no_more_than(3, monkeypatch)
    with database.begin() as session:
        gone = a_movie(session, "Gone")
        for number in range(5):
            a_credit(session, gone.media_id, f"John {number}", position=number)
        session.execute(delete(Media).where(Media.id == gone.media_id))
        for title in ("Long John Silver", "John Wick"):
            a_movie(session, title)

    with database.read() as session:
        assert found(session, "john")[0] == ["John Wick", "Long John Silver"]


def test_a_search_costs_the_same_queries_however_much_it_finds(database: Database) -> None:
    def add(number: int) -> None:
        movie = a_movie(session, f"Heat {number}")
        a_file(session, movie=movie)
        show = a_show(session, f"Heat Show {number}")
        an_episode(session, a_season(session, show), title=f"Heat Wave {number}")
        a_credit(session, movie.media_id, f"Heat Miser {number}")
        a_credit(session, show.media_id, f"Heat Miser {number}")

    with database.begin() as session:
        # As soon as two answer alike, the better rated is asked for.
        add(0)
        add(1)
    with counted_queries(database) as few, database.read() as session:
        searching.search(session, Asked("heat", 1, 100))
    with database.begin() as session:
        for number in range(2, 20):
            add(number)
    with counted_queries(database) as many, database.read() as session:
        answer = searching.search(session, Asked("heat", 1, 100))

    assert (len(answer.movies), len(answer.tv_shows), len(answer.episodes), len(answer.people)) == (20, 20, 20, 20)
    assert len(many) == len(few)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migration_indexes_what_the_catalogue_already_holds(kind: str, postgres_url: str, tmp_path: Path) -> None:
    database = a_migrated_database(kind, postgres_url, tmp_path)
    with database.begin() as session:
        a_movie(session, "Amélie", original_title="Le fabuleux destin")
        an_episode(session, a_season(session, a_show(session)), title="Amsterdam")
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent / "migrations"))

    with database.begin() as session:
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "0001")
    migrations.migrate(database)

    with database.read() as session:
        assert found(session, "fabuleux")[0] == ["Amélie"]
        assert [row.title for row in search(session, "amsterdam", 1, 10).episodes] == ["Amsterdam"]
