"""Asking for a cached picture to be made smaller: what nobody ever looks at so is never made."""

from redis import Redis
from redis.exceptions import RedisError

from shared import tasks

#: For so many seconds nobody else asks for the same.
_ASKED_FOR = 60


def ask_for(redis: Redis, image_id: str, width: int) -> None:
    """Have a picture made so wide; while Redis is away nobody is asked."""
    try:
        is_first = redis.set(f"dester:scaling:{image_id}:{width}", 1, nx=True, ex=_ASKED_FOR)
    except RedisError:
        return
    if is_first:
        tasks.scale.send(image_id, str(width))
