"""The Dockerfile carried out without an engine: its COPY and RUN, stage by stage, in a root folder by chroot(1).

The base is this machine's /usr and Python. `make image` runs the tests of the containers on what comes of it.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.boxes import BASE, bound
from tests.deploy.dockerfile import ROOT, Stage, stages


def build(folder: Path) -> Path:
    """Carry out all stages; return the root folder of the last one, without what is the base's."""
    roots: dict[str, Path] = {}
    for number, stage in enumerate(stages()):
        root = _begin(folder / f"stage-{number}")
        roots[stage.name] = root
        _carry_out(stage, root, roots)
    return root


def base() -> dict[str, Path]:
    """Return what stands in for the base image: where it is seen, and where it lies."""
    parts = {f"/{name}": Path("/", name) for name in BASE if not Path("/", name).is_symlink()}
    return parts if sys.base_prefix == "/usr" else parts | {sys.base_prefix: Path(sys.base_prefix)}


def _begin(root: Path) -> Path:
    root.mkdir(parents=True)
    # Accounts are made here, and not in this machine's own.
    shutil.copytree("/etc", root / "etc", symlinks=True, ignore_dangling_symlinks=True)
    for name in BASE:
        if Path("/", name).is_symlink():
            (root / name).symlink_to(Path("/", name).readlink())
    return root


def _carry_out(stage: Stage, root: Path, roots: Mapping[str, Path]) -> None:
    environ = {**os.environ, "PATH": f"{sys.base_prefix}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
    place = "/"
    for instruction, arguments in stage.instructions:
        if instruction == "WORKDIR":
            place = arguments
            _within(root, place).mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            _copy(arguments.split(), root, place, roots)
        elif instruction == "RUN":
            _run(arguments, root, place, environ)


def _copy(words: list[str], root: Path, place: str, roots: Mapping[str, Path]) -> None:
    source_root = ROOT
    if words[0].startswith("--from="):
        source_root = roots[words.pop(0).removeprefix("--from=")]
    *sources, target = words
    for source in sources:
        source_path = _within(source_root, source)
        to = _within(root, os.path.join(place, target))  # noqa: PTH118 - an absolute target leaves the place behind
        if source_path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(
                source_path, to, symlinks=True, dirs_exist_ok=True, ignore=ignored if source_root == ROOT else None
            )
        else:
            shutil.copy2(source_path, to / source_path.name if target.endswith("/") else to)


def _run(command: str, root: Path, place: str, environ: Mapping[str, str]) -> None:
    script = ["set -e", "mount --make-rprivate /"]
    script += [bound(source, _within(root, target), is_read_only=True) for target, source in base().items()]
    script += [
        f"mkdir -p {root}/proc {root}/tmp {root}/dev",  # noqa: S108
        f"mount -t proc proc {root}/proc",
        f"mount -t tmpfs none {root}/tmp",  # noqa: S108
        *(bound(Path("/dev", name), root / "dev" / name, is_read_only=False) for name in ("null", "urandom")),
        f"exec chroot {root} sh -c {shlex.quote(f'cd {place} && {command}')}",
    ]
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", "\n".join(script)]
    done = subprocess.run(apart, env=environ, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def _within(root: Path, path: str) -> Path:
    return root / path.lstrip("/")
