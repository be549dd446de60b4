"""What the demo runs on: a folder of its own, settings of its own, and processes that end with it."""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Self

from api.commands import CommandError
from shared import config
from shared.config import Config, ConfigError

_FIRST_PORT, _PORTS = 3001, 100
#: Marks a folder as a demo's own, and is locked by the demo that uses it.
_MARKER = ".dester-demo"
#: What a former demo leaves beside its library.
_FORMER = ("dester.db*", "beat-schedule*", "images", "redis", "logs", "demo.log")
#: How long the server of a demo that was killed may still need to end, and how long ours may, in seconds.
_FORMER_ENDS_WITHIN, _ENDS_WITHIN = 20.0, 10.0
_LAST_LINES = 8
_PR_SET_PDEATHSIG = 1
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoError(CommandError):
    """The demo can't be shown; the message says why."""


def settings_for(environ: Mapping[str, str]) -> tuple[Config, dict[str, str]]:
    """Return the demo's settings, and the environment that says them; an installation beside it stays untouched.

    Raises:
        DemoError: they can't work.

    """
    data_dir = Path(environ.get("DEMO_DATA_DIR") or "demo-data").expanduser().resolve()
    # Set, though empty: that wins over a file .env.
    elsewhere = dict.fromkeys(("REDIS_URL", "DATABASE_URL", "HOST_MEDIA_PATH", "CONTAINER_MEDIA_PATH"), "")
    own = {
        "HOST": "127.0.0.1",
        "PORT": environ.get("PORT", "").strip() or str(_free_port()),
        "DATA_DIR": str(data_dir),
        "MEDIA_ROOTS": str(data_dir / "library"),
    }
    own_environ = {**environ, **elsewhere, **own, "PYTHONUNBUFFERED": "1"}
    try:
        settings = config.load(own_environ)
    except ConfigError as error:
        raise DemoError(str(error)) from None
    if not _is_free(settings.port):
        # Whoever has it would answer in our server's place.
        raise DemoError(f"PORT {settings.port} is in use by another program.")
    return settings, own_environ


def take_folder(folder: Path) -> IO[str]:
    """Make the demo's folder ready: of a former demo, only the library stays. It is held until the file is closed.

    Raises:
        DemoError: it can't be written, is in use, or holds what no demo made.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _MARKER).is_file():
            raise DemoError(f"The folder {folder} holds what no demo made; set DEMO_DATA_DIR to another one.")
        marker = (folder / _MARKER).open("a")
        _lock(marker, 0, f"Another demo is running in {folder}.")
        with (folder / "up.lock").open("a") as former:
            _lock(former, _FORMER_ENDS_WITHIN, f"A server is still running in {folder}.")
        for path in [path for pattern in _FORMER for path in folder.glob(pattern)]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        (folder / "library").mkdir(exist_ok=True)
    except OSError as error:
        raise DemoError(f"The folder {folder} can't be used for the demo: {error.strerror or error}.") from None
    return marker


class Processes:
    """What the demo starts. All of it is gone when the `with` is left, however that comes about.

    Ctrl-C and SIGTERM leave it by SystemExit: with 0 once everything was shown, else with what shells use for signals.
    """

    def __init__(self) -> None:
        self.all_shown = False
        self._started: list[subprocess.Popen[str]] = []
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._former = {number: signal.signal(number, self._on_signal) for number in _STOPS}
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(self._started):
            _end(process)
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def start(self, command: list[str], output: IO[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start a process in a session of its own: a Ctrl-C in the terminal is for the demo alone."""
        # A signal that came before the process is in the list would leave it behind.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                preexec_fn=_at_birth,  # noqa: PLW1509 - two system calls, before the program runs
            )
            self._started.append(process)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        return process

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        for ignored in _STOPS:
            signal.signal(ignored, signal.SIG_IGN)
        raise SystemExit(0 if self.all_shown else 128 + number)


def make_library(processes: Processes, target: Path, log: Path) -> str:
    """Make what is missing of the demo library, and return what its maker says.

    Raises:
        DemoError: it can't be made.

    """
    with log.open("w") as output:
        maker = processes.start([sys.executable, "-m", "worker.demo_library", str(target)], output, os.environ)
        if maker.wait() != 0:
            raise DemoError(f"The demo library can't be made:\n{last_lines(log)}")
    return log.read_text(errors="replace").strip()


def start_server(
    processes: Processes, environ: Mapping[str, str], log: Path, answers: Callable[[], bool], seconds: float
) -> subprocess.Popen[str]:
    """Start the whole system by `dester up`, and wait until it answers.

    Raises:
        DemoError: it does not.

    """
    with log.open("w") as output:
        up = [sys.executable, "-c", "from api.cli import main; main()", "up"]
        server = processes.start(up, output, environ)
    until = time.monotonic() + seconds
    while not answers():
        if server.poll() is not None:
            raise DemoError(f"The server does not start:\n{last_lines(log)}")
        if time.monotonic() > until:
            raise DemoError(f"The server does not answer within {seconds:.0f} s:\n{last_lines(log)}")
        time.sleep(0.05)
    return server


def last_lines(log: Path) -> str:
    with log.open(errors="replace") as lines:
        return "".join(deque(lines, _LAST_LINES)).strip()


def _lock(file: IO[str], seconds: float, why_not: str) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise DemoError(why_not) from None
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    """Return the usual port, else one of the next."""
    return next((port for port in range(_FIRST_PORT, _FIRST_PORT + _PORTS) if _is_free(port)), _FIRST_PORT)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _at_birth() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    if sys.platform == "linux":
        # The server ends with the demo, also when the demo is killed.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask a process to end; kill what is left of its group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ENDS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
