"""What every request passes on its way in and out: versions, CORS, limits, ids, the size and kind of a body."""

import logging
import random
import re
import time
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from typing import cast

from flask import Flask, Response, g, request
from flask_cors import CORS
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address

from api.counting import Counter, counting
from api.errors import envelope
from api.version import API_VERSION
from shared import correlation, metrics
from shared.config import Config
from shared.logs import HTTP

log = logging.getLogger("api.requests")

VERSION_HEADER = "X-API-Version"
CLIENT_VERSION_HEADER = "X-Client-Version"
REQUEST_ID_HEADER = "X-Request-ID"

#: No request that we understand is larger.
LARGEST_BODY = 1024 * 1024

#: This machine, private networks and names of the local network, with any port.
_LOCAL_ORIGINS = [
    r"^https?://localhost(:\d+)?$",
    r"^https?://127(\.\d{1,3}){3}(:\d+)?$",
    r"^https?://10(\.\d{1,3}){3}(:\d+)?$",
    r"^https?://192\.168(\.\d{1,3}){2}(:\d+)?$",
    r"^https?://172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}(:\d+)?$",
    r"^https?://\[::1\](:\d+)?$",
    r"^https?://\[f[cd][0-9a-f]{2}:[0-9a-f:]+\](:\d+)?$",
    r"^https?://[a-z0-9-]+(\.[a-z0-9-]+)*\.local(:\d+)?$",
]

#: Players and pictures ask often, scans are for the impatient, health checks for machines.
HEALTH_CHECKS = {"/health", "/ready", "/metrics"}
_UNLIMITED = ("/health", "/ready", "/metrics", "/ws", "/api/v1/stream", "/api/v1/scan", "/api/v1/image")

_UNREMARKABLE = {"/health", "/ready", "/metrics", "/api/v1/logs"}

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


def guard(app: Flask, config: Config) -> None:
    """Put the edge around an app."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_begin)
    app.before_request(_check_origin)
    # Registered first, it runs last.
    app.after_request(_finish)
    app.teardown_request(lambda _error: correlation.end())
    _limit(app, config)
    app.before_request(_check_host)
    app.before_request(_check_version)
    app.before_request(_check_body)
    CORS(
        app,
        origins=_LOCAL_ORIGINS,
        methods=_METHODS,
        allow_headers=[
            "Content-Type",
            "Authorization",
            "X-API-Key",
            "X-Requested-With",
            CLIENT_VERSION_HEADER,
            REQUEST_ID_HEADER,
            "Range",
        ],
        expose_headers=[
            VERSION_HEADER,
            REQUEST_ID_HEADER,
            "Content-Disposition",
            "Content-Range",
            "Accept-Ranges",
            "ETag",
            "Retry-After",
            "RateLimit-Limit",
            "RateLimit-Remaining",
            "RateLimit-Reset",
        ],
        supports_credentials=True,
        # So long a browser need not ask again whether it may ask.
        max_age=600,
    )


def _limit(app: Flask, config: Config) -> None:
    seconds = config.rate_limit_window_ms / 1000
    app.config.update(
        RATELIMIT_HEADER_LIMIT="RateLimit-Limit",
        RATELIMIT_HEADER_REMAINING="RateLimit-Remaining",
        RATELIMIT_HEADER_RESET="RateLimit-Reset",
    )
    _Limits(
        get_remote_address,
        app=app,
        application_limits=[f"{config.rate_limit_max} per {max(1, round(seconds))} second"],
        storage_uri=counting(config.redis_url),
        # What leads nowhere is counted, too.
        request_identifier=lambda: request.endpoint or "nowhere",
        headers_enabled=True,
        # While Redis is away nobody is counted: a library that can't be browsed helps nobody.
        swallow_errors=True,
    )
    app.register_error_handler(RateLimitExceeded, _too_many)


class _Limits(Limiter):
    """Asks first whether a request may pass, and spares it what else is looked up: a tenth of a remembered answer."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:  # noqa: FBT001, FBT002
        if not (cast("Counter", self.storage).is_away or _may_pass()):
            super()._check_request_limit(callable_name, in_middleware)


def is_unlimited(path: str) -> bool:
    """Whether a path may be asked for as often as one likes."""
    return any(path == unlimited or path.startswith(f"{unlimited}/") for unlimited in _UNLIMITED)


