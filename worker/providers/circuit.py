"""A provider that fails again and again is left alone for a while; one circuit for all workers, kept in Redis.

What a provider refuses for good is an answer of its own, so it counts as one that works: waiting would not mend a
wrong key, and its own words say better what to do. A budget without a free request is none of the provider's doing
and counts neither way; nor does a provider that asks for a short pause, which the budget keeps for all workers.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis

from shared.kinds import MediaType
from worker.providers.base import Metadata, Provider, ProviderError, Wanted
from worker.providers.budget import LONGEST_PAUSE

log = logging.getLogger(__name__)

#: So many failures in a row, the last within so many seconds of the first, open the circuit.
FAILURES, WITHIN = 5, 60.0
#: How long it stays open, in seconds: twice as long each time that the provider still fails, up to the longest.
OPEN, LONGEST_OPEN = 30.0, 300.0
#: A request that was let through to try, and of which nothing was heard for so long, was its worker's last.
PROBE = 30.0
#: After so long without a question, earlier trouble is forgotten.
_FORGET = 3600.0
_NOTHING_AMISS = -1

# KEYS: open, times, probe, failures. Each returns or takes milliseconds.
#: Whether one may enter: after so long; 0: at once; -1: at once, and nothing was amiss that a success would end.
_ENTER = """
local left = redis.call('pttl', KEYS[1])
if left > 0 then return left end
if redis.call('exists', KEYS[2]) == 0 then return redis.call('exists', KEYS[4]) - 1 end
if redis.call('set', KEYS[3], 1, 'nx', 'px', ARGV[1]) then return 0 end
return math.max(redis.call('pttl', KEYS[3]), 1)
"""
_FAIL = """
redis.call('del', KEYS[3])
if redis.call('exists', KEYS[1]) == 1 then return end
if redis.call('exists', KEYS[2]) == 0 then
    local failures = redis.call('incr', KEYS[4])
    if failures == 1 then redis.call('pexpire', KEYS[4], ARGV[2]) end
    if failures < tonumber(ARGV[1]) then return end
end
local times = redis.call('incr', KEYS[2])
local open = math.max(math.min(ARGV[3] * 2 ^ (times - 1), tonumber(ARGV[4])), tonumber(ARGV[5]))
redis.call('set', KEYS[1], 1, 'px', string.format('%d', open))
redis.call('pexpire', KEYS[2], string.format('%d', open + ARGV[6]))
redis.call('del', KEYS[4])
return times
"""


class Circuit:
    """Whether a provider may be asked.

    1. Closed, everybody may. ``FAILURES`` in a row open it.
    2. Open, nobody may, until its time is over.
    3. Half-open, one request at a time may: its success closes the circuit, its failure opens it for twice as long.

    While Redis is away, everybody may.
    """

    def __init__(self, client: redis.Redis, name: str) -> None:
        self._redis = client
        self._name = name
        self._keys = [f"circuit:{name}:{part}" for part in ("open", "times", "probe", "failures")]
        self._enter = client.register_script(_ENTER)
        self._fail = client.register_script(_FAIL)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Ask the provider within, if it may be asked; how that ends is what the circuit learns from.

        Raises:
            ProviderError: the circuit is open.

        """
        milliseconds = self._milliseconds_left()
        is_amiss, left = milliseconds != _NOTHING_AMISS, milliseconds / 1000
        if left > 0:
            why = f"{self._name.upper()} failed several times in a row and is not asked for a while."
            raise ProviderError(why, cause=f"{self._name}-paused", permanent=False, retry_after=left)
        try:
            yield
        except ProviderError as error:
            if error.permanent:
                self._succeeded(is_amiss=is_amiss)
            elif error.cause == f"{self._name}-budget" or _is_soon_over(error):
                self._let_go()
            else:
                self._failed(error.retry_after or 0.0)
            raise
        except Exception:
            self._let_go()
            raise
        self._succeeded(is_amiss=is_amiss)

    def _milliseconds_left(self) -> int:
        with suppress(redis.RedisError):
            return int(self._enter(keys=self._keys, args=[_milliseconds(PROBE)]))
        return 0

    def _failed(self, retry_after: float) -> None:
        times = (WITHIN, OPEN, LONGEST_OPEN, min(retry_after, LONGEST_PAUSE), _FORGET)
        with suppress(redis.RedisError):
            opened = self._fail(keys=self._keys, args=[FAILURES, *map(_milliseconds, times)])
            if opened:
                log.warning("%s fails; it is not asked for a while (time %d in a row).", self._name.upper(), opened)

    def _succeeded(self, *, is_amiss: bool) -> None:
        """Forget what was amiss; where nothing was, Redis need not be asked for each answer."""
        if is_amiss:
            with suppress(redis.RedisError):
                self._redis.delete(*self._keys)

    def _let_go(self) -> None:
        with suppress(redis.RedisError):
            self._redis.delete(self._keys[2])


class Guarded:
    """A provider behind a circuit."""

    def __init__(self, provider: Provider, circuit: Circuit) -> None:
        self._provider = provider
        self._circuit = circuit

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def is_online(self) -> bool:
        return self._provider.is_online

    @property
    def types(self) -> frozenset[MediaType]:
        return self._provider.types

    def signature(self, wanted: Wanted) -> str:
        return self._provider.signature(wanted)

    def fetch(self, wanted: Wanted, *, brief: bool) -> Metadata | None:
        with self._circuit.attempt():
            return self._provider.fetch(wanted, brief=brief)


def _is_soon_over(error: ProviderError) -> bool:
    return error.cause.endswith("-rate-limited") and (error.retry_after or 0.0) < OPEN


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
