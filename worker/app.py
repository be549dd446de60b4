"""The Celery app of the workers: ``celery -A worker.app worker -Q scan`` and so on, as the Procfile has it."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from celery import current_task
from celery.signals import (
    celeryd_init,
    heartbeat_sent,
    setup_logging,
    worker_process_shutdown,
    worker_ready,
    worker_shutting_down,
)
from dotenv import load_dotenv
from redis.exceptions import RedisError

from shared import config, logs, queue_controls, tasks, worker_heartbeats
from shared.tasks import TaskSpec
from worker import channel
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
#: A child is replaced after so many tasks or so many KiB, so that no leak in a library grows for ever.
TASKS_PER_CHILD = 1000
KIB_PER_CHILD = 600_000

load_dotenv(".env")
channel.install()
resources = Resources(config.load(os.environ))

app = tasks.new_app(resources.config.redis_url or "redis://127.0.0.1:6379/0")
app.conf.update(
    include=[
        "worker.tasks.scan",
        "worker.tasks.reconcile",
        "worker.tasks.metadata",
        "worker.tasks.explain",
        "worker.tasks.artwork",
        "worker.tasks.upkeep",
    ],
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
    worker_send_task_events=True,
    worker_hijack_root_logger=False,
)


def body_of(spec: TaskSpec) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as the body of a task that is declared in ``shared.tasks``.

    It begins again when the database went away under it; where somebody waits for the answer, he is told instead.
    """
    patience = 0.0 if spec.answers else spec.time_limit / 2

    def register(body: Callable[P, R]) -> Callable[P, R]:
        @wraps(body)
        def patient(*args: P.args, **kwargs: P.kwargs) -> R:
            return patiently(lambda: body(*args, **kwargs), patience)

        return app.task(name=spec.name, time_limit=spec.time_limit, ignore_result=not spec.answers)(patient)

    return register


@celeryd_init.connect
def _learn_name(sender: str, **_: object) -> None:
    app.conf.log_source = sender.partition("@")[0]


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
        worker_heartbeats.beat(resources.heartbeat_redis, helm.name, helm.queues, helm.concurrency)


@worker_shutting_down.connect
def _leave(sender: str, **_: object) -> None:
    # It would speak once more at its very end.
    heartbeat_sent.disconnect(_beat)
    with suppress(RedisError):
        worker_heartbeats.leave(resources.heartbeat_redis, sender)


@setup_logging.connect
def _set_up_logging(**_: object) -> None:
    # The timer alone is no worker, and has no name.
    source = app.conf.get("log_source", "beat")
    logs.set_up(resources.config.log_level, source, app.conf.broker_url, _task_at_hand)


@worker_process_shutdown.connect
def _send_last_lines(**_: object) -> None:
    for handler in logging.getLogger().handlers:
        handler.flush()


def _task_at_hand() -> dict[str, str | None]:
    if not current_task:
        return {}
    request = current_task.request
    of_scan = request.args and request.args[0]
    return {"task": current_task.name, "taskId": request.id} | ({"scanJobId": of_scan} if of_scan else {})
