"""/ws: what the workers publish on Redis, to every open socket."""

import json
import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from socket import SHUT_RDWR

from flask import Flask, request
from flask_sock import Sock
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import ConnectionClosed, Server
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from wsproto.utilities import LocalProtocolError

from api.context import Context, context
from api.hub import EVENT_ID, Client, Frame, Hub, is_after, newest
from shared import events
from shared.errors import InvalidError
from shared.models import ScanJob
from shared.scan_progress import never_back, progress_of, standings
from shared.scan_states import JobStatus
from shared.scan_waiting import Surroundings

log = logging.getLogger(__name__)

#: Seconds between two pings, which find clients that are gone, and how long one waits for its answer.
PING_EVERY = 25
#: How long a client that is dropped has to read why, in seconds.
_LAST_WORD = 3.0
#: Nothing is expected of clients; one that says more than this at once is closed.
_LONGEST_MESSAGE = 64 * 1024

_PATH = "/ws"
#: Whose state a client is told when it comes.
_RUNNING = (JobStatus.IN_PROGRESS, JobStatus.PAUSED)
_TOO_SLOW, _TRY_AGAIN = 1008, 1013
#: What sending raises when nobody is there any more.
_GONE = (ConnectionClosed, LocalProtocolError, OSError)


def register(app: Flask, shared_context: Context) -> None:
    """Open /ws on an app."""
    redis = Redis.from_url(
        shared_context.config.redis_url,
        socket_connect_timeout=2,
        socket_keepalive=True,
        health_check_interval=PING_EVERY,
    )
    hub = Hub(redis)
    app.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": PING_EVERY, "max_message_size": _LONGEST_MESSAGE}
    app.before_request(_check_since)
    Sock(app).route(_PATH)(lambda socket: _serve(socket, hub))


def _check_since() -> None:
    """Refuse what can be no event's id before the connection is a WebSocket."""
    since = request.args.get("since", "")
    if request.url_rule is not None and request.url_rule.rule == _PATH and since and not EVENT_ID.fullmatch(since):
        raise InvalidError("since", "This is no eventId; send the last one that you saw, as 1795465057505-0.")


def _serve(socket: Server, hub: Hub) -> None:
    """Serve one client: the greeting, what it missed, the state of each running scan, then everything as it happens."""
    # What clients say is read, and not kept.
    socket.input_buffer = deque(maxlen=0)
    types = frozenset(part for part in request.args.get("types", "").split(",") if part)
    client = Client(types, when_dropped=lambda: _hang_up_soon(socket))
    hub.join(client)
    try:
        socket.send(json.dumps({"type": "connection:established", "message": "Connected to the media server."}))
        _tell(socket, client, request.args.get("since", ""))
        if client.is_dropped:
            socket.close(_TOO_SLOW, "This client reads too slowly.")
    except _GONE:
        pass
    except (RedisError, SQLAlchemyError) as error:
        log.warning("A client could not be told how things stand: %s", error)
        with suppress(*_GONE):
            socket.close(_TRY_AGAIN, "The server can't tell how things stand; come back in a moment.")
    finally:
        hub.leave(client)


def _tell(socket: Server, client: Client, since: str) -> None:
    """Tell a client everything until it has closed, or is dropped."""
    # An id that is yet to come, of another server or from before a reset, holds nothing back.
    told = since if since and not is_after(since, newest(context().redis)) else ""
    for frame in _opening(since):
        if client.is_news(frame):
            socket.send(frame.text)
        told = frame.event_id or told
    while socket.connected and not client.is_dropped:
        heard = client.next()
        # What was published while the client was catching up stands in both.
        if heard is not None and is_after(heard.event_id, told) and client.is_news(heard):
            socket.send(heard.text)


def _hang_up_soon(socket: Server) -> None:
    """End the connection in a moment, for a client that does not even read that it is dropped."""

    def hang_up() -> None:
        with suppress(OSError):
            socket.sock.shutdown(SHUT_RDWR)

    timer = threading.Timer(_LAST_WORD, hang_up)
    timer.daemon = True
    timer.start()


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
