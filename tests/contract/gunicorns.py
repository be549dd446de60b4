"""The API alone, as real gunicorn processes on a database that is migrated."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.installation import free_port, wait_until

ROOT = Path(__file__).parents[2]


class Gunicorn:
    """One API process with its settings; its output is in ``<folder>/web.log``."""

    def __init__(self, folder: Path, redis_url: str, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / f"web-{self.port}.log"
        own = {"PORT": str(self.port), "HOST": "0.0.0.0", "DATA_DIR": str(folder), "REDIS_URL": redis_url}
        # Its films lie there or beside it.
        own["MEDIA_ROOTS"] = f"{folder}:{folder.parent}"
        paths = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        self._environ = paths | own | settings
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [Path(sys.executable).with_name("gunicorn"), "-c", "python:api.server", "api.app:from_environment()"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=self._environ, cwd=self._folder, stdout=output, stderr=output, start_new_session=True
            )
        wait_until(self._answers, 60, f"the API answers; {self.log} says more")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(15)

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}"

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return requests.get(f"{self.url()}/health", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


@contextmanager
def gunicorn(folder: Path, redis_url: str, **settings: str) -> Iterator[Gunicorn]:
    """Run an API process on the SQLite database of a folder, or on another one."""
    running = Gunicorn(folder, redis_url, **settings)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def own_address() -> str | None:
    """Return an address of this machine that is not loopback, if it has one. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address
