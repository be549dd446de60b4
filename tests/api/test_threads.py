"""The threads of requests: so many at once, and one more for each that stands aside."""

import os
import subprocess
import sys
import threading
from concurrent.futures import wait

import pytest

from api.threads import Threads, step_aside
from shared.errors import UnavailableError


class Gate:
    """Work that says when it has begun, and goes on until it is let."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self._open = threading.Event()

    def pass_through(self, *, aside: bool = False) -> None:
        if aside:
            step_aside()
            # Twice is once.
            step_aside()
        self.begun.release()
        assert self._open.wait(20)

    def open(self) -> None:
        self._open.set()

    def has_begun(self, times: int, within: float = 20) -> bool:
        return all(self.begun.acquire(timeout=within) for _ in range(times))


def test_so_many_work_at_once_and_the_others_wait_for_them() -> None:
    threads, first, second = Threads(3, most_aside=0), Gate(), Gate()

    firsts = [threads.submit(first.pass_through) for _ in range(3)]
    seconds = [threads.submit(second.pass_through) for _ in range(2)]

    assert first.has_begun(3)
    assert not second.has_begun(1, within=0.2)
    first.open()
    assert second.has_begun(2)
    second.open()
    assert len(wait([*firsts, *seconds], 20).done) == 5


def test_who_stands_aside_leaves_its_place_to_another() -> None:
    threads, waiting, working = Threads(2, most_aside=10), Gate(), Gate()

    aside = [threads.submit(waiting.pass_through, aside=True) for _ in range(10)]
    in_place = [threads.submit(working.pass_through) for _ in range(2)]

    assert waiting.has_begun(10)
    assert working.has_begun(2)
    waiting.open()
    working.open()
    assert len(wait([*aside, *in_place], 20).done) == 12


def test_no_more_than_so_many_stand_aside_and_room_is_made_when_one_is_done() -> None:
    threads, gate = Threads(1, most_aside=2), Gate()
    aside = [threads.submit(gate.pass_through, aside=True) for _ in range(2)]
    assert gate.has_begun(2)

    with pytest.raises(UnavailableError):
        threads.submit(step_aside).result(20)
    gate.open()
    wait(aside, 20)

    threads.submit(step_aside).result(20)


def test_threads_that_stood_aside_make_the_pool_no_larger() -> None:
    threads, waiting, working = Threads(2, most_aside=20), Gate(), Gate()
    aside = [threads.submit(waiting.pass_through, aside=True) for _ in range(20)]
    assert waiting.has_begun(20)
    waiting.open()
    wait(aside, 20)

    crowd = [threads.submit(working.pass_through) for _ in range(20)]

    assert working.has_begun(2)
    assert not working.has_begun(1, within=0.2)
    working.open()
    assert len(wait(crowd, 20).done) == 20


def test_what_fails_fails_alone() -> None:
    threads = Threads(1, most_aside=0)

    with pytest.raises(ZeroDivisionError):
        threads.submit(divmod, 1, 0).result(20)

    assert threads.submit(divmod, 7, 2).result(20) == (3, 1)


def test_outside_the_pool_nobody_has_a_place_to_leave() -> None:
    step_aside()


def test_no_work_is_taken_after_the_end() -> None:
    threads = Threads(1, most_aside=0)

    threads.shutdown()

    with pytest.raises(RuntimeError):
        threads.submit(divmod, 7, 2)


def test_who_stands_aside_is_less_urgent_from_the_next_request_on() -> None:
    threads, gate = Threads(2, most_aside=10), Gate()
    who: list[int] = []

    def stream() -> None:
        who.append(threading.get_native_id())
        gate.pass_through(aside=True)

    aside = threads.submit(stream)
    assert gate.has_begun(1)
    before = os.getpriority(os.PRIO_PROCESS, who[0])
    threads.submit(int).result(20)

    assert os.getpriority(os.PRIO_PROCESS, who[0]) == before + 10
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
    gate.open()
    aside.result(20)


def test_a_thread_stands_aside_also_where_the_server_is_not_urgent_itself() -> None:
    # root without the right to be more urgent again, as any other user is.
    without_right = ["setpriv", "--bounding-set=-sys_nice"] if os.geteuid() == 0 else []
    script = (
        "from threading import Event; from api.threads import Threads, step_aside;"
        "go = Event(); threads = Threads(1, 1);"
        "aside = threads.submit(lambda: (step_aside(), go.wait(30)));"
        "threads.submit(int).result(30); go.set(); aside.result(30)"
    )

    done = subprocess.run(
        [*without_right, "nice", "-n", "15", sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
