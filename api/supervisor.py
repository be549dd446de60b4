"""`dester up`: every line of the Procfile as a process, and one Redis if none is named. Foreground; ends together.

A process that dies is started again, later each time. The undertaker ends them all when this process ends, however it
does, so that none is left behind.
"""

import errno
import fcntl
import logging
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType
from typing import IO

from api.nursery import Born, Nursery
from api.redis_server import RedisServer
from api.undertaker import Undertaker
from shared import logs
from shared.config import FLOWER_NEEDS_AUTH, Config, ConfigError
from shared.log_stream import LogStream

log = logging.getLogger(__name__)

PROCFILE = Path(__file__).resolve().parent.parent / "Procfile"
#: A process that dies is started again after so many seconds, twice as many each time, at most the latter.
RESTART_AFTER, RESTART_AT_MOST = 1.0, 30.0
#: One that lived so long starts from the beginning.
_LIVED_LONG = 10.0
_LOG_BYTES, _LOG_FILES = 10 * 1024 * 1024, 5


@dataclass(slots=True)
class _Child:
    name: str
    #: Starts it.
    run: Callable[[], Born | subprocess.Popen[bytes]]
    process: Born | subprocess.Popen[bytes] | None = None
    began: float = 0.0
    wait: float = RESTART_AFTER
    due: float = 0.0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """The processes of one installation."""

    def __init__(self, config: Config, environ: Mapping[str, str], *, quiet: bool = False) -> None:
        self._config = config
        self._environ = dict(environ)
        self._quiet = quiet
        self._nursery = Nursery()
        commands = procfile()
        if not config.flower_basic_auth:
            del commands["flower"]
        self._children = [_Child(name, partial(self._run, name, command)) for name, command in commands.items()]
        self._redis: RedisServer | None = None
        if not config.redis_url:
            self._redis = RedisServer(config.data_dir / "redis")
            # The first to be started, and the last to end.
            self._children.append(_Child("redis", self._redis.start))
        self._undertaker = Undertaker()
        self._stopping = threading.Event()
        self._lock: IO[str] | None = None
        self._log = logging.getLogger("dester.up")
        self._log.propagate = False
        self._log.setLevel(logging.INFO)

    def run(self, when_started: Callable[[], None] | None = None) -> None:
        """Start everything, and keep it running until `stop`, SIGINT or SIGTERM.

        Raises:
            ConfigError: it can't be started.

        """
        self._take_data_dir()
        self._check_port()
        self._log.addHandler(self._log_file())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            self._environ["REDIS_URL"] = self._config.redis_url
            if self._redis is not None:
                self._start(self._children[-1])
                self._environ["REDIS_URL"] = self._redis.url
            self._migrate()
            log.addHandler(LogStream(self._environ["REDIS_URL"], lambda record: logs.described(record, "up", {})))
            for child in self._children:
                if child.process is None:
                    self._try(child)
            if not self._config.flower_basic_auth:
                self._say("up", FLOWER_NEEDS_AUTH)
            if when_started is not None:
                when_started()
            while not self._stopping.wait(0.2):
                self._look_after()
        finally:
            self._bury()

    def stop(self) -> None:
        """Have everything end."""
        self._stopping.set()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _take_data_dir(self) -> None:
        try:
            self._config.data_dir.mkdir(parents=True, exist_ok=True)
            self._lock = (self._config.data_dir / "up.lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"DATA_DIR {self._config.data_dir} is in use by another instance.") from None
        except OSError as error:
            raise ConfigError(f"DATA_DIR {self._config.data_dir} can't be written: {error.strerror}.") from None

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self._config.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._config.host, self._config.port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise ConfigError(f"PORT {self._config.port} is in use by another program.") from None
                raise ConfigError(
                    f"The API can't listen on HOST {self._config.host} PORT {self._config.port}: {error.strerror}."
                ) from None

    def _migrate(self) -> None:
        """Have a process migrate the database: what that takes is large, and this one stays as long as the server."""
        migration = self._nursery.start(["python", "-m", "shared.migrate"], self._environ)
        said = migration.stdout.read()
        while (code := migration.poll()) is None:
            time.sleep(0.01)
        if code:
            raise ConfigError(said.strip().rpartition("\n")[2].removeprefix("migrate: ") or "The migration was ended.")

    def _log_file(self) -> logging.Handler:
        folder = self._config.data_dir / "logs"
        folder.mkdir(exist_ok=True)
        handler = RotatingFileHandler(folder / "dester.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES)
        handler.setFormatter(logging.Formatter("%(message)s"))
        return handler

    def _start(self, child: _Child) -> None:
        child.began = time.monotonic()
        child.process = child.run()
        self._undertaker.know(self._leaders())

    def _run(self, name: str, command: list[str]) -> Born:
        environ = {**self._environ, "PYTHONUNBUFFERED": "1", "REMAP_SIGTERM": "SIGQUIT", logs.READABLE: "1"}
        process = self._nursery.start(command, environ)
        threading.Thread(target=self._copy_lines, args=(name, process.stdout), daemon=True).start()
        return process

    def _copy_lines(self, name: str, lines: IO[str]) -> None:
        for line in lines:
            self._say(name, line.rstrip("\n"))

    def _say(self, name: str, line: str) -> None:
        text = f"{name:<9}| {line}"
        self._log.info(text)
        if not self._quiet:
            print(text, flush=True)  # noqa: T201 - the foreground is what this is for

    def _look_after(self) -> None:
        for child in self._children:
            if child.is_alive:
                continue
            if child.due == 0.0:
                code = child.process.returncode if child.process else None
                self._put_off(child, f"{child.name} ended with {code}")
            elif time.monotonic() >= child.due:
                child.due = 0.0
                self._try(child)

    def _try(self, child: _Child) -> None:
        """Start a process; one that can't be started is tried again like one that died."""
        try:
            self._start(child)
        except (ConfigError, OSError) as error:
            self._put_off(child, str(error))

    def _put_off(self, child: _Child, why: str) -> None:
        """Have a process started again in a while, in a longer one each time unless it lived long."""
        lived = time.monotonic() - child.began
        child.wait = RESTART_AFTER if lived > _LIVED_LONG else child.wait
        sentence = f"{why}; {child.name} is started again in {child.wait:.0f} s"
        self._say("up", sentence)
        log.warning(sentence)
        child.due = time.monotonic() + child.wait
        child.wait = min(2 * child.wait, RESTART_AT_MOST)

    def _leaders(self) -> list[int]:
        """Ask after each process, and return those that run, Redis last."""
        return [child.process.pid for child in self._children if child.process is not None and child.is_alive]

    def _bury(self) -> None:
        """Wait until all have ended; one that has counts as there until its parent asks after it."""
        self._undertaker.begin()
        while self._undertaker.is_at_work:
            self._leaders()
            time.sleep(0.02)
        self._nursery.end()


def procfile() -> dict[str, list[str]]:
    """Return the command of each process by its name."""
    lines = (line.partition(":") for line in PROCFILE.read_text().splitlines() if line.strip())
    return {name.strip(): shlex.split(command) for name, _, command in lines}
