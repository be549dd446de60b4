"""What `make audit` holds: no package with a known vulnerability, and no secret among the files.

A finding that is no danger here is explained in `audit.toml`. What only looks like a secret, as in tests, is in
`secrets.json`; `python .ci/audit.py --accept` writes it anew, for a reviewer to read the difference.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

Found = tuple[str, PotentialSecret]

HERE = Path(__file__).parent
ROOT = HERE.parent
EXPLAINED, ACCEPTED = HERE / "audit.toml", HERE / "secrets.json"
#: Hashes of packages, and what is written from the code.
WRITTEN_BY_PROGRAMS = {"requirements.lock", "requirements-dev.lock", "docs/openapi.json", ".ci/secrets.json"}
#: Those of single vendors are left out: what they look for stands in quotes and is found by its randomness.
PLUGINS = (
    "AWSKeyDetector",
    "Base64HighEntropyString",
    "BasicAuthDetector",
    "GitHubTokenDetector",
    "HexHighEntropyString",
    "JwtTokenDetector",
    "KeywordDetector",
    "PrivateKeyDetector",
)


def main() -> None:
    """Audit, say what was found, and exit with 1 if that is anything."""
    if "--accept" in sys.argv:
        accept()
        return
    findings = [*vulnerabilities(), *new_secrets()]
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


def vulnerabilities() -> Iterator[str]:
    """Ask PyPI about every locked package, those for development too. Where it can't be asked, say so loudly."""
    command = ["--requirement", "requirements-dev.lock", "--disable-pip", "--format", "json", "--timeout", "5"]
    done = subprocess.run(  # noqa: S603 - our own tool
        [sys.executable, "-m", "pip_audit", *command, "--progress-spinner", "off"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        return not_audited(done.stderr.strip().splitlines()[-1])
    told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    if all("skip_reason" in package for package in told):
        return not_audited(told[0]["skip_reason"])
    explained: dict[str, str] = tomllib.loads(EXPLAINED.read_text())
    for name in sorted(explained.keys() - {name for package in told for name in names_in(package)}):
        print(f"{EXPLAINED.name} explains {name}, which PyPI does not tell of these versions.")
    yield from judged(told, explained)


def not_audited(why: str) -> None:
    """Say that nobody knows."""
    line = "!" * 100
    print(
        line, "NOT AUDITED: PyPI's advisories can't be reached; nothing is known of any package.", why, line, sep="\n"
    )


def judged(told: list[dict[str, Any]], explained: dict[str, str]) -> Iterator[str]:
    """Tell what was found and is not explained."""
    for package in told:
        if "skip_reason" in package:
            yield f"{package['name']}: nobody knows: {package['skip_reason']}"
        for known in package.get("vulns", ()):
            if not {known["id"], *known["aliases"]} & explained.keys():
                fixed = ", ".join(known["fix_versions"]) or "no version"
                yield f"{package['name']} {package['version']}: {known['id']}, fixed in {fixed}"


def names_in(package: dict[str, Any]) -> Iterator[str]:
    """Yield all names of what is known of a package."""
    for known in package.get("vulns", ()):
        yield from (known["id"], *known["aliases"])


def secrets() -> list[Found]:
    """Look for secrets in every file that is checked in."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    names = [name for name in listed.stdout.split("\0") if name and name not in WRITTEN_BY_PROGRAMS]
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:
        parts = pool.map(_secrets_in, repeat(ROOT), (names[start::workers] for start in range(workers)))
        return [found for part in parts for found in part]


def _secrets_in(root: Path, names: list[str]) -> list[Found]:
    found = SecretsCollection(root=str(root))
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS]}):
        for name in names:
            if (root / name).is_file():
                found.scan_file(name)
        return list(found)


def accept() -> None:
    """Write down the hash of whatever looks like a secret in each file."""
    hashes: dict[str, set[str]] = defaultdict(set)
    for name, secret in secrets():
        hashes[name].add(secret.secret_hash)
    ACCEPTED.write_text(json.dumps({name: sorted(hashes[name]) for name in sorted(hashes)}, indent=1) + "\n")


def new_secrets() -> Iterator[str]:
    """Tell what looks like a secret and was not accepted."""
    accepted: dict[str, list[str]] = json.loads(ACCEPTED.read_text())
    for name, secret in secrets():
        if secret.secret_hash not in accepted.get(name, ()):
            yield f"{name}:{secret.line_number}: this looks like a secret ({secret.type})"


if __name__ == "__main__":
    main()
