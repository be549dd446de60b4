"""The Celery app of the workers: ``celery -A worker.app worker -Q scan`` and so on, as the Procfile has it."""

import gc
import importlib
import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from billiard import pool
from celery import current_task
from celery.signals import (
    celeryd_init,
    heartbeat_sent,
    setup_logging,
    worker_before_create_process,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutting_down,
)
from dotenv import load_dotenv
from redis.exceptions import RedisError

from shared import config, logs, metrics, queue_controls, tasks, tracing, worker_heartbeats
from shared.tasks import TaskSpec
from worker import channel, observing
from worker.patience import patiently
from worker.resources import Resources
from worker.steering import Helm

P = ParamSpec("P")
R = TypeVar("R")

#: How often the sweeper looks for what stopped moving, in seconds.
SWEEP_EVERY = 5.0
#: How long a worker that is told to stop lets its batch go on, in seconds; what isn't done by then is handed back.
SOFT_SHUTDOWN = 5.0
#: How long a worker waits for word of a task whose process is gone, in seconds; rows are let go sooner.
LOST_WAIT = 2.0
#: How long a child that ends waits until its worker has read what it did, in tenths of a second. Told to end just when
#: it gave a child a task, a worker counts that as not given and never reads; the task comes again.
UNREAD_WAIT = 30
#: A child is replaced after so many tasks or so many KiB, so that no leak in a library grows for ever.
TASKS_PER_CHILD = 1000
KIB_PER_CHILD = 600_000

#: Where the bodies of each queue's tasks are. A worker loads those of the queues that it drains, and the timer none:
#: what names, pictures and videos are read with is large.
BODIES = {
    tasks.SCAN: ("worker.tasks.scan", "worker.tasks.reconcile", "worker.tasks.canary"),
    tasks.METADATA: ("worker.tasks.metadata", "worker.tasks.canary"),
    tasks.ARTWORK: ("worker.tasks.artwork", "worker.tasks.canary"),
    tasks.UPKEEP: ("worker.tasks.upkeep", "worker.tasks.explain"),
}

#: How far others go before a worker, by queue, as nice(1) has it: requests and databases first, then who makes files
#: browsable. The processor is shared so only while there is not enough of it.
NICENESS = {tasks.SCAN: 5, tasks.METADATA: 14, tasks.ARTWORK: 14, tasks.UPKEEP: 14}

load_dotenv(".env")
channel.install()
resources = Resources(config.load(os.environ))

app = tasks.new_app(resources.config.redis_url or "redis://127.0.0.1:6379/0")
app.conf.update(
    beat_schedule={"sweep": {"task": tasks.sweep.name, "schedule": SWEEP_EVERY, "options": {"expires": 60}}},
    beat_scheduler="worker.timer:SteadyTimer",
    beat_max_loop_interval=SWEEP_EVERY,
    worker_soft_shutdown_timeout=SOFT_SHUTDOWN,
    worker_enable_soft_shutdown_on_idle=False,
    worker_max_tasks_per_child=TASKS_PER_CHILD,
    worker_max_memory_per_child=KIB_PER_CHILD,
    # A task needs Redis for nothing but word of what it did: it goes on while that is away.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_lost_wait=LOST_WAIT,
    worker_hijack_root_logger=False,
    worker_autoscaler="worker.resting:Resting",
    # After a lost connection it would count the processes that there are, and a resting worker has one.
    worker_enable_prefetch_count_reduction=False,
)
pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = UNREAD_WAIT


observing.begin(resources)


def body_of(spec: TaskSpec) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as the body of a task that is declared in ``shared.tasks``.

    It begins again when the database went away under it; where somebody waits for the answer, he is told instead.
    """
    patience = 0.0 if spec.answers else spec.time_limit / 2

    def register(body: Callable[P, R]) -> Callable[P, R]:
        @wraps(body)
        def patient(*args: P.args, **kwargs: P.kwargs) -> R:
            with tracing.task(current_task):
                return patiently(lambda: body(*args, **kwargs), patience)

        return app.task(name=spec.name, time_limit=spec.time_limit, ignore_result=not spec.answers)(patient)

    return register


@celeryd_init.connect
def _begin(sender: str, options: dict[str, Any], **_: object) -> None:
    app.conf.worker_name = sender
    app.conf.log_source = sender.partition("@")[0]
    metrics.begin(app.conf.broker_url, {})
    tracing.prepare()
    queues = options.get("queues") or tasks.QUEUES
    drained = queues.split(",") if isinstance(queues, str) else queues
    _let_others_go_first(min(NICENESS[queue] for queue in drained))
    load_bodies(drained)


def _let_others_go_first(niceness: int) -> None:
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        # Linux may share the processor among sessions first, of which each process of the Procfile is one: sched(7).
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness), "ascii")


def load_bodies(queues: Iterable[str]) -> None:
    """Import the bodies of the tasks of these queues."""
    for queue in queues:
        for module in BODIES[queue]:
            importlib.import_module(module)


@worker_before_create_process.connect
def _share(**_: object) -> None:
    # What is there at the fork stays the parent's and the children's together as long as nobody writes to it, and
    # the collector writes to all that it looks at.
    gc.freeze()


@worker_process_init.connect
def _trace(**_: object) -> None:
    tracing.begin(app.conf.log_source)


@worker_ready.connect
def _take_helm(sender: Any, **_: object) -> None:
    app.conf.helm = Helm(sender)
    _beat()


@heartbeat_sent.connect
def _beat(**_: object) -> None:
    helm: Helm | None = app.conf.get("helm")
    if helm is None:
        return
    with suppress(RedisError):
        controls = queue_controls.carried(resources.heartbeat_redis)
        if controls is not None:
            helm.steer(controls)
        worker_heartbeats.beat(resources.heartbeat_redis, helm.name, helm.queues, helm.concurrency, helm.running)


@worker_shutting_down.connect
def _leave(sender: str, **_: object) -> None:
    # It would speak once more at its very end. This is said within the handler of the operating system's signal, which
    # may have come in the middle of a heartbeat: nothing may be waited for that the heartbeat holds.
    app.conf.helm = None
    with suppress(RedisError):
        worker_heartbeats.leave(resources.heartbeat_redis, sender)


@setup_logging.connect
def _set_up_logging(**_: object) -> None:
    # The timer alone is no worker, and has no name.
    source = app.conf.get("log_source", "beat")
    logs.set_up(resources.config.log_level, source, app.conf.broker_url)


@worker_process_shutdown.connect
def _say_the_last(**_: object) -> None:
    for handler in logging.getLogger().handlers:
        handler.flush()
    metrics.flush()
    tracing.flush()
