"""Each task's name, queue and signature: what the two sides agree on. The bodies are in ``worker/tasks``.

A task is a nudge: it carries ids, the rows are the truth. One that gets lost is sent again by ``upkeep.sweep``.
"""

import logging
from dataclasses import dataclass

from celery import Celery, current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

#: One queue for each scarce resource, so that each is scaled alone: the disks, the providers, the processor. Upkeep is
#: apart, so that it is never behind them.
SCAN = "scan"
METADATA = "metadata"
ARTWORK = "artwork"
UPKEEP = "upkeep"
QUEUES = (SCAN, METADATA, ARTWORK, UPKEEP)

#: After so many seconds the broker gives a task that nobody has acknowledged to another worker: none may take longer.
VISIBILITY_TIMEOUT = 3600


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task: its name on the wire, its queue, its parameters, its time limit in seconds."""

    name: str
    queue: str
    parameters: tuple[str, ...]
    time_limit: int

    def send(self, *ids: str | None, times: int = 1) -> None:
        """Put the task on its queue. A broker that can't be reached is no error: the sweeper sends it later."""
        if len(ids) != len(self.parameters):
            raise TypeError(f"{self.name} takes {self.parameters}, not {ids}")
        try:
            for _ in range(times):
                current_app.send_task(self.name, args=ids, queue=self.queue, retry=False, ignore_result=True)
        except OperationalError:
            log.warning("Redis can't be reached; %s will be sent when it can.", self.name)


#: List the folders of a scan job.
discover = TaskSpec("scan.discover", SCAN, ("scan_job_id",), 3000)
#: Name the files of a batch of folders and put them into the catalogue.
register = TaskSpec("scan.register", SCAN, ("scan_job_id",), 300)
#: Look into the files of a batch of folders.
probe = TaskSpec("scan.probe", SCAN, ("scan_job_id",), 600)
#: Ask the providers about a batch of titles; no scan job: those that a user or a new key asked for.
fetch = TaskSpec("metadata.fetch", METADATA, ("scan_job_id",), 300)
#: Cache the pictures of a batch of titles and take their colours.
paint = TaskSpec("artwork.paint", ARTWORK, ("scan_job_id",), 300)
#: Send again what stopped moving.
sweep = TaskSpec("upkeep.sweep", UPKEEP, (), 60)

ALL = (discover, register, probe, fetch, paint, sweep)


def new_app(redis_url: str) -> Celery:
    """Make a Celery app that sends and receives as both sides expect, and make it this process's own."""
    app = Celery("dester", broker=redis_url)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_routes={spec.name: {"queue": spec.queue} for spec in ALL},
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT,
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
