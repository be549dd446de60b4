"""What was answered before is answered again, and never what is not so any more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from api import answers
from api.answers import Answers
from shared.database import Database
from shared.database_state import DatabaseState
from shared.models import Media, Setting
from tests.api.conftest import counted_queries
from tests.builders import a_file, a_library, a_movie, a_show
from tests.installation import wait_until

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
    client: FlaskClient, database: Database, path: str
) -> None:
    with database.begin() as session:
        library = a_library(session)
        movie, show = a_movie(session, "Heat", library=library), a_show(session, "Heat", library=library)
    url = path.format(movie=movie.id, show=show.id)
    # The very first answer of a process has it connect; the next is kept.
    client.get(url)
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
            assert client.get("/api/v1/movies").json["data"][0]["media"]["title"] == "Heat"  # type: ignore[index]
    assert client.get("/api/v1/movies").json["data"][0]["media"]["title"] == "Ronin"  # type: ignore[index]


def test_each_is_answered_with_urls_by_which_he_reaches_the_server(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, "Heat")
        a_file(session, movie=movie)
    for host in ("media.local", "10.0.0.7:8080", "media.local"):
        answer = client.get("/api/v1/movies", headers={"Host": host})
        assert answer.json["data"][0]["streamUrl"].startswith(f"http://{host}/")  # type: ignore[index]


def test_mistakes_are_told_each_time_and_not_remembered(client: FlaskClient) -> None:
    nowhere = "/api/v1/movies/00000000-0000-4000-8000-000000000000"
    for _ in range(2):
        assert client.get(nowhere).status_code == 404
        assert client.get("/api/v1/movies?limit=nonsense").status_code == 400
    assert client.get("/api/v1/movies").json["data"] == []  # type: ignore[index]


def test_after_a_minute_is_looked_anew_as_what_is_missing_is_hidden_by_time_alone(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        assert client.get("/api/v1/movies").status_code == 200
    for seconds, is_asked in ((60, False), (1e-6, True)):
        monkeypatch.setattr(answers, "AT_LONGEST", seconds)
        with counted_queries(database) as queries:
            client.get("/api/v1/movies")
        assert bool(queries) is is_asked


def test_no_more_is_remembered_than_there_is_room_for(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST", 1000)
    made: list[str] = []
    state = DatabaseState(database.engine)
    state.connect()
    memory = Answers(state)

    def ask(key: str) -> bytes:
        def make() -> Response:
            made.append(key)
            return Response(key * 100, mimetype="application/json")

        return memory.to((key,), make).data

    with app.app_context():
        for key in "abcdefghijklabc":
            assert ask(key) == key.encode() * 100
    # Of twelve ten have room; the first two were forgotten, and what came again pushed out the next.
    assert "".join(made) == "abcdefghijklabc"


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


def test_what_was_answered_while_guards_were_off_is_for_nobody_when_they_are_on(client: FlaskClient) -> None:
    account = {"username": "root", "password": "correct horse battery"}
    token = client.post("/api/v1/auth/setup", json=account).json["data"]["accessToken"]  # type: ignore[index]
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/movies").status_code == 200

    client.put("/api/v1/settings", json={"enableRouteGuards": True}, headers=bearer)
    assert client.get("/api/v1/movies").status_code == 401
    assert client.get("/api/v1/movies", headers=bearer).headers["Cache-Control"] == "private, no-cache"
    assert client.get("/api/v1/movies").status_code == 401


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
