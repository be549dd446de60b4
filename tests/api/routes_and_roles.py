"""Every route of the API: who may use it, a request that is understood, and what it is answered who may."""

from typing import Any, NamedTuple
from uuid import UUID

from shared.kinds import Scope

NOWHERE = UUID(int=1, version=4)
#: Whoever asks; who is known; who signed in as a person; else the scope that is needed.
PUBLIC, KNOWN, PERSON = "public", "known", "person"
READ, STREAM, SCAN, MANAGE = Scope.READ, Scope.STREAM, Scope.SCAN, Scope.MANAGE
METRICS, ADMIN = Scope.METRICS, Scope.ADMIN


class Route(NamedTuple):
    """A route as the document names it; ``body`` and ``query`` make a request that is understood."""

    method: str
    path: str
    needs: str
    answer: int
    body: dict[str, Any] | None = None
    query: str = ""

    @property
    def url(self) -> str:
        """Return a path to ask for; nothing is known by its ids."""
        path = self.path.replace("{imageId}", "0" * 32).replace("{position}", "0").replace("{queue}", "nowhere")
        for name in ("movieId", "tvShowId", "playableId", "fileId", "scanJobId", "libraryId", "userId", "keyId"):
            path = path.replace(f"{{{name}}}", str(NOWHERE))
        return path.replace("{name}", "nobody") + self.query


_ID = {"id": str(NOWHERE)}
_USER = {"username": "somebody", "password": "a long enough password"}

