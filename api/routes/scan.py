"""Scanning folders."""

from typing import Any

from api.blueprints import Blueprint, checked_id, say
from api.context import context, database
from api.inputs.scanning import (
    CleanupBodySchema,
    CleanupQuerySchema,
    FailuresQuerySchema,
    JobsQuerySchema,
    RetryBodySchema,
    ScanRequestSchema,
)
from api.present import scanning as present
from api.schemas.scanning import (
    FailuresSchema,
    ScanAcceptedSchema,
    ScanCleanedSchema,
    ScanControlledSchema,
    ScanJobSchema,
    ScanJobsSchema,
    ScanResumedSchema,
    ScanRetriedSchema,
)
from shared import events, scan_browse, scan_control, scan_endings, scan_jobs, scan_order, scan_retry, settings, tasks
from shared.catalogue import libraries
from shared.paths import checked_folder
from shared.scan_browse import FAILURES_TOLD, FailuresPage, JobsPage
from shared.scan_progress import never_back, standings
from shared.scan_states import JobStatus
from shared.scan_waiting import Surroundings

blueprint = Blueprint("scan", __name__, url_prefix="/api/v1/scan", description="Scan folders of movies and TV shows.")


@blueprint.post("/path")
@blueprint.arguments(ScanRequestSchema)
@blueprint.response(202, ScanAcceptedSchema)
def scan_path(wanted: dict[str, Any]) -> dict[str, Any]:
    """Scan a folder; what is being scanned already is not scanned twice, but joined or waited for."""
    folder = checked_folder(context().config, wanted["path"])
    with database().begin() as session:
        media_type, options = settings.for_scan(session, wanted["media_type"], wanted["options"])
        library, is_made = libraries.at_path(
            session, folder, media_type, name=wanted["name"], description=wanted["description"]
        )
        scan_job, is_to_be_listed = scan_jobs.request(session, library, str(folder), options)
        place = scan_browse.place_in_queue(session, scan_job)
    if is_made:
        events.tell(context().redis, events.LibraryUpdated(library_id=library.id, library_name=library.name))
    if is_to_be_listed:
        tasks.discover.send(scan_job.id)
    say(present.scan_accepted_message(scan_job.status, place))
    return present.scan_accepted(scan_job, library, place)


@blueprint.post("/resume/<scan_job_id>")
@blueprint.response(202, ScanResumedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def resume_scan(scan_job_id: str) -> dict[str, Any]:
    """Go on with a scan that is paused, was cancelled, failed or stopped moving; what it finished is not done again."""
    scan_job_id = checked_id(scan_job_id)
    with database().begin() as session:
        resumed = scan_control.resume(session, scan_job_id)
    if resumed.stopped is not None:
        # Not as the end of all progress: the next run may have begun by now.
        events.tell(context().redis, resumed.stopped)
    if resumed.status == JobStatus.PENDING:
        tasks.discover.send(scan_job_id)
    else:
        # It may be at any of its steps, or at several.
        tasks.sweep.send()
    say("The scan goes on.")
    return present.scan_state(scan_job_id, resumed.status)


@blueprint.post("/job/<scan_job_id>/pause")
@blueprint.response(200, ScanControlledSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def pause_scan(scan_job_id: str) -> dict[str, Any]:
    """Stop a scan for now; what workers hold of it they finish, and it goes on where it was when it is resumed."""
    with database().begin() as session:
        paused = scan_control.pause(session, checked_id(scan_job_id))
    events.tell(context().redis, paused)
    say("The scan is paused.")
    return present.scan_state(paused.scan_job_id, JobStatus.PAUSED)


@blueprint.post("/job/<scan_job_id>/cancel")
@blueprint.response(200, ScanControlledSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def cancel_scan(scan_job_id: str) -> dict[str, Any]:
    """End a scan; what it recorded stays, and it can be resumed."""
    scan_job_id = checked_id(scan_job_id)
    with database().begin() as session:
        scan_control.cancel(session, scan_job_id)
        following = scan_order.next_after(session, scan_job_id)
    scan_endings.tell(database(), context().redis, scan_job_id)
    for waiting_id in following:
        tasks.discover.send(waiting_id)
    say("The scan is cancelled.")
    return present.scan_state(scan_job_id, JobStatus.CANCELLED)


@blueprint.post("/job/<scan_job_id>/retry")
@blueprint.arguments(RetryBodySchema, required=False, example={"cause": "tmdb-unreachable"})
@blueprint.response(202, ScanRetriedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def retry_scan(wanted: scan_retry.Wanted | None, scan_job_id: str) -> dict[str, Any]:
    """Try again what a scan could not do: all of it, what is at a path, or what has one cause; and nothing else."""
    scan_job_id = checked_id(scan_job_id)
    with database().begin() as session:
        retried = scan_retry.retry(session, scan_job_id, wanted or scan_retry.Wanted())
    tasks.discover.send(scan_job_id)
    tasks.sweep.send()
    say(f"Tried again: {retried.failures}.")
    return present.scan_retried(scan_job_id, retried)


@blueprint.get("/jobs")
@blueprint.arguments(JobsQuerySchema, location="query")
@blueprint.response(200, ScanJobsSchema)
def list_scan_jobs(page: JobsPage) -> dict[str, Any]:
    """List scan jobs, the newest first."""
    with database().read() as session:
        found, total = scan_browse.jobs(session, page)
    around = Surroundings.seen(context().redis, [scan_job.id for scan_job in found])
    with database().read() as session:
        standing = standings(session, found, around)
    return present.scan_jobs(page, found, total, never_back(context().redis, found, standing))


@blueprint.post("/cleanup")
@blueprint.arguments(CleanupBodySchema, required=False)
@blueprint.arguments(CleanupQuerySchema, location="query")
@blueprint.response(200, ScanCleanedSchema)
def clean_up_scans(body: dict[str, Any] | None, query: dict[str, Any]) -> dict[str, Any]:
    """Fail the scans that stopped moving, so that they can be resumed; remove old ones, if `days` is named."""
    with database().begin() as session:
        cleaned = scan_control.clean_up(session, (query | (body or {})).get("days"))
    for stopped in cleaned.stopped:
        scan_endings.tell(database(), context().redis, stopped.scan_job_id or "")
    answer = present.scan_cleaned(cleaned)
    say(answer["message"])
    return answer


@blueprint.get("/job/<scan_job_id>")
@blueprint.response(200, ScanJobSchema)
def get_scan_job(scan_job_id: str) -> dict[str, Any]:
    """Tell how far a scan is, what it waits for, and what it could not do."""
    scan_job_id = checked_id(scan_job_id)
    around = Surroundings.seen(context().redis, [scan_job_id])
    with database().read() as session:
        scan_job = scan_browse.job(session, scan_job_id)
        standing = standings(session, [scan_job], around)
        failures, _ = scan_browse.failures(session, scan_job.id, FailuresPage(limit=FAILURES_TOLD))
        causes = scan_browse.causes(session, scan_job.id)
    told = never_back(context().redis, [scan_job], standing)
    return present.scan_job_with_failures(scan_job, told[scan_job.id], failures, causes)


@blueprint.get("/job/<scan_job_id>/failures")
@blueprint.arguments(FailuresQuerySchema, location="query")
@blueprint.response(200, FailuresSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def list_failures(page: FailuresPage, scan_job_id: str) -> dict[str, Any]:
    """List what a scan could not do, in the order in which it failed."""
    with database().read() as session:
        scan_job = scan_browse.job(session, checked_id(scan_job_id))
        return present.failures(page, *scan_browse.failures(session, scan_job.id, page))
