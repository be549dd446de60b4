"""The process that has libraries scanned of their own accord: ``python -m worker.watch``, as the Procfile has it."""

import os
import signal
import threading

from dotenv import load_dotenv
from redis import Redis

from shared import config, logs, tasks
from shared.database import Database
from worker.watching.keeper import Keeper


def main() -> None:
    """Watch until SIGINT or SIGTERM."""
    load_dotenv(".env")
    in_force = config.load(os.environ)
    app = tasks.new_app(in_force.redis_url or "redis://127.0.0.1:6379/0")
    logs.set_up(in_force.log_level, "watch", app.conf.broker_url)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    redis = Redis.from_url(app.conf.broker_url, socket_timeout=5, socket_connect_timeout=2)
    Keeper(Database(in_force.database_url), redis, stopping).run()


if __name__ == "__main__":
    main()
