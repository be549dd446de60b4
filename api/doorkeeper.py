"""Who has a socket open, and may no longer: a sign-in that has ended ends its sockets, too, within seconds."""

import logging
import threading
import time
from functools import partial

from api.guard_state import GuardState
from api.open_socket import OpenSocket
from api.sockets import Sockets
from shared.accounts import identities
from shared.accounts.identities import Identity
from shared.database import Database

log = logging.getLogger(__name__)

#: RFC 6455 leaves 4000 and up to applications; this is HTTP's 401.
UNAUTHORIZED = 4401
#: How often it is looked whether somebody has to go, in seconds.
_LOOKS_EVERY = 3.0
#: So many are asked about at once.
_AT_ONCE = 500


class Doorkeeper:
    """Of one API process. It looks from a thread of its own, which there is when somebody has come."""

    def __init__(self, database: Database, guards: GuardState, sockets: Sockets) -> None:
        self._database = database
        self._guards = guards
        self._sockets = sockets
        self._admitted: dict[OpenSocket, Identity | None] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def admit(self, client: OpenSocket, asking: Identity | None) -> None:
        """Look from now on whether a client may stay; None while guards are off, and nobody knows who it is."""
        with self._lock:
            self._admitted[client] = asking
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorkeeper", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(_LOOKS_EVERY)
            try:
                self._look()
            except Exception:
                # Whoever may no longer stay is found the next time.
                log.exception("It could not be looked who may still listen.")

    def _look(self) -> None:
        with self._lock:
            self._admitted = {client: asking for client, asking in self._admitted.items() if not client.is_over}
            here = list(self._admitted.items())
        if not here or not self._guards.are_on:
            return
        may_stay = self._who_may_stay([asking for _, asking in here if asking is not None])
        for client, asking in here:
            if asking not in may_stay:
                self._sockets.do(client, partial(client.close, UNAUTHORIZED, "Sign in, and come back."))

    def _who_may_stay(self, known: list[Identity]) -> set[Identity]:
        """Return those who are still who they were; somebody with another role has to come anew."""
        found: set[Identity] = set()
        for first in range(0, len(known), _AT_ONCE):
            some = known[first : first + _AT_ONCE]
            with self._database.read() as session:
                found |= identities.of_sign_ins(session, {one.sign_in_id for one in some if one.sign_in_id})
                found |= identities.of_keys(session, {one.key_id for one in some if one.key_id})
        return found
