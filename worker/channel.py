"""kombu's channel to Redis, which says it like any other failure when its connection has been closed.

A task that goes on while Redis is away ends with its message on a channel that is closed by then. Of kombu 5 that is an
AttributeError, which nobody expects, so that the whole worker ends; a lost connection is a case that it knows.
"""

from typing import Any

from kombu.transport.redis import Channel, Transport
from redis.exceptions import ConnectionError as RedisConnectionError


class _Channel(Channel):
    def _connparams(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise RedisConnectionError("The connection of this channel has been closed.")
        return dict(super()._connparams(*args, **kwargs))  # type: ignore[misc]  # kombu's stubs leave it out


def install() -> None:
    """Have every connection to Redis of this process use it."""
    Transport.Channel = _Channel
