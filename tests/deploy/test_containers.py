"""compose.yaml without an engine: each process with its command, user, environment, mounts and rights, and a scan."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from api.supervisor import procfile
from api.version import API_VERSION
from tests.deploy import images
from tests.deploy.boxes import Boxes, Image, Service, services, why_not
from tests.deploy.dockerfile import ROOT
from tests.installation import wait_until
from tests.tmdb_stand_in import KEY
from tests.trees import films

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

#: In the order of their start; those of compose.yaml that go on running.
STORES = ("postgres", "redis")
OURS = tuple(procfile())
FRONT = "http://127.0.0.1:8080"
CLONE_NEWNET = 0x40000000


@dataclass
class Project:
    """What runs."""

    boxes: Boxes
    services: dict[str, Service]
    images: dict[str, Image]
    client: ThreadPoolExecutor

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Ask nginx from within the boxes' network."""
        return self.client.submit(requests.request, method, FRONT + path, timeout=30, **more).result()

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        return self.boxes.run(self.services[name], self.images[name], command)

    def inside(self, name: str, *command: str, user: str = "") -> subprocess.CompletedProcess[str]:
        return self.boxes.inside(self.services[name], self.images[name], command, user=user)

    def until_healthy(self, name: str) -> None:
        def is_healthy() -> bool:
            assert not self.boxes.has_ended(name), self.boxes.log(name).read_text()[-3000:]
            return self.inside(name, *self.services[name].healthcheck).returncode == 0

        wait_until(is_healthy, 60, f"{name} is healthy; {self.boxes.log(name)} says more")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a library that others than its owner may read."""
    folder = tmp_path_factory.mktemp("media")
    films(folder / "movies", 5)
    for place in folder.rglob("*"):
        place.chmod(0o755 if place.is_dir() else 0o644)
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, media: Path) -> Iterator[Project]:
    """Run what `docker compose up` would."""
    folder = tmp_path_factory.mktemp("project")
    with ExitStack() as stack:
        boxes = Boxes(folder)
        stack.callback(boxes.close)
        tmdb = a_tmdb(stack, boxes)
        environ = {
            "POSTGRES_PASSWORD": "a-password",
            "REDIS_PASSWORD": "another",
            "FLOWER_BASIC_AUTH": "dester:a-third",
            "HOST_MEDIA_PATH": str(media),
            "TMDB_BASE_URL": tmdb,
            "TMDB_IMAGE_BASE_URL": tmdb,
        }
        asked = services(environ)
        hosts = list(asked)
        # `make image` says so.
        lay_out = images.built_image if os.environ.get("IMAGE") == "built" else images.our_image
        ours = lay_out(made(folder / "ours"), hosts)
        of = {
            "postgres": images.postgres_image(made(folder / "postgres"), hosts),
            "redis": images.redis_image(made(folder / "redis"), hosts),
            "nginx": images.nginx_image(made(folder / "nginx"), hosts),
        } | dict.fromkeys(("migrate", *OURS), ours)
        client = stack.enter_context(ThreadPoolExecutor(1, initializer=enter, initargs=(boxes.network,)))
        running = Project(boxes, asked, of, client)
        bring_up(running)
        yield running


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def a_tmdb(stack: ExitStack, boxes: Boxes) -> str:
    """Run a stand-in for TMDB in the boxes' network; return its URL."""
    command = [sys.executable, "-m", "tests.tmdb_stand_in", "--auto"]
    process = subprocess.Popen(
        ["nsenter", f"--net={boxes.network}", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert process.stdout is not None
    return process.stdout.readline().split()[-1]


def enter(network: str) -> None:
    """Have this thread go into the boxes' network."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(network).open() as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def bring_up(project: Project) -> None:
    """Start everything in the order in which the services depend on each other."""
    first = project.run("postgres", "sh", "-c", images.POSTGRES_FIRST)
    assert first.returncode == 0, first.stderr
    for name in STORES:
        project.boxes.start(project.services[name], project.images[name])
    for name in STORES:
        project.until_healthy(name)
    migrated = project.run("migrate", *project.services["migrate"].command)
    assert migrated.returncode == 0, migrated.stderr
    for name in OURS:
        project.boxes.start(project.services[name], project.images[name])
    project.until_healthy("web")
    project.boxes.start(project.services["nginx"], project.images["nginx"], images.NGINX_COMMAND)
    for name in ("nginx", *OURS):
        project.until_healthy(name)


def test_a_scan_through_nginx_runs_to_its_end(project: Project, media: Path) -> None:
    assert project.ask("PUT", "/api/v1/settings", json={"tmdbApiKey": KEY}).ok

    asked = project.ask("POST", "/api/v1/scan/path", json={"path": str(media / "movies"), "mediaType": "movie"})
    assert asked.status_code == 202, asked.text
    job = {}

    def has_ended() -> bool:
        job.update(project.ask("GET", f"/api/v1/scan/job/{asked.json()['data']['scanJobId']}").json()["data"])
        return job["status"] in {"COMPLETED", "FAILED"}

    wait_until(has_ended, 90, f"the scan ends; it is at {job}")
    assert (job["status"], job["failures"]) == ("COMPLETED", [])
    found = project.ask("GET", "/api/v1/movies").json()["data"]
    assert len(found) == 5
    streamed = project.ask("GET", f"/api/v1/stream/{found[0]['id']}", headers={"Range": "bytes=100-199"})
    poster = project.ask("GET", "/api/v1/image/" + found[0]["media"]["posterUrl"].rpartition("/")[2])
    file = next(media.rglob(f"{found[0]['media']['title']}*.mkv"))
    assert (streamed.status_code, streamed.content) == (206, file.read_bytes()[100:200])
    assert poster.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("name", [*STORES, "nginx", *OURS])
def test_no_process_is_root_or_can_become_so(project: Project, name: str) -> None:
    user = project.services[name].asked["user"].split(":")[0]

    for process in project.boxes.processes(name):
        status = dict(
            line.split(":\t", 1)
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
            if ":\t" in line
        )
        assert set(status["Uid"].split()) == {user} != {"0"}
        assert {int(status[kind], 16) for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
        assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("place", ["/app/x", "/opt/venv/x", "/etc/x", "/x", "/media/x"])
def test_nothing_is_written_but_to_volumes_and_tmp(project: Project, place: str) -> None:
    # Also not where a user's rights would do.
    refused = project.inside("web", "touch", place, user="0:0")

    assert refused.returncode != 0
    assert "Read-only file system" in refused.stderr
    assert project.inside("web", "touch", "/tmp/x", "/data/x").returncode == 0  # noqa: S108 - in the box


def test_the_healthcheck_of_the_image_by_itself_finds_the_api(project: Project) -> None:
    from_dockerfile = images.stages()[-1].healthcheck

    assert project.inside("web", *from_dockerfile).returncode == 0
    assert project.inside("scan", "env", "PORT=1", *from_dockerfile).returncode != 0


def test_the_command_line_is_there(project: Project) -> None:
    said = project.inside("web", "dester", "--version")

    assert (said.returncode, said.stdout) == (0, f"dester, version {API_VERSION}\n")


def test_another_worker_beside_the_first_has_a_name_of_its_own(project: Project) -> None:
    service = Service("metadata-2", project.services["metadata"].asked)
    project.boxes.start(service, project.images["metadata"])

    def workers() -> list[str]:
        queues = project.ask("GET", "/api/v1/queues").json()["data"]
        return [worker["name"] for queue in queues if queue["name"] == "metadata" for worker in queue["workers"]]

    wait_until(lambda: len(workers()) == 2, 60, "two workers drain the queue")
    assert sorted(workers()) == ["metadata@metadata", "metadata@metadata-2"]
    # PostgreSQL ends when all its clients have.
    project.boxes.stop(service.name, service.stop_seconds)


def test_each_process_ends_in_the_time_that_it_is_given(project: Project) -> None:
    for name in ("nginx", *OURS, *reversed(STORES)):
        project.boxes.stop(name, project.services[name].stop_seconds)
        assert project.boxes.has_ended(name)
