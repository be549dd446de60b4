"""Containers without an engine: what compose.yaml asks of one, done with Linux's own tools.

unshare(1) gives a process its own mounts, processes and host name, mount(8) a read-only root with the image's content,
chroot(1) and setpriv(1) the user without any rights; all boxes have one network, as the containers of a project have.
What is missing is an engine's own: cgroups, seccomp, images of others. The base is this machine's own /usr.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.deploy.dockerfile import ROOT
from tests.installation import wait_until

#: Brings the loopback interface of a new network up, says so, and holds the network until its input ends.
_NETWORK = """
import fcntl, socket, struct, sys
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket() as probe:
    fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
print("up", flush=True)
sys.stdin.read()
"""
#: This machine's, in place of the base images' own.
BASE = ("usr", "bin", "sbin", "lib", "lib64")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def why_not() -> str | None:
    """Say why there can be no boxes here; None when there can."""
    if os.geteuid() != 0:
        return "only root may make namespaces and mounts"
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if tried.returncode == 0 else f"this machine lets nobody make namespaces: {tried.stderr.strip()}"


@dataclass(frozen=True, slots=True)
class Service:
    """A service of compose.yaml."""

    name: str
    #: As docker compose reads it, with all that is merged and filled in.
    asked: Mapping[str, Any]

    @property
    def command(self) -> list[str]:
        return list(self.asked["command"])

    @property
    def environ(self) -> dict[str, str]:
        return {name: value for name, value in self.asked.get("environment", {}).items() if value is not None}

    @property
    def healthcheck(self) -> list[str]:
        kind, *command = self.asked["healthcheck"]["test"]
        assert kind == "CMD"
        return command

    @property
    def stop_seconds(self) -> float:
        return float(self.asked.get("stop_grace_period", "10s").removesuffix("s"))


def services(environ: Mapping[str, str], *files: str) -> dict[str, Service]:
    """Read compose.yaml, and the files after it, as docker compose does."""
    names = [word for file in ("compose.yaml", *files) for word in ("--file", file)]
    program = Path(sys.executable).with_name("docker-compose")
    done = subprocess.run(
        [program, *names, "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # What it prints is a compose file again, in which a dollar is written twice.
    asked = json.loads(done.stdout.replace("$$", "$"))["services"]
    return {name: Service(name, of_service) for name, of_service in asked.items()}


class Boxes:
    """The containers of one project: one network, one folder with the volumes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._network = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-c", _NETWORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._network.stdout is not None
        assert self._network.stdout.readline() == b"up\n"

    @property
    def network(self) -> str:
        """The path by which the boxes' network can be entered."""
        return f"/proc/{self._network.pid}/ns/net"

    def volume(self, name: str, owner: str) -> Path:
        """Return the folder of a named volume, which belongs to whom the image makes it belong."""
        folder = self._folder / "volumes" / name
        if not folder.exists():
            folder.mkdir(parents=True)
            os.chown(folder, *_ids(owner))
        return folder

    def start(self, service: Service, image: "Image", command: Sequence[str] | None = None) -> None:
        """Run a service as compose.yaml has it."""
        with self.log(service.name).open("wb") as log:
            # What it writes to may be opened by name, as /dev/stderr.
            os.fchown(log.fileno(), *_ids(service.asked["user"]))
            self._running[service.name] = subprocess.Popen(
                self._boxed(service, image, command or service.command),
                env={**image.environ, **service.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: self._is_set_up(service.name), 30, f"the box of {service.name} is set up")

    def run(self, service: Service, image: "Image", command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end in a box of its own, as `docker compose run` does."""
        return self._finished(self._boxed(service, image, command), service, image)

    def inside(
        self, service: Service, image: "Image", command: Sequence[str], *, user: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end in the box of a service that runs, as `docker compose exec` does."""
        enter = [
            "nsenter",
            "--target",
            str(self._first(service.name).pid),
            "--mount",
            "--uts",
            "--ipc",
            "--pid",
            "--net",
            "--root",
        ]
        return self._finished([*enter, *_as_user(service, image, command, user)], service, image)

    @staticmethod
    def _finished(command: list[str], service: Service, image: "Image") -> subprocess.CompletedProcess[str]:
        environ = {**image.environ, **service.environ}
        return subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False
        )

    def processes(self, name: str) -> list[psutil.Process]:
        """Return the processes of a service."""
        first = self._first(name)
        return [first, *first.children(recursive=True)]

    def has_ended(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def stop(self, name: str, seconds: float) -> None:
        """Stop a service as an engine does, which waits so long before it kills."""
        self._first(name).terminate()
        self._running[name].wait(seconds)

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def close(self) -> None:
        # With the first of its processes an own world of them ends.
        for process in reversed(self._running.values()):
            for first in psutil.Process(process.pid).children() if process.poll() is None else ():
                first.kill()
            process.wait()
        assert self._network.stdin is not None
        self._network.stdin.close()
        self._network.wait()

    def _first(self, name: str) -> psutil.Process:
        return psutil.Process(self._running[name].pid).children()[0]

    def _is_set_up(self, name: str) -> bool:
        """Whether it has gone into its root folder, as the last step before the command."""
        children = psutil.Process(self._running[name].pid).children()
        return self.has_ended(name) or any(
            Path(f"/proc/{child.pid}/root").readlink() != Path("/") for child in children
        )

    def _boxed(self, service: Service, image: "Image", command: Sequence[str]) -> list[str]:
        asked, root = service.asked, image.root
        script = ["set -e", "mount --make-rprivate /", f"mount --bind {root} {root}"]
        # First, as this environment may lie below one.
        for folder in asked["tmpfs"]:
            script += [f"mkdir -p {root}{folder}", f"mount -t tmpfs -o mode=1777,nosuid,nodev none {root}{folder}"]
        for target, source in image.parts.items():
            script.append(bound(source, root / target.lstrip("/"), is_read_only=True))
        for volume in asked.get("volumes", ()):
            is_named = volume["type"] == "volume"
            source = self.volume(volume["source"], asked["user"]) if is_named else Path(volume["source"])
            place = root / volume["target"].lstrip("/")
            script.append(bound(source, place, is_read_only=volume.get("read_only", False)))
        script += [
            f"mount -t proc proc {root}/proc",
            *(bound(Path("/dev", name), root / "dev" / name, is_read_only=False) for name in _DEVICES),
            f"mount -t tmpfs -o mode=1777 none {root}/dev/shm",  # noqa: S108
            f"echo {service.name} > /proc/sys/kernel/hostname",
        ]
        if asked.get("read_only"):
            script.append(f"mount -o remount,bind,ro {root}")
        script.append(f"exec /usr/sbin/chroot {root} {shlex.join(_as_user(service, image, command))}")
        apart = ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]
        return [
            "setpriv",
            "--pdeathsig=KILL",
            "nsenter",
            f"--net={self.network}",
            *apart,
            "sh",
            "-c",
            "\n".join(script),
        ]


def _ids(user: str) -> tuple[int, int]:
    uid, gid = user.split(":")
    return int(uid), int(gid)


def _as_user(service: Service, image: "Image", command: Sequence[str], user: str = "") -> list[str]:
    """Return how a command is run in the image's folder, as a service's user with its rights."""
    asked = service.asked
    uid, gid = (user or asked["user"]).split(":")
    # A change of the user makes it forget with whom it is to end.
    rights = [
        "--pdeathsig=KILL",
        f"--reuid={uid}",
        f"--regid={gid}",
        f"--groups={','.join([gid, *(asked.get('group_add') or [])])}",
    ]
    if asked.get("cap_drop") == ["ALL"]:
        rights += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
    if "no-new-privileges:true" in asked.get("security_opt", ()):
        rights.append("--no-new-privs")
    return ["/usr/bin/setpriv", *rights, "sh", "-c", f'cd {image.working_dir} && exec "$@"', "-", *command]


class Image:
    """What is in a container before anything is mounted into it: a root folder, and parts of it that lie elsewhere."""

    def __init__(
        self, root: Path, parts: Mapping[str, Path], environ: Mapping[str, str], working_dir: str, hosts: Sequence[str]
    ) -> None:
        self.root = root
        self.environ = dict(environ)
        self.working_dir = working_dir
        self.parts = dict(parts)
        for name in ("proc", "dev/shm", "etc", "var", working_dir):
            (root / name.lstrip("/")).mkdir(parents=True, exist_ok=True)
        (root / "var/run").symlink_to("/run")
        for name in BASE:
            if Path("/", name).is_symlink() and not (root / name).is_symlink():
                (root / name).symlink_to(Path("/", name).readlink())
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            (root / "dev" / name).symlink_to(f"/proc/self/fd/{number}")
        (root / "etc" / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *hosts)))


def bound(source: Path, place: Path, *, is_read_only: bool) -> str:
    made = f"mkdir -p {place}" if source.is_dir() else f"mkdir -p {place.parent}; touch {place}"
    bind = f"{made}; mount --bind {source} {place}"
    return f"{bind}; mount -o remount,bind,ro {place}" if is_read_only else bind
