"""Route guards: off, nobody sees anything of them; on, answers carry what makes their URLs good."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from api import guard_state, url_signatures
from shared.accounts import signing_keys
from shared.accounts.signing_keys import Keys
from shared.database import Database
from shared.kinds import UserRole
from shared.models import Setting, SigningKey
from shared.models.base import now
from tests.accounts import a_user, as_user, bearer, guarded
from tests.api.conftest import MakeClient
from tests.builders import a_file, a_library, a_movie, a_show

SETTINGS, MOVIES = "/api/v1/settings", "/api/v1/movies"
SUBTITLES = {
    "language": "en",
    "title": None,
    "format": "srt",
    "forced": False,
    "hearingImpaired": False,
    "default": False,
}


@pytest.fixture
def film(client: FlaskClient, database: Database, media: Path) -> str:
    """Put a film into the catalogue, with a file, a picture and subtitles; return its id."""
    (media / "heat.mkv").write_bytes(b"a film of some bytes")
    (media / "heat.srt").write_bytes(b"1\n")
    poster = client.application.extensions["dester"].images.put(b"a poster", "jpg")
    with database.begin() as session:
        library = a_library(session)
        movie = a_movie(session, "Heat", library=library, poster_image=poster)
        subtitles = [SUBTITLES | {"path": str(media / "heat.srt")}]
        a_file(session, media / "heat.mkv", library=library, movie=movie, size=20, subtitles=subtitles)
        return str(movie.id)


def urls(answer: Any) -> list[str]:
    """Return every URL of this server in an answer."""
    return [text.encode().decode("unicode_escape") for text in re.findall(r'"(http://localhost/[^"]+)"', answer.text)]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_guards_can_not_be_switched_on_while_nobody_could_pass(client: FlaskClient, database: Database) -> None:
    refused = client.put(SETTINGS, json={"enableRouteGuards": True, "metadataLanguage": "de"})

    assert refused.status_code == 409
    assert "POST /api/v1/auth/setup" in refused.json["message"]
    shown = client.get(SETTINGS).json["data"]
    assert (shown["enableRouteGuards"], shown["metadataLanguage"]) == (False, "en-US")
    a_user(database, UserRole.MEMBER)
    assert client.put(SETTINGS, json={"enableRouteGuards": True}).status_code == 409


def test_guards_are_switched_on_and_off_without_a_restart_for_all_processes(
    make_client: MakeClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_state, "_GOOD_FOR", 0.2)
    here, there = make_client(), make_client()
    assert there.get(MOVIES).status_code == 200

    _, headers = guarded(here, database)
    assert here.get(MOVIES).status_code == 401
    time.sleep(0.3)
    assert there.get(MOVIES).status_code == 401
    assert there.get(MOVIES, headers=headers).status_code == 200

    there.put(SETTINGS, json={"enableRouteGuards": False}, headers=headers)
    assert there.get(MOVIES).status_code == 200
    time.sleep(0.3)
    assert here.get(MOVIES).status_code == 200


def test_while_guards_are_off_nothing_is_seen_of_them(client: FlaskClient, database: Database, film: str) -> None:
    path = f"{MOVIES}/{film}"
    before = client.get(path)
    a_user(database, UserRole.ADMIN)

    answers = [client.get(path, headers=headers) for headers in ({}, bearer("x"), {"X-API-Key": "x"})]

    changing = {"X-Request-ID", "Date"}
    for answer in answers:
        assert answer.get_data() == before.get_data()
        assert [one for one in answer.headers if one[0] not in changing] == [
            one for one in before.headers if one[0] not in changing
        ]
    assert "sig=" not in before.text
    assert {name for name in before.headers.keys() if name in {"Cache-Control", "WWW-Authenticate"}} == set()  # noqa: SIM118


def test_a_reset_of_all_settings_does_not_open_the_server(client: FlaskClient, database: Database) -> None:
    _, headers = guarded(client, database)

    answer = client.post(f"{SETTINGS}/reset", headers=headers)

    assert answer.json["data"]["enableRouteGuards"] is True
    assert client.get(MOVIES).status_code == 401


def test_users_and_keys_are_guarded_also_while_all_else_is_open(client: FlaskClient, database: Database) -> None:
    a_user(database, UserRole.ADMIN)

    assert client.get(MOVIES).status_code == 200
    for path in ("users", "keys", "me"):
        assert client.get(f"/api/v1/auth/{path}").status_code == 401
    made = client.post("/api/v1/auth/users", json={"username": "eve", "password": "12345678", "role": "admin"})
    assert made.status_code == 401


def test_every_url_in_an_answer_is_good_by_itself(client: FlaskClient, database: Database, film: str) -> None:
    _, headers = guarded(client, database)

    answer = client.get(f"{MOVIES}/{film}", headers=headers)

    found = urls(answer)
    kinds = {urlsplit(url).path.split("/")[3] for url in found}
    assert kinds == {"stream", "image"}
    assert any("/subtitles/0?" in url for url in found)
    for url in found:
        assert client.get(path_of(url)).status_code == 200, url
        assert client.head(path_of(url)).status_code == 200, url
        assert client.get(urlsplit(url).path).status_code == 401
    ranged = client.get(path_of(answer.json["data"]["streamUrl"]), headers={"Range": "bytes=2-5"})
    assert (ranged.status_code, ranged.data) == (206, b"film")


def test_what_a_search_finds_can_be_played_too(client: FlaskClient, database: Database, film: str) -> None:
    _, headers = guarded(client, database)
    assert film

    found = urls(client.get("/api/v1/search?query=heat", headers=headers))

    assert len(found) > 1
    assert {client.get(path_of(url)).status_code for url in found} == {200}


def test_a_picture_may_be_asked_for_in_another_width(client: FlaskClient, database: Database, film: str) -> None:
    _, headers = guarded(client, database)
    poster = client.get(f"{MOVIES}/{film}", headers=headers).json["data"]["media"]["posterUrl"]

    assert client.get(f"{path_of(poster)}&width=342").status_code == 200


def test_a_signature_of_another_file_is_refused_in_words(client: FlaskClient, database: Database, film: str) -> None:
    _, headers = guarded(client, database)
    answer = client.get(f"{MOVIES}/{film}", headers=headers).json["data"]
    of_film, of_file = urlsplit(answer["streamUrl"]), urlsplit(answer["files"][0]["streamUrl"])
    assert of_film.path != of_file.path

    refused = client.get(f"{of_film.path}?{of_file.query}")

    assert refused.status_code == 401
    assert "another file" in refused.json["message"]
    # Who is signed in needs none, and is not kept out by one that is over.
    assert client.get(f"{of_film.path}?{of_file.query}", headers=headers).status_code == 200


def test_lists_are_the_same_for_all_and_for_hours_and_never_known_with_urls_about_to_end(
    client: FlaskClient, database: Database, film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert film
    _, headers = guarded(client, database)
    viewer = as_user(database, a_user(database))
    begin = int(time.time()) // url_signatures.EVERY * url_signatures.EVERY
    clock = begin + 1.0
    monkeypatch.setattr("api.guards.time.time", lambda: clock)

    first = client.get(MOVIES, headers=headers)
    known = {"If-None-Match": first.headers["ETag"]}
    clock = begin + url_signatures.EVERY - 1.0
    again = client.get(MOVIES, headers=headers | known)
    of_viewer = client.get(MOVIES, headers=viewer | known)
    of_nobody = client.get(MOVIES, headers=known)
    clock = begin + url_signatures.EVERY + 1.0
    later = client.get(MOVIES, headers=headers | known)

    assert (again.status_code, of_viewer.status_code, of_nobody.status_code, later.status_code) == (304, 304, 401, 200)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first.headers["Vary"]
    (expires,) = {parse_qs(urlsplit(url).query)["exp"][0] for url in urls(later)}
    assert int(expires) - clock > url_signatures.EVERY - 2


def test_a_picture_is_kept_by_browsers_and_by_nobody_between(
    client: FlaskClient, database: Database, film: str
) -> None:
    open_to_all = client.get(urlsplit(client.get(f"{MOVIES}/{film}").json["data"]["media"]["posterUrl"]).path)
    _, headers = guarded(client, database)
    poster = client.get(f"{MOVIES}/{film}", headers=headers).json["data"]["media"]["posterUrl"]

    picture = client.get(path_of(poster))

    assert "public" in open_to_all.headers["Cache-Control"]
    assert "public" not in picture.headers["Cache-Control"]
    assert {"private", "immutable", "max-age=31536000"} <= set(picture.headers["Cache-Control"].split(", "))


# The secret that signs


def test_a_secret_that_is_changed_lets_what_it_signed_end_in_its_time(
    client: FlaskClient, database: Database, film: str
) -> None:
    _, headers = guarded(client, database)
    before = client.get(f"{MOVIES}/{film}", headers=headers)

    rotated = client.post("/api/v1/auth/rotate-secret", headers=headers)

    assert rotated.status_code == 200
    assert client.get(path_of(urls(before)[0])).status_code == 200
    after = client.get(f"{MOVIES}/{film}", headers=headers)
    assert after.status_code == 200
    assert urls(after) != urls(before)
    with database.begin() as session:
        session.execute(
            update(SigningKey).where(SigningKey.verifies_until.is_not(None)).values(verifies_until=now() - timedelta(1))
        )
    client.application.extensions["dester"].guards.forget()
    assert client.get(path_of(urls(before)[0])).status_code == 401
    assert client.get(path_of(urls(after)[0])).status_code == 200


def test_what_a_leaked_secret_signed_ends_at_once_and_sign_ins_go_on(client: FlaskClient, film: str) -> None:
    tokens = client.post("/api/v1/auth/setup", json={"username": "ada", "password": "12345678"}).json["data"]
    headers = bearer(tokens["accessToken"])
    client.put(SETTINGS, json={"enableRouteGuards": True}, headers=headers)
    before = client.get(f"{MOVIES}/{film}", headers=headers)

    client.post("/api/v1/auth/rotate-secret", json={"leaked": True}, headers=headers)

    assert client.get(path_of(urls(before)[0])).status_code == 401
    assert client.get(MOVIES, headers=headers).status_code == 401
    renewed = client.post("/api/v1/auth/refresh", json={"refreshToken": tokens["refreshToken"]}).json["data"]
    assert client.get(MOVIES, headers=bearer(renewed["accessToken"])).status_code == 200


def test_what_a_new_secret_signs_is_good_at_once_in_every_process(
    make_client: MakeClient, database: Database, film: str
) -> None:
    here, there = make_client(), make_client()
    admin, headers = guarded(here, database)
    assert there.get(f"{MOVIES}/{film}", headers=headers).status_code == 200

    here.post("/api/v1/auth/rotate-secret", headers=headers)
    url = urls(here.get(f"{MOVIES}/{film}", headers=headers))[0]

    assert there.get(MOVIES, headers=as_user(database, admin)).status_code == 200
    assert there.get(path_of(url)).status_code == 200


def test_of_many_processes_that_need_a_secret_one_makes_it(database: Database) -> None:
    together = Barrier(4)

    def load(_number: int) -> Keys:
        together.wait()
        return signing_keys.load(database)

    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(load, range(4)))

    assert all(keys == loaded[0] for keys in loaded)
    assert len(loaded[0].secrets) == 1


def test_the_secret_is_sealed_and_in_no_answer(client: FlaskClient, database: Database) -> None:
    _, headers = guarded(client, database)
    (secret,) = signing_keys.load(database).secrets.values()

    with database.read() as session:
        kept = session.scalars(select(SigningKey.secret)).all()
    shown = client.get(SETTINGS, headers=headers).text + client.get("/api/v1/logs", headers=headers).text

    assert secret.hex() not in str(kept) + shown
    assert kept[0] not in shown


def test_a_database_that_is_away_opens_nothing(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, headers = guarded(client, database)
    assert client.get(MOVIES).status_code == 401
    monkeypatch.setattr(guard_state, "_GOOD_FOR", 0.0)
    with database.begin() as session:
        session.execute(update(Setting).values(key="moved"))
    # As if it had been away when it was last asked.
    state = client.application.extensions["dester"].guards

    def away() -> bool:
        raise ConnectionError

    monkeypatch.setattr(state._are_on, "_read", away)  # noqa: SLF001 - what it asks
    monkeypatch.setattr(guard_state, "is_outage", lambda _error: True)

    assert client.get(MOVIES).status_code == 401
    assert client.get(MOVIES, headers=headers).status_code == 200


def test_shows_have_urls_that_are_good_by_themselves(client: FlaskClient, database: Database, film: str) -> None:
    assert film
    poster = client.application.extensions["dester"].images.put(b"another poster", "jpg")
    with database.begin() as session:
        a_show(session, "The Wire", library=a_library(session), poster_image=poster)
    _, headers = guarded(client, database)

    (url,) = urls(client.get("/api/v1/tvshows", headers=headers))

    assert client.get(path_of(url)).status_code == 200
