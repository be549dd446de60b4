"""Disks that answer slowly, by the scans that wait for them. Workers note it in Redis; it is forgotten by itself."""

import logging
from collections.abc import Iterable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

#: For so many seconds after the last note a disk is taken for slow.
_KEPT_SECONDS = 5


def note(redis: Redis, scan_job_id: str, pace: str) -> None:
    """Note how slow a disk is, such as ``2.5 s a folder``."""
    try:
        redis.set(_key(scan_job_id), pace, ex=_KEPT_SECONDS)
    except RedisError:
        log.warning("Redis can't be reached; that the disk of scan job %s is slow is not told.", scan_job_id)


def seen(redis: Redis, scan_job_ids: Iterable[str]) -> dict[str, str]:
    """Return how slow it is, for those of these scans whose disk is.

    Raises:
        RedisError: Redis can't be reached.

    """
    ids = list(scan_job_ids)
    noted: Any = redis.mget([_key(id_) for id_ in ids]) if ids else []
    return {id_: pace.decode() for id_, pace in zip(ids, noted, strict=True) if pace is not None}


def _key(scan_job_id: str) -> str:
    return f"dester:slow:{scan_job_id}"
