"""Whether a process of this host is alive: ``python -m worker.alive scan``, for the healthchecks of containers.

The processes are named by what they are and where they run, as the Procfile names workers: ``scan@<host>``.
"""

import os
import sys
from socket import gethostname

from redis.exceptions import RedisError

from shared.redis_client import connect
from shared.worker_heartbeats import is_alive

_WITHIN = 3.0


def main() -> None:
    """End with 1 if Redis has not heard of the process lately.

    If Redis can't be asked, nobody can tell. The process waits for it by itself, and would not be helped by a restart.
    """
    kind = sys.argv[1]
    name = f"{kind}@{gethostname()}"
    try:
        if not is_alive(connect(os.environ["REDIS_URL"], _WITHIN), kind, name):
            sys.exit(f"{name} is silent.")
    except RedisError:
        sys.stdout.write(f"Redis does not answer; {name} waits for it.\n")


if __name__ == "__main__":
    main()