ROUTES = (
    Route("GET", "/health", PUBLIC, 200),
    # No worker runs.
    Route("GET", "/ready", PUBLIC, 503),
    Route("GET", "/metrics", METRICS, 200),
    Route("POST", "/api/v1/auth/setup", PUBLIC, 409, _USER),
    Route("POST", "/api/v1/auth/login", PUBLIC, 400, {}),
    Route("POST", "/api/v1/auth/refresh", PUBLIC, 400, {}),
    Route("GET", "/api/v1/auth/me", KNOWN, 200),
    Route("PUT", "/api/v1/auth/me/password", PERSON, 400, {"currentPassword": "wrong", "newPassword": "long enough"}),
    Route("POST", "/api/v1/auth/ws-ticket", READ, 200),
    Route("POST", "/api/v1/auth/rotate-secret", ADMIN, 200),
    Route("GET", "/api/v1/auth/users", ADMIN, 200),
    Route("POST", "/api/v1/auth/users", ADMIN, 201, _USER),
    Route("GET", "/api/v1/auth/users/{userId}", ADMIN, 404),
    Route("PATCH", "/api/v1/auth/users/{userId}", ADMIN, 404, {"role": "admin"}),
    Route("DELETE", "/api/v1/auth/users/{userId}", ADMIN, 404),
    Route("GET", "/api/v1/auth/keys", ADMIN, 200),
    Route("POST", "/api/v1/auth/keys", ADMIN, 201, {"name": "a key", "scopes": ["admin"]}),
    Route("DELETE", "/api/v1/auth/keys/{keyId}", ADMIN, 404),
    # A client that may, but says what can't be understood: it isn't one of the socket's own tests.
    Route("GET", "/ws", READ, 400, query="?since=yesterday"),
    Route("GET", "/api/v1/movies", READ, 200),
    Route("GET", "/api/v1/movies/{movieId}", READ, 404),
    Route("PATCH", "/api/v1/movies/{movieId}", MANAGE, 404, {"title": "Heat"}),
    Route("POST", "/api/v1/movies/{movieId}/match", MANAGE, 404, {"source": "TMDB", "externalId": "949"}),
    Route("DELETE", "/api/v1/movies/{movieId}/match", MANAGE, 404),
    Route("POST", "/api/v1/movies/{movieId}/refresh", MANAGE, 404),
    Route("GET", "/api/v1/tvshows", READ, 200),
    Route("GET", "/api/v1/tvshows/{tvShowId}", READ, 404),
    Route("PATCH", "/api/v1/tvshows/{tvShowId}", MANAGE, 404, {"title": "The Wire"}),
    Route("POST", "/api/v1/tvshows/{tvShowId}/match", MANAGE, 404, {"source": "TMDB", "externalId": "1438"}),
    Route("DELETE", "/api/v1/tvshows/{tvShowId}/match", MANAGE, 404),
    Route("POST", "/api/v1/tvshows/{tvShowId}/refresh", MANAGE, 404),
    Route("GET", "/api/v1/search", READ, 200, query="?query=heat"),
    Route("GET", "/api/v1/review", READ, 200),
    Route("GET", "/api/v1/guess", MANAGE, 400),
    Route("GET", "/api/v1/stream/{playableId}", STREAM, 404),
    Route("GET", "/api/v1/stream/{fileId}/subtitles/{position}", STREAM, 404),
    Route("GET", "/api/v1/image/{imageId}", STREAM, 404),
    Route("POST", "/api/v1/scan/path", SCAN, 400, {"path": "/nowhere"}),
    Route("POST", "/api/v1/scan/resume/{scanJobId}", SCAN, 404),
    Route("POST", "/api/v1/scan/job/{scanJobId}/pause", SCAN, 404),
    Route("POST", "/api/v1/scan/job/{scanJobId}/cancel", SCAN, 404),
    Route("POST", "/api/v1/scan/job/{scanJobId}/retry", SCAN, 404),
    Route("POST", "/api/v1/scan/cleanup", SCAN, 200),
    Route("GET", "/api/v1/scan/jobs", READ, 200),
    Route("GET", "/api/v1/scan/job/{scanJobId}", READ, 404),
    Route("GET", "/api/v1/scan/job/{scanJobId}/failures", READ, 404),
    Route("GET", "/api/v1/library", READ, 200),
    Route("POST", "/api/v1/library", MANAGE, 400, {"name": "A", "libraryPath": "/nowhere", "libraryType": "MOVIE"}),
    Route("PUT", "/api/v1/library", MANAGE, 404, _ID),
    Route("DELETE", "/api/v1/library", ADMIN, 404, _ID),
    Route("GET", "/api/v1/library/stats", READ, 200),
    Route("GET", "/api/v1/library/{libraryId}", READ, 404),
    Route("PUT", "/api/v1/library/{libraryId}", MANAGE, 404, {"name": "Films"}),
    Route("DELETE", "/api/v1/library/{libraryId}", ADMIN, 404),
    Route("GET", "/api/v1/library/{libraryId}/stats", READ, 404),
    Route("GET", "/api/v1/library/{libraryId}/missing", READ, 404),
    Route("DELETE", "/api/v1/library/{libraryId}/missing", ADMIN, 404),
    Route("DELETE", "/api/v1/library/{libraryId}/missing/{fileId}", ADMIN, 404),
    Route("GET", "/api/v1/settings", ADMIN, 200),
    Route("PUT", "/api/v1/settings", ADMIN, 200, {"firstRun": False}),
    Route("POST", "/api/v1/settings/first-run-complete", ADMIN, 200),
    Route("POST", "/api/v1/settings/reset", ADMIN, 200),
    Route("POST", "/api/v1/settings/reset-scan", ADMIN, 200),
    Route("GET", "/api/v1/settings/providers", ADMIN, 200),
    Route("POST", "/api/v1/settings/providers", ADMIN, 200, {"name": "tmdb"}),
    Route("GET", "/api/v1/settings/providers/{name}", ADMIN, 404),
    Route("PUT", "/api/v1/settings/providers/{name}", ADMIN, 404, {"enabled": True}),
    Route("DELETE", "/api/v1/settings/providers/{name}", ADMIN, 404),
    Route("GET", "/api/v1/queues", ADMIN, 200),
    Route("PUT", "/api/v1/queues/{queue}", ADMIN, 404, {"paused": True}),
    Route("GET", "/api/v1/logs", ADMIN, 200),
    Route("DELETE", "/api/v1/logs", ADMIN, 200),
    # The last: from here on nobody is known any more.
    Route("POST", "/api/v1/auth/logout", PERSON, 200),
)
