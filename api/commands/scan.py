"""`dester scan`: have a folder scanned, and follow it if wanted."""

import sys
from pathlib import Path

import click

from api.client import Client
from api.commands import output
from api.commands.following import follow
from api.commands.job_report import report
from api.commands.progress_bar import bar
from api.commands.target import Target

#: What shells say of a program that Ctrl-C ended.
_INTERRUPTED = 130


@click.command()
@click.argument("path")
@click.option("--type", "media_type", type=click.Choice(["movie", "tv"]), required=True, help="What the folder holds.")
@click.option("--name", help="What the library is to be called; without it, as the folder is.")
@click.option("--rescan", is_flag=True, help="Also read what did not change.")
@click.option("--follow", "follows", is_flag=True, help="Show the progress until the scan has ended.")
@output.json_option
@click.pass_obj
def scan(
    target: Target, path: str, media_type: str, name: str | None, *, rescan: bool, follows: bool, as_json: bool
) -> None:
    """Scan the folder PATH.

    With --follow the exit code is 0 when the scan is complete and 1 when it failed. Ctrl-C stops following only.
    """
    client = target.client()
    accepted = client.scan(absolute(path) if target.is_here else path, media_type, name=name, rescan=rescan)
    scan_job_id = accepted["scanJobId"]
    if not as_json:
        output.line(f"Scan job {scan_job_id}: {accepted['path']} into the library {accepted['libraryName']}.")
    if follows:
        follow_to_the_end(client, scan_job_id, accepted["libraryName"], as_json=as_json)
    elif as_json:
        output.data(accepted)
    else:
        output.line(f"Follow it with: dester jobs show {scan_job_id} --follow")


def follow_to_the_end(client: Client, scan_job_id: str, name: str, *, as_json: bool) -> None:
    """Show the progress of a scan job and what came of it, and exit as it ended."""
    try:
        with bar(name) as told:
            job = follow(client, scan_job_id, told)
    except KeyboardInterrupt:
        click.echo(
            f"The scan goes on. Come back to it with: dester jobs show {scan_job_id} --follow",
            err=True,
        )
        sys.exit(_INTERRUPTED)
    if as_json:
        output.data(job)
    else:
        output.line("\n".join(report(job)))
    sys.exit(0 if job["status"] == "COMPLETED" else 1)


def absolute(path: str) -> str:
    """Return the path that the server is to be told; a link stays one, as the server may see another side of it."""
    folder = Path(path).expanduser()
    return str(folder.resolve() if ".." in folder.parts else folder.absolute())
