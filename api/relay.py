"""/ws: what the workers publish on Redis, to every open socket.

flask-sock's route and handshake, in a request's thread; what the client missed is looked up there too. Then the
connection is handed over to the one thread of `api/sockets.py`, and the request's is free.
"""

import json
import logging
import socket
from collections.abc import Callable, Iterator

from flask import Flask, g, request
from flask_sock import Sock
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import Server
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from wsproto.frame_protocol import CloseReason

from api.context import Context, context
from api.doorkeeper import Doorkeeper
from api.frames import EVENT_ID, Frame, encoded, is_after
from api.hub import Hub, newest
from api.interest import Interest
from api.open_socket import OpenSocket
from api.sockets import Sockets
from shared import events
from shared.accounts.identities import Identity
from shared.errors import InvalidError
from shared.kinds import Scope
from shared.models import ScanJob
from shared.scan_progress import never_back, progress_of, standings
from shared.scan_states import JobStatus
from shared.scan_waiting import Surroundings

log = logging.getLogger(__name__)

#: How often a connection to Redis on which nothing comes is tried, in seconds.
_CHECK_REDIS_EVERY = 25
_PATH = "/ws"
#: What the log holds is for those who may read it.
_FOR_ADMINS = frozenset({events.LogMessage.type})
#: Whose state a client is told when it comes.
_RUNNING = (JobStatus.IN_PROGRESS, JobStatus.PAUSED)
_GREETING = encoded(json.dumps({"type": "connection:established", "message": "Connected to the media server."}))


class _NoThread:
    """In place of the thread in which simple-websocket would read: `api/sockets.py` reads for all."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.name = str(target)

    def start(self) -> None:
        pass


def register(app: Flask, shared_context: Context) -> None:
    """Open /ws on an app; its sockets are the app's extension ``sockets``."""
    redis = Redis.from_url(
        shared_context.config.redis_url,
        socket_connect_timeout=2,
        socket_keepalive=True,
        health_check_interval=_CHECK_REDIS_EVERY,
    )
    sockets = Sockets()
    hub = Hub(redis, sockets.tell)
    app.extensions["sockets"] = sockets
    app.config["SOCK_SERVER_OPTIONS"] = {"thread_class": _NoThread}
    app.before_request(_prepare_handshake)
    doorkeeper = Doorkeeper(shared_context.database, shared_context.guards, sockets)
    Sock(app).route(_PATH)(lambda server: _serve(server, sockets, hub, doorkeeper))


def _prepare_handshake() -> None:
    """Refuse what can be no event's id before the connection is a WebSocket, and offer no compression."""
    if request.url_rule is None or request.url_rule.rule != _PATH:
        return
    since = request.args.get("since", "")
    if since and not EVENT_ID.fullmatch(since):
        raise InvalidError("since", "This is no eventId; send the last one that you saw, as 1795465057505-0.")
    # A frame is made once for all, and what a client says may not swell.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def _serve(server: Server, sockets: Sockets, hub: Hub, doorkeeper: Doorkeeper) -> None:
    """Take a client over: the greeting, what it missed, the state of each running scan, then everything as it happens.

    From the moment in which it is added, nothing that happens passes it by.
    """
    asking: Identity | None = g.get("identity")
    client = _taken_over(server, asking)
    sockets.add(client)
    doorkeeper.admit(client, asking)
    hub.listen()
    since = request.args.get("since", "")
    try:
        # An id that is yet to come, of another server or from before a reset, holds nothing back.
        told = since if since and not is_after(since, newest(context().redis)) else ""
        missed = list(_opening(since))
    except (RedisError, SQLAlchemyError) as error:
        log.warning("A client could not be told how things stand: %s", error)
        sockets.do(client, lambda: _send_away(client))
    else:
        sockets.do(client, lambda: client.begin(_GREETING, missed, told))


def _taken_over(server: Server, asking: Identity | None) -> OpenSocket:
    """Take the connection from the web server and from flask-sock, who both would close it."""
    types = frozenset(part for part in request.args.get("types", "").split(",") if part)
    server.connected = False
    may_read_the_log = asking is None or Scope.ADMIN in asking.scopes
    interest = Interest(types, frozenset() if may_read_the_log else _FOR_ADMINS)
    return OpenSocket(socket.socket(fileno=server.sock.detach()), server.ws, interest)


def _send_away(client: OpenSocket) -> None:
    client.begin(_GREETING, (), "")
    client.close(CloseReason.TRY_AGAIN_LATER, "The server can't tell how things stand; come back in a moment.")


def _opening(since: str) -> Iterator[Frame]:
    """Yield what a client missed since an event, and then the state of each running scan."""
    if since:
        yield from map(Frame.of, events.since(context().redis, since))
    with context().database.read() as session:
        running = session.scalars(select(ScanJob).where(ScanJob.status.in_(_RUNNING))).all()
    around = Surroundings.seen(context().redis, [scan_job.id for scan_job in running])
    with context().database.read() as session:
        standing = standings(session, running, around)
    standing = never_back(context().redis, running, standing)
    for scan_job in running:
        yield Frame.of(json.dumps(progress_of(scan_job, standing[scan_job.id]).payload()))
