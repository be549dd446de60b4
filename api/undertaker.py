"""What ends the processes of an installation, also one whose supervisor was killed: ``python -m api.undertaker``.

A process of its own. Its standard input tells it who there is: lines of process ids, each the leader of a group of its
own, in the order in which they are to end; the last line counts. The input's end is the order to begin: the supervisor
closed it, or is gone.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

#: How long the first have to end by themselves, and how long the last, in seconds, before their groups are killed.
_FIRST_WITHIN, _LAST_WITHIN = 7.5, 2.0


class Undertaker:
    """The supervisor's side of it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.undertaker"], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    def know(self, leaders: Iterable[int]) -> None:
        """Tell it who there is, in the order in which they are to end."""
        if self._process.stdin is not None:
            print(*leaders, file=self._process.stdin, flush=True)

    def begin(self) -> None:
        """Have it end them all."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    @property
    def is_at_work(self) -> bool:
        return self._process.poll() is None


def main() -> None:
    """Wait for the input's end, then end all that its last line names."""
    leaders: list[int] = []
    for line in sys.stdin:
        leaders = [int(word) for word in line.split()]
    # Redis stands last: a worker that loses it before its own end waits for it, and doesn't end.
    _end(leaders[:-1], _FIRST_WITHIN)
    _end(leaders[-1:], _LAST_WITHIN)


def _end(leaders: list[int], seconds: float) -> None:
    for leader in leaders:
        with suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(_is_there(leader) for leader in leaders):
        time.sleep(0.05)
    for leader in leaders:
        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def _is_there(leader: int) -> bool:
    try:
        os.kill(leader, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
