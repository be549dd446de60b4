"""kombu's channel to Redis after its connection has been closed."""

import pytest
from kombu import Connection
from redis import Redis

from worker import channel


def test_a_task_that_ends_after_its_connection_meets_a_failure_that_workers_know(redis: Redis, redis_url: str) -> None:
    channel.install()
    redis.ping()
    connection = Connection(redis_url)
    known = connection.connection_errors
    left = connection.channel()
    connection.release()

    with pytest.raises(known):
        left.qos.ack("a message")
