"""Scan jobs, as clients read them."""

from marshmallow import fields, validate

from api.fields import WireSchema
from api.schemas.common import INSTANT, integer, number, text
from shared.reconciliation import Outcome, StopReason
from shared.scan_states import JobStatus


class ScanAcceptedSchema(WireSchema):
    """A scan that is under way."""

    library_id = text()
    library_name = text()
    path = text()
    media_type = fields.String(required=True, validate=validate.OneOf(["movie", "tv"]))
    job_id = text()
    scan_job_id = text()
    queued = fields.Boolean(required=True, metadata={"description": "Whether other scans wait before this one."})
    queue_position = fields.Integer(metadata={"description": "Its place among the scans that wait, from 1."})


class ScanResumedSchema(WireSchema):
    """A scan that goes on."""

    scan_job_id = text()
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in JobStatus]))


class ScanControlledSchema(WireSchema):
    """A scan that was paused or cancelled."""

    scan_job_id = text()
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in JobStatus]))


class ScanRetriedSchema(ScanControlledSchema):
    """A scan that tries again what it could not do."""

    retried_failures = integer(example=12)
    retried_folders = integer(description="Folders whose files are looked at again.", example=2)
    retried_titles = integer(description="Titles that providers are asked about again.", example=9)


class ScanCleanedSchema(WireSchema):
    """What was cleaned up."""

    cleaned_count = integer()
    stale_count = integer(description="Scans that had stopped moving; they have failed now, and can be resumed.")
    removed_count = integer(description="Scans that ended long ago; they are gone from the list.")
    message = text()


class LibraryRefSchema(WireSchema):
    """Which library."""

    id = text()
    name = text()


class ScanProgressSchema(WireSchema):
    """How far a scan is."""

    current_batch = integer()
    total_batches = integer()
    processed_folders = integer()
    failed_folders = integer()
    total_folders = integer()
    percent_complete = integer()
    phase = text(example="fetching-metadata")
    named_folders = integer(description="Their files are in the catalogue.")
    looked_into_folders = integer(description="Their files were looked into.")
    total_titles = integer()
    fetched_titles = integer()
    settled_titles = integer()


class ScanTimestampsSchema(WireSchema):
    """When a scan did what."""

    started_at = text(null=True, **INSTANT)
    last_batch_at = text(null=True, **INSTANT)
    completed_at = text(null=True, **INSTANT)


class FailureSchema(WireSchema):
    """Something that a scan could not do, and why."""

    cause = text(example="file-not-video")
    path = text(example="Heat (1995)/Heat.mkv")
    message = text()


class FailureCauseSchema(WireSchema):
    """How often something failed for the same reason, and the first times that it did."""

    cause = text(example="file-not-video")
    count = integer()
    message = text(example="The file holds no video.")
    example = fields.Nested(FailureSchema, required=True)
    examples = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The first paths.", "example": ["Heat (1995)/Heat.mkv"]},
    )


class ScanJobSummarySchema(WireSchema):
    """A scan job in a list."""

    id = text()
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in JobStatus]))
    library = fields.Nested(LibraryRefSchema, required=True)
    progress = fields.Nested(ScanProgressSchema, required=True)
    timestamps = fields.Nested(ScanTimestampsSchema, required=True)
    eta_seconds = integer(null=True, description="How long it will still take, by its rate so far.")
    folders_per_second = number(
        null=True, description="How many settle, as measured; null while it waits.", example=4.2
    )
    titles_per_second = number(null=True, description="The same of titles.", example=12.5)
    waiting_for = text(null=True, example="no worker on queue metadata")
    error = text(null=True)
    failure_count = integer()


class ReconciliationSchema(WireSchema):
    """What became of the files that the scan did not see."""

    status = fields.String(
        required=True,
        validate=validate.OneOf(list(Outcome)),
        metadata={"description": "done: what is gone is marked missing; stopped: nothing is, for this reason."},
    )
    reason = fields.String(required=True, allow_none=True, validate=validate.OneOf([*StopReason, None]))
    message = text(null=True, example=None)
    known_files = integer(example=705, description="Of the library, without those that were missing already.")
    unseen_files = integer(example=3, description="Those of them that the scan did not see.")


class ScanJobSchema(ScanJobSummarySchema):
    """A scan job."""

    reconciliation = fields.Nested(
        ReconciliationSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null until all folders are done."},
    )
    failures = fields.List(fields.Nested(FailureSchema), required=True)
    failure_causes = fields.List(fields.Nested(FailureCauseSchema), required=True)


class PaginationSchema(WireSchema):
    """Which part of a list this is."""

    total = integer()
    limit = integer()
    offset = integer()
    has_more = fields.Boolean(required=True)


class ScanJobsSchema(WireSchema):
    """A part of the list of scan jobs."""

    jobs = fields.List(fields.Nested(ScanJobSummarySchema), required=True)
    pagination = fields.Nested(PaginationSchema, required=True)


class FailuresSchema(WireSchema):
    """A part of the list of what a scan could not do."""

    failures = fields.List(fields.Nested(FailureSchema), required=True)
    pagination = fields.Nested(PaginationSchema, required=True)
