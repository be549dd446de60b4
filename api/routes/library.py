"""Libraries."""

from pathlib import Path
from typing import Any

from api.blueprints import Blueprint, checked_id, say
from api.context import context, database
from api.inputs.libraries import (
    LibraryChangeSchema,
    LibraryIdSchema,
    LibraryQuerySchema,
    NamedLibraryChangeSchema,
    NamedLibrarySchema,
    NewLibrarySchema,
)
from api.present import libraries as present
from api.remembered import remembered
from api.schemas.libraries import (
    AllStatisticsSchema,
    LibraryCreatedSchema,
    LibraryDeletedSchema,
    LibraryDetailsSchema,
    LibrarySchema,
    LibraryStatisticsSchema,
    LibraryUpdatedSchema,
)
from shared import events, providers, scan_jobs, settings, tasks, watches
from shared.catalogue import libraries, library_changes, library_removal, library_statistics
from shared.errors import InvalidError
from shared.models import LibraryWatch
from shared.paths import checked_folder

blueprint = Blueprint("library", __name__, url_prefix="/api/v1/library", description="Libraries.")


@blueprint.get("")
@remembered
@blueprint.arguments(LibraryQuerySchema, location="query")
@blueprint.response(200, LibrarySchema(many=True))
def list_libraries(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """List libraries by name."""
    with database().read() as session:
        return [present.library(row, held) for row, held in libraries.listed(session, **wanted)]


@blueprint.post("")
@blueprint.arguments(NewLibrarySchema)
@blueprint.response(201, LibraryCreatedSchema)
@blueprint.alt_response(409, "CONFLICT")
def create_library(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make a library of a folder, and scan it if asked to."""
    folder = checked_folder(context().config, wanted.pop("library_path"), "libraryPath")
    is_scanned = wanted.pop("scan")
    with database().begin() as session:
        library = libraries.create(session, folder, **wanted)
        scan_job = None
        if is_scanned:
            _, options = settings.for_scan(session, wanted["library_type"], {})
            scan_job, _ = scan_jobs.request(session, library, str(folder), options)
    if scan_job is not None:
        tasks.discover.send(scan_job.id)
    events.tell(context().redis, events.LibraryUpdated(library_id=library.id, library_name=library.name))
    say("The library is made, and its scan has begun." if is_scanned else "The library is made.")
    return present.library(library, 0) | {"scanJobId": scan_job.id if scan_job else None}


@blueprint.put("")
@blueprint.arguments(NamedLibraryChangeSchema)
@blueprint.response(200, LibraryUpdatedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def update_named_library(wanted: dict[str, Any]) -> dict[str, Any]:
    """Change the library that the body names."""
    return _change(checked_id(wanted.pop("id")), wanted)


@blueprint.delete("")
@blueprint.arguments(NamedLibrarySchema)
@blueprint.response(200, LibraryDeletedSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def delete_named_library(wanted: dict[str, Any]) -> dict[str, Any]:
    """Delete the library that the body names, and the titles that only it holds; no file on disk."""
    return _delete(checked_id(wanted["id"]))


@blueprint.get("/stats")
@blueprint.response(200, AllStatisticsSchema)
def get_statistics() -> dict[str, Any]:
    """Count what all libraries hold, together and each."""
    with database().read() as session:
        together, each = library_statistics.of_all(session)
    return present.statistics(together) | {
        "libraries": [present.library_statistics(library, held) for library, held in each]
    }


@blueprint.get("/<library_id>")
@blueprint.response(200, LibraryDetailsSchema)
def get_library(library_id: str) -> dict[str, Any]:
    """Show a library, and what it holds."""
    with database().read() as session:
        library, titles = libraries.one(session, checked_id(library_id))
        held = library_statistics.of_library(session, library.id)
        watch = session.get(LibraryWatch, library.id)
        watching = present.watching(watches.standing(session, library, watch), watch)
    return present.library(library, titles) | {"statistics": present.statistics(held), "watching": watching}


@blueprint.put("/<library_id>")
@blueprint.arguments(LibraryChangeSchema)
@blueprint.response(200, LibraryUpdatedSchema)
@blueprint.alt_response(409, "CONFLICT")
def update_library(wanted: dict[str, Any], library_id: str) -> dict[str, Any]:
    """Change a library. Where other providers are to be asked about its titles, they are fetched again."""
    return _change(_agreed_id(library_id, wanted.pop("id", None)), wanted)


@blueprint.delete("/<library_id>")
@blueprint.arguments(LibraryIdSchema, required=False)
@blueprint.response(200, LibraryDeletedSchema)
def delete_library(wanted: dict[str, Any], library_id: str) -> dict[str, Any]:
    """Delete a library, and the titles that only it holds; no file on disk."""
    return _delete(_agreed_id(library_id, wanted.get("id")))


@blueprint.get("/<library_id>/stats")
@blueprint.response(200, LibraryStatisticsSchema)
def get_library_statistics(library_id: str) -> dict[str, Any]:
    """Count what a library holds."""
    with database().read() as session:
        library, _ = libraries.one(session, checked_id(library_id))
        return present.library_statistics(library, library_statistics.of_library(session, library.id))


def _agreed_id(in_path: str, in_body: str | None) -> str:
    library_id = checked_id(in_path)
    if in_body is not None and checked_id(in_body) != library_id:
        raise InvalidError("id", "The body names another library than the path.")
    return library_id


def _change(library_id: str, wanted: dict[str, Any]) -> dict[str, Any]:
    if "library_path" in wanted:
        wanted["library_path"] = str(_folder(library_id, wanted["library_path"]))
    with database().begin() as session:
        changed = library_changes.change(session, library_id, wanted)
        shown = present.library(*libraries.one(session, library_id))
    providers.nudge(changed.waiting)
    if changed.is_different:
        library = changed.library
        events.tell(context().redis, events.LibraryUpdated(library_id=library.id, library_name=library.name))
    message = "The library is saved."
    say(message)
    return {"library": shown, "message": message}


def _folder(library_id: str, text: str) -> Path:
    """Return the folder that a client means; the one that the library has need not be there at the moment."""
    with database().read() as session:
        library, _ = libraries.one(session, library_id)
    return Path(text) if text == library.library_path else checked_folder(context().config, text, "libraryPath")


def _delete(library_id: str) -> dict[str, Any]:
    with database().begin() as session:
        removed = library_removal.remove(session, library_id)
    _tell_removed(removed)
    titles = len(removed.media_ids)
    with_it = f", and with it {titles} title{'s' * (titles != 1)}" if titles else ""
    message = f"The library “{removed.library_name}” is deleted{with_it}. No file on disk was touched."
    say(message)
    return present.deleted(removed, message)


def _tell_removed(removed: library_removal.Removed) -> None:
    redis = context().redis
    for scan_job_id in removed.scan_job_ids:
        end = events.ScanError(library_id=removed.library_id, scan_job_id=scan_job_id, error=library_removal.DELETED)
        events.tell_end(redis, end, scan_job_id)
    gone = events.LibraryDeleted(library_id=removed.library_id, library_name=removed.library_name)
    events.tell_all(redis, [gone, *events.removals(removed.media_ids)])
