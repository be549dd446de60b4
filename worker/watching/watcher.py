"""One library under watch: a thread that hears what changes in its folder, until it is stopped or can't go on."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from watchfiles import Change, watch

from shared.watches import Standing, WatchState
from worker.watching import mounts
from worker.watching.rules import Kinds, Touch, touches
from worker.watching.touched import Collected

#: So many changes at once are taken for a flood, of which the system may have dropped a part: its queue holds 16,384
#: events, several for each change, and what it drops nobody is told of.
FLOOD = 1000
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
            self._identity = _identity(self.root)
            with os.scandir(self.root):
                pass
            self.standing = _why_not(self.root) or self._listen()
        except FileNotFoundError:
            self.standing = Standing(WatchState.STOPPED, "folder-gone", f"There is no folder at {self.root}.")
        except OSError as error:
            reason = f"{self.root} can't be read: {error.strerror or _first_line(error)}."
            self.standing = Standing(WatchState.STOPPED, "folder-unreadable", reason)

    def _listen(self) -> Standing | None:
        try:
            try:
                self._hear(Standing(WatchState.EVENTS))
            except PermissionError:
                why = f"A folder in {self.root} can't be read; what changes in it is not noticed."
                self._hear(Standing(WatchState.EVENTS, "folder-unreadable", why), passes_over=True)
        except FileNotFoundError:
            raise
        except (OSError, RuntimeError) as error:
            # The latter where the system fails later on, as for a new folder that is one too many to be watched. Of the
            # limits of inotify the library gives no error number, only a sentence.
            why = (
                f"The system can't tell of changes in {self.root}: {_first_line(error)}. On Linux raise "
                "fs.inotify.max_user_watches or max_user_instances."
            )
            return Standing(WatchState.POLLING, "no-events", why)
        return self.standing

    def _hear(self, standing: Standing, *, passes_over: bool = False) -> None:
        for changes in _changes(self.root, self._stopping, passes_over=passes_over):
            if self.standing is None and passes_over:
                # It also passed over what there were no watches left for; then there is none for this, either.
                next(_changes(self.root, self._stopping, recursive=False))
            heard = [touch for change, path in changes for touch in self._touches(change, path)]
            with self._lock:
                if self.standing is None or len(changes) >= FLOOD:
                    # What happened until now nobody heard, or not all of it.
                    self._collected.add_all(time.monotonic())
                for touch in heard:
                    self._collected.add(touch, time.monotonic())
            self.standing = standing

    def _touches(self, change: Change, path: str) -> list[Touch]:
        relative = os.path.relpath(path, self.root)
        is_gone = change is Change.deleted
        return touches(
            "" if relative == "." else relative,
            is_folder=not is_gone and os.path.isdir(path),  # noqa: PTH112 - for each of thousands of changes
            is_gone=is_gone,
            kinds=self.kinds,
        )


def _changes(
    root: Path, stopping: threading.Event, *, passes_over: bool = False, recursive: bool = True
) -> Iterator[set[tuple[Change, str]]]:
    """Tell what changes, or nothing every now and then; the first time when all folders are watched."""
    return watch(
        root,
        watch_filter=None,
        debounce=_AT_MOST_MS,
        step=_STEP_MS,
        stop_event=stopping,
        rust_timeout=_AT_MOST_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=False,
        recursive=recursive,
        ignore_permission_denied=passes_over,
    )


def _why_not(root: Path) -> Standing | None:
    kind = mounts.shared_kind(PurePosixPath(root), mounts.table())
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
    return str(error).strip().partition("\n")[0].partition(" about [")[0].rstrip(".")
