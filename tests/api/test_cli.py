"""The command line without a server: what it refuses, what it says, what it knows by itself."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import text

from api.client import ApiError, Client, UnreachableError
from api.commands import following
from api.commands.following import Standing, heard, informed
from api.commands.guess import explanation
from api.commands.job_report import report
from api.commands.output import printable
from api.commands.progress_bar import details, duration
from api.commands.scan import absolute
from api.commands.settings import parsed
from api.commands.target import Target, address
from shared import config
from shared.database import Database
from shared.migrate import known_revisions, migrate

PROGRAM = Path(sys.executable).with_name("dester")


def dester(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *words],
        env=os.environ | {"DATA_DIR": str(folder)} | environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def a_job(**fields: Any) -> dict[str, Any]:
    progress = {
        "percentComplete": 40,
        "phase": "fetching-metadata",
        "processedFolders": 9,
        "totalFolders": 9,
        "namedFolders": 9,
        "fetchedTitles": 3,
        "settledTitles": 2,
        "totalTitles": 8,
    }
    times = {"startedAt": "2026-11-23T20:17:36.924Z", "completedAt": None}
    job = {"id": "aa0b", "status": "IN_PROGRESS", "library": {"id": "e931", "name": "movies"}, "error": None}
    none = {"failureCount": 0, "failures": [], "failureCauses": [], "etaSeconds": None, "waitingFor": None}
    return job | {"progress": progress, "timestamps": times} | none | fields


class NotOurs(BaseHTTPRequestHandler):
    """A web server that is somebody else's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>It works!</h1>")

    def log_message(self, *_: object) -> None:
        pass


class BusyOnce(BaseHTTPRequestHandler):
    """This server, which at first can't reach its database."""

    answers: ClassVar[list[tuple[int, dict[str, Any]]]] = []

    def do_GET(self) -> None:
        status, body = self.answers.pop(0) if self.path.startswith("/api/v1/") else (404, {})
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def busy_server() -> Iterator[str]:
    """Serve one 503, and then a job that is complete."""
    BusyOnce.answers[:] = [
        (503, {"success": False, "error": "Service unavailable", "message": "The database can't be reached."}),
        (200, {"success": True, "data": a_job(status="COMPLETED")}),
    ]
    with HTTPServer(("127.0.0.1", 0), BusyOnce) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def another_program() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), NotOurs) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_it_tells_its_version(tmp_path: Path) -> None:
    ended = dester(tmp_path, "--version")

    assert ended.returncode == 0
    assert ended.stdout.startswith("dester, version 0.")


@pytest.mark.parametrize(
    "words",
    [
        ["jobs"],
        ["jobs", "show", "some-id"],
        ["libraries"],
        ["search", "heat"],
        ["settings", "get"],
        ["scan", "/media", "--type", "movie"],
        ["guess", "Heat (1995).mkv", "--type", "movie"],
    ],
)
def test_a_server_that_is_not_there_is_told_in_one_sentence(tmp_path: Path, words: list[str]) -> None:
    ended = dester(tmp_path, *words, PORT="1")

    assert ended.returncode == 1
    assert ended.stderr == "dester: Nothing answers at http://127.0.0.1:1; is `make up` running?\n"
    assert ended.stdout == ""


def test_another_program_at_the_address_is_told_in_one_sentence(tmp_path: Path, another_program: str) -> None:
    ended = dester(tmp_path, "--url", another_program, "libraries")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"dester: What answers at {another_program} is not this server; is it the right address?\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--url", "nas:3001", "jobs"],
        ["--url", "ftp://nas", "jobs"],
        ["--url", "http://nas:99999", "jobs"],
        ["scan", "/media"],
        ["scan", "/media", "--type", "music"],
        ["guess"],
        ["guess", "Heat.mkv", "--type", "music"],
        ["jobs", "--status", "SLEEPING"],
        ["jobs", "--limit", "0"],
        ["search"],
        ["settings", "set", "firstRun"],
        ["dance"],
    ],
)
def test_wrong_usage_ends_with_two(tmp_path: Path, words: list[str]) -> None:
    ended = dester(tmp_path, *words, PORT="1")

    assert ended.returncode == 2
    assert "Error: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_setting_that_cannot_work_is_named_in_one_sentence(tmp_path: Path) -> None:
    ended = dester(tmp_path, "jobs", PORT="many")

    assert ended.returncode == 1
    assert ended.stderr.startswith("dester: PORT must be")
    assert len(ended.stderr.splitlines()) == 1


def test_the_document_comes_without_a_server_and_always_the_same(tmp_path: Path) -> None:
    printed = dester(tmp_path, "openapi", PORT="many").stdout
    ended = dester(tmp_path, "openapi", "--output", "openapi.json", PYTHONIOENCODING="ascii")

    assert json.loads(printed)["openapi"].startswith("3.")
    assert (ended.returncode, ended.stdout) == (0, "")
    assert (tmp_path / "openapi.json").read_text() == printed
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.json"]


