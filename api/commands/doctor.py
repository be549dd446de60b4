"""`dester doctor`: look at everything that an installation stands on, and say what to do."""

import sys
from collections.abc import Iterator

import click

from api.client import ApiError, Client
from api.commands import output
from api.commands.checks import folders
from api.commands.checks.finding import Finding, Mark, broken, well, worth_knowing
from api.commands.checks.queues import queues
from api.commands.checks.storage import Known, storage
from api.commands.checks.tmdb import tmdb
from api.commands.checks.watching import watching
from api.commands.target import Target, settings
from api.version import API_VERSION
from shared.config import Config, ConfigError

_SIGNS = {Mark.OK: ("✓", "green"), Mark.WARNING: ("!", "yellow"), Mark.ERROR: ("✗", "red")}


@click.command()
@output.json_option
@click.pass_obj
def doctor(target: Target, *, as_json: bool) -> None:
    """Check settings, folders, database, Redis, workers, the API and TMDB, and say what to do.

    The exit code is 1 if anything does not work.
    """
    findings = []
    for finding in _findings(target):
        findings.append(finding)
        if not as_json:
            _show(finding)
    is_well = all(finding.mark is not Mark.ERROR for finding in findings)
    if as_json:
        output.data({"ok": is_well, "checks": [_as_data(finding) for finding in findings]})
    sys.exit(0 if is_well else 1)


def _findings(target: Target) -> Iterator[Finding]:
    try:
        in_force = settings()
    except ConfigError as error:
        yield broken("settings", str(error), "Correct it in .env or the environment.")
        return
    yield well("settings", "The settings are valid.")
    yield from _installation(in_force)
    yield _api(target.client())


def _installation(in_force: Config) -> Iterator[Finding]:
    known = Known()
    yield folders.data_dir(in_force.data_dir)
    yield from storage(in_force.database_url, known)
    yield from queues(in_force)
    yield from folders.media_roots(in_force.media_roots)
    yield from folders.libraries(known.libraries)
    yield from watching(known.watched)
    yield from tmdb(in_force.tmdb_base_url, known.tmdb_key)


def _api(client: Client) -> Finding:
    try:
        version = client.health().get("version")
    except ApiError as error:
        return broken("api", str(error), "Start the server by `make up`; its log is DATA_DIR/logs/dester.log.")
    if version != API_VERSION:
        return worth_knowing(
            "api", f"The API at {client.url} is version {version}, this program {API_VERSION}.", "Restart the server."
        )
    return well("api", f"The API answers at {client.url}.")


def _show(finding: Finding) -> None:
    sign, colour = _SIGNS[finding.mark]
    click.secho(output.printable(sign), fg=colour, nl=False)
    output.line(f" {finding.message}")
    if finding.remedy:
        output.line(f"    {finding.remedy}")


def _as_data(finding: Finding) -> dict[str, str | None]:
    return {
        "check": finding.check,
        "mark": finding.mark.value,
        "message": finding.message,
        "remedy": finding.remedy or None,
    }
