"""`dester demo`: shows everything, again and again, and leaves nothing running."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.installation import free_port, wait_until

SHOWN_WITHIN = 90
FILMS = ("2084", "A Trip to the Moon", "Metropolis", "Night of the Living Dead", "Nosferatu", "Safety Last!")
SHOWS = ("The Paper Astronomers", "Tidewater Station")
COMMAND = [str(Path(sys.executable).with_name("dester")), "demo"]


def environ_for(folder: Path, **settings: str) -> dict[str, str]:
    names = ("PORT", "DEMO_ONCE", "DATABASE_URL", "REDIS_URL", "FORCE_COLOR")
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    return inherited | {"DEMO_DATA_DIR": str(folder), "PORT": str(free_port())} | settings


def demo_once(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--once"],
        env=environ_for(folder, **settings),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=SHOWN_WITHIN,
        check=False,
    )


@contextmanager
def running_demo(folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("w") as output:
        process = subprocess.Popen(
            COMMAND, env=environ_for(folder), cwd=folder.parent, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def processes_of(folder: Path) -> list[str]:
    """Return the command of each process that has this DATA_DIR, names the folder, or works in it."""
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            has_it = process.environ().get("DATA_DIR") == str(folder)
            if has_it or str(folder) in command or process.cwd().startswith(str(folder)):
                found.append(command)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def fails_in_one_sentence(ended: subprocess.CompletedProcess[str], why: str) -> bool:
    return ended.returncode == 1 and len(ended.stderr.strip().splitlines()) == 1 and why in ended.stderr


def test_it_shows_everything_twice_in_a_row_and_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    for turn in ("first", "second"):
        ended = demo_once(folder)

        assert ended.returncode == 0, ended.stdout + ended.stderr
        for title in (*FILMS, *SHOWS):
            assert title in ended.stdout
        for address in ("/api/docs", "/api/docs.json", "/ws", "/api/v1/image/", "/api/v1/stream/"):
            assert any(line.split()[-1].partition("://")[2].partition("/")[2].startswith(address[1:])
                       for line in ended.stdout.splitlines() if "://127.0.0.1:" in line)  # fmt: skip
        assert "206 Partial Content" in ended.stdout
        assert len(re.findall(r" \.nfo +#[0-9A-F]{6} #[0-9A-F]{6} #[0-9A-F]{6} #[0-9A-F]{6}", ended.stdout)) == 9
        assert f"{75 if turn == 'first' else 0} files are new" in ended.stdout
        assert processes_of(folder) == []


def test_ctrl_c_after_the_show_ends_it_well(tmp_path: Path) -> None:
    folder, log = tmp_path / "demo", tmp_path / "output"
    with running_demo(folder, log) as demo:
        wait_until(lambda: "Ctrl-C stops" in log.read_text(), SHOWN_WITHIN, "everything is shown")

        demo.send_signal(signal.SIGINT)

        assert demo.wait(15) == 0
    assert processes_of(folder) == []
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("moment", ["1. ", "2. ", "3. "])
def test_ctrl_c_before_that_ends_it_too(tmp_path: Path, moment: str) -> None:
    folder, log = tmp_path / "demo", tmp_path / "output"
    with running_demo(folder, log) as demo:
        wait_until(lambda: moment in log.read_text(), SHOWN_WITHIN, f"step {moment} begins")

        demo.send_signal(signal.SIGINT)

        assert demo.wait(15) == 128 + signal.SIGINT
    assert processes_of(folder) == []
    assert "Traceback" not in log.read_text()


def test_a_demo_that_was_killed_takes_its_processes_along_and_the_next_one_works(tmp_path: Path) -> None:
    folder, log = tmp_path / "demo", tmp_path / "output"
    with running_demo(folder, log) as demo:
        wait_until(lambda: "3. " in log.read_text(), SHOWN_WITHIN, "the scans begin")

        demo.kill()
        demo.wait()

    ended = demo_once(folder)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    wait_until(lambda: processes_of(folder) == [], 15, "every process is gone")


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    folder, log = tmp_path / "demo", tmp_path / "output"
    with running_demo(folder, log) as demo:
        wait_until(lambda: "1. " in log.read_text(), SHOWN_WITHIN, "the demo has its folder")

        assert fails_in_one_sentence(demo_once(folder), "Another demo is running")

        demo.terminate()
        demo.wait(15)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert fails_in_one_sentence(demo_once(file), str(file))


def test_a_folder_with_other_things_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    mine = tmp_path / "demo" / "dester.db"
    mine.parent.mkdir()
    mine.write_text("precious")

    assert fails_in_one_sentence(demo_once(mine.parent), "no demo made")

    assert mine.read_text() == "precious"


@pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("LOG_LEVEL", "loud")])
def test_a_setting_that_can_not_work_is_refused(tmp_path: Path, name: str, value: str) -> None:
    assert fails_in_one_sentence(demo_once(tmp_path / "demo", **{name: value}), name)


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        assert fails_in_one_sentence(demo_once(tmp_path / "demo", PORT=port), f"PORT {port} is in use")


def test_a_server_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    broken = tmp_path / "site" / "sitecustomize.py"
    broken.parent.mkdir()
    broken.write_text("import os, sys\nif sys.orig_argv[-1] == 'up': os.write(1, b'no luck\\n'); os._exit(3)\n")

    ended = demo_once(tmp_path / "demo", PYTHONPATH=str(broken.parent))

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == ["dester: The server does not start:", "no luck"]
    assert processes_of(tmp_path / "demo") == []
