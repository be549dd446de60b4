"""What was answered before is answered again, and never what is not so any more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url

from api import answers, guard_state, url_signatures
from api.answers import Answers
from shared import database_state
from shared.database import Database
from shared.database_state import DatabaseState
from shared.models import Media, Setting
from tests.builders import a_file, a_library, a_movie, a_show
from tests.installation import wait_until
from tests.statements import counted_queries

PATHS = ["/api/v1/movies", "/api/v1/movies/{movie}", "/api/v1/tvshows", "/api/v1/tvshows/{show}"]
PATHS += ["/api/v1/search?query=heat", "/api/v1/library"]


@contextmanager
def another(database: Database) -> Iterator[Database]:
    """Lend what another process has: connections of its own."""
    url = database.engine.url.render_as_string(hide_password=False)
    other = Database(url, prepares=False)
    assert other.engine is not database.engine
    yield other
    other.engine.dispose()


@pytest.mark.parametrize("path", PATHS)
def test_what_was_asked_before_is_answered_without_the_catalogue_until_another_process_writes(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    with database.begin() as session:
        library = a_library(session)
        movie, show = a_movie(session, "Heat", library=library), a_show(session, "Heat", library=library)
    url = path.format(movie=movie.id, show=show.id)
    # The very first answer of a process has it connect; the next is kept.
    client.get(url)
    monkeypatch.setattr(answers, "AT_LONGEST", 3600)
    monkeypatch.setattr(guard_state, "_GOOD_FOR", 3600.0)
    first = client.get(url)
    with counted_queries(database) as queries:
        again = client.get(url)
    assert queries == []
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert again.content_type == first.content_type

    with another(database) as other, other.begin() as session:
        session.get_one(Media, movie.media_id).title = "Heat, the film"
        session.get_one(Media, show.media_id).title = "Heat, the show"
        a_library(session, "Another one")
    assert client.get(url).json != first.json


def test_a_change_that_was_under_way_when_somebody_asked_is_seen_when_it_is_done(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        movie = a_movie(session, "Heat")
    with another(database) as other, other.begin() as session:
        session.get_one(Media, movie.media_id).title = "Ronin"
        session.flush()
        for _ in range(2):
            assert client.get("/api/v1/movies").json["data"][0]["media"]["title"] == "Heat"
    assert client.get("/api/v1/movies").json["data"][0]["media"]["title"] == "Ronin"


def test_each_is_answered_with_urls_by_which_he_reaches_the_server(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, "Heat")
        a_file(session, movie=movie)
    for host in ("media.local", "10.0.0.7:8080", "media.local"):
        answer = client.get("/api/v1/movies", headers={"Host": host})
        assert answer.json["data"][0]["streamUrl"].startswith(f"http://{host}/")


def test_mistakes_are_told_each_time_and_not_remembered(client: FlaskClient) -> None:
    nowhere = "/api/v1/movies/00000000-0000-4000-8000-000000000000"
    for _ in range(2):
        assert client.get(nowhere).status_code == 404
        assert client.get("/api/v1/movies?limit=nonsense").status_code == 400
    assert client.get("/api/v1/movies").json["data"] == []


def test_after_a_minute_is_looked_anew_as_what_is_missing_is_hidden_by_time_alone(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_state, "_GOOD_FOR", 3600.0)
    monkeypatch.setattr(answers, "AT_LONGEST", 3600)
    for _ in range(2):
        assert client.get("/api/v1/movies").status_code == 200
    for seconds, is_asked in ((3600, False), (1e-6, True)):
        monkeypatch.setattr(answers, "AT_LONGEST", seconds)
        with counted_queries(database) as queries:
            client.get("/api/v1/movies")
        assert bool(queries) is is_asked


class Memory:
    """A memory, and what was not in it."""

    def __init__(self, database: Database) -> None:
        self.state = DatabaseState(database.engine)
        self.state.connect()
        self.answers = Answers(self.state)
        self.made: list[str] = []

    def ask(self, key: str, size: int = 100) -> bytes:
        def make() -> Response:
            self.made.append(key)
            return Response("x" * size, mimetype="application/json")

        return self.answers.to((key,), make).data


def test_no_more_is_remembered_than_there_is_room_for(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # For ten answers, each with its key.
    monkeypatch.setattr(answers, "MOST", 10 * (100 + 1 + answers.OVERHEAD))
    memory = Memory(database)

    with app.app_context():
        for key in "abcdefghijklabcddl":
            memory.ask(key)
    # Of twelve ten have room; the first two are forgotten, and what comes again pushes out the next.
    assert "".join(memory.made) == "abcdefghijklabcd"


def test_long_questions_fill_no_memory(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(database)
    with app.app_context():
        for _ in range(2):
            memory.ask("x" * (answers.LONGEST_KEY + 1))
        assert len(memory.made) == 2
        monkeypatch.setattr(answers, "MOST", 10 * answers.LONGEST_KEY)
        for number in range(20):
            memory.ask(f"{number:0{answers.LONGEST_KEY}}", size=0)
        memory.made.clear()
        for number in reversed(range(20)):
            memory.ask(f"{number:0{answers.LONGEST_KEY}}", size=0)
    # Those of the last that had room were there.
    assert 10 < len(memory.made) < 20


def test_nothing_old_comes_back_when_the_connection_that_names_the_state_was_lost(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_state, "_LEFT_ALONE", 0.0)
    memory = Memory(database)
    with app.app_context():
        memory.ask("a")
        with another(database) as other, other.begin() as session:
            a_library(session)
        assert memory.state._connection is not None  # noqa: SLF001 - as a server that ends it would
        memory.state._connection[1].close()  # noqa: SLF001
        for _ in range(3):
            memory.ask("a")
    # One has it connect anew, the next is kept.
    assert memory.made == ["a"] * 3


def test_an_answer_is_given_also_where_no_connection_is_left_to_name_the_state(app: Flask, database: Database) -> None:
    nowhere = create_engine(make_url("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    memory = Memory(database)
    memory.answers = Answers(DatabaseState(nowhere))
    with app.app_context():
        assert [memory.ask("a") for _ in range(2)] == [b"x" * 100] * 2


def test_of_those_who_ask_at_once_one_makes_the_answer_and_if_that_fails_the_others_get_theirs(
    app: Flask, database: Database
) -> None:
    state = DatabaseState(database.engine)
    state.connect()
    memory = Answers(state)
    made: list[str] = []
    may_go_on = threading.Event()

    def ask(key: str, told: list[bytes | str]) -> None:
        def make() -> Response:
            made.append(key)
            is_first = made.count(key) == 1
            may_go_on.wait(10)
            if key == "fails" and is_first:
                raise ValueError("first")
            return Response(key, mimetype="application/json")

        with app.app_context():
            try:
                told.append(memory.to((key,), make).data)
            except ValueError as error:
                told.append(str(error))

    for key, failed in (("works", 0), ("fails", 1)):
        may_go_on.clear()
        told: list[bytes | str] = []
        askers = [threading.Thread(target=ask, args=(key, told)) for _ in range(5)]
        for asker in askers:
            asker.start()
        wait_until(lambda key=key: key in made, 10, "one makes it")
        may_go_on.set()
        for asker in askers:
            asker.join()
        assert made.count(key) == 1 if not failed else made.count(key) > 1
        assert sorted(map(str, told)) == sorted(["first"] * failed + [str(key.encode())] * (5 - failed))


def test_while_guards_are_on_each_is_given_urls_of_his_own_time(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.begin() as session:
        a_file(session, movie=a_movie(session, "Heat"))

    def stream(headers: dict[str, str]) -> str:
        url: str = client.get("/api/v1/movies", headers=headers).json["data"][0]["streamUrl"]
        return url

    tokens = client.post("/api/v1/auth/setup", json={"username": "ada", "password": "12345678"}).json["data"]
    bearer = {"Authorization": f"Bearer {tokens['accessToken']}"}
    plain = [stream(bearer) for _ in range(3)]
    client.put("/api/v1/settings", json={"enableRouteGuards": True}, headers=bearer)
    signed = []
    for instant in (1_000_000, 2_000_000):
        monkeypatch.setattr(url_signatures, "expiry", lambda _now, instant=instant: instant)
        signed.append(stream(bearer))
    assert client.get("/api/v1/movies").status_code == 401
    client.put("/api/v1/settings", json={"enableRouteGuards": False}, headers=bearer)

    assert "sig=" not in plain[0]
    assert {*plain, stream({})} == {plain[0]}
    assert ["exp=1000000&" in signed[0], "exp=2000000&" in signed[1]] == [True, True]


def test_whoever_asks_is_told_of_all_that_was_written_before(database: Database) -> None:
    state, stop = DatabaseState(database.engine), threading.Event()
    state.connect()
    written = [0]
    wrong: list[tuple[str, int, int]] = []
    seen: dict[str, int] = {}

    def ask() -> None:
        while not stop.is_set():
            before = written[0]
            name = state.name()
            assert name is not None
            known = seen.get(name)
            if known is None:
                with database.read() as session:
                    known = seen[name] = session.get_one(Setting, "written").value
            if known < before:
                wrong.append((name, known, before))

    with database.begin() as session:
        session.add(Setting(key="written", value=0))
    askers = [threading.Thread(target=ask) for _ in range(6)]
    try:
        for asker in askers:
            asker.start()
        with another(database) as other:
            for count in range(1, 300):
                with other.begin() as session:
                    session.get_one(Setting, "written").value = count
                written[0] = count
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert len(seen) > 10
    assert wrong == []
