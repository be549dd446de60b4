"""Where the processes of an installation come from: they are what they were started as, and their ends are told."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

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
