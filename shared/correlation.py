"""What a thread is at: the id of the request that began it all, of the task, of the scan job.

A request takes ``X-Request-ID`` from its client, or makes one; each task that is sent on its behalf carries it in its
headers, and so do those that such a task sends. Every log line says it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from shared import tracing

P = ParamSpec("P")
R = TypeVar("R")

#: The header of a task's message that carries the id of the request.
REQUEST_ID = "request_id"

_NOTHING: Mapping[str, str] = {}
_at_hand: ContextVar[Mapping[str, str]] = ContextVar("at_hand", default=_NOTHING)


def begin(**facts: str | None) -> None:
    """Note what this thread is at: ``requestId``, ``task``, ``taskId``, ``scanJobId``, as log lines have it."""
    _at_hand.set({name: fact for name, fact in facts.items() if fact})


def end() -> None:
    """Note that this thread is at nothing."""
    _at_hand.set(_NOTHING)


def at_hand() -> Mapping[str, str]:
    """Return what this thread is at."""
    return _at_hand.get()


def headers() -> dict[str, str]:
    """Return what the message of a task carries of it, and of the trace that this thread is in."""
    request_id = _at_hand.get().get("requestId")
    return tracing.headers() | ({REQUEST_ID: request_id} if request_id else {})


class Threads(ThreadPoolExecutor):
    """Threads that are at what the thread that gave them their work is at."""

    def submit(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        return super().submit(copy_context().run, partial(function, *args, **kwargs))
