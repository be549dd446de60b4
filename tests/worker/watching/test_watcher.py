"""What a watcher says of itself where the system sets limits: real ones, in a user namespace of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[3]

#: Watches a folder as an unprivileged user, where that is asked for, and prints how it goes.
_WATCH = """
import json, os, sys, time
from pathlib import Path
from worker.watching.rules import Kinds
from worker.watching.watcher import Watcher
if sys.argv[2:]:
    os.setuid(int(sys.argv[2]))
watcher = Watcher(Path(sys.argv[1]), Kinds(frozenset(), frozenset(), frozenset()))
until = time.monotonic() + 30
while watcher.standing is None and time.monotonic() < until:
    time.sleep(0.05)
print(json.dumps([watcher.standing.state, watcher.standing.reason, watcher.standing.message]))
"""
_IN_A_NAMESPACE = ["unshare", "--user", "--map-root-user", "sh", "-c"]


#: Watches a folder, says when all of it has been looked at once, and then where to look until it knows.
_HEAR = """
import json, sys, time
from pathlib import Path
from worker.watching.rules import Kinds
from worker.watching.watcher import Watcher
watcher = Watcher(Path(sys.argv[1]), Kinds(frozenset([".mkv"]), frozenset(), frozenset()))
for _ in range(2):
    until = time.monotonic() + 60
    while not (due := watcher.due(time.monotonic())) and time.monotonic() < until:
        time.sleep(0.05)
    watcher.forget(due, time.monotonic())
    print(json.dumps(sorted((touch.path, touch.extent) for touch in due)), flush=True)
"""


def standing(folder: Path, *more: str, limit: str = "") -> list[str]:
    command = [sys.executable, "-c", _WATCH, str(folder), *more]
    if limit:
        if subprocess.run([*_IN_A_NAMESPACE, limit], check=False, capture_output=True).returncode:
            pytest.skip("this machine lets nobody make a user namespace")
        command = [*_IN_A_NAMESPACE, f'{limit}; exec "$@"', "sh", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def folders(root: Path) -> Path:
    for number in range(8):
        (root / f"Film {number}").mkdir(parents=True)
    return root


def test_a_folder_on_a_local_disk_is_watched(tmp_path: Path) -> None:
    assert standing(folders(tmp_path / "media")) == ["events", None, None]


def test_a_mount_elsewhere_whose_name_is_no_unicode_is_no_hindrance(tmp_path: Path) -> None:
    other = tmp_path / os.fsdecode(b"caf\xe9")
    (tmp_path / "films").mkdir()
    other.mkdir()
    mounted = """exec unshare --mount sh -c 'mount -t tmpfs none "$0" && exec "$@"' """ + f'"{other}" "$@"'

    assert standing(tmp_path / "films", limit=mounted)[0] == "events"


def test_a_folder_that_is_not_there_is_not_watched(tmp_path: Path) -> None:
    assert standing(tmp_path / "media")[:2] == ["stopped", "folder-gone"]


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ("echo 3 > /proc/sys/user/max_inotify_watches", "file watch limit reached"),
        ("echo 0 > /proc/sys/user/max_inotify_instances", "Too many open files"),
    ],
)
def test_a_system_without_a_watch_left_can_only_be_polled(tmp_path: Path, limit: str, why: str) -> None:
    state, reason, message = standing(folders(tmp_path / "media"), limit=limit)

    assert (state, reason) == ("polling", "no-events")
    assert why in message


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not read a folder")
def test_a_folder_that_cannot_be_read_costs_only_itself() -> None:
    with TemporaryDirectory() as folder:
        # Where pytest keeps its own nobody else may go.
        Path(folder).chmod(0o755)
        media = folders(Path(folder) / "media")
        (media / "lost+found").mkdir(mode=0o700)

        state, reason, _ = standing(media, "65534")

    assert (state, reason) == ("events", "folder-unreadable")


def test_what_the_system_dropped_of_a_flood_is_looked_for_everywhere(tmp_path: Path) -> None:
    media = folders(tmp_path / "media")
    with subprocess.Popen(
        [sys.executable, "-c", _HEAR, str(media)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as hearing:
        assert hearing.stdout is not None
        at_first = json.loads(hearing.stdout.readline())
        # Nobody reads the system's queue meanwhile, and it holds 16,384 events.
        hearing.send_signal(signal.SIGSTOP)
        for number in range(20_000):
            (media / "Film 0" / f"{number}.part").touch()
        (media / "Film 1" / "dropped.mkv").touch()
        hearing.send_signal(signal.SIGCONT)
        after_flood = json.loads(hearing.stdout.readline())

    assert at_first == after_flood == [["", "tree"]]