def test_the_document_can_be_printed_on_a_terminal_that_speaks_ascii(tmp_path: Path) -> None:
    ended = dester(tmp_path, "openapi", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")

    assert ended.returncode == 0
    assert json.loads(ended.stdout)


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    ended = dester(tmp_path, "openapi", "--output", "nowhere/openapi.json")

    assert ended.returncode == 1
    assert ended.stderr == "dester: nowhere/openapi.json can't be written: No such file or directory.\n"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:3001"),
        ("192.168.1.5", "http://192.168.1.5:3001"),
        ("::", "http://[::1]:3001"),
        ("fd00::5", "http://[fd00::5]:3001"),
    ],
)
def test_the_server_of_the_settings_is_found(host: str, url: str) -> None:
    assert address(config.load({"HOST": host})) == url


@pytest.mark.parametrize(
    ("given", "is_here"),
    [("", True), ("http://localhost:3001", True), ("http://[::1]:3001", True), ("http://nas.local:3001", False)],
)
def test_only_a_server_on_this_machine_sees_its_files(given: str, *, is_here: bool) -> None:
    assert Target(given).is_here is is_here


def test_a_path_is_made_absolute_and_a_link_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "films").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)

    assert absolute("link/films") == str(tmp_path / "link" / "films")
    assert absolute("link/films/../films/") == str(tmp_path / "real" / "films")
    assert absolute("/media/films") == "/media/films"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("true", True),
        ("false", False),
        ("3001", 3001),
        ("0.5", 0.5),
        ("True", "True"),
        ("NaN", "NaN"),
        ('{"maxDepth": 9}', {"maxDepth": 9}),
        ("null", "null"),
        ("[1]", "[1]"),
        ("", ""),
        ("some words", "some words"),
    ],
)
def test_booleans_numbers_and_objects_are_read_and_all_else_is_text(typed: str, value: object) -> None:
    assert parsed(typed) == value
    assert type(parsed(typed)) is type(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (44.6, "45 s"), (61, "2 min"), (720, "12 min"), (3900, "1 h 05 min")],
)
def test_a_time_is_written_as_people_do(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_bar_says_phase_counts_time_and_what_is_waited_for() -> None:
    standing = Standing(40, "fetching-metadata", 3, 8, 90.0, "TMDB asks to wait")

    assert details(standing) == "fetching-metadata · 3 of 8 titles · 2 min left · waiting: TMDB asks to wait"


def test_an_open_socket_goes_before_the_job() -> None:
    standing = heard({"progress": 50, "phase": "fetching-metadata", "current": 4, "total": 8})
    informed_of_it = informed(standing, a_job(etaSeconds=12), hears=True)
    without_a_socket = informed(standing, a_job(), hears=False)

    assert (informed_of_it.percent, informed_of_it.current, informed_of_it.eta_seconds) == (50, 4, 12)
    assert (without_a_socket.current, without_a_socket.total, without_a_socket.unit) == (3, 8, "titles")


def test_a_scan_that_is_resumed_while_it_is_followed_begins_anew() -> None:
    far = Standing(percent=90, phase="saving", current=7, total=8)

    assert informed(far, a_job(), hears=False).percent == 40


def test_a_server_that_cannot_answer_for_a_moment_is_followed_again(
    busy_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "ASKS_EVERY", 0.05)
    standings: list[Standing] = []

    job = following.follow(Client(busy_server), "aa0b", standings.append)

    assert job["status"] == "COMPLETED"
    assert [standing.is_connected for standing in standings] == [False]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "The server asks who you are: give an API key by --api-key or DESTER_API_KEY."),
        ("none", "The server does not take this API key; an admin makes one by POST /api/v1/auth/keys."),
    ],
)
def test_whom_the_server_does_not_know_is_told_how_to_give_a_key(busy_server: str, key: str, said: str) -> None:
    message = "Sign in: send an access token as `Authorization: Bearer …`."
    BusyOnce.answers[:] = [(401, {"success": False, "error": "Unauthorized", "message": message})]

    with pytest.raises(ApiError) as refused:
        Client(busy_server, key).scan_job("aa0b")

    assert str(refused.value) == said


def test_what_a_busy_server_says_is_told(busy_server: str) -> None:
    with pytest.raises(UnreachableError, match=r"The database can't be reached\."):
        Client(busy_server).scan_job("aa0b")


def test_failures_are_grouped_by_their_cause() -> None:
    empty = {"cause": "file-empty", "message": "The file is empty.", "examples": [f"{n}.mkv" for n in range(5)]}
    other = {"cause": "nfo-broken", "message": "The file is no XML.", "examples": ["a.nfo"]}

    lines = report(a_job(failureCount=6, failureCauses=[empty | {"count": 5}, other | {"count": 1}]))

    assert lines[2:] == [
        "  What it could not do (6):",
        "    file-empty (5): The file is empty.",
        "      0.mkv",
        "      1.mkv",
        "      2.mkv",
        "      and 2 more",
        "    nfo-broken (1): The file is no XML.",
        "      a.nfo",
    ]


