"""What a scan waits for, as far as rows and Redis know."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from shared import slow_mounts
from shared.kinds import ProviderName
from shared.models import Enrichment, ScanFolder, ScanJob
from shared.models.base import now
from shared.scan_counts import Counts
from shared.scan_states import ACTIVE, ENRICHMENT_OPEN, FOLDER_OPEN, JobStatus
from shared.tasks import ARTWORK, METADATA, SCAN
from shared.worker_heartbeats import workers_by_queue

#: While it exists, all workers let TMDB rest; ``worker.providers.budget`` sets it.
_TMDB_PAUSE = "budget:tmdb:pause"
#: While it exists, a provider is not asked; ``worker.providers.circuit`` sets it.
_CIRCUIT = "circuit:{name}:open"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the workers and providers that all scans depend on."""

    is_redis_there: bool = True
    #: Queues that somebody drains.
    drained: frozenset[str] = frozenset()
    #: Queues that the user paused.
    paused: frozenset[str] = frozenset()
    #: For how long TMDB has asked to wait, in seconds.
    tmdb_pause: float = 0.0
    #: Providers that failed several times in a row, and in how many seconds they are asked again.
    circuits: Mapping[str, float] = field(default_factory=dict)
    #: How slow it is, of scans whose disk answers slowly: ``2.5 s a folder``.
    slow: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def seen(cls, redis: Redis, scan_job_ids: Iterable[str] = ()) -> "Surroundings":
        """Look around, and at the disks of these scans."""
        try:
            drained = frozenset(queue for queue, workers in workers_by_queue(redis).items() if workers)
            circuits: dict[str, float] = {
                name: left / 1000 for name in ProviderName if (left := int(redis.pttl(_CIRCUIT.format(name=name)))) > 0
            }
            return cls(
                drained=drained,
                tmdb_pause=max(int(redis.pttl(_TMDB_PAUSE)), 0) / 1000,
                circuits=circuits,
                slow=slow_mounts.seen(redis, scan_job_ids),
            )
        except RedisError:
            return cls(is_redis_there=False)


def next_tries(session: Session, scan_job_ids: Iterable[str]) -> dict[str, datetime]:
    """Return for each of these jobs whose every open title was put off when the first of them is tried again."""
    return _put_off(session, Enrichment, ENRICHMENT_OPEN, scan_job_ids)


def next_looks(session: Session, scan_job_ids: Iterable[str]) -> dict[str, datetime]:
    """Return for each of these jobs in whose every open folder a file grows when the first is looked at again."""
    return _put_off(session, ScanFolder, FOLDER_OPEN, scan_job_ids)


def _put_off(
    session: Session,
    table: type[Enrichment] | type[ScanFolder],
    are_open: Collection[str],
    scan_job_ids: Iterable[str],
) -> dict[str, datetime]:
    instant = now()
    due = func.coalesce(table.not_before, literal(instant, table.not_before.type))
    rows = session.execute(
        select(table.scan_job_id, func.min(due))
        .where(table.scan_job_id.in_(list(scan_job_ids)), table.status.in_(are_open))
        .group_by(table.scan_job_id)
    )
    return {id_: first for id_, first in rows if id_ and first > instant}


def waiting_for(
    scan_job: ScanJob,
    counts: Counts,
    around: Surroundings,
    next_try: datetime | None = None,
    *,
    next_look: datetime | None = None,
    behind: str | None = None,
) -> str | None:
    """Say what a job that has not ended waits for, in a sentence's words; None when it goes on, or has ended.

    ``behind`` is the job that it stands behind, ``next_try`` when the first of its titles is due if none is now, and
    ``next_look`` the same of its folders.
    """
    if scan_job.status == JobStatus.PAUSED:
        return "the scan is paused until it is resumed"
    if scan_job.status not in ACTIVE:
        return None
    if behind is not None:
        return f"scan job {behind}, which is at the same files, has to end first"
    of_workers = _of_workers(scan_job, counts, around)
    if of_workers or scan_job.discovered_at is None:
        return of_workers
    if counts.folders_settled < counts.folders:
        is_all_that_is_left = counts.titles_settled >= counts.titles
        return _of_growing(next_look) if next_look and is_all_that_is_left else None
    return _of_providers(counts, around, next_try)


def _of_workers(scan_job: ScanJob, counts: Counts, around: Surroundings) -> str | None:
    if not around.is_redis_there:
        return "Redis can't be reached"
    for queue in _needed(scan_job, counts):
        if queue in around.paused:
            return f"queue {queue} is paused"
        if queue not in around.drained:
            return f"no worker on queue {queue}"
    if scan_job.status == JobStatus.PENDING:
        return "no worker has taken this job yet"
    is_reading = scan_job.discovered_at is None or counts.folders_settled < counts.folders
    if is_reading and scan_job.id in around.slow:
        return f"the mount answers slowly: {around.slow[scan_job.id]}"
    return None


def _of_growing(next_look: datetime) -> str:
    return f"a file is still being written, and is looked at again in {_seconds_until(next_look)} s"


def _of_providers(counts: Counts, around: Surroundings, next_try: datetime | None) -> str | None:
    is_fetching = counts.titles_fetched < counts.titles
    if is_fetching and around.tmdb_pause > 0:
        return f"TMDB asks to wait {ceil(around.tmdb_pause)} s"
    if next_try is None:
        return None
    if is_fetching and around.circuits:
        name, left = min(around.circuits.items(), key=lambda circuit: circuit[1])
        return f"{name.upper()} failed several times in a row and is asked again in {ceil(left)} s"
    return f"what failed for a moment is tried again in {_seconds_until(next_try)} s"


def _seconds_until(instant: datetime) -> int:
    return ceil((instant - now()).total_seconds())


def _needed(scan_job: ScanJob, counts: Counts) -> list[str]:
    """Return the queues whose step of the scan has something to do."""
    steps = {
        # Also to judge what it did not see.
        SCAN: scan_job.reconciled_at is None or counts.folders_settled < counts.folders,
        METADATA: counts.titles_fetched < counts.titles,
        ARTWORK: counts.titles_settled < counts.titles_fetched,
    }
    return [queue for queue, has_work in steps.items() if has_work]
