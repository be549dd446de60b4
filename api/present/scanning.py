"""Scan jobs as clients read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.fields import instant
from shared.kinds import MediaType
from shared.models import Failure, Library, ScanJob
from shared.reconciliation import Reconciliation
from shared.scan_browse import Cause, FailuresPage, JobsPage
from shared.scan_control import Cleaned
from shared.scan_progress import Standing, phase_of
from shared.scan_retry import Retried
from shared.scan_states import JobStatus
from shared.wire import camel

#: How many folders a client is told make a batch.
_FOLDERS_IN_A_BATCH = 40

Json = dict[str, Any]


def scan_accepted(scan_job: ScanJob, row: Library, place: int | None) -> Json:
    accepted = {
        "libraryId": row.id,
        "libraryName": row.name,
        "path": scan_job.path,
        "mediaType": "tv" if row.library_type == MediaType.TV_SHOW else "movie",
        "jobId": scan_job.id,
        "scanJobId": scan_job.id,
        "queued": place is not None,
    }
    return accepted if place is None else accepted | {"queuePosition": place}


def scan_accepted_message(status: str, place: int | None) -> str:
    if status == JobStatus.PAUSED:
        return "The scan of this folder is paused. Resume it to go on with it."
    if place is not None:
        return f"The scan waits for its turn, at place {place}."
    return "The scan has begun." if status == JobStatus.PENDING else "This folder is being scanned already."


def scan_state(scan_job_id: str, status: JobStatus) -> Json:
    return {"scanJobId": scan_job_id, "status": status}


def scan_retried(scan_job_id: str, retried: Retried) -> Json:
    return scan_state(scan_job_id, retried.status) | {
        "retriedFailures": retried.failures,
        "retriedFolders": retried.folders,
        "retriedTitles": retried.titles,
    }


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
        "pagination": _pagination(page, len(rows), total),
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
        "foldersPerSecond": standing.rate.folders if standing.rate else None,
        "titlesPerSecond": standing.rate.titles if standing.rate else None,
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
        "failureCauses": [_cause(cause) for cause in causes],
    }


def failures(page: FailuresPage, rows: Sequence[Failure], total: int) -> Json:
    return {"failures": [_failure(row) for row in rows], "pagination": _pagination(page, len(rows), total)}


def _cause(cause: Cause) -> Json:
    first = cause.examples[0]
    return {
        "cause": first.cause,
        "count": cause.count,
        "message": first.message,
        "example": _failure(first),
        "examples": [failure.path for failure in cause.examples],
    }


def _pagination(page: JobsPage | FailuresPage, shown: int, total: int) -> Json:
    return {
        "total": total,
        "limit": page.limit,
        "offset": page.offset,
        "hasMore": page.offset + shown < total,
    }


def _reconciliation(judged: Reconciliation | None) -> Json | None:
    return {camel(name): value for name, value in judged.to_json().items()} if judged else None


def _failure(failure: Failure) -> Json:
    return {"cause": failure.cause, "path": failure.path, "message": failure.message}
