"""Signing in and out, and what belongs to whoever is signed in."""

import logging
from typing import Any

from flask import Response, jsonify, request

from api.blueprints import Blueprint, say
from api.context import context, database
from api.credentials import TICKET_LIVES, a_ticket, identity, signed_in
from api.inputs.accounts import LoginSchema, PasswordChangeSchema, RefreshSchema, RotationSchema, SetupSchema
from api.present import accounts as present
from api.schemas.accounts import DoneSchema, MeSchema, SignedInSchema, TicketSchema
from shared.accounts import access_tokens, passwords, sign_ins, signing_keys, users
from shared.accounts.sign_ins import Renewed
from shared.errors import InvalidError, UnauthenticatedError

log = logging.getLogger(__name__)

blueprint = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="Signing in.")


@blueprint.post("/setup")
@blueprint.arguments(SetupSchema)
@blueprint.response(201, SignedInSchema)
@blueprint.alt_response(409, "CONFLICT")
def set_up(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make the first admin, while there is none, and sign in."""
    with database().read() as session:
        users.check_there_is_no_admin(session)
    kept = passwords.hashed(wanted["password"])
    with database().begin() as session:
        begun = sign_ins.begin(session, users.set_up(session, wanted["username"], kept))
    say("You are the admin. Route guards can be switched on: PUT /api/v1/settings with enableRouteGuards.")
    return _tokens(begun)


@blueprint.post("/login")
@blueprint.arguments(LoginSchema)
@blueprint.response(200, SignedInSchema)
@blueprint.alt_response(401, "UNAUTHORIZED")
def log_in(wanted: dict[str, Any]) -> dict[str, Any]:
    """Sign in by username and password; the answer does not tell which of them is wrong."""
    limits, username = context().login_limits, wanted["username"].strip()
    limits.count(username, request.remote_addr)
    try:
        begun = sign_ins.by_password(database(), username, wanted["password"])
    except UnauthenticatedError:
        log.warning("Somebody at %s could not sign in as %r.", request.remote_addr, username[:64])
        raise
    log.info("%r signed in at %s.", username, request.remote_addr)
    limits.forgive(username, request.remote_addr)
    return _tokens(begun)


@blueprint.post("/refresh")
@blueprint.arguments(RefreshSchema)
@blueprint.response(200, SignedInSchema)
@blueprint.alt_response(401, "UNAUTHORIZED")
@blueprint.alt_response(409, "CONFLICT")
def refresh(wanted: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token for the next access and refresh token; one that was exchanged ends its sign-in."""
    return _tokens(sign_ins.renew(database(), wanted["refresh_token"]))


@blueprint.post("/logout")
@blueprint.response(200, DoneSchema.__name__)
def log_out() -> Response:
    """End the sign-in of whoever asks, with all its tokens and sockets."""
    _, sign_in_id = signed_in()
    with database().begin() as session:
        sign_ins.end(session, sign_in_id)
    return jsonify(success=True, message="You are signed out.")


@blueprint.get("/me")
@blueprint.response(200, MeSchema)
def show_me() -> dict[str, Any]:
    """Show who asks, and what that allows."""
    asking = identity()
    with database().read() as session:
        return present.me(users.get(session, asking.user_id), asking)


@blueprint.put("/me/password")
@blueprint.arguments(PasswordChangeSchema)
@blueprint.response(200, DoneSchema.__name__)
def change_password(wanted: dict[str, Any]) -> Response:
    """Change the password of whoever asks; all other sign-ins of the same user end."""
    asking, sign_in_id = signed_in()
    limits = context().login_limits
    limits.count(asking.username, request.remote_addr)
    with database().read() as session:
        kept = users.get(session, asking.user_id).password_hash
    if not passwords.fits(wanted["current_password"], kept):
        raise InvalidError("currentPassword", "This is not the password.")
    limits.forgive(asking.username, request.remote_addr)
    following = passwords.hashed(wanted["new_password"])
    with database().begin() as session:
        users.change_own_password(session, asking.user_id, following, sign_in_id)
    return jsonify(success=True, message="The password is changed, and you are signed out everywhere else.")


@blueprint.post("/ws-ticket")
@blueprint.response(200, TicketSchema)
def make_ticket() -> dict[str, Any]:
    """Make a ticket that opens one WebSocket within half a minute, for browsers, which send no headers with it."""
    return {"ticket": a_ticket(context().redis, identity()), "expiresIn": TICKET_LIVES}


@blueprint.post("/rotate-secret")
@blueprint.arguments(RotationSchema, required=False)
@blueprint.response(200, DoneSchema.__name__)
def rotate_secret(wanted: dict[str, Any] | None) -> Response:
    """Have a new secret sign access tokens and URLs; what the old one signed is good until its time is over."""
    leaked = bool(wanted and wanted["leaked"])
    with database().begin() as session:
        signing_keys.rotate(session, leaked=leaked)
    context().guards.forget()
    now = "What the old one signed is good for nothing." if leaked else "What the old one signed ends in its time."
    return jsonify(success=True, message=f"A new secret signs from now on. {now}")


def _tokens(begun: Renewed) -> dict[str, Any]:
    access_token = access_tokens.issued(context().guards.keys, begun.user.id, begun.sign_in_id)
    return present.signed_in(begun.user, access_token, begun.refresh_token)