def test_a_job_that_waits_says_for_what() -> None:
    assert "  It waits: no worker on queue metadata." in report(a_job(waitingFor="no worker on queue metadata"))


def an_explanation(**fields: Any) -> dict[str, Any]:
    said = dict.fromkeys(["year", "season", "airDate", "episodeTitle", "edition", "part", "threeD", "extra"])
    said |= {"kind": "movie", "title": "Heat", "otherTitles": [], "episodes": [], "ids": {}, "sources": {}}
    whole = {"path": "/m/Heat.mkv", "mediaType": "movie", "library": None, "match": None, "candidates": []}
    return whole | {"problems": [], "guess": said} | fields


def test_a_guess_is_told_with_where_each_part_stood_and_why_it_matches() -> None:
    said = an_explanation()["guess"] | {"year": 1995, "ids": {"TMDB": "949"}, "sources": {"title": "folder"}}
    match = {
        "status": "matched",
        "title": "Heat",
        "year": 1995,
        "provider": "tmdb",
        "score": 0.9,
        "parts": {"title": 1.0, "year": 0.9},
        "isDoubtful": True,
        "externalIds": [{"source": "TMDB", "externalId": "949"}],
    }
    other = {"source": "TMDB", "externalId": "950", "title": "Heat", "year": None, "score": None}
    library = {"id": "e931", "name": "Films"}

    lines = list(explanation(an_explanation(guess=said, match=match, candidates=[other], library=library)))

    assert lines == [
        "/m/Heat.mkv",
        "Read as a film, in the library Films.",
        "  Title: Heat (from the folder)",
        "  Year: 1995",
        "  Ids: TMDB 949",
        "Match: Heat (1995) [TMDB 949] by tmdb, score 0.90 (title 1.0, year 0.9); in doubt",
        "  - Heat [TMDB 950]",
    ]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        # It may be that nobody was asked, for want of a key: why not is what follows.
        ("unmatched", "No match."),
        ("unknown", "No match: not everybody could be asked."),
    ],
)
def test_a_guess_without_a_match_says_why(status: str, line: str) -> None:
    match = {"status": status, "title": None, "year": None}

    assert list(explanation(an_explanation(match=match, problems=["There is no key."])))[-2:] == [
        line,
        "  There is no key.",
    ]


def test_an_extra_and_an_episode_are_told_as_such() -> None:
    said = an_explanation()["guess"]
    extra = explanation(an_explanation(guess=said | {"kind": "extra", "extra": "trailer"}))
    episode = explanation(an_explanation(guess=said | {"kind": "episode", "season": 0, "episodes": [1, 2]}))

    assert list(extra)[1] == "Read as an extra (trailer) of the film, in no library."
    assert list(episode)[1:] == [
        "Read as an episode, in no library.",
        "  Title: Heat",
        "  Season: 0",
        "  Episodes: 1, 2",
    ]


def test_a_name_cannot_command_the_terminal() -> None:
    assert "\x1b" not in printable("\x1b[2Jfilm \udcff")


def test_a_doctor_without_anything_says_what_to_do_and_makes_nothing(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        environ = {"PORT": str(probe.getsockname()[1]), "TMDB_BASE_URL": "http://127.0.0.1:1"}
        ended = dester(tmp_path, "doctor", DATA_DIR=str(tmp_path / "data"), **environ)

    assert ended.returncode == 1
    assert ended.stderr == ""
    for check in ("DATA_DIR", "no database", "no embedded Redis", "Nothing answers", "TMDB at http://127.0.0.1:1"):
        assert any(line.startswith("✗") and check in line for line in ended.stdout.splitlines()), check
    assert list(tmp_path.iterdir()) == []


def test_a_doctor_names_the_tables_that_it_wants_where_they_are_of_a_newer_version(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'dester.db'}")
    migrate(database)
    with database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    told = dester(tmp_path, "doctor", PORT="1", TMDB_BASE_URL="http://127.0.0.1:1").stdout

    wanted = known_revisions()[0]
    assert f"The tables are those of a newer version (9999); this version wants {wanted}." in told
    assert f"`python -m shared.migrate {wanted}`" in told


def test_a_doctor_names_the_setting_that_cannot_work(tmp_path: Path) -> None:
    ended = dester(tmp_path, "doctor", "--json", PORT="many")

    told = json.loads(ended.stdout)
    assert (ended.returncode, told["ok"]) == (1, False)
    (check,) = told["checks"]
    assert (check["check"], check["mark"]) == ("settings", "error")
    assert check["message"].startswith("PORT must be")
