"""Where the processes of an installation come from: they are what they were started as, and their ends are told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from api import nursery as module
from api.nursery import Born, Nursery
from tests.installation import wait_until

ENVIRON = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "DESTER_SAYS": "hello"}
#: A program that goes on until it is ended.
ENDLESS = ["python", "-m", "http.server", "0", "--bind", "127.0.0.1"]


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    all_of_it = Nursery()
    yield all_of_it
    for pid in all_of_it._children:  # noqa: SLF001 - whatever a test has left
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGKILL)
    all_of_it.end()


def is_there(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def code_of(born: Born) -> int | None:
    wait_until(lambda: born.poll() is not None, 60, "it has ended")
    return born.returncode


def test_a_console_script_runs_with_its_arguments_and_its_end_is_told(nursery: Nursery) -> None:
    good, bad = nursery.start(["alembic", "--help"], ENVIRON), nursery.start(["alembic", "--nonsense"], ENVIRON)

    assert "usage: alembic" in good.stdout.read()
    assert "--nonsense" in bad.stdout.read()
    assert (code_of(good), code_of(bad)) == (0, 2)


def test_a_process_has_its_variables_and_no_others_and_nothing_to_read(nursery: Nursery) -> None:
    born = nursery.start(["python", "-m", "tests.environ"], ENVIRON)

    assert born.stdout.read().splitlines() == [f"{name}={value}" for name, value in sorted(ENVIRON.items())] + ["''"]
    assert code_of(born) == 0


def test_a_process_inherits_what_one_that_is_started_by_itself_does(nursery: Nursery) -> None:
    born = nursery.start(["python", "-m", "tests.inheritance"], ENVIRON)
    by_itself = subprocess.run(
        [sys.executable, "-m", "tests.inheritance"],
        env=ENVIRON,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert born.stdout.read() == by_itself.stdout
    assert code_of(born) == 0


def test_a_process_leads_a_session_and_is_seen_by_its_command(nursery: Nursery) -> None:
    born = nursery.start(ENDLESS, ENVIRON)

    wait_until(lambda: psutil.Process(born.pid).cmdline()[: len(ENDLESS)] == ENDLESS, 60, "it is seen as it is")
    assert os.getsid(born.pid) == born.pid
    assert born.poll() is None
    os.kill(born.pid, signal.SIGKILL)
    assert code_of(born) == -signal.SIGKILL


def test_when_the_nursery_is_killed_its_children_end_and_others_can_be_started(nursery: Nursery) -> None:
    born = nursery.start(ENDLESS, ENVIRON)
    psutil.Process(born.pid).parent().kill()

    assert code_of(born) == -signal.SIGTERM
    another = nursery.start(["alembic", "--help"], ENVIRON)
    assert "usage: alembic" in another.stdout.read()
    assert code_of(another) == 0


def test_a_nursery_that_hangs_is_replaced(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    born = nursery.start(ENDLESS, ENVIRON)
    psutil.Process(born.pid).parent().suspend()

    with monkeypatch.context() as soon:
        soon.setattr(module, "_BEGINS_WITHIN", 0.1)
        with pytest.raises(TimeoutError):
            nursery.start(["alembic", "--help"], ENVIRON)

    assert code_of(born) == -signal.SIGTERM
    another = nursery.start(["alembic", "--help"], ENVIRON)
    assert "usage: alembic" in another.stdout.read()
    assert code_of(another) == 0


def test_nobody_waits_for_the_end_of_a_nursery_that_hangs() -> None:
    nursery = Nursery()
    born = nursery.start(ENDLESS, ENVIRON)
    parent = psutil.Process(born.pid).parent()
    assert parent is not None
    parent.suspend()

    nursery.end()

    assert not parent.is_running()
    wait_until(lambda: not is_there(born.pid), 60, "its child has ended, too")


@pytest.mark.skipif(os.geteuid() == 0, reason="the number of root's processes has no limit")
def test_a_process_that_the_system_has_no_room_for_costs_no_other_one(nursery: Nursery) -> None:
    born = nursery.start(ENDLESS, ENVIRON)
    parent = psutil.Process(born.pid).parent()
    assert parent is not None

    parent.rlimit(psutil.RLIMIT_NPROC, (0, 0))
    with pytest.raises(BlockingIOError):
        nursery.start(["alembic", "--help"], ENVIRON)

    assert born.poll() is None
    assert parent.is_running()
    os.kill(born.pid, signal.SIGKILL)
    assert code_of(born) == -signal.SIGKILL
