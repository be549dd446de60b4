"""How often a sign-in may be tried: counted in Redis for all processes, and in this one alone while Redis is away."""

import math
import time
from functools import cached_property
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

from api.counting import Counter, counting
from shared.errors import TooManyError

_MINUTES = 15
#: For one name from one address; for one name from wherever; for whatever names from one address. The first is what
#: somebody meets who mistypes, the others whoever guesses from many addresses, or many names.
_OF_BOTH, _OF_NAME, _OF_ADDRESS = (RateLimitItemPerMinute(most, _MINUTES, "sign-in") for most in (10, 60, 40))
#: The part of an IPv6 address that its owner can't choose.
_NETWORK_BITS = 64


class LoginLimits:
    """The counts of one API process, which all processes share while Redis is there."""

    def __init__(self, redis_url: str) -> None:
        storage = storage_from_string(counting(redis_url))
        assert isinstance(storage, Counter)
        self._shared = storage

    @cached_property
    def _own(self) -> MemoryStorage:
        return MemoryStorage()

    def count(self, username: str, address: str | None) -> None:
        """Count a try before the password is looked at.

        Raises:
            TooManyError: there were too many, for this name or from this address.

        """
        for limit, keys in _counted(username, address):
            if not self._hit(limit, keys):
                raise TooManyError("Too many tries to sign in; try again later.", self._seconds(limit, keys))

    def forgive(self, username: str, address: str | None) -> None:
        """Forget the tries of somebody who knew the password in the end."""
        ((limit, keys), *_) = _counted(username, address)
        try:
            FixedWindowRateLimiter(self._shared).clear(limit, *keys)
        except RedisError:
            FixedWindowRateLimiter(self._own).clear(limit, *keys)

    def _hit(self, limit: RateLimitItem, keys: tuple[str, ...]) -> bool:
        limiter = self._limiter()
        try:
            return limiter.hit(limit, *keys)
        except RedisError:
            return FixedWindowRateLimiter(self._own).hit(limit, *keys)

    def _seconds(self, limit: RateLimitItem, keys: tuple[str, ...]) -> int:
        try:
            reset = self._limiter().get_window_stats(limit, *keys).reset_time
        except RedisError:
            return _MINUTES * 60
        return max(1, math.ceil(reset - time.time()))

    def _limiter(self) -> RateLimiter:
        # Guessing is never free: a Redis that is away, whose counts the others do without, is stood in for here.
        storage: Storage = self._own if self._shared.is_away else self._shared
        return FixedWindowRateLimiter(storage)


def _counted(username: str, address: str | None) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    name, network = username.casefold(), _network(address)
    return [(_OF_BOTH, ("both", name, network)), (_OF_NAME, ("name", name)), (_OF_ADDRESS, ("address", network))]


def _network(address: str | None) -> str:
    """Return what one client has of the net: its IPv4 address, or its network of IPv6."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return "nowhere"
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, _NETWORK_BITS), strict=False))
