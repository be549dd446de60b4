"""Who asks, by what the request carries: an access token, an API key, or a ticket for the socket."""

from flask import g, request
from redis import Redis

from api.context import context
from shared.accounts import access_tokens, api_keys, identities
from shared.accounts.identities import Identity
from shared.accounts.random_tokens import a_secret, hash_of
from shared.errors import ForbiddenError, UnauthenticatedError

KEY_HEADER = "X-API-Key"
#: How long a ticket is good, in seconds; it is good once.
TICKET_LIVES = 30
_TICKET = "dester:ticket:"

_NOBODY = (
    "Sign in: send an access token as `Authorization: Bearer …`, or an API key as `X-API-Key`. POST /api/v1/auth/login "
    "gives one."
)
_ENDED = "The sign-in has ended; sign in again by POST /api/v1/auth/login."
_NO_KEY = "This API key is none, or no longer; an admin makes one by POST /api/v1/auth/keys."
_NO_TICKET = "This ticket is used, too old, or none; POST /api/v1/auth/ws-ticket gives another one."


def identity() -> Identity:
    """Return who asks, where the guard has let him pass."""
    asking: Identity = g.identity
    return asking


def signed_in() -> tuple[Identity, str]:
    """Return the user who asks, and the sign-in.

    Raises:
        ForbiddenError: it is a program with an API key.

    """
    asking = identity()
    if asking.sign_in_id is None:
        raise ForbiddenError("An API key can't do this; sign in with username and password.")
    return asking, asking.sign_in_id


def identified(*, by_query: bool) -> Identity:
    """Find out who asks; ``by_query`` where a browser can't send headers, as for a WebSocket.

    Raises:
        UnauthenticatedError: what the request carries is not good, or it carries nothing.

    """
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = request.headers.get(KEY_HEADER) or (bearer.strip() if scheme.lower() == "bearer" else "")
    if by_query and not token:
        if ticket := request.args.get("ticket"):
            return _by_ticket(context().redis, ticket)
        token = request.args.get("token", "")
    if not token:
        raise UnauthenticatedError(_NOBODY)
    return _by_key(token) if token.startswith(api_keys.BEGINS) else _by_access_token(token)


def a_ticket(redis: Redis, asking: Identity) -> str:
    """Make a ticket by which whoever asks may open one socket within a moment.

    Raises:
        RedisError: Redis can't be reached.

    """
    ticket = a_secret()
    named = f"key {asking.key_id}" if asking.key_id else f"sign-in {asking.sign_in_id}"
    redis.set(_TICKET + hash_of(ticket), named, ex=TICKET_LIVES)
    return ticket


def _by_access_token(token: str) -> Identity:
    guards = context().guards
    is_known = access_tokens.key_of(token) in guards.keys.secrets
    sign_in_id = access_tokens.sign_in_of(guards.keys if is_known else guards.keys_of_now(), token)
    with context().database.read() as session:
        found = identities.of_sign_ins(session, [sign_in_id])
    return _only(found, _ENDED)


def _by_key(text: str) -> Identity:
    with context().database.read() as session:
        found = identities.of_key(session, text)
    if found is None:
        raise UnauthenticatedError(_NO_KEY)
    asking, key = found
    if api_keys.is_to_be_noted(key):
        with context().database.begin() as session:
            api_keys.note_use(session, key.id)
    return asking


def _by_ticket(redis: Redis, ticket: str) -> Identity:
    named = redis.getdel(_TICKET + hash_of(ticket))
    kind, _, id_ = bytes(named).decode().partition(" ") if isinstance(named, bytes) else ("", "", "")
    of = identities.of_keys if kind == "key" else identities.of_sign_ins
    with context().database.read() as session:
        return _only(of(session, [id_]), _NO_TICKET)


def _only(found: set[Identity], why_not: str) -> Identity:
    if not found:
        raise UnauthenticatedError(why_not)
    (asking,) = found
    return asking
