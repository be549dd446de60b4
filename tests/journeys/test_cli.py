"""The command line beside a running server."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shared import config
from shared.database import Database
from shared.migrate import migrate
from shared.sealing_keys import new_key
from tests.builders import a_new_postgres_database
from tests.installation import Installation, wait_until
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, a_show, films

PROGRAM = str(Path(sys.executable).with_name("dester"))
INTERRUPTED = 130


@pytest.fixture(scope="module")
def server(tmdb: TmdbStandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run one installation, on SQLite: the commands talk to the API, whatever it keeps its data in."""
    environ = {"TMDB_BASE_URL": tmdb.url, "TMDB_IMAGE_BASE_URL": tmdb.url, "TMDB_RATE_LIMIT": "0"}
    with Installation(tmp_path_factory.mktemp("data"), environ) as running:
        running.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
        yield running


@pytest.fixture
def slow(tmdb: TmdbStandIn) -> Iterator[None]:
    """Have TMDB take its time."""
    tmdb.latency = 2.0
    yield
    tmdb.latency = 0.01


@pytest.fixture
def scanned(server: Installation, tmp_path: Path) -> dict[str, Any]:
    """Scan two films, and return the job."""
    films(tmp_path / "films", 2)
    return server.scan(tmp_path / "films")


def following(server: Installation, path: Path) -> subprocess.Popen[str]:
    """Begin to follow a scan, and return when its progress shows."""
    command = [PROGRAM, "scan", str(path), "--type", "movie", "--follow"]
    process = subprocess.Popen(
        command, env=server.environ, cwd=server.data_dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while "%" not in (line := process.stderr.readline()):
        assert line, "it ended without any progress"
    return process


def on_a_terminal(server: Installation, *words: str, typed: str = "", when: str = "") -> str:
    """Run a command on a terminal, type something when it asks for it, and return what the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(server.data_dir)
        os.execve(PROGRAM, [PROGRAM, *words], server.environ | {"TERM": "xterm", "COLUMNS": "120"})  # noqa: S606 - our own
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that nobody is there any more
            break
        shown += part
        if typed and when.encode() in shown:
            # It is not asking yet while it writes the question.
            time.sleep(0.3)
            os.write(terminal, f"{typed}\n".encode())
            typed = ""
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown
    return shown.decode()


def marks(ended: subprocess.CompletedProcess[str]) -> dict[str, set[str]]:
    """Return the marks of each check of a doctor's JSON."""
    told = json.loads(ended.stdout)
    assert told["ok"] == (ended.returncode == 0)
    assert all(check["remedy"] for check in told["checks"] if check["mark"] != "ok")
    found: dict[str, set[str]] = {}
    for check in told["checks"]:
        found.setdefault(check["check"], set()).add(check["mark"])
    return found


def test_a_scan_is_followed_to_its_end(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "films", 3)
    a_file(tmp_path / "films" / "Empty (2002)" / "Empty (2002).mkv", b"")

    ended = server.dester("scan", str(tmp_path / "films"), "--type", "movie", "--name", "Followed", "--follow")

    assert ended.returncode == 0, ended.stderr
    assert "COMPLETED, 100 %" in ended.stdout
    assert "file-empty (1): The file is empty." in ended.stdout
    assert "Followed" in ended.stderr
    assert "%" in ended.stderr


def test_a_scan_is_followed_by_a_bar_on_a_terminal(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "films", 20)

    shown = on_a_terminal(server, "scan", str(tmp_path / "films"), "--type", "movie", "--follow")

    assert "━" in shown
    assert "%" in shown
    assert "COMPLETED, 100 %" in shown


def test_a_relative_path_means_the_folder_here(server: Installation, tmp_path: Path) -> None:
    a_show(tmp_path / "shows", "The Wire", {1: 2})
    from_here = os.path.relpath(tmp_path / "shows", server.data_dir)

    accepted = json.loads(server.dester("scan", from_here, "--type", "tv", "--json").stdout)

    assert accepted["path"] == str(tmp_path / "shows")
    assert accepted["mediaType"] == "tv"
    assert server.wait_for(accepted["scanJobId"])["status"] == "COMPLETED"


def test_a_followed_scan_as_json_is_the_job_at_its_end(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)

    ended = server.dester("scan", str(tmp_path / "films"), "--type", "movie", "--follow", "--json", "--rescan")

    assert ended.returncode == 0
    assert json.loads(ended.stdout)["status"] == "COMPLETED"


@pytest.mark.usefixtures("slow")
def test_a_scan_that_fails_ends_with_one(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "films", 8, called="Failing Picture")
    process = following(server, tmp_path / "films")

    with server.database.begin() as session:
        session.execute(text("UPDATE scan_jobs SET status = 'FAILED', error = 'The disk is gone.'"))
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "FAILED" in output
    assert "The disk is gone." in output


@pytest.mark.usefixtures("slow")
def test_ctrl_c_stops_following_only(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "films", 8, called="Interrupted Picture")
    process = following(server, tmp_path / "films")

    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)

    assert process.returncode == INTERRUPTED
    scan_job_id = output.split()[2].rstrip(":")
    assert f"The scan goes on. Come back to it with: dester jobs show {scan_job_id} --follow" in errors
    assert "Traceback" not in errors
    back = server.dester("jobs", "show", scan_job_id, "--follow")
    assert back.returncode == 0
    assert "COMPLETED, 100 %" in back.stdout


