"""A client that a public generator makes of our document, and nothing else, can use the server."""

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests

from tests.installation import Installation

_PACKAGE = "generated_client"


@pytest.fixture(scope="module")
def generated(server: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Generate a client from the document that the server serves."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "openapi.json"
    document.write_bytes(requests.get(f"{server.url}/api/docs.json", timeout=30).content)
    settings = folder / "settings.yaml"
    # The generator's own clean-up of the code needs nothing of ours.
    settings.write_text("post_hooks: []\n")
    program = Path(sys.executable).with_name("openapi-python-client")
    command = [program, "generate", "--path", document, "--meta", "none", "--config", settings]
    made = subprocess.run(
        [*command, "--output-path", folder / _PACKAGE], capture_output=True, text=True, timeout=120, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(_PACKAGE).Client(base_url=server.url)
    sys.path.remove(str(folder))


def operation(area: str, name: str) -> ModuleType:
    return importlib.import_module(f"{_PACKAGE}.api.{area}.{name}")


def test_it_lists(generated: Any) -> None:
    films = operation("movies", "list_movies").sync(client=generated, limit=5)
    shows = operation("tvshows", "list_tv_shows").sync(client=generated)

    assert len(films.data) == 5
    assert films.meta.total == 12
    assert {show.media.title for show in shows.data} == {"The Long Road", "Harbour Lights"}


def test_it_searches(generated: Any) -> None:
    found = operation("search", "search").sync(client=generated, query="harbor lights")

    assert [show.media.title for show in found.data.tv_shows] == ["Harbour Lights"]


def test_it_scans_and_follows(generated: Any, library: Path) -> None:
    models = importlib.import_module(f"{_PACKAGE}.models")
    request = models.ScanRequest.from_dict({"path": str(library / "films"), "mediaType": "movie"})

    accepted = operation("scan", "scan_path").sync(client=generated, body=request).data
    until = time.monotonic() + 60
    get_scan_job = operation("scan", "get_scan_job")
    while (job := get_scan_job.sync(accepted.scan_job_id, client=generated).data).status not in {"COMPLETED", "FAILED"}:
        assert time.monotonic() < until, job
        time.sleep(0.05)

    assert job.status == "COMPLETED"
    assert job.progress.percent_complete == 100
    assert job.progress.total_folders == 12


def test_it_reads_errors(generated: Any) -> None:
    answer = operation("movies", "get_movie").sync_detailed("123e4567-e89b-42d3-a456-426614174000", client=generated)

    assert answer.status_code == 404
    assert answer.parsed.error == "Not found"
