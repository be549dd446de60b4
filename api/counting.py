"""Requests are counted in Redis, but nobody waits for it: one that does not answer is left alone for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

T = TypeVar("T")

#: Seconds that a request may wait to be counted.
_PATIENCE = 0.5
#: Seconds that Redis is left alone for when it did not answer.
_LEFT_ALONE = 3.0
_SCHEME = "counting+"


def counting(redis_url: str) -> str:
    """Return the URL by which the limiter finds a `Counter` on this Redis."""
    return _SCHEME + redis_url


class Counter(RedisStorage):
    """Redis as the limiter uses it.

    While it is away, one request every few seconds tries whether it is back; the others don't ask.
    """

    STORAGE_SCHEME = [f"{_SCHEME}redis", f"{_SCHEME}rediss"]  # noqa: RUF012 - the library's own way to say it

    def __init__(self, uri: str, **options: float | str | bool) -> None:
        # A connection that was lost while it lay idle is worth a second try; silence is not.
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        patience = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
        super().__init__(uri.removeprefix(_SCHEME), **options, **patience, retry=retry)  # type: ignore[arg-type]
        self._back_at = 0.0

    @property
    def is_away(self) -> bool:
        """Whether Redis is being left alone."""
        return time.monotonic() < self._back_at

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._answer(lambda: super(Counter, self).incr(key, expiry, amount))

    def get(self, key: str) -> int:
        return self._answer(lambda: super(Counter, self).get(key))

    def get_expiry(self, key: str) -> float:
        return self._answer(lambda: super(Counter, self).get_expiry(key))

    def _answer(self, ask: Callable[[], T]) -> T:
        if self._back_at:
            # This request tries; those that come meanwhile need not.
            self._back_at = time.monotonic() + _LEFT_ALONE
        try:
            answer = ask()
        except RedisError:
            self._back_at = time.monotonic() + _LEFT_ALONE
            raise
        self._back_at = 0.0
        return answer
