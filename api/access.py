"""Which route asks for what, while route guards are on. What stands here is allowed, and nothing else. Pure.

A route is named as in the OpenAPI document; HEAD is GET.
"""

import re
from enum import Enum, auto
from functools import cache

from shared.kinds import Scope
from shared.wire import camel


class Access(Enum):
    """What is asked for where no scope is."""

    #: Nothing: it tells nothing of the installation, or is the way in.
    PUBLIC = auto()
    #: To be known, whatever one may do.
    SIGNED_IN = auto()


Need = Scope | Access

_PUBLIC, _SIGNED_IN = Access.PUBLIC, Access.SIGNED_IN
_READ, _STREAM, _SCAN, _MANAGE, _ADMIN = Scope.READ, Scope.STREAM, Scope.SCAN, Scope.MANAGE, Scope.ADMIN

NEEDS: dict[str, Need] = {
    "GET /health": _PUBLIC,
    "GET /ready": _PUBLIC,
    "GET /metrics": Scope.METRICS,
    # The document is that of the source code: the same for every installation, and nothing of this one.
    "GET /api/docs": _PUBLIC,
    "GET /api/docs/": _PUBLIC,
    "GET /api/docs.json": _PUBLIC,
    "GET /api/docs/swagger.json": _PUBLIC,
    "GET /api/docs/{path}": _PUBLIC,
    "POST /api/v1/auth/setup": _PUBLIC,
    "POST /api/v1/auth/login": _PUBLIC,
    "POST /api/v1/auth/refresh": _PUBLIC,
    "POST /api/v1/auth/logout": _SIGNED_IN,
    "GET /api/v1/auth/me": _SIGNED_IN,
    "PUT /api/v1/auth/me/password": _SIGNED_IN,
    "POST /api/v1/auth/ws-ticket": _READ,
    "POST /api/v1/auth/rotate-secret": _ADMIN,
    "GET /api/v1/auth/users": _ADMIN,
    "POST /api/v1/auth/users": _ADMIN,
    "GET /api/v1/auth/users/{userId}": _ADMIN,
    "PATCH /api/v1/auth/users/{userId}": _ADMIN,
    "DELETE /api/v1/auth/users/{userId}": _ADMIN,
    "GET /api/v1/auth/keys": _ADMIN,
    "POST /api/v1/auth/keys": _ADMIN,
    "DELETE /api/v1/auth/keys/{keyId}": _ADMIN,
    "GET /ws": _READ,
    "GET /api/v1/movies": _READ,
    "GET /api/v1/movies/{movieId}": _READ,
    "PATCH /api/v1/movies/{movieId}": _MANAGE,
    "POST /api/v1/movies/{movieId}/match": _MANAGE,
    "DELETE /api/v1/movies/{movieId}/match": _MANAGE,
    "POST /api/v1/movies/{movieId}/refresh": _MANAGE,
    "GET /api/v1/tvshows": _READ,
    "GET /api/v1/tvshows/{tvShowId}": _READ,
    "PATCH /api/v1/tvshows/{tvShowId}": _MANAGE,
    "POST /api/v1/tvshows/{tvShowId}/match": _MANAGE,
    "DELETE /api/v1/tvshows/{tvShowId}/match": _MANAGE,
    "POST /api/v1/tvshows/{tvShowId}/refresh": _MANAGE,
    "GET /api/v1/search": _READ,
    "GET /api/v1/review": _READ,
    # It may ask providers, and tells what stands on the disk.
    "GET /api/v1/guess": _MANAGE,
    "GET /api/v1/stream/{playableId}": _STREAM,
    "GET /api/v1/stream/{fileId}/subtitles/{position}": _STREAM,
    "GET /api/v1/image/{imageId}": _STREAM,
    "POST /api/v1/scan/path": _SCAN,
    "POST /api/v1/scan/resume/{scanJobId}": _SCAN,
    "POST /api/v1/scan/job/{scanJobId}/pause": _SCAN,
    "POST /api/v1/scan/job/{scanJobId}/cancel": _SCAN,
    "POST /api/v1/scan/job/{scanJobId}/retry": _SCAN,
    "POST /api/v1/scan/cleanup": _SCAN,
    "GET /api/v1/scan/jobs": _READ,
    "GET /api/v1/scan/job/{scanJobId}": _READ,
    "GET /api/v1/scan/job/{scanJobId}/failures": _READ,
    "GET /api/v1/library": _READ,
    "POST /api/v1/library": _MANAGE,
    "PUT /api/v1/library": _MANAGE,
    "DELETE /api/v1/library": _ADMIN,
    "GET /api/v1/library/stats": _READ,
    "GET /api/v1/library/{libraryId}": _READ,
    "PUT /api/v1/library/{libraryId}": _MANAGE,
    "DELETE /api/v1/library/{libraryId}": _ADMIN,
    "GET /api/v1/library/{libraryId}/stats": _READ,
    "GET /api/v1/library/{libraryId}/missing": _READ,
    "DELETE /api/v1/library/{libraryId}/missing": _ADMIN,
    "DELETE /api/v1/library/{libraryId}/missing/{fileId}": _ADMIN,
    "GET /api/v1/settings": _ADMIN,
    "PUT /api/v1/settings": _ADMIN,
    "POST /api/v1/settings/first-run-complete": _ADMIN,
    "POST /api/v1/settings/reset": _ADMIN,
    "POST /api/v1/settings/reset-scan": _ADMIN,
    "GET /api/v1/settings/providers": _ADMIN,
    "POST /api/v1/settings/providers": _ADMIN,
    "GET /api/v1/settings/providers/{name}": _ADMIN,
    "PUT /api/v1/settings/providers/{name}": _ADMIN,
    "DELETE /api/v1/settings/providers/{name}": _ADMIN,
    "GET /api/v1/queues": _ADMIN,
    "PUT /api/v1/queues/{queue}": _ADMIN,
    "GET /api/v1/logs": _ADMIN,
    "DELETE /api/v1/logs": _ADMIN,
}

#: Users and keys are guarded also while all else is open: nobody becomes an admin because guards were off for a while.
AUTH = "/api/v1/auth/"


@cache
def named(method: str, rule: str) -> str:
    """Return the name of a route, as ``NEEDS`` has it, by its method and Flask's rule."""
    path = camel(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule))
    return f"{'GET' if method == 'HEAD' else method} {path}"


def is_always_guarded(route: str) -> bool:
    """Whether a route is guarded whether route guards are on or not."""
    return AUTH in route


def may_be_signed(route: str) -> bool:
    """Whether a URL of this route is good by its own signature: players and pictures' loaders send no headers."""
    return NEEDS.get(route) is Scope.STREAM
