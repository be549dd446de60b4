"""One budget of requests for all workers together, kept in Redis."""

import time
from contextlib import suppress
from threading import Lock

import redis
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from shared import metrics
from worker.providers.base import ProviderError

#: However long a provider asks us to wait, after this long it is asked again.
LONGEST_PAUSE = 3600.0

#: A request is free only after its second is over, not on the stroke.
_MARGIN = 0.001

_LENGTHEN = """
local wanted = tonumber(ARGV[1])
if redis.call('pttl', KEYS[1]) < wanted then
    redis.call('set', KEYS[1], 1, 'px', wanted)
end
"""


class Budget:
    """So many requests in any one second, whichever process sends them; 0 for as many as one likes.

    A moving window never lets through more than that, nor less while somebody waits. Within a process one thread at a
    time waits at Redis and the others wait for it, so that a crowd of threads costs Redis no more than one; and they
    go at an even pace, since a second's budget sent at once arrives together with the next one's.

    The window is kept in wall-clock time: machines that share a budget need clocks in step.
    """

    def __init__(self, client: redis.Redis, name: str, per_second: int, *, max_wait: float = 30.0) -> None:
        self._redis = client
        self._name = name
        self._pause_key = f"budget:{name}:pause"
        self._limit = RateLimitItemPerSecond(per_second, namespace="budget") if per_second > 0 else None
        self._window = MovingWindowRateLimiter(
            RedisStorage("redis://", connection_pool=client.connection_pool, key_prefix="provider")
        )
        self._lengthen = client.register_script(_LENGTHEN)
        self._max_wait = max_wait
        self._turn = Lock()
        self._pace = 1 / per_second if per_second > 0 else 0.0
        self._next = 0.0

    @property
    def is_limited(self) -> bool:
        return self._limit is not None

    def acquire(self) -> None:
        """Wait until one request may go.

        Raises:
            ProviderError: its turn would come too late.

        """
        began = time.monotonic()
        try:
            self._wait(began + self._max_wait)
        finally:
            metrics.budget_waits.observe(time.monotonic() - began, self._name)

    def _wait(self, deadline: float) -> None:
        if not self._turn.acquire(timeout=self._max_wait):
            raise self._spent(0.0)
        try:
            while (delay := self._delay()) > 0:
                if time.monotonic() + delay > deadline:
                    raise self._spent(delay)
                time.sleep(delay)
            # What a sleep overslept, by a pace at most, the next one makes up for.
            self._next = max(self._next, time.monotonic() - self._pace) + self._pace
        except redis.RedisError as error:
            raise ProviderError(
                "The request budget could not be asked for, because Redis does not answer.",
                cause=f"{self._name}-budget",
                permanent=False,
            ) from error
        finally:
            self._turn.release()

    def pause(self, seconds: float) -> None:
        """Let nobody send anything for so long; a longer pause that lasts already stays.

        While Redis is away nobody is told; nothing can be sent then anyway.
        """
        milliseconds = int(min(seconds, LONGEST_PAUSE) * 1000)
        if milliseconds > 0:
            with suppress(redis.RedisError):
                self._lengthen(keys=[self._pause_key], args=[milliseconds])

    def waiting_seconds(self) -> float:
        """How long a pause still lasts; 0 without one."""
        return max(int(self._redis.pttl(self._pause_key)), 0) / 1000

    def _delay(self) -> float:
        """Take one request, or say after how long to ask again."""
        early = self._next - time.monotonic()
        if early > 0:
            return early
        paused = self.waiting_seconds()
        if paused > 0:
            return paused + _MARGIN
        if self._limit is None or self._window.hit(self._limit, self._name):
            return 0.0
        oldest_ends = self._window.get_window_stats(self._limit, self._name).reset_time
        wait = oldest_ends - time.time()
        if wait > self._limit.get_expiry() + _MARGIN:
            # The clock was set back, and what it counted then lies ahead.
            self._window.storage.clear(self._limit.key_for(self._name))
            return _MARGIN
        return max(wait, 0.0) + _MARGIN

    def _spent(self, seconds: float) -> ProviderError:
        return ProviderError(
            f"No request to {self._name.upper()} was free within {self._max_wait:g} seconds.",
            cause=f"{self._name}-budget",
            permanent=False,
            retry_after=seconds or None,
        )
