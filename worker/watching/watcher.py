"""One library under watch: a thread that hears what changes in its folder, until it is stopped or can't go on."""

import os
import threading
import time
from pathlib import Path, PurePosixPath

from watchfiles import Change, watch

from shared.watches import Standing, WatchState
from worker.watching import mounts
from worker.watching.rules import Kinds, Touch, touches
from worker.watching.touched import Collected

#: Changes are handed over after so many milliseconds of quiet, at the latest after that many.
_STEP_MS, _AT_MOST_MS = 250, 1000


class Watcher:
    """What is heard of one folder."""

    def __init__(self, root: Path, kinds: Kinds) -> None:
        self.root = root
        self.kinds = kinds
        #: How it goes; None until that is known.
        self.standing: Standing | None = None
        self.began = time.monotonic()
        self._collected = Collected()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._identity: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name=f"watch {root}", daemon=True)
        self._thread.start()

    def due(self, instant: float) -> frozenset[Touch]:
        with self._lock:
            return self._collected.due(instant)

    def forget(self, asked_for: frozenset[Touch], instant: float) -> None:
        with self._lock:
            self._collected.forget(asked_for, instant)

    def is_outdated(self) -> bool:
        """Whether the folder is another one by now, or lies elsewhere: then nothing is heard of it any more."""
        if self.standing is None or self.standing.state is not WatchState.EVENTS:
            return False
        if not self._thread.is_alive():
            return True
        try:
            return self._identity != _identity(self.root) or _why_not(self.root) is not None
        except OSError:
            return True

    def stop(self) -> None:
        """Have it end soon; a thread that hangs on a dead disk is not waited for."""
        self._stopping.set()

    def _run(self) -> None:
        try:
            self.standing = self._why_not() or self._listen()
        except FileNotFoundError:
            self.standing = Standing(WatchState.STOPPED, "folder-gone", f"There is no folder at {self.root}.")
        except PermissionError:
            self.standing = Standing(WatchState.STOPPED, "folder-unreadable", f"{self.root} can't be read.")
        except (OSError, RuntimeError) as error:
            # The latter where the system fails later on, as for a new folder that is one too many to be watched. Of the
            # limits of inotify the library gives no error number, only a sentence.
            self.standing = Standing(
                WatchState.POLLING,
                "no-events",
                f"The system can't tell of changes in {self.root} ({_first_line(error)}). On Linux raise "
                "fs.inotify.max_user_watches or max_user_instances.",
            )

    def _why_not(self) -> Standing | None:
        self._identity = _identity(self.root)
        return _why_not(self.root)

    def _listen(self) -> Standing | None:
        for changes in watch(
            self.root,
            watch_filter=None,
            debounce=_AT_MOST_MS,
            step=_STEP_MS,
            stop_event=self._stopping,
            rust_timeout=_AT_MOST_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            ignore_permission_denied=True,
        ):
            heard = [touch for change, path in changes for touch in self._touches(change, path)]
            with self._lock:
                if self.standing is None:
                    # What happened until now nobody heard.
                    self._collected.add_all(time.monotonic())
                for touch in heard:
                    self._collected.add(touch, time.monotonic())
            self.standing = Standing(WatchState.EVENTS)
        return self.standing

    def _touches(self, change: Change, path: str) -> list[Touch]:
        relative = os.path.relpath(path, self.root)
        is_gone = change is Change.deleted
        return touches(
            "" if relative == "." else relative,
            is_folder=not is_gone and os.path.isdir(path),  # noqa: PTH112 - for each of thousands of changes
            is_gone=is_gone,
            kinds=self.kinds,
        )


def _why_not(root: Path) -> Standing | None:
    kind = mounts.shared_kind(PurePosixPath(root), mounts.MOUNTS.read_text()) if mounts.MOUNTS.exists() else None
    if kind is None:
        return None
    return Standing(
        WatchState.POLLING,
        "network-file-system",
        f"{root} lies on {kind}, or has it below, and that does not tell what other machines or programs change.",
    )


def _identity(root: Path) -> tuple[int, int]:
    status = root.stat()
    return status.st_dev, status.st_ino


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
