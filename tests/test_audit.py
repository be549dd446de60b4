"""What the audit of packages and files lets through, and what not."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

AUDIT = Path(__file__).parents[1] / ".ci" / "audit.py"


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = spec_from_file_location("audit", AUDIT)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    # Its processes find it by its name.
    monkeypatch.setitem(sys.modules, "audit", module)
    spec.loader.exec_module(module)
    return module


def a_package(*vulnerabilities: str) -> dict[str, Any]:
    known = [{"id": name, "aliases": [f"CVE-{name}"], "fix_versions": ["2.0"]} for name in vulnerabilities]
    return {"name": "a-package", "version": "1.0", "vulns": known}


def test_a_known_vulnerability_is_a_finding(audit: ModuleType) -> None:
    assert list(audit.judged([a_package("GHSA-1")], {})) == ["a-package 1.0: GHSA-1, fixed in 2.0"]


@pytest.mark.parametrize("name", ["GHSA-1", "CVE-GHSA-1"])
def test_one_that_is_explained_by_any_of_its_names_is_none(audit: ModuleType, name: str) -> None:
    assert list(audit.judged([a_package("GHSA-1")], {name: "It is never called."})) == []


def test_an_explanation_that_explains_nothing_any_more_is_said_and_is_no_finding(
    audit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "audit.toml").write_text('"GHSA-1" = "It is never called."')
    monkeypatch.setattr(audit, "EXPLAINED", tmp_path / "audit.toml")
    told = json.dumps({"dependencies": [a_package()]})
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, told))

    assert list(audit.vulnerabilities()) == []
    assert "GHSA-1, which PyPI does not tell" in capsys.readouterr().out


def test_a_package_that_nobody_knows_among_others_is_a_finding(audit: ModuleType) -> None:
    unknown = {"name": "another", "skip_reason": "not on PyPI"}

    assert list(audit.judged([a_package(), unknown], {})) == ["another: nobody knows: not on PyPI"]


def test_a_secret_in_a_file_that_is_checked_in_is_a_finding_and_one_that_was_accepted_is_none(
    audit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzEXAMPLEKEYS"
    (tmp_path / "settings.py").write_text(f'AWS_SECRET = "{key}"\n')
    (tmp_path / "harmless.py").write_text('PATH = "/media/films"\n')
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    (tmp_path / "untracked.py").write_text(f'AWS_SECRET = "{key}"\n')
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(audit, "ACCEPTED", tmp_path / "secrets.json")
    (tmp_path / "secrets.json").write_text("{}")
    before = list(audit.new_secrets())
    monkeypatch.setattr("sys.argv", ["audit.py", "--accept"])

    audit.main()

    assert {finding.partition(":")[0] for finding in before} == {"settings.py"}
    assert key not in "".join(before)
    assert list(audit.new_secrets()) == []
