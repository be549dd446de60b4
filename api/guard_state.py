"""What a process knows of guards: whether they are on, and by which secrets. The rows are the truth, and read often."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from shared import settings
from shared.accounts import signing_keys
from shared.accounts.signing_keys import Keys
from shared.database import Database, is_outage

T = TypeVar("T")

#: What another process changed is known here after so many seconds.
_GOOD_FOR = 1.0


class GuardState:
    """Whether guards are on, and the secrets that sign; each is read when it is asked for and a second old."""

    def __init__(self, database: Database) -> None:
        def are_on() -> bool:
            with database.read() as session:
                return settings.are_guards_on(session)

        self._are_on = _Briefly(are_on)
        self._keys = _Briefly(lambda: signing_keys.load(database))

    @property
    def are_on(self) -> bool:
        return self._are_on.get()

    @property
    def keys(self) -> Keys:
        return self._keys.get()

    def keys_of_now(self) -> Keys:
        """Read the secrets anew: another process may have made one a moment ago, and signed by it."""
        self._keys.forget()
        return self.keys

    def forget(self) -> None:
        """Read both anew, as this process has just changed them."""
        self._are_on.forget()
        self._keys.forget()


class _Briefly(Generic[T]):
    """A value that is kept for a moment; for longer only while the database is away."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._kept: list[T] = []
        self._good_until = 0.0

    def get(self) -> T:
        kept = self._kept
        if not kept or time.monotonic() >= self._good_until:
            # Whoever asks meanwhile makes do with what was.
            self._good_until = time.monotonic() + _GOOD_FOR
            try:
                kept = self._kept = [self._read()]
            except Exception as error:
                if not kept or not is_outage(error):
                    self._good_until = 0.0
                    raise
        return kept[0]

    def forget(self) -> None:
        self._kept = []
