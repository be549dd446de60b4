"""A connection to Redis that waits no longer than it is told to."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry


def connect(url: str, within: float) -> Redis:
    """Return a client that waits so many seconds for an answer, and as many for a connection.

    A connection that was lost while it lay idle is worth a second try; silence is not, and whoever asked has his own
    idea of when to ask again.
    """
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    return Redis.from_url(url, socket_timeout=within, socket_connect_timeout=within, retry=retry)
