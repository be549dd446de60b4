"""Links that lead elsewhere from one moment to the next."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def point(link: Path, target: Path) -> None:
    """Have a link lead elsewhere, in one step."""
    draft = link.with_name(f"{link.name}.new")
    draft.symlink_to(target)
    draft.replace(link)


@contextmanager
def swapping(link: Path, *targets: Path) -> Iterator[None]:
    """Have a link lead to each of these in turn, all the time."""
    stopped = threading.Event()

    def swap() -> None:
        for target in itertools.cycle(targets):
            if stopped.is_set():
                return
            point(link, target)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
