"""The API behind nginx, as deploy/nginx.conf has it: clients see no difference, and their own addresses count."""

import os
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from redis import Redis
from websocket import create_connection

from api.routes.stream import ACCEL_PREFIX
from shared import events
from shared.database import Database
from shared.events import MediaUpdated
from shared.migrate import migrate
from tests.builders import a_file, a_movie
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.installation import Listener, free_port
from tests.nginx import FRONT_PROXY, front_proxy
from tests.servers import installed_program

DEPLOY = FRONT_PROXY.parent
BYTES = bytes(range(256)) * 10
ORIGIN = {"Origin": "http://localhost:5173"}
#: What differs from one answer to the next, or tells of one connection.
_OWN = {"date", "server", "x-request-id", "connection"}


@pytest.fixture
def behind(redis_url: str, redis: Redis, tmp_path: Path) -> Iterator[Gunicorn]:
    """Run an API that is to stand behind nginx, on an empty catalogue."""
    assert redis.ping()
    migrate(Database(f"sqlite:///{tmp_path / 'dester.db'}"))
    with gunicorn(tmp_path, redis_url, FRONT_PROXY="nginx", RATE_LIMIT_MAX="5") as running:
        yield running


@pytest.fixture
def both(behind: Gunicorn, redis_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Run an API by itself on the same catalogue, and nginx before the other one; yield the URLs of both."""
    with gunicorn(tmp_path, redis_url) as alone, front_proxy(behind.port, tmp_path / "nginx") as front:
        yield alone.url(), front


@pytest.fixture
def stream(tmp_path: Path) -> str:
    """Return the path of the stream of a film whose name a URL can't hold as it is, once there is a catalogue."""
    path = tmp_path / "Amélie 100% #1?.mkv"
    path.write_bytes(BYTES)
    with Database(f"sqlite:///{tmp_path / 'dester.db'}").begin() as session:
        movie = a_movie(session)
        a_file(session, path, movie=movie, size=len(BYTES))
    return f"/api/v1/stream/{movie.id}"


def test_every_answer_about_a_stream_is_the_same(both: tuple[str, str], stream: str) -> None:
    alone, front = both
    first = requests.get(alone + stream, timeout=30)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    requests_made = [
        ("GET", {}),
        ("GET", ORIGIN),
        ("HEAD", {}),
        ("HEAD", {"Range": "bytes=0-9"}),
        ("GET", {"Range": "bytes=0-0"}),
        ("GET", {"Range": "bytes=100-199"}),
        ("GET", {"Range": "bytes=2000-"}),
        ("GET", {"Range": "bytes=-7"}),
        ("GET", {"Range": "bytes=0-5000"}),
        ("GET", {"Range": "bytes=0-1,5-6"}),
        ("GET", {"Range": "bytes=9-2"}),
        ("GET", {"Range": "bytes=99999-"}),
        ("GET", {"Range": "bytes=0-9", "If-Range": etag}),
        ("GET", {"Range": "bytes=0-9", "If-Range": '"another"'}),
        ("GET", {"Range": "bytes=0-9", "If-Range": f"W/{etag}"}),
        ("GET", {"Range": "bytes=0-9", "If-Range": modified}),
        ("GET", {"Range": "bytes=0-9", "If-Range": "Sat, 01 Jan 2000 00:00:00 GMT"}),
        ("GET", {"If-None-Match": etag}),
        ("GET", {"If-None-Match": '"another"'}),
        ("GET", {"If-None-Match": '"another"', "If-Modified-Since": modified}),
        ("GET", {"If-Modified-Since": modified}),
        ("GET", {"If-Match": etag}),
        ("GET", {"If-Match": etag, "Range": "bytes=0-9"}),
        ("GET", {"If-Match": '"another"'}),
        ("GET", {"If-Unmodified-Since": modified}),
        ("GET", {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}),
    ]

    for method, headers in requests_made:
        by_itself, through = (
            requests.request(method, server + stream, headers=headers, timeout=30) for server in (alone, front)
        )

        assert (through.status_code, through.content) == (by_itself.status_code, by_itself.content), headers
        assert told(through) == told(by_itself), headers


def told(answer: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items() if name.lower() not in _OWN}


def test_files_are_sent_by_nginx_and_asked_for_by_nobody_else(
    both: tuple[str, str], stream: str, tmp_path: Path
) -> None:
    _, front = both

    sent = requests.get(front + stream, timeout=30)
    asked_for = requests.get(f"{front}{ACCEL_PREFIX}{tmp_path}/dester.db", timeout=30)

    assert "X-Accel-Redirect" not in sent.headers
    assert sent.content == BYTES
    assert asked_for.status_code == 404
    assert f"location {ACCEL_PREFIX}/ {{\n        internal;" in FRONT_PROXY.read_text()


def test_nginx_finds_a_file_whose_name_is_no_unicode_behind_a_link_whose_name_is(
    both: tuple[str, str], tmp_path: Path
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/Am\xe9lie.mkv")).write_bytes(BYTES)
    link = tmp_path / "Link (2001).mkv"
    link.symlink_to(os.fsdecode(b"Am\xe9lie.mkv"))
    with Database(f"sqlite:///{tmp_path / 'dester.db'}").begin() as session:
        movie = a_movie(session)
        a_file(session, link, movie=movie, size=len(BYTES))

    answers = [requests.get(f"{url}/api/v1/stream/{movie.id}", timeout=30) for url in both]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.content for answer in answers] == [BYTES, BYTES]


def test_nginx_logs_no_query_as_that_may_hold_a_signature(both: tuple[str, str], stream: str, tmp_path: Path) -> None:
    _, front = both

    requests.get(f"{front}{stream}?exp=1&sig=hunter2", timeout=30)
    requests.get(f"{front}/ws?ticket=hunter2", timeout=30)

    logged = (tmp_path / "nginx" / "access.log").read_text()
    assert f'"GET {stream}" 200' in logged
    assert "hunter2" not in logged


def test_nginx_follows_no_link_that_came_after_the_api_had_looked(tmp_path: Path) -> None:
    secret = tmp_path / "secret.mkv"
    secret.write_bytes(b"secret")
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "film.mkv").write_bytes(b"film")
    (tmp_path / "films" / "link.mkv").symlink_to(secret)
    (tmp_path / "link").symlink_to(tmp_path / "films")

    class Checked(BaseHTTPRequestHandler):
        """Answers as an API that found no link a moment ago."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("X-Accel-Redirect", f"{ACCEL_PREFIX}{tmp_path}{self.path}")
            self.end_headers()

    api = ThreadingHTTPServer(("127.0.0.1", 0), Checked)
    Thread(target=api.serve_forever, daemon=True).start()
    with api, front_proxy(api.server_port, tmp_path / "nginx") as front:
        statuses = {
            path: requests.get(front + path, timeout=30).status_code
            for path in ("/films/film.mkv", "/films/link.mkv", "/link/film.mkv")
        }
        api.shutdown()

    assert statuses.pop("/films/film.mkv") == 200
    assert set(statuses.values()) <= {403, 404}


def test_a_client_is_counted_by_the_address_that_nginx_names_and_can_name_no_other(
    both: tuple[str, str], behind: Gunicorn
) -> None:
    _, front = both

    def codes(server: str) -> list[int]:
        headers = {"X-Forwarded-For": "192.0.2.7"}
        return [requests.get(f"{server}/api/v1/movies", headers=headers, timeout=30).status_code for _ in range(7)]

    # Through nginx everybody here is this machine, which is not counted, whatever they say.
    assert codes(front) == [200] * 7
    assert codes(behind.url()) == [200] * 5 + [429] * 2


def test_a_socket_goes_through(both: tuple[str, str], redis: Redis) -> None:
    _, front = both
    listener = Listener(create_connection(f"{front.replace('http', 'ws', 1)}/ws", timeout=30))

    events.tell(redis, MediaUpdated(media_ids=["x"]))

    assert listener.greeting["type"] == "connection:established"
    assert listener.until("media:updated", mediaIds=["x"])
    listener.close()


def test_clients_may_come_by_tls(behind: Gunicorn, stream: str, tmp_path: Path) -> None:
    port = free_port()
    command = f"{installed_program('openssl', package='openssl')} req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost"
    made = (
        f"{command} -addext subjectAltName=DNS:localhost -out {tmp_path}/fullchain.pem -keyout {tmp_path}/privkey.pem"
    )
    subprocess.run(made.split(), check=True, capture_output=True)
    added = (DEPLOY / "tls.conf").read_text().replace("8443", f"127.0.0.1:{port}")
    added = added.replace("/etc/nginx/dester/tls/", f"{tmp_path}/")

    with front_proxy(behind.port, tmp_path / "nginx", added):
        sent = requests.get(f"https://localhost:{port}{stream}", verify=tmp_path / "fullchain.pem", timeout=30)
        told = requests.get(f"https://localhost:{port}/api/v1/movies", verify=tmp_path / "fullchain.pem", timeout=30)

    assert sent.content == BYTES
    assert f"https://localhost:{port}{stream}" in told.text


def test_another_proxy_before_nginx_says_for_whom_it_asks_and_how_that_one_came(
    behind: Gunicorn, stream: str, tmp_path: Path
) -> None:
    headers = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "Host": "media.example.org"}
    with front_proxy(behind.port, tmp_path / "nginx", (DEPLOY / "behind-proxy.conf").read_text()) as front:
        answers = [requests.get(f"{front}/api/v1/movies", headers=headers, timeout=30) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert f"https://media.example.org{stream}" in answers[0].text
