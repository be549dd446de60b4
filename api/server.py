"""How gunicorn serves the app: `gunicorn -c python:api.server "api.app:from_environment()"`.

Threads, not an event loop: on the embedded default the database is SQLite, whose calls would block a loop for everybody
(see docs/decisions). A request holds one of a fixed number of threads. A stream has a thread besides those, in which
the kernel sends the file, and all sockets together have one.
"""

import gc
import json
import os
import resource
import secrets
import select
import socket
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from dotenv import load_dotenv
from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import ThreadWorker
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from api.edge import REQUEST_ID_HEADER, VERSION_HEADER
from api.errors import CATEGORIES
from api.threads import Threads, is_aside
from api.version import API_VERSION
from shared import logs, metrics, tracing
from shared.config import load

#: Within so many seconds a request must have arrived, its body too.
READ_WITHIN = 15.0
#: How long a thread waits for the next request of its connection, in milliseconds; and how many it handles, one after
#: the other, before all others that wait for a thread have their turn.
NEXT_WITHIN, MOST_IN_A_ROW = 5, 8
#: Headers by which a request says that it has a body.
_BODY = frozenset({"CONTENT-LENGTH", "TRANSFER-ENCODING"})


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn carries no type information
    """A worker that answers in the envelope even what never became a request, and lets go of streams and sockets."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        #: Connections whose requests are still being read, and until when they may be.
        self._read_until: dict[Any, float] = {}

    def get_thread_pool(self) -> Threads:
        return Threads(self.cfg.threads, STREAMS_AT_ONCE)

    def handle(self, conn: Any) -> Any:
        """Handle requests that follow each other, and wait here for the end of their connection.

        The thread that accepts others may not wait. To hand a connection back to it and have it hand over the next
        request takes a fifth of what a request costs. As long as there is a thread for each connection, nobody waits
        for a thread that waits.
        """
        is_kept, more = self._handle_one(conn), MOST_IN_A_ROW - 1
        # What gunicorn gives back where nothing has come yet is true, too.
        while is_kept is True and more and self.nr_conns <= self.cfg.threads and not is_aside() and _has_more(conn):
            is_kept, more = self._handle_one(conn), more - 1
        if not is_kept and not _is_given_away(conn):
            conn.close(graceful=True)
        return is_kept

    def _handle_one(self, conn: Any) -> Any:
        self._read_until[conn] = time.monotonic() + READ_WITHIN
        try:
            return super().handle(conn)
        finally:
            self._read_until.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        if not any(name in _BODY and value != "0" for name, value in req.headers):
            self._read_until.pop(conn, None)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """End also what trickles in: each request that is being read holds a thread."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._read_until.items()):
            if until < now and self._read_until.get(conn) == until and self._read_until.pop(conn, 0.0):
                # Whoever reads finds the end; what was answered already still goes out.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def finish_request(self, conn: Any, fs: Any) -> None:
        if _is_given_away(conn):
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)

    def handle_exit(self, sig: int, frame: Any) -> None:
        if self.alive:
            self.method_queue.defer(self.wsgi.extensions["sockets"].end)
        super().handle_exit(sig, frame)

    def run(self) -> None:
        super().run()
        self.wsgi.extensions["sockets"].wait_until_closed(seconds=1)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        status, message = HTTPStatus.BAD_REQUEST, "The request is malformed."
        if isinstance(exc, LimitRequestLine):
            message = "The URL is too long."
        elif isinstance(exc, LimitRequestHeaders):
            message = "The request has too many or too long headers."
        request_id = secrets.token_hex(8)
        self.log.info("Request %s is malformed: %s", request_id, type(exc).__name__)
        body = json.dumps({"success": False, "error": CATEGORIES[status], "message": message}).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
            f"{VERSION_HEADER}: {API_VERSION}\r\n{REQUEST_ID_HEADER}: {request_id}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode() + body)
        except OSError:
            self.log.debug("A client that sent a malformed request did not wait for the answer.")


def _has_more(conn: Any) -> bool:
    """Whether a client sends something more at once; gunicorn's own ``wait_for_data`` remembers that it once did."""
    if conn.parser.unreader.buf.getvalue():
        # It was read together with what came before.
        return True
    poll = select.poll()
    poll.register(conn.sock, select.POLLIN)
    return bool(poll.poll(NEXT_WITHIN))


def _is_given_away(conn: Any) -> bool:
    """Whether a connection is closed, or is served by somebody else as a WebSocket."""
    return bool(conn.sock.fileno() < 0)


class Log(Logger):  # type: ignore[misc]  # gunicorn carries no type information
    """What gunicorn itself has to say, in the common log."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        logs.set_up(_config.log_level, "web", _config.redis_url)


load_dotenv(".env")
_config = load(os.environ)

# A process is given 1,024 files at first almost everywhere, and may have more. Each client's connection is one.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, min(_hard, 65_536)), _hard))

bind = f"[{_config.host}]:{_config.port}" if ":" in _config.host else f"{_config.host}:{_config.port}"
worker_class = "api.server.Worker"
# Of these there is one, or as many as WEB_CONCURRENCY says, which gunicorn reads by itself.
#: Of requests. Few work at once; most wait for the database, or for a scan that writes to it.
threads = 64
#: Each has a thread besides those, which waits for the disk or the player.
STREAMS_AT_ONCE = 1000
worker_connections = 2000
keepalive = 75
timeout = 120
graceful_timeout = 3
limit_request_line = 8190
# Its socket would be shared by all installations of a user.
control_socket_disable = True
# Only what is configured may speak for a client's address.
forwarded_allow_ips = ""


def pre_fork(_server: Any, _worker: Worker) -> None:
    """Keep the collector from writing to what both processes have together."""
    gc.freeze()


def post_worker_init(worker: Worker) -> None:
    """Open the connections before the first client waits for them, and have what is counted told."""
    stands = {"sockets": lambda: worker.wsgi.extensions["sockets"].open, "streams": lambda: worker.tpool.aside}
    metrics.begin(_config.redis_url, stands)
    try:
        worker.wsgi.extensions["dester"].warm_up()
    except (OperationalError, RedisError, BrokerError) as error:
        worker.log.warning("Serving without Redis or the database for now: %s", error)


def worker_exit(_server: Any, _worker: Worker) -> None:
    """Tell the last of what was counted."""
    metrics.flush()
    tracing.flush()


loglevel = {"warn": "warning", "http": "info"}.get(_config.log_level, _config.log_level)
logger_class = "api.server.Log"
