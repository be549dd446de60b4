"""`dester up`: starts whole, runs side by side, ends whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests
from redis import Redis

from tests.installation import Installation, free_port, wait_until
from tests.trees import films

KINDS = ("redis-server", "gunicorn", "celery")


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Return the processes that carry this DATA_DIR in their environment, or work in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            named = process.environ().get("DATA_DIR") == str(data_dir)
            # Redis writes its title over its environment, but works in its folder.
            if named or process.cwd().startswith(str(data_dir)):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def ends(command_environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("dester")
    return subprocess.run(
        [program, "up"],
        env=os.environ | {"PORT": str(free_port())} | command_environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process_within_ten_seconds(tmp_path: Path, number: signal.Signals) -> None:
    server = Installation(tmp_path)
    server.start()
    server.wait_for_workers()
    listener = server.listen()
    names = " ".join(" ".join(process.cmdline()) for process in processes_of(tmp_path))
    assert all(kind in names for kind in KINDS)

    assert server.process is not None
    server.process.send_signal(number)
    code = server.process.wait(10)

    assert code == 0
    assert processes_of(tmp_path) == []
    listener.close()


def test_no_process_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    server = Installation(tmp_path)
    server.start()
    server.wait_for_workers()

    assert server.process is not None
    server.process.kill()
    server.process.wait()

    wait_until(lambda: processes_of(tmp_path) == [], 15, "every process is gone")


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    with Installation(tmp_path) as server:
        server.wait_for_workers()
        (web, *_) = (process for process in processes_of(tmp_path) if "gunicorn" in " ".join(process.cmdline()))

        web.kill()
        web.wait(5)

        wait_until(lambda: _is_healthy(server), 30, "the API answers again")


def test_when_the_process_that_all_others_are_forked_from_dies_they_are_started_again(tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    with Installation(tmp_path / "data") as server:
        server.wait_for_workers()
        (web, *_) = (
            process for process in processes_of(tmp_path / "data") if "gunicorn" in " ".join(process.cmdline())
        )
        nursery = psutil.Process(server.pid_of("api.nursery"))

        nursery.kill()
        nursery.wait(5)
        web.wait(30)

        wait_until(lambda: _is_healthy(server), 60, "the API answers again")
        assert server.scan(tmp_path / "films")["status"] == "COMPLETED"


def test_the_embedded_redis_that_dies_is_started_again_at_its_address_with_its_data(tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    with Installation(tmp_path / "data") as server:
        server.wait_for_workers()
        logged = server.get("/api/v1/logs", limit=1, q="ready")["data"]
        assert logged
        (redis,) = (process for process in processes_of(tmp_path / "data") if "redis-server" in process.name())
        (web, *_) = (
            process for process in processes_of(tmp_path / "data") if "gunicorn" in " ".join(process.cmdline())
        )
        with Redis.from_url(web.environ()["REDIS_URL"]) as client:
            client.save()

        redis.kill()
        redis.wait(5)

        wait_until(lambda: _is_there_again(server, "/api/v1/logs?q=ready"), 30, "the log is there again")
        assert server.get("/api/v1/logs", limit=1, q="ready")["data"]
        assert server.scan(tmp_path / "films")["status"] == "COMPLETED"


def test_two_installations_run_side_by_side(tmp_path: Path) -> None:
    films(tmp_path / "films", 2)

    with Installation(tmp_path / "one") as one, Installation(tmp_path / "two") as two:
        one.scan(tmp_path / "films")

        assert len(one.get("/api/v1/movies")["data"]) == 2
        assert two.get("/api/v1/movies")["data"] == []


def test_a_second_instance_in_the_same_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with Installation(tmp_path):
        ended = ends({"DATA_DIR": str(tmp_path), "PORT": "3999"})

    assert ended.returncode == 1
    assert ended.stderr.strip() == f"dester: DATA_DIR {tmp_path} is in use by another instance."


def test_a_port_that_is_taken_stops_the_start_in_one_sentence(tmp_path: Path) -> None:
    with Installation(tmp_path / "one") as one:
        ended = ends({"DATA_DIR": str(tmp_path / "two"), "PORT": str(one.port)})

    assert ended.returncode == 1
    assert ended.stderr.strip() == f"dester: PORT {one.port} is in use by another program."
    assert processes_of(tmp_path / "two") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "three thousand"),
        ("TMDB_RATE_LIMIT", "-1"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("LOG_LEVEL", "loud"),
        ("MEDIA_ROOTS", "media"),
        ("TMDB_BASE_URL", "api.themoviedb.org"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_sentence_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    ended = ends({"DATA_DIR": str(tmp_path), name: value})

    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert name in ended.stderr


def test_a_database_that_does_not_answer_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    ended = ends({"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none"})

    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "DATABASE_URL" in ended.stderr
    assert "secret" not in ended.stderr


def test_the_catalogue_survives_a_restart(tmp_path: Path) -> None:
    films(tmp_path / "films", 2)
    server = Installation(tmp_path / "data")
    with server:
        server.scan(tmp_path / "films")
        before = server.get("/api/v1/movies")["data"]

    with server:
        assert server.get("/api/v1/movies")["data"] == before


def _is_there_again(server: Installation, path: str) -> bool:
    return requests.get(server.url + path, timeout=10).ok


def _is_healthy(server: Installation) -> bool:
    try:
        return requests.get(f"{server.url}/health", timeout=2).ok
    except requests.RequestException:
        return False
