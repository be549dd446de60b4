"""What an installation's processes cost: processor time and memory, by what they are."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import psutil

#: Seconds between two looks at the processes' memory.
_LOOK_EVERY = 0.25
_KINDS = {
    "gunicorn": "web",
    "-Q scan": "scan",
    "-Q metadata": "metadata",
    "-Q artwork": "artwork",
    "beat": "beat",
    "worker.watch": "watch",
    "redis-server": "Redis",
}


def processor_seconds(pid: int) -> Counter[str]:
    """Return the processor time that a process and all below it have used, also those that have ended since."""
    spent: Counter[str] = Counter()
    for process in _family(pid):
        with suppress(psutil.Error):
            times = process.cpu_times()
            spent[_kind(process)] += times.user + times.system
            # Of children that ended; those that live speak for themselves.
            spent[_kind(process)] += times.children_user + times.children_system
    return spent


@contextmanager
def peaks_of_memory(pid: int, peaks: dict[str, int]) -> Iterator[None]:
    """Note the peak of the memory (PSS, in KiB) of the largest process of each kind among a process and all below."""
    ended = Event()

    def watch() -> None:
        while not ended.wait(_LOOK_EVERY):
            for process in _family(pid):
                with suppress(psutil.Error):
                    kind = _kind(process)
                    peaks[kind] = max(peaks.get(kind, 0), process.memory_full_info().pss // 1024)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _family(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((kind for sign, kind in _KINDS.items() if sign in command), "supervisor")
