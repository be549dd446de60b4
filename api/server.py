"""How gunicorn serves the app: `gunicorn -c python:api.server "api.app:from_environment()"`.

Threads, not an event loop: on the embedded default the database is SQLite, whose calls would block a loop for everybody
(see docs/decisions). A thread is held by a request, a stream or a socket for as long as it lasts.
"""

import json
import os
import secrets
import socket
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
from api.version import API_VERSION
from shared import logs
from shared.config import load


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn carries no type information
    """A worker that answers in the envelope even what never became a request."""

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


class Log(Logger):  # type: ignore[misc]  # gunicorn carries no type information
    """What gunicorn itself has to say, in the common log."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        logs.set_up(_config.log_level, "web", _config.redis_url)


load_dotenv(".env")
_config = load(os.environ)

bind = f"[{_config.host}]:{_config.port}" if ":" in _config.host else f"{_config.host}:{_config.port}"
worker_class = "api.server.Worker"
# Of these there is one, or as many as WEB_CONCURRENCY says, which gunicorn reads by itself.
#: Most of them wait: for a player that has read enough, for the next event of a socket.
threads = 256
worker_connections = 1000
keepalive = 75
timeout = 120
graceful_timeout = 3
limit_request_line = 8190
# Its socket would be shared by all installations of a user.
control_socket_disable = True
# Only what is configured may speak for a client's address.
forwarded_allow_ips = ""


def post_worker_init(worker: Worker) -> None:
    """Open the connections before the first client waits for them."""
    try:
        worker.wsgi.extensions["dester"].warm_up()
    except (OperationalError, RedisError, BrokerError) as error:
        worker.log.warning("Serving without Redis or the database for now: %s", error)


loglevel = {"warn": "warning", "http": "info"}.get(_config.log_level, _config.log_level)
logger_class = "api.server.Log"