def _may_pass() -> bool:
    # A page's question whether it may ask; and the paths of health checks, also where nothing answers there.
    if request.method == "OPTIONS" or request.path in HEALTH_CHECKS:
        return True
    # By the route that was found, and not by the path that was asked for, which may only look like an unlimited one.
    if request.url_rule is not None and is_unlimited(request.url_rule.rule):
        return True
    return bool(request.remote_addr) and _is_this_machine(request.remote_addr)


@lru_cache(maxsize=256)
def _is_this_machine(remote: str) -> bool:
    try:
        address = ip_address(remote)
    except ValueError:
        # As a proxy has it that was told so by its client.
        return False
    # A socket that listens on both families shows 127.0.0.1 as ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _too_many(error: RateLimitExceeded) -> Response:
    limit = error.limit.limit
    message = f"More than {limit.amount} requests within {limit.get_expiry()} seconds; try again later."
    return envelope(HTTPStatus.TOO_MANY_REQUESTS, message)


def _tell_limit(response: Response) -> None:
    """Tell the limit as clients know it: seconds until it is lifted, and when to try again only who must."""
    if (reset := response.headers.get("RateLimit-Reset")) is not None:
        response.headers["RateLimit-Reset"] = str(max(0, round(float(reset) - time.time())))
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            response.headers.pop("Retry-After", None)


def _begin() -> None:
    given = request.headers.get(REQUEST_ID_HEADER, "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else f"{random.getrandbits(64):016x}"
    g.began = time.perf_counter()
    correlation.begin(requestId=g.request_id)


def _check_host() -> Response | None:
    if request.host:
        return None
    return envelope(HTTPStatus.BAD_REQUEST, "The Host header is malformed.")


def _check_origin() -> Response | None:
    """Keep foreign web pages from changing anything, and from listening.

    Without CORS headers a browser keeps an answer from such a page, but it sends a POST without a body all the same,
    and opens a WebSocket. Who is no browser sends no Origin.
    """
    origin = request.headers.get("Origin")
    may_only_look = request.method in _SAFE_METHODS and request.path != "/ws"
    if origin is None or may_only_look or _is_local(origin) or origin.partition("://")[2] == request.host:
        return None
    return envelope(HTTPStatus.FORBIDDEN, f"A page from {origin[:100]} may not change anything here, nor listen.")


def _is_local(origin: str) -> bool:
    return any(re.match(local, origin, re.IGNORECASE) for local in _LOCAL_ORIGINS)


def _check_version() -> Response | None:
    client = request.headers.get(CLIENT_VERSION_HEADER)
    if not client or request.method == "OPTIONS" or client.lstrip("v").split(".")[:2] == API_VERSION.split(".")[:2]:
        return None
    data = {"clientVersion": client[:32], "apiVersion": API_VERSION, "upgradeRequired": True}
    message = f"This server speaks version {API_VERSION}; update the client, or the server."
    return envelope(HTTPStatus.UPGRADE_REQUIRED, message, data=data)


def _check_body() -> Response | None:
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if request.method not in _SAFE_METHODS and has_body and not request.is_json:
        return envelope(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json.")
    return None


def _spare(response: Response) -> None:
    """Name what JSON was answered by its content, and don't send it again to who has it."""
    is_asked = request.method in {"GET", "HEAD"} and response.status_code == HTTPStatus.OK
    if is_asked and response.is_json and request.path not in HEALTH_CHECKS:
        response.add_etag()
        if "If-None-Match" in request.headers or "If-Match" in request.headers:
            response.make_conditional(request)


def _finish(response: Response) -> Response:
    _spare(response)
    response.headers.extend({VERSION_HEADER: API_VERSION, REQUEST_ID_HEADER: g.get("request_id", "-")})
    # An answer that a cache keeps for a page of no origin must not be given to one of another.
    response.vary.add("Origin")
    _tell_limit(response)
    took = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
    route = request.url_rule.rule if request.url_rule is not None else "none"
    method = request.method if request.method in _METHODS else "other"
    metrics.requests.observe(took / 1000, method, route, str(response.status_code))
    # Looking at the log would fill it, and asking for signs of life bury all else.
    level = logging.DEBUG if request.path in _UNREMARKABLE else HTTP
    facts = {"method": request.method, "path": request.path[:200], "status": response.status_code, "ms": round(took, 1)}
    log.log(level, "%(method)s %(path)r %(status)d %(ms).1f ms", facts, extra=facts)
    return response
