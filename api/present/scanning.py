"""Scan jobs as clients read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.fields import instant
from shared.kinds import MediaType
from shared.models import Failure, Library, ScanJob
from shared.reconciliation import Reconciliation
from shared.scan_browse import Cause, JobsPage
from shared.scan_control import Cleaned
from shared.scan_jobs import JobStatus
from shared.scan_progress import Standing, phase_of
from shared.wire import camel

#: How many folders a client is told make a batch.
_FOLDERS_IN_A_BATCH = 40

Json = dict[str, Any]


def scan_accepted(scan_job: ScanJob, row: Library, before: int) -> Json:
    accepted = {
        "libraryId": row.id,
        "libraryName": row.name,
        "path": scan_job.path,
        "mediaType": "tv" if row.library_type == MediaType.TV_SHOW else "movie",
        "jobId": scan_job.id,
        "scanJobId": scan_job.id,
        "queued": before > 0,
    }
    return accepted | ({"queuePosition": before + 1} if before else {})


def scan_accepted_message(before: int, *, is_new: bool) -> str:
    if before:
        return f"The scan waits for its turn, at place {before + 1}."
    return "The scan has begun." if is_new else "This folder is being scanned already."


def scan_resumed(scan_job_id: str) -> Json:
    return {"scanJobId": scan_job_id, "status": JobStatus.PENDING}


def scan_cleaned(cleaned: Cleaned) -> Json:
    stopped = len(cleaned.stopped)
    message = f"Stopped scans, which can be resumed: {stopped}. Old ones removed: {cleaned.removed}."
    return {
        "cleanedCount": stopped + cleaned.removed,
        "staleCount": stopped,
        "removedCount": cleaned.removed,
        "message": message if stopped + cleaned.removed else "There was nothing to clean up.",
    }


def scan_jobs(page: JobsPage, rows: Sequence[ScanJob], total: int, standings: Mapping[str, Standing]) -> Json:
    return {
        "jobs": [scan_job(row, standings[row.id]) for row in rows],
        "pagination": {
            "total": total,
            "limit": page.limit,
            "offset": page.offset,
            "hasMore": page.offset + len(rows) < total,
        },
    }


def scan_job(row: ScanJob, standing: Standing) -> Json:
    counts = standing.counts
    done = counts.folders_settled
    return {
        "id": row.id,
        "status": row.status,
        "library": {"id": row.library.id, "name": row.library.name},
        "progress": {
            "currentBatch": -(-done // _FOLDERS_IN_A_BATCH),
            "totalBatches": -(-counts.folders // _FOLDERS_IN_A_BATCH),
            "processedFolders": done,
            "failedFolders": counts.folders_failed,
            "totalFolders": counts.folders,
            "percentComplete": row.percent,
            "phase": phase_of(row, counts)[0],
            "namedFolders": counts.folders_named,
            "lookedIntoFolders": done - counts.folders_failed,
            "totalTitles": counts.titles,
            "fetchedTitles": counts.titles_fetched,
            "settledTitles": counts.titles_settled,
        },
        "timestamps": {
            "startedAt": instant(row.started_at),
            "lastBatchAt": instant(row.moved_at),
            "completedAt": instant(row.completed_at),
        },
        "etaSeconds": standing.eta_seconds,
        "waitingFor": standing.waiting_for,
        "error": row.error,
        "failureCount": counts.failures,
    }


def scan_job_with_failures(
    row: ScanJob, standing: Standing, failures: Sequence[Failure], causes: Sequence[Cause]
) -> Json:
    return scan_job(row, standing) | {
        "reconciliation": _reconciliation(Reconciliation.from_json(row.reconciliation)),
        "failures": [_failure(failure) for failure in failures],
        "failureCauses": [
            {"cause": cause.example.cause, "count": cause.count, "example": _failure(cause.example)} for cause in causes
        ],
    }


def _reconciliation(judged: Reconciliation | None) -> Json | None:
    return {camel(name): value for name, value in judged.to_json().items()} if judged else None


def _failure(failure: Failure) -> Json:
    return {"cause": failure.cause, "path": failure.path, "message": failure.message}
