"""`dester users`: users of this machine's installation, by its database; the way in when nobody can sign in."""

import sys
from typing import Any

import click
from marshmallow import ValidationError

from api.commands import CommandError, output
from api.commands.database import own_database
from api.commands.target import Target
from api.inputs.accounts import NewUserSchema
from shared.accounts import passwords
from shared.accounts import users as accounts
from shared.database import Database
from shared.kinds import UserRole


@click.group()
def users() -> None:
    """Show and make users, and set their passwords, on the server's own machine."""


@users.command("list")
@click.pass_obj
def show(target: Target) -> None:
    """List all users."""
    with own_database(target) as database, database.read() as session:
        found = accounts.listed(session)
    output.table(
        ("Username", "Role", "Active"),
        ((user.username, user.role, "yes" if user.is_active else "no") for user in found),
    )


@users.command()
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice([role.value for role in UserRole]),
    default=UserRole.VIEWER.value,
    show_default=True,
    help="What the user may do.",
)
@click.pass_obj
def add(target: Target, username: str, role: str) -> None:
    """Make the user USERNAME; the password is asked for, or read from standard input."""
    wanted = _checked(username, _asked_for(), role)
    with own_database(target) as database:
        kept = passwords.hashed(wanted["password"])
        with database.begin() as session:
            accounts.create(session, wanted["username"], kept, wanted["role"])
    output.line(f"{wanted['username']} can sign in, as {role}.")


@users.command("set-password")
@click.argument("username")
@click.pass_obj
def set_password(target: Target, username: str) -> None:
    """Give USERNAME another password, which is asked for, or read from standard input; it signs them out everywhere."""
    with own_database(target) as database:
        user_id = _id_of(database, username)
        kept = passwords.hashed(_checked(username, _asked_for())["password"])
        with database.begin() as session:
            accounts.change(session, user_id, {"password_hash": kept, "is_active": True})
    output.line(f"{username} can sign in by the new password.")


def _id_of(database: Database, username: str) -> str:
    with database.read() as session:
        user = accounts.named(session, username)
        known = ", ".join(other.username for other in accounts.listed(session)) or "none yet"
    if user is None:
        raise CommandError(f"There is no user {username}; there are: {known}.")
    return user.id


def _checked(username: str, password: str, role: str = UserRole.VIEWER) -> dict[str, Any]:
    try:
        wanted: dict[str, Any] = NewUserSchema().load({"username": username, "password": password, "role": role})
    except ValidationError as error:
        told: Any = error.messages
        raise CommandError(" ".join(f"{name}: {' '.join(said)}" for name, said in told.items())) from None
    return wanted


def _asked_for() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
