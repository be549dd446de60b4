"""Requests that a public tool generates from our document: none breaks the server, every answer is as documented."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.trees import a_show, films

_AT_LEAST = 2000
#: The same requests each time: what one run finds is found again.
_SEED = 20261123
_SETTINGS = Path(__file__).with_name("schemathesis.toml")
_PHASES = ("examples", "coverage", "fuzzing", "stateful")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Installation]:
    """Run an installation of its own: these requests change and delete what they please."""
    films(tmp_path / "media" / "films", 3)
    a_show(tmp_path / "media" / "shows", "The Long Road", {0: 1, 1: 2})
    with Installation(tmp_path / "data", {"MEDIA_ROOTS": str(tmp_path / "media")}) as running:
        running.scan(tmp_path / "media" / "films")
        running.scan(tmp_path / "media" / "shows", "tv")
        # Users and keys are guarded always, and guards may be switched on by any of these requests.
        words = {"username": "ada", "password": "correct horse battery staple"}
        token = running.post("/api/v1/auth/setup", words)["data"]["accessToken"]
        running.headers = {"Authorization": f"Bearer {token}"}
        key = running.post("/api/v1/auth/keys", {"name": "generated requests", "scopes": ["admin"]})["data"]["key"]
        running.headers = {"X-API-Key": key}
        yield running


@pytest.mark.timeout(600)
def test_thousands_of_generated_requests_are_answered_as_documented(server: Installation, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", _SETTINGS, "run", f"{server.url}/api/docs.json", "--phases", ",".join(_PHASES)]
    options = [
        "--max-examples",
        "50",
        "--generation-database",
        "none",
        "--header",
        f"X-API-Key: {server.headers['X-API-Key']}",
        "--no-color",
        "--request-timeout",
        "10",
        "--seed",
        str(_SEED),
    ]

    ran = subprocess.run(
        [*command, *options, "--report", "json", "--report-json-path", report],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    told = json.loads(report.read_text())
    assert ran.returncode == 0, ran.stdout
    assert told["complete"] is True
    assert [name for name, phase in told["phases"].items() if phase["status"] == "success"] == list(_PHASES)
    assert told["operations"]["tested"] == told["operations"]["total"]
    assert told["failures"] == told["errors"] == []
    assert told["test_cases"]["generated"] >= _AT_LEAST
