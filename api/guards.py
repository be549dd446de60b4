"""The guard of every route: who asks, and whether that is enough. Off by default; then nothing of it is seen."""

import time
from collections.abc import Callable

from flask import Flask, Response, g, request

from api import access, url_signatures
from api.access import Access
from api.context import context
from api.credentials import KEY_HEADER, identified
from shared.accounts.signing_keys import Keys
from shared.errors import ForbiddenError, UnauthenticatedError
from shared.kinds import Scope

_SOCKET = "GET /ws"
_PURPOSE = "url"

_MAY_DO: dict[Scope, str] = {
    Scope.READ: "a viewer, or a key with the scope read",
    Scope.STREAM: "a viewer, or a key with the scope stream",
    Scope.SCAN: "a member, or a key with the scope scan",
    Scope.MANAGE: "a member, or a key with the scope manage",
    Scope.METRICS: "an admin, or a key with the scope metrics",
    Scope.ADMIN: "an admin, or a key with the scope admin",
}


def register(app: Flask) -> None:
    """Put the guard before every route of an app."""
    app.before_request(_check)
    app.after_request(_keep_private)


def _check() -> None:
    """Refuse who may not: 401 where it isn't known who asks, 403 where it is."""
    rule = request.url_rule
    # What leads nowhere is answered as such. A page's question whether it may ask carries nothing to know it by.
    if rule is None or request.routing_exception is not None or request.method == "OPTIONS":
        return
    route = access.named(request.method, rule.rule)
    need = access.NEEDS.get(route)
    if need is Access.PUBLIC:
        return
    g.is_guarded = context().guards.are_on
    if not (g.is_guarded or access.is_always_guarded(route)):
        return
    if access.may_be_signed(route) and "sig" in request.args and _is_signed():
        return
    try:
        g.identity = identified(by_query=route == _SOCKET)
    except UnauthenticatedError:
        if "sig" in request.args and "Authorization" not in request.headers:
            raise UnauthenticatedError("The URL's time is over, or it is of another file; ask for a new one.") from None
        raise
    if need is None:
        raise ForbiddenError("Nobody has said who may do this; so nobody may.")
    if isinstance(need, Scope) and need not in g.identity.scopes:
        raise ForbiddenError(f"This needs {_MAY_DO[need]}.")


def signed(path: str) -> str:
    """Return a URL of this server as the one who asks reaches it; while guards are on, one that is good by itself."""
    if "signed" not in g:
        g.signed = _signing()
    whole: str = g.signed(path)
    return whole


def _signing() -> Callable[[str], str]:
    """Return what makes URLs of paths for all of this request."""
    host_url = f"{request.scheme}://{request.host}"
    if not g.get("is_guarded"):
        return host_url.__add__
    keys = context().guards.keys
    key, expiry = keys.for_purpose(_PURPOSE)[keys.newest], url_signatures.expiry(time.time())
    return lambda path: f"{host_url}{path}?{url_signatures.query(key, path, expiry)}"


def _is_signed() -> bool:
    guards = context().guards
    given = request.path.rstrip("/"), request.args.get("exp", ""), request.args["sig"]

    def is_good_by(keys: Keys) -> bool:
        return url_signatures.is_good(keys.for_purpose(_PURPOSE).values(), *given, time.time())

    return is_good_by(guards.keys) or is_good_by(guards.keys_of_now())


def _keep_private(response: Response) -> Response:
    """Keep caches that serve several people from what is for one."""
    if request.path.startswith(access.AUTH):
        response.cache_control.no_store = True
    elif g.get("is_guarded"):
        response.cache_control.public = False
        response.cache_control.private = True
        if response.is_json:
            response.cache_control.no_cache = True
        response.vary.update(("Authorization", KEY_HEADER))
    return response
