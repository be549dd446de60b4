"""What a scan waits for, as far as rows and Redis know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from shared.models import Enrichment, ScanJob
from shared.models.base import now
from shared.scan_counts import Counts
from shared.scan_jobs import ACTIVE, ENRICHMENT_OPEN, JobStatus
from shared.tasks import ARTWORK, METADATA, SCAN
from shared.worker_heartbeats import workers_by_queue

#: While it exists, all workers let TMDB rest; ``worker.providers.budget`` sets it.
_TMDB_PAUSE = "budget:tmdb:pause"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the workers and providers that all scans depend on."""

    is_redis_there: bool = True
    #: Queues that somebody drains.
    drained: frozenset[str] = frozenset()
    #: For how long TMDB has asked to wait, in seconds.
    tmdb_pause: float = 0.0

    @classmethod
    def seen(cls, redis: Redis) -> "Surroundings":
        """Look around."""
        try:
            drained = frozenset(queue for queue, workers in workers_by_queue(redis).items() if workers)
            return cls(drained=drained, tmdb_pause=max(int(redis.pttl(_TMDB_PAUSE)), 0) / 1000)
        except RedisError:
            return cls(is_redis_there=False)


def next_tries(session: Session, scan_job_ids: Iterable[str]) -> dict[str, datetime]:
    """Return for each of these jobs whose every open title was put off when the first of them is tried again."""
    instant = now()
    due = func.coalesce(Enrichment.not_before, literal(instant, Enrichment.not_before.type))
    rows = session.execute(
        select(Enrichment.scan_job_id, func.min(due))
        .where(
            Enrichment.scan_job_id.in_(list(scan_job_ids)),
            Enrichment.status.in_(ENRICHMENT_OPEN),
        )
        .group_by(Enrichment.scan_job_id)
    )
    return {id_: first for id_, first in rows if id_ and first > instant}


def waiting_for(
    scan_job: ScanJob, counts: Counts, around: Surroundings, next_try: datetime | None = None
) -> str | None:
    """Say what an active job waits for, in a sentence's words; None when it goes on, or has ended."""
    if scan_job.status not in ACTIVE:
        return None
    if not around.is_redis_there:
        return "Redis can't be reached"
    missing = next((queue for queue in _needed(scan_job, counts) if queue not in around.drained), None)
    if missing is not None:
        return f"no worker on queue {missing}"
    if scan_job.status == JobStatus.PENDING:
        return "no worker has taken this job yet"
    if scan_job.discovered_at is None or counts.folders_settled < counts.folders:
        return None
    if counts.titles_fetched < counts.titles and around.tmdb_pause > 0:
        return f"TMDB asks to wait {ceil(around.tmdb_pause)} s"
    if next_try is not None:
        return f"what failed for a moment is tried again in {ceil((next_try - now()).total_seconds())} s"
    return None


def _needed(scan_job: ScanJob, counts: Counts) -> list[str]:
    """Return the queues whose step of the scan has something to do."""
    steps = {
        SCAN: scan_job.discovered_at is None or counts.folders_settled < counts.folders,
        METADATA: counts.titles_fetched < counts.titles,
        ARTWORK: counts.titles_settled < counts.titles_fetched,
    }
    return [queue for queue, has_work in steps.items() if has_work]