@pytest.mark.usefixtures("slow")
def test_a_server_that_restarts_is_followed_again(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "films", 8, called="Restarted Picture")
    process = following(server, tmp_path / "films")

    server.stop()
    assert process.stderr is not None
    while "does not answer; trying again" not in process.stderr.readline():
        assert process.poll() is None
    server.start()
    output, _ = process.communicate(timeout=90)

    assert process.returncode == 0
    assert "COMPLETED, 100 %" in output


def test_what_the_api_refuses_is_told_in_one_sentence(server: Installation, tmp_path: Path) -> None:
    ended = server.dester("scan", str(tmp_path / "nothing"), "--type", "movie")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("dester: There is no such folder on the server.")
    assert len(ended.stderr.splitlines()) == 1


def test_jobs_are_listed(server: Installation, scanned: dict[str, Any]) -> None:
    table = server.dester("jobs").stdout
    listed = json.loads(server.dester("jobs", "--status", "completed", "--limit", "1", "--json").stdout)

    assert scanned["id"] in table
    assert [job["id"] for job in listed["jobs"]] == [scanned["id"]]
    assert json.loads(server.dester("jobs", "--status", "PENDING", "--json").stdout)["jobs"] == []


def test_a_job_is_shown(server: Installation, scanned: dict[str, Any]) -> None:
    shown = server.dester("jobs", "show", scanned["id"], "--follow")

    assert shown.returncode == 0
    assert "COMPLETED, 100 %" in shown.stdout
    assert json.loads(server.dester("jobs", "show", scanned["id"], "--json").stdout)["id"] == scanned["id"]


def test_a_job_that_failed_is_resumed_and_one_that_is_complete_is_not(
    server: Installation, scanned: dict[str, Any]
) -> None:
    refused = server.dester("jobs", "resume", scanned["id"])
    with server.database.begin() as session:
        session.execute(text("UPDATE scan_jobs SET status = 'FAILED'"))

    resumed = server.dester("jobs", "resume", scanned["id"])

    assert refused.returncode == 1
    assert refused.stderr.startswith("dester: ")
    assert resumed.returncode == 0, resumed.stderr
    assert scanned["id"] in resumed.stdout
    assert server.wait_for(scanned["id"])["status"] == "COMPLETED"


def test_jobs_are_cleaned_up(server: Installation) -> None:
    ended = server.dester("jobs", "cleanup", "--days", "30")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()


@pytest.mark.parametrize("scan_job_id", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_job_is_told_in_one_sentence(server: Installation, scan_job_id: str) -> None:
    ended = server.dester("jobs", "show", scan_job_id, "--follow")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1


def test_libraries_are_listed(server: Installation, scanned: dict[str, Any], tmp_path: Path) -> None:
    row = next(line for line in server.dester("libraries").stdout.splitlines() if str(tmp_path / "films") in line)
    listed = json.loads(server.dester("libraries", "--json").stdout)

    assert row.split() == [scanned["library"]["name"], "MOVIE", str(tmp_path / "films"), "2"]
    assert scanned["library"]["id"] in {library["id"] for library in listed}


def test_titles_are_found_by_their_words(server: Installation, tmp_path: Path) -> None:
    a_file(tmp_path / "films" / "Amélie (2001)" / "Amélie (2001).mkv")
    server.scan(tmp_path / "films")

    table = server.dester("search", "amelie").stdout
    found = json.loads(server.dester("search", "amelie", "--limit", "5", "--json").stdout)
    nothing = server.dester("search", "zxqv", "wvut")

    assert any("Amélie" in line and "2001" in line and "film" in line for line in table.splitlines())
    assert "Amélie" in {movie["media"]["title"] for movie in found["movies"]}
    assert (nothing.returncode, nothing.stdout) == (0, "Nothing is called like that.\n")


def test_a_setting_is_changed_and_read_back(server: Installation) -> None:
    before = server.dester("settings", "get", "firstRun").stdout.strip()
    after = "false" if before == "true" else "true"

    assert server.dester("settings", "set", "firstRun", after).returncode == 0

    assert server.dester("settings", "get", "firstRun").stdout == f"{after}\n"
    assert json.loads(server.dester("settings", "get", "--json").stdout)["firstRun"] is (after == "true")
    assert "firstRun" in server.dester("settings", "get").stdout


def test_a_setting_that_does_not_exist_is_told_in_one_sentence(server: Installation) -> None:
    read = server.dester("settings", "get", "nonsense")
    written = server.dester("settings", "set", "nonsense", "1")

    for ended in (read, written):
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "nonsense" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_the_key_is_typed_unseen(server: Installation, tmdb: TmdbStandIn) -> None:
    server.dester("settings", "set", "tmdbApiKey", "")
    assert server.dester("settings", "get", "tmdbApiKey").stdout == "(none)\n"

    shown = on_a_terminal(server, "settings", "set", "tmdbApiKey", typed=tmdb.key, when="TMDB key")

    assert tmdb.key not in shown
    assert server.dester("settings", "get", "tmdbApiKey").stdout.strip().endswith(tmdb.key[-4:])


def test_the_key_is_read_from_a_pipe(server: Installation, tmdb: TmdbStandIn) -> None:
    server.dester("settings", "set", "tmdbApiKey", "")

    ended = server.dester("settings", "set", "tmdbApiKey", "-", stdin=f"{tmdb.key}\n")

    assert ended.returncode == 0
    assert tmdb.key not in ended.stdout + ended.stderr
    assert json.loads(server.dester("settings", "get", "tmdbApiKey", "--json").stdout).endswith(tmdb.key[-4:])


def test_a_doctor_finds_a_healthy_server_well(server: Installation, scanned: dict[str, Any], tmp_path: Path) -> None:
    server.wait_for_workers()

    ended = server.dester("doctor", MEDIA_ROOTS=str(tmp_path))

    assert ended.returncode == 0, ended.stdout
    assert {line[:1] for line in ended.stdout.splitlines()} == {"✓"}, ended.stdout
    assert f"✓ Library {scanned['library']['name']} at {tmp_path / 'films'} can be read." in ended.stdout


def test_a_doctor_tells_a_key_that_tmdb_refuses_and_never_prints_it(server: Installation, tmdb: TmdbStandIn) -> None:
    wrong = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    server.put("/api/v1/settings", {"tmdbApiKey": wrong})
    ended = server.dester("doctor", "--json")
    unreachable = server.dester("doctor", "--json", TMDB_BASE_URL="http://127.0.0.1:1")
    server.put("/api/v1/settings", {"tmdbApiKey": ""})
    keyless = server.dester("doctor", "--json")
    server.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})

    assert marks(ended)["tmdb"] == {"ok"}
    assert marks(ended)["tmdb key"] == {"error"}
    assert marks(unreachable)["tmdb"] == {"error"}
    assert (marks(keyless)["tmdb"], marks(keyless)["tmdb key"]) == ({"ok"}, {"warning"})
    assert wrong not in "".join(told.stdout + told.stderr for told in (ended, unreachable))


