"""`dester jobs`: the scans that there are and were."""

import click

from api.client import Json
from api.commands import output
from api.commands.following import ENDED
from api.commands.job_report import report
from api.commands.scan import follow_to_the_end
from api.commands.target import Target
from shared.scan_states import JobStatus

_COLUMNS = ("Id", "Status", "Library", "Done", "Folders", "Titles", "Failures", "Began", "Ended")


@click.group(invoke_without_command=True)
@click.option(
    "--status",
    type=click.Choice([status.value for status in JobStatus], case_sensitive=False),
    help="Only those that are at this.",
)
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="At most so many.")
@output.json_option
@click.pass_context
def jobs(context: click.Context, status: str | None, limit: int, *, as_json: bool) -> None:
    """List scan jobs, the newest first."""
    if context.invoked_subcommand is not None:
        return
    target: Target = context.obj
    listed = target.client().get("/api/v1/scan/jobs", status=status, limit=limit)
    if as_json:
        output.data(listed)
        return
    output.table(_COLUMNS, (_cells(job) for job in listed["jobs"]))
    total = listed["pagination"]["total"]
    output.line(f"{len(listed['jobs'])} of {total} scan job{'' if total == 1 else 's'}.")


@jobs.command()
@click.argument("scan_job_id", metavar="ID")
@click.option("--follow", "follows", is_flag=True, help="Show the progress until the scan has ended.")
@output.json_option
@click.pass_obj
def show(target: Target, scan_job_id: str, *, follows: bool, as_json: bool) -> None:
    """Show a scan job, with what it could not do."""
    client = target.client()
    job = client.scan_job(scan_job_id)
    if follows and job["status"] not in ENDED:
        follow_to_the_end(client, scan_job_id, job["library"]["name"], as_json=as_json)
    elif as_json:
        output.data(job)
    else:
        output.line("\n".join(report(job)))


@jobs.command()
@click.argument("scan_job_id", metavar="ID")
@click.pass_obj
def resume(target: Target, scan_job_id: str) -> None:
    """Go on with a scan that is paused, was cancelled or failed."""
    resumed = target.client().post(f"/api/v1/scan/resume/{scan_job_id}")
    output.line(f"Scan job {resumed['scanJobId']} is {resumed['status']}.")


@jobs.command()
@click.argument("scan_job_id", metavar="ID")
@click.pass_obj
def pause(target: Target, scan_job_id: str) -> None:
    """Stop a scan for now; it goes on where it was when it is resumed."""
    paused = target.client().post(f"/api/v1/scan/job/{scan_job_id}/pause")
    output.line(f"Scan job {paused['scanJobId']} is {paused['status']}.")


@jobs.command()
@click.argument("scan_job_id", metavar="ID")
@click.pass_obj
def cancel(target: Target, scan_job_id: str) -> None:
    """End a scan; what it recorded stays."""
    cancelled = target.client().post(f"/api/v1/scan/job/{scan_job_id}/cancel")
    output.line(f"Scan job {cancelled['scanJobId']} is {cancelled['status']}.")


@jobs.command()
@click.argument("scan_job_id", metavar="ID")
@click.option("--path", help="Only what failed at this path or below it, as `jobs show` prints it.")
@click.option("--cause", help="Only what failed for this cause.")
@click.pass_obj
def retry(target: Target, scan_job_id: str, path: str | None, cause: str | None) -> None:
    """Try again what a scan could not do, and nothing else."""
    wanted = {name: value for name, value in {"path": path, "cause": cause}.items() if value is not None}
    retried = target.client().post(f"/api/v1/scan/job/{scan_job_id}/retry", wanted)
    output.line(
        f"Scan job {retried['scanJobId']} is {retried['status']}; failures tried again: {retried['retriedFailures']}."
    )


@jobs.command()
@click.option("--days", type=click.IntRange(0, 3650), help="Also remove ended jobs that are older than so many days.")
@click.pass_obj
def cleanup(target: Target, days: int | None) -> None:
    """Mark scans that stopped moving as failed; they can be resumed."""
    cleaned = target.client().post("/api/v1/scan/cleanup", {} if days is None else {"days": days})
    output.line(cleaned["message"])


def _cells(job: Json) -> tuple[str, ...]:
    progress, times = job["progress"], job["timestamps"]
    return (
        job["id"],
        job["status"],
        job["library"]["name"],
        f"{progress['percentComplete']} %",
        f"{progress['processedFolders']}/{progress['totalFolders']}",
        f"{progress['settledTitles']}/{progress['totalTitles']}",
        str(job["failureCount"]),
        times["startedAt"] or "-",
        times["completedAt"] or "-",
    )
