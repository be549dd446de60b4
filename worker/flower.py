"""Flower, which shows queues and tasks in the browser: ``python -m worker.flower``, as the Procfile has it.

It can also end workers and tasks, so that it never runs without a name and a password. While it runs, it has the
workers tell what becomes of each task; without it they don't.
"""

import os
import sys

from dotenv import load_dotenv

from shared import config, logs, tasks
from shared.config import FLOWER_NEEDS_AUTH, ConfigError
from worker import channel

#: So many tasks it remembers; its own default would be some hundred MB.
_TASKS_KEPT = 5_000


def main() -> None:
    """Serve until SIGINT or SIGTERM; without ``FLOWER_BASIC_AUTH`` end at once, as nobody asked for it."""
    load_dotenv(".env")
    try:
        in_force = config.load(os.environ)
    except ConfigError as error:
        sys.exit(f"flower: {error}")
    if not in_force.flower_basic_auth:
        print(FLOWER_NEEDS_AUTH, flush=True)  # noqa: T201 - the foreground is what this is for
        return
    logs.set_up(in_force.log_level, "flower", in_force.redis_url)
    channel.install()
    app = tasks.new_app(in_force.redis_url or "redis://127.0.0.1:6379/0")
    # It takes any FLOWER_… for an option, also what Kubernetes says of a service of that name.
    for name in [name for name in os.environ if name.startswith("FLOWER_")]:
        del os.environ[name]
    # Not on the command line, which everybody on the machine may read.
    os.environ["FLOWER_BASIC_AUTH"] = in_force.flower_basic_auth
    _leave_out_metrics()
    address = f"--address={in_force.host}"
    app.start(["--quiet", "flower", address, f"--port={in_force.flower_port}", f"--max-tasks={_TASKS_KEPT}"])


def _leave_out_metrics() -> None:
    """Have Flower not serve what it would show to everybody; ours are at /metrics of the API."""
    from flower import urls, views  # noqa: PLC0415 - only this process has Flower in memory

    urls.handlers.remove(("/metrics", views.monitor.Metrics))


if __name__ == "__main__":
    main()