def test_a_doctor_tells_that_a_key_was_sealed_with_another_key(server: Installation, tmdb: TmdbStandIn) -> None:
    server.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})

    told = server.dester("doctor", "--json", SECRETS_KEY=new_key())

    assert marks(told)["secrets"] == {"error"}
    assert "Put back the SECRETS_KEY" in told.stdout
    assert marks(server.dester("doctor", "--json"))["secrets"] == {"ok"}


def test_a_doctor_tells_that_no_worker_is_alive(server: Installation, redis_url: str) -> None:
    told = marks(server.dester("doctor", "--json", REDIS_URL=redis_url))

    assert told["redis"] == {"ok"}
    assert told["workers"] == {"error"}


def test_a_doctor_tells_that_redis_does_not_answer(server: Installation) -> None:
    ended = server.dester("doctor", "--json", REDIS_URL="redis://:hunter2@127.0.0.1:1/0")

    assert marks(ended)["redis"] == {"error"}
    assert marks(ended)["api"] == {"ok"}
    assert "hunter2" not in ended.stdout


def test_a_doctor_tells_media_roots_that_are_gone_or_empty(server: Installation, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    told = marks(server.dester("doctor", "--json", MEDIA_ROOTS=f"{tmp_path / 'gone'}:{tmp_path / 'empty'}"))

    assert told["media"] == {"error", "warning"}


def test_a_doctor_tells_tables_of_another_version(server: Installation, tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()

    told = marks(server.dester("doctor", "--json", DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}"))

    assert told["migrations"] == {"error"}


def test_a_doctor_looks_at_postgresql_too(server: Installation, postgres_url: str) -> None:
    url = a_new_postgres_database(postgres_url)
    before = marks(server.dester("doctor", "--json", DATABASE_URL=url))
    migrate(Database(config.load({"DATABASE_URL": url}).database_url))

    after = marks(server.dester("doctor", "--json", DATABASE_URL=url))

    assert (before["database"], before["migrations"]) == ({"ok"}, {"error"})
    assert (after["database"], after["migrations"]) == ({"ok"}, {"ok"})


def test_a_doctor_tells_that_the_database_does_not_answer(server: Installation) -> None:
    ended = server.dester("doctor", "--json", DATABASE_URL="postgresql://nobody:hunter2@127.0.0.1:1/none")

    assert marks(ended)["database"] == {"error"}
    assert "hunter2" not in ended.stdout


def test_a_doctor_tells_that_the_server_does_not_run(server: Installation) -> None:
    server.stop()
    try:
        ended = server.dester("doctor", "--json")
    finally:
        server.start()

    told = marks(ended)
    assert told["api"] == {"error"}
    assert told["redis"] == ({"error"})
    assert told["database"] == {"ok"}
    wait_until(lambda: server.dester("libraries").returncode == 0, 30, "the server answers again")
