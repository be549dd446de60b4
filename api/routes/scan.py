"""Scanning folders."""

from typing import Any

from api.blueprints import Blueprint, checked_id, say
from api.context import context, database
from api.inputs.scanning import CleanupBodySchema, CleanupQuerySchema, JobsQuerySchema, ScanRequestSchema
from api.present import scanning as present
from api.schemas.scanning import (
    ScanAcceptedSchema,
    ScanCleanedSchema,
    ScanJobSchema,
    ScanJobsSchema,
    ScanResumedSchema,
)
from shared import events, scan_browse, scan_control, scan_jobs, settings, tasks
from shared.catalogue import libraries
from shared.errors import NotFoundError
from shared.models import ScanJob
from shared.paths import checked_folder
from shared.scan_browse import JobsPage
from shared.scan_progress import standings
from shared.scan_waiting import Surroundings

blueprint = Blueprint("scan", __name__, url_prefix="/api/v1/scan", description="Scan folders of movies and TV shows.")


@blueprint.post("/path")
@blueprint.arguments(ScanRequestSchema)
@blueprint.response(202, ScanAcceptedSchema)
def scan_path(wanted: dict[str, Any]) -> dict[str, Any]:
    """Scan a folder; a path that is being scanned already is not scanned twice."""
    folder = checked_folder(context().config, wanted["path"])
    with database().begin() as session:
        media_type, options = settings.for_scan(session, wanted["media_type"], wanted["options"])
        library, is_made = libraries.at_path(
            session, folder, media_type, name=wanted["name"], description=wanted["description"]
        )
        scan_job, is_new = scan_jobs.request(session, library, str(folder), options)
        before = scan_browse.waiting_before(session, scan_job)
    if is_made:
        events.tell(context().redis, events.LibraryUpdated(library_id=library.id, library_name=library.name))
    if is_new:
        tasks.discover.send(scan_job.id)
    say(present.scan_accepted_message(before, is_new=is_new))
    return present.scan_accepted(scan_job, library, before)


@blueprint.post("/resume/<scan_job_id>")
@blueprint.response(202, ScanResumedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def resume_scan(scan_job_id: str) -> dict[str, Any]:
    """Go on with a scan that failed or stopped moving; what it finished is not done again."""
    scan_job_id = checked_id(scan_job_id)
    with database().begin() as session:
        stopped = scan_control.resume(session, scan_job_id)
    if stopped is not None:
        # Not as the end of all progress: the next run may have begun by now.
        events.tell(context().redis, stopped)
    tasks.discover.send(scan_job_id)
    say("The scan goes on.")
    return present.scan_resumed(scan_job_id)


@blueprint.get("/jobs")
@blueprint.arguments(JobsQuerySchema, location="query")
@blueprint.response(200, ScanJobsSchema)
def list_scan_jobs(page: JobsPage) -> dict[str, Any]:
    """List scan jobs, the newest first."""
    around = Surroundings.seen(context().redis)
    with database().read() as session:
        found, total = scan_browse.jobs(session, page)
        return present.scan_jobs(page, found, total, standings(session, found, around))


@blueprint.post("/cleanup")
@blueprint.arguments(CleanupBodySchema, required=False)
@blueprint.arguments(CleanupQuerySchema, location="query")
@blueprint.response(200, ScanCleanedSchema)
def clean_up_scans(body: dict[str, Any] | None, query: dict[str, Any]) -> dict[str, Any]:
    """Fail the scans that stopped moving, so that they can be resumed; remove old ones, if `days` is named."""
    with database().begin() as session:
        cleaned = scan_control.clean_up(session, (query | (body or {})).get("days"))
    for stopped in cleaned.stopped:
        events.tell_end(context().redis, stopped, stopped.scan_job_id or "")
    answer = present.scan_cleaned(cleaned)
    say(answer["message"])
    return answer


@blueprint.get("/job/<scan_job_id>")
@blueprint.response(200, ScanJobSchema)
def get_scan_job(scan_job_id: str) -> dict[str, Any]:
    """Tell how far a scan is, what it waits for, and what it could not do."""
    scan_job_id = checked_id(scan_job_id)
    around = Surroundings.seen(context().redis)
    with database().read() as session:
        scan_job = session.get(ScanJob, scan_job_id)
        if scan_job is None:
            raise NotFoundError("There is no scan job by this id.")
        return present.scan_job_with_failures(
            scan_job,
            standings(session, [scan_job], around)[scan_job.id],
            scan_browse.failures(session, scan_job.id),
            scan_browse.causes(session, scan_job.id),
        )
