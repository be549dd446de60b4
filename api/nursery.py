"""Where the processes of `dester up` come from: ``python -m api.nursery`` has imported what they have in common.

It forks them. What was imported is in memory once for all of them, as long as nobody writes to it, and none has to
import it again. It is a process of its own without threads, and lives until the supervisor and all its children do not.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any, NoReturn

#: What the commands of the Procfile import anyway, most of them; nothing that reads settings when it is imported.
_IN_COMMON = (
    "av",
    "celery.app.control",
    "celery.app.events",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.redis",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.worker.components",
    "celery.worker.consumer",
    "guessit",
    "kombu.transport.redis",
    "limits",
    "requests",
    "shared.config",
    "shared.database",
    "shared.enrichments",
    "shared.logs",
    "shared.providers",
    "shared.reconciliation",
    "shared.scan_progress",
    "shared.settings",
    "shared.tasks",
    "sqlalchemy.dialects.sqlite",
    "worker.naming.names",
    "worker.providers.chain",
)
#: A nursery that has not told of a child after so many seconds hangs, and is killed: importing takes a slow machine a
#: tenth of that.
_BEGINS_WITHIN = 120.0
#: How long it has to end when all its children have, in seconds.
_ENDS_WITHIN = 2.0
#: The longest command line that a child can be seen by, in bytes.
_LONGEST_COMMAND = 1000
#: prctl(2): which signal a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1
_LONGEST_MESSAGE = 1024 * 1024


class Born:
    """A process that was started, with as much of `subprocess.Popen` as the supervisor asks for."""

    def __init__(self, nursery: "Nursery", pid: int, stdout: IO[str]) -> None:
        self._nursery = nursery
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or minus the signal that ended it; None while it runs."""
        if self.returncode is None:
            self.returncode = self._nursery.code_of(self.pid)
        return self.returncode


class Nursery:
    """The supervisor's side of it; it is started when it is needed, and again if it was killed or hung."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._children: set[int] = set()
        self._codes: dict[int, int] = {}

    def start(self, command: list[str], environ: Mapping[str, str]) -> Born:
        """Run a console script of this environment, `celery …`, or `python -m …`, with these variables and no others.

        Raises:
            OSError: it can't be started.

        """
        if self._process is None or self._process.poll() is not None:
            self._begin(environ)
        reading, writing = os.pipe()
        output = os.fdopen(reading, errors="replace")
        try:
            self._socket.settimeout(_BEGINS_WITHIN)
            socket.send_fds(self._socket, [json.dumps([command, dict(environ)]).encode()], [writing])
            while not (pid := self._hear()):
                continue
        except OSError as error:
            output.close()
            if isinstance(error, TimeoutError | ConnectionError):
                self._give_up()
            raise
        finally:
            os.close(writing)
        self._children.add(pid)
        return Born(self, pid, output)

    def code_of(self, pid: int) -> int | None:
        """Return how a process ended; None while it runs."""
        self._socket.settimeout(0)
        with suppress(BlockingIOError, ConnectionError):
            while pid not in self._codes:
                self._hear()
        if pid in self._codes:
            return self._codes.pop(pid)
        is_lost = pid not in self._children or self._process is None or self._process.poll() is not None
        # Whose parent is gone is told to end, and nobody says how it did.
        return -signal.SIGTERM if is_lost and not _is_there(pid) else None

    def end(self) -> None:
        """Wait for its end, which comes when its last child has ended; not for long, as it may hang."""
        self._socket.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDS_WITHIN)
        self._give_up()

    def _give_up(self) -> None:
        """Kill it, if it is there: it hangs, or is of no use any more. Another one is started when it is needed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _begin(self, environ: Mapping[str, str]) -> None:
        self._socket.close()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._children.clear()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "api.nursery", " " * _LONGEST_COMMAND],
                stdin=theirs.fileno(),
                env=dict(environ),
                start_new_session=True,
            )

    def _hear(self) -> int:
        """Hear of one event; return the id of a process that has begun, or note one that has ended and return 0."""
        data = self._socket.recv(_LONGEST_MESSAGE)
        if not data:
            raise ConnectionResetError("The process that starts all others is gone.")
        pid, code = json.loads(data)
        if pid == 0:
            raise OSError(code, os.strerror(code))
        if code is None:
            return int(pid)
        self._codes[pid] = code
        return 0


def _is_there(pid: int) -> bool:
    """Whether a process runs that is no child of ours. One that has ended may stay listed: not every init buries."""
    try:
        # proc(5): the state is the first field after the name, which may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def main() -> None:
    """Import, and fork whenever the supervisor says so."""
    for module in _IN_COMMON:
        importlib.import_module(module)
    # What each process would do at its first query.
    importlib.import_module("sqlalchemy.orm").configure_mappers()
    gc.collect()
    gc.freeze()
    supervisor = socket.socket(fileno=os.dup(0))
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing)
    children: set[int] = set()
    is_open = True
    while is_open or children:
        heard: list[socket.socket | int] = [supervisor, reading] if is_open else [reading]
        ready, _, _ = select.select(heard, [], [])
        if reading in ready:
            os.read(reading, 512)
            for pid, code in _ended():
                children.discard(pid)
                # The supervisor may be gone already.
                with suppress(OSError):
                    supervisor.send(json.dumps([pid, code]).encode())
        if supervisor in ready:
            data, descriptors, _, _ = socket.recv_fds(supervisor, _LONGEST_MESSAGE, 1)
            if not data:
                is_open = False
                continue
            try:
                pid = os.fork()
            except OSError as error:
                # The system has no room for it: no reason to end, and all others with it.
                os.close(descriptors[0])
                supervisor.send(json.dumps([0, error.errno]).encode())
                continue
            if pid:
                children.add(pid)
                os.close(descriptors[0])
            else:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(reading)
                os.close(writing)
                _live(supervisor, descriptors[0], *json.loads(data))


def _ended() -> list[tuple[int, int]]:
    """Return who has ended, and how."""
    ended = []
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append((found[0], os.waitstatus_to_exitcode(found[1])))
    return ended


def _live(supervisor: socket.socket, output: int, command: list[str], environ: dict[str, str]) -> NoReturn:
    """Become what the command says: the leader of a session, with its output, its variables and its name."""
    os.setsid()
    # Without its parent nobody would learn of its end: it ends, too, and is started again.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    with supervisor:
        supervisor.send(json.dumps([os.getpid(), None]).encode())
    os.environ.clear()
    os.environ.update(environ)
    _be_seen_as(command)
    if command[:2] == ["python", "-m"]:
        sys.argv = command[2:]
        runpy.run_module(command[2], run_name="__main__", alter_sys=True)
        sys.exit()
    sys.argv = command
    (script,) = entry_points(group="console_scripts", name=command[0])
    program: Any = script.load()
    sys.exit(program())


def _be_seen_as(command: list[str]) -> None:
    """Show the command where the system shows this process's: over the blanks that it was started with."""
    # proc(5): the 48th and the 49th are where the arguments begin and end; the second may hold blanks.
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    begin, end = int(fields[45]), int(fields[46])
    shown = "\0".join(command).encode()[: end - begin - 1]
    ctypes.memmove(begin, shown.ljust(end - begin, b"\0"), end - begin)


if __name__ == "__main__":
    main()
