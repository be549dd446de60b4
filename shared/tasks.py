"""Each task's name, queue and signature: what the two sides agree on. The bodies are in ``worker/tasks``.

A task is a nudge: it carries ids, the rows are the truth. One that gets lost is sent again by ``upkeep.sweep``.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

from celery import Celery, current_app
from celery.exceptions import TimeoutError as CeleryTimeoutError
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared import correlation
from shared.errors import UnavailableError

log = logging.getLogger(__name__)

#: One queue for each scarce resource, so that each is scaled alone: the disks, the providers, the processor. Upkeep is
#: apart, so that it is never behind them, and every worker drains it: one may be held up by a disk or a provider.
SCAN = "scan"
METADATA = "metadata"
ARTWORK = "artwork"
UPKEEP = "upkeep"
QUEUES = (SCAN, METADATA, ARTWORK, UPKEEP)

#: Of what waits in one queue, Redis hands out the lower priority first, from a list for each: a scan that is asked for
#: begins while a huge one still has hundreds of folders in the queue, and all files are named before any is looked
#: into. Canaries, which are no work, come last.
FIRST, IN_TURN, AFTERWARDS, LAST = 0, 3, 6, 9
_OF_WORK = (FIRST, IN_TURN, AFTERWARDS)
#: The header of a message that says when it was sent, in seconds since 1970.
SENT_AT = "sent_at"
#: What kombu puts between the names of queue and priority.
_SEPARATOR = "\x06\x16"

#: For so many seconds a task may be at a whole library, which no batch bounds: however slow its disk, a walk that is
#: ended begins again at the root.
_A_DAY = 24 * 3600
#: After so many seconds the broker gives a task that nobody has acknowledged to another worker: none may take longer.
#: What a lost task was at the sweeper sends again long before.
VISIBILITY_TIMEOUT = _A_DAY + 3600
#: After so many seconds an answer that nobody fetched is forgotten.
ANSWER_KEPT = 60


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task: its name on the wire, its queue, its parameters, its time limit in seconds."""

    name: str
    queue: str
    parameters: tuple[str, ...]
    time_limit: int
    #: Whether what its body returns is waited for; of all others nothing is kept.
    answers: bool = False
    priority: int = FIRST

    @property
    def list(self) -> str:
        """The name of the list in Redis in which it waits."""
        return _list_of(self.queue, self.priority)

    def send(self, *ids: str | None) -> None:
        """Put the task on its queue. A broker that can't be reached is no error: the sweeper sends it later."""
        if len(ids) != len(self.parameters):
            raise TypeError(f"{self.name} takes {self.parameters}, not {ids}")
        try:
            current_app.send_task(
                self.name,
                args=ids,
                queue=self.queue,
                priority=self.priority,
                headers={SENT_AT: time.time(), **correlation.headers()},
                retry=False,
                ignore_result=True,
            )
        except OperationalError:
            log.warning("Redis can't be reached; %s will be sent when it can.", self.name)

    def ask(self, *arguments: str | bool | None, timeout: float = 10.0) -> Any:
        """Put the task on its queue, wait for what its body returns, and leave nothing behind.

        Raises:
            UnavailableError: no worker answered within so many seconds, or Redis can't be reached.

        """
        if len(arguments) != len(self.parameters):
            raise TypeError(f"{self.name} takes {self.parameters}, not {arguments}")
        try:
            asked = current_app.send_task(
                self.name,
                args=arguments,
                queue=self.queue,
                headers={SENT_AT: time.time(), **correlation.headers()},
                # What somebody asks about, such as a path, is shown to nobody else.
                argsrepr="(…)",
                retry=False,
                ignore_result=False,
                expires=timeout,
            )
            try:
                answer = asked.get(timeout=timeout, propagate=False)
                is_answered = asked.successful()
            finally:
                asked.forget()
        except CeleryTimeoutError:
            raise UnavailableError(
                f"No worker answered within {timeout:g} s; workers may be busy, or none may be running."
            ) from None
        except (OperationalError, RedisError, RuntimeError) as error:
            # The last is what Celery says when its connection for answers can't be had again.
            log.warning("%s can't be asked: %s", self.name, error)
            raise UnavailableError("Redis does not answer; try again in a moment.") from None
        if not is_answered:
            log.error("%s failed: %s", self.name, answer)
            raise UnavailableError("The worker that was asked failed over this; the log says why.")
        return answer


#: List the folders of a scan job.
discover = TaskSpec("scan.discover", SCAN, ("scan_job_id",), _A_DAY)
#: Name the files of a batch of folders and put them into the catalogue.
register = TaskSpec("scan.register", SCAN, ("scan_job_id",), 600, priority=IN_TURN)
#: Look into the files of a batch of folders.
probe = TaskSpec("scan.probe", SCAN, ("scan_job_id",), 600, priority=AFTERWARDS)
#: Judge whether what a scan did not see is gone.
reconcile = TaskSpec("scan.reconcile", SCAN, ("scan_job_id",), _A_DAY)
#: Ask the providers about a batch of titles; no scan job: those that a user or a new key asked for.
fetch = TaskSpec("metadata.fetch", METADATA, ("scan_job_id",), 600)
#: Cache the pictures of a batch of titles and take their colours.
paint = TaskSpec("artwork.paint", ARTWORK, ("scan_job_id",), 300)
#: Make a picture of the image cache smaller, for who asked for it so.
scale = TaskSpec("artwork.scale", ARTWORK, ("image_id", "width"), 60)
#: Send again what stopped moving.
sweep = TaskSpec("upkeep.sweep", UPKEEP, (), 60)
#: Let the rows go of a holder that is gone, or of all whose names begin so but for some.
release = TaskSpec("upkeep.release", UPKEEP, ("holder", "besides"), 60)
#: Say what a path would be taken for, and why. Somebody waits for it, so it is not behind a scan's titles.
explain = TaskSpec(
    "metadata.explain", UPKEEP, ("path", "media_type", "root", "library_id", "is_online"), 30, answers=True
)
#: Do nothing: who begins it shows that its queue is answered. The sweeper is the canary of its own.
scan_canary = TaskSpec("scan.canary", SCAN, (), 30, priority=LAST)
metadata_canary = TaskSpec("metadata.canary", METADATA, (), 30, priority=LAST)
artwork_canary = TaskSpec("artwork.canary", ARTWORK, (), 30, priority=LAST)
CANARIES = (scan_canary, metadata_canary, artwork_canary)

ALL = (discover, register, probe, reconcile, fetch, paint, scale, sweep, release, explain, *CANARIES)


def lists_of(queue: str) -> list[str]:
    """Return the names of the lists in Redis in which the work of a queue waits."""
    return [_list_of(queue, priority) for priority in _OF_WORK]


def _list_of(queue: str, priority: int) -> str:
    return f"{queue}{_SEPARATOR}{priority}" if priority else queue


def new_app(redis_url: str) -> Celery:
    """Make a Celery app that sends and receives as both sides expect, and make it this process's own."""
    app = Celery("dester", broker=redis_url, backend=redis_url)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        result_expires=ANSWER_KEPT,
        result_backend_transport_options={"retry_policy": {"max_retries": 1, "interval_start": 0}},
        redis_socket_timeout=2,
        redis_socket_connect_timeout=2,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_routes={spec.name: {"queue": spec.queue} for spec in ALL},
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "priority_steps": [*_OF_WORK, LAST],
            "sep": _SEPARATOR,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            # A request waits for no second try; the sweeper makes it.
            "max_retries": 0,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
    )
    app.set_default()
    return app
