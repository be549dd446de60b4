"""Counts that never go back, whoever tells them: the highest ones told of a run, in Redis, for all processes together.

Rows alone can't promise it. Two titles that turn out to be one are one less; a show of which another season is found is
asked about again; a walk that is begun again comes past its folders again. A title that is gone counts as done, and
what is done again as done before.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from redis import Redis
from redis.exceptions import RedisError

from shared.events import counts_key
from shared.models import ScanJob
from shared.scan_counts import Counts
from shared.scan_states import JobStatus

log = logging.getLogger(__name__)

#: Each a whole and two parts of it that are done.
_FIELDS = ("folders", "folders_named", "folders_settled", "titles", "titles_fetched", "titles_settled")
_KEPT_SECONDS = 24 * 3600
#: Of a job that waits for its next run nothing is told yet; one that is complete has its last counts in its row.
_TOLD = (JobStatus.IN_PROGRESS, JobStatus.PAUSED, JobStatus.FAILED, JobStatus.CANCELLED)

#: KEYS[1] holds the highest counts. ARGV: for how long, whether all folders are listed, and the counts as _FIELDS has
#: them. What is missing of a whole that was told is done; but of folders only when all of them were listed.
_RAISE = """
local function raise(place, value)
    local highest = math.max(tonumber(redis.call('HGET', KEYS[1], place) or '0'), value)
    redis.call('HSET', KEYS[1], place, highest)
    return highest
end
local told = {}
for _, place in ipairs({3, 6}) do
    local whole = raise(place, tonumber(ARGV[place]))
    local gone = whole - tonumber(ARGV[place])
    if place == 3 and ARGV[2] == '0' then gone = 0 end
    told[#told + 1] = whole
    told[#told + 1] = raise(place + 1, tonumber(ARGV[place + 1]) + gone)
    told[#told + 1] = raise(place + 2, tonumber(ARGV[place + 2]) + gone)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return told
"""


def raised(redis: Redis, jobs: Sequence[ScanJob], counted: Mapping[str, Counts]) -> dict[str, Counts]:
    """Return the counts to be told of these jobs, by their ids, and remember them.

    While Redis is away, or after it forgot everything, they are those of the rows.
    """
    running = [scan_job for scan_job in jobs if scan_job.status in _TOLD]
    if not running:
        return dict(counted)
    pipeline = redis.pipeline(transaction=False)
    for scan_job in running:
        counts = counted[scan_job.id]
        is_listed = int(scan_job.discovered_at is not None)
        values = [getattr(counts, name) for name in _FIELDS]
        pipeline.eval(_RAISE, 1, counts_key(scan_job.id), _KEPT_SECONDS, is_listed, *values)
    try:
        answers = pipeline.execute()
    except RedisError:
        log.warning("Redis can't be reached; how far scans are is told as the rows have it.")
        return dict(counted)
    highest = {
        scan_job.id: replace(counted[scan_job.id], **dict(zip(_FIELDS, map(int, told), strict=True)))
        for scan_job, told in zip(running, answers, strict=True)
    }
    return dict(counted) | highest
