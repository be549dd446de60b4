"""A scan in the middle of which several things break: the short form of `make faults`."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {
    "sqlite": ["process of worker scan", "kill -9 worker metadata", "data lost", "in turn", "goes back an hour"],
    "postgresql": ["process of worker artwork", "kill -9 worker scan", "PostgreSQL", "answers 500", "unmounted"],
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", KINDS)
def test_whatever_breaks_during_a_scan_nothing_is_lost_or_doubled(database: str, tmp_path: Path) -> None:
    chosen = [word for kind in KINDS[database] for word in ("--kind", kind)]
    options = ["--items", "120", "--number", str(len(KINDS[database])), "--database", database, "--untimed"]

    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *options, *chosen, "--folder", tmp_path / "faults"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert f"| **all** | {len(KINDS[database])} | 0 | 0 | 0 | 0 |" in done.stdout
