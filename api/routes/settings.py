"""Settings."""

from typing import Any

from sqlalchemy.orm import Session

from api.blueprints import Blueprint, say
from api.context import context, database
from api.inputs.configuration import SettingsChangeSchema
from api.present import configuration as present
from api.schemas.configuration import SettingsSchema
from shared import providers, settings
from shared.accounts import users
from shared.catalogue import refetch
from shared.errors import ConflictError, InvalidError

blueprint = Blueprint("settings", __name__, url_prefix="/api/v1/settings", description="Settings.")


@blueprint.get("")
@blueprint.response(200, SettingsSchema)
def read_settings() -> dict[str, Any]:
    """Show the settings in force."""
    with database().read() as session:
        return _shown(session)


@blueprint.put("")
@blueprint.arguments(SettingsChangeSchema)
@blueprint.response(200, SettingsSchema)
@blueprint.alt_response(409, "CONFLICT")
def change_settings(wanted: dict[str, Any]) -> dict[str, Any]:
    """Change settings.

    Route guards can be switched on when there is an admin; all processes follow within a second or two.
    A TMDB key enables the provider, and what waited for it is fetched; an empty one disables it. Another language or
    country has every title fetched again; so does another word on pictures that lie beside the files, for those that it
    concerns.
    """
    port = wanted.pop("port", None)
    if port not in (None, context().config.port):
        raise InvalidError("port", "The port is set by the environment variable PORT; change it there and restart.")
    key = wanted.pop("tmdb_api_key", None)
    with database().begin() as session:
        if wanted.get(settings.GUARDS):
            _check_somebody_could_pass(session)
        waiting = refetch.after_change(session, settings.write(session, wanted))
        waiting += 0 if key is None else providers.set_tmdb_key(session, key)
        shown = _shown(session)
    context().guards.forget()
    providers.nudge(waiting)
    say("Settings saved.")
    return shown


@blueprint.post("/first-run-complete")
@blueprint.response(200, SettingsSchema)
def complete_first_run() -> dict[str, Any]:
    """Note that the first run is over: the server is set up."""
    with database().begin() as session:
        settings.write(session, {"first_run": False})
        shown = _shown(session)
    say("The first run is complete.")
    return shown


@blueprint.post("/reset")
@blueprint.response(200, SettingsSchema)
def reset_settings() -> dict[str, Any]:
    """Put all settings and providers back to how a new installation has them; the TMDB key is forgotten, media stay."""
    with database().begin() as session:
        waiting = refetch.after_change(session, settings.reset(session))
        waiting += providers.reset(session)
        shown = _shown(session)
    providers.nudge(waiting)
    say("All settings are back to their defaults.")
    return shown


@blueprint.post("/reset-scan")
@blueprint.response(200, SettingsSchema)
def reset_scan_settings() -> dict[str, Any]:
    """Put the settings of scans back to their defaults."""
    with database().begin() as session:
        settings.reset(session, "scan_settings")
        shown = _shown(session)
    say("The settings of scans are back to their defaults.")
    return shown


def _check_somebody_could_pass(session: Session) -> None:
    if not users.has_admin(session):
        raise ConflictError(
            "With route guards on, nobody could sign in: there is no admin. Make one by POST /api/v1/auth/setup first."
        )


def _shown(session: Session) -> dict[str, Any]:
    return present.settings(settings.read(session), port=context().config.port, tmdb_key=settings.tmdb_key(session))
