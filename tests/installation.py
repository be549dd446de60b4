"""The whole system as real processes: `dester up` in a folder of its own, and what clients do with it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import psutil
import requests
from websocket import ABNF, WebSocket, create_connection

from shared import config
from shared.database import Database
from tests.tvmaze_stand_in import TvmazeStandIn

STARTS_WITHIN = 60.0
STOPS_WITHIN = 15.0

Json = dict[str, Any]


class Installation:
    """One running installation. Its output is in ``<data_dir>/logs/dester.log``."""

    def __init__(self, data_dir: Path, environ: Mapping[str, str] | None = None, *, under: Sequence[str] = ()) -> None:
        """``under``: the command that runs it, such as one that gives it another view of the system."""
        self.under = under
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.websocket_url = f"ws://127.0.0.1:{self.port}"
        own = {"PORT": str(self.port), "HOST": "127.0.0.1", "DATA_DIR": str(data_dir)}
        inherited = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
        given = dict(environ or {})
        if "TVMAZE_BASE_URL" not in given:
            given["TVMAZE_BASE_URL"] = a_tvmaze_that_knows_nothing()
        self.environ = inherited | own | given
        self.process: subprocess.Popen[bytes] | None = None
        #: What its clients send with every request, such as who they are.
        self.headers: dict[str, str] = {}

    @property
    def database(self) -> Database:
        """Return the installation's own database, to see or bring about what no client can."""
        return Database(config.load(self.environ).database_url)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until the API answers."""
        program = Path(sys.executable).with_name("dester")
        # In a folder without a .env of somebody's own.
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [*self.under, program, "up"],
            env=self.environ,
            cwd=self.data_dir,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(self._answers, STARTS_WITHIN, "the API answers")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> float:
        """Stop it as Ctrl-C does; return the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOPS_WITHIN)
        return time.monotonic() - began

    def pid_of(self, words: str) -> int:
        """Return the id of that of its processes whose command line holds these words."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(child.pid for child in children if words in " ".join(child.cmdline()))

    def get(self, path: str, **parameters: Any) -> Json:
        """Return what the API answers, which must be good news."""
        return self._checked(requests.get(self.url + path, params=parameters, headers=self.headers, timeout=30))

    def post(self, path: str, body: Json) -> Json:
        """Return what the API answers, which must be good news."""
        return self._checked(requests.post(self.url + path, json=body, headers=self.headers, timeout=30))

    def put(self, path: str, body: Json) -> Json:
        """Return what the API answers, which must be good news."""
        return self._checked(requests.put(self.url + path, json=body, headers=self.headers, timeout=30))

    def delete(self, path: str) -> Json:
        """Return what the API answers, which must be good news."""
        return self._checked(requests.delete(self.url + path, headers=self.headers, timeout=60))

    def has_pictures(self, library_id: str) -> bool:
        """Whether the films of a library have their backdrops from here, which follow when a scan has ended."""
        urls = [movie["media"]["backdropUrl"] for movie in self.all(f"/api/v1/movies?libraryId={library_id}")]
        return all(url is None or url.startswith(self.url) for url in urls)

    def all(self, path: str) -> Iterator[Json]:
        """Return every item of a list, page by page."""
        page = 1
        while True:
            answer = self.get(path, page=page, limit=100)
            yield from answer["data"]
            if not answer["meta"]["hasNext"]:
                return
            page += 1

    def listen(self, query: str = "") -> "Listener":
        """Open a socket."""
        return Listener(create_connection(f"{self.websocket_url}/ws{query}", timeout=90, header=self.headers))

    def scan(self, path: Path, media_type: str = "movie", **options: Any) -> Json:
        """Scan a folder to its end, and return the job."""
        body = {"path": str(path), "mediaType": media_type, "options": options}
        scan_job_id = self.post("/api/v1/scan/path", body)["data"]["scanJobId"]
        return self.wait_for(scan_job_id)

    def wait_for(self, scan_job_id: str) -> Json:
        """Wait until a scan has ended, and return the job."""
        job: Json = {}

        def has_ended() -> bool:
            job.update(self.get(f"/api/v1/scan/job/{scan_job_id}")["data"])
            return job["status"] in {"COMPLETED", "FAILED", "CANCELLED"}

        wait_until(has_ended, 90, f"scan {scan_job_id} ends; it is at {job}")
        return job

    def dester(self, *words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line to its end, with the settings of this installation or others."""
        return subprocess.run(
            [Path(sys.executable).with_name("dester"), *words],
            env=self.environ | environ,
            cwd=self.data_dir,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def wait_for_workers(self) -> None:
        """Wait until a worker of each kind has said that it is ready."""
        log = self.data_dir / "logs" / "dester.log"
        names = ("scan@", "metadata@", "artwork@")

        def all_ready() -> bool:
            lines = [line for line in log.read_text().splitlines() if line.endswith("ready.")]
            return all(any(name in line for line in lines) for name in names)

        wait_until(all_ready, STARTS_WITHIN, "all workers are ready")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"dester up ended with {self.process.returncode}"
        try:
            return requests.get(f"{self.url}/health", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def _checked(self, response: requests.Response) -> Json:
        assert response.ok, f"{response.status_code} {response.text[:500]}"
        return dict(response.json())


class Listener:
    """A client of the WebSocket."""

    def __init__(self, connection: WebSocket) -> None:
        self._connection = connection
        self.greeting: Json = json.loads(connection.recv())

    def until(self, event_type: str, **fields: Any) -> list[Json]:
        """Return every event up to the first of this type with these fields."""
        heard: list[Json] = []
        while True:
            event = json.loads(self._connection.recv())
            heard.append(event)
            if event["type"] == event_type and all(event.get(name) == value for name, value in fields.items()):
                return heard

    def closing_code(self) -> int:
        """Wait for the server's goodbye, and return its code."""
        while True:
            opcode, data = self._connection.recv_data(control_frame=True)
            if opcode == ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big")

    def close(self) -> None:
        self._connection.close()


def wait_until(is_so: Any, seconds: float, what: str) -> None:
    """Wait until something is so; it not becoming so in time fails the test with ``what`` was waited for."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"{seconds} s passed before: {what}"
        time.sleep(0.05)


@cache
def a_tvmaze_that_knows_nothing() -> str:
    """Return the URL of a server that runs until this process ends: no test asks the real one."""
    return TvmazeStandIn().__enter__().url


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


#: Settings of whoever runs the tests are none of theirs.
_SETTINGS = {
    "HOST", "PORT", "DATA_DIR", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOTS", "HOST_MEDIA_PATH", "CONTAINER_MEDIA_PATH",
    "TMDB_BASE_URL", "TMDB_IMAGE_BASE_URL", "TMDB_RATE_LIMIT", "TVMAZE_BASE_URL", "RATE_LIMIT_WINDOW_MS",
    "RATE_LIMIT_MAX", "LOG_LEVEL", "FLOWER_BASIC_AUTH", "FLOWER_HTTP_PORT",
}  # fmt: skip
