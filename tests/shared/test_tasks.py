"""Asking a worker, and waiting for what it says. The bodies that answer are tested where they are."""

import time
from collections.abc import Iterator

import pytest
from celery import current_app
from redis import Redis

from shared import tasks
from shared.errors import UnavailableError

QUESTION = ("/a.mkv", "MOVIE", "/", None, False)


@pytest.fixture
def _celery() -> Iterator[None]:
    """Put this process's Celery back afterwards: each app makes its own the current one."""
    before = current_app._get_current_object()  # noqa: SLF001 - there is no other way to it
    yield
    before.set_current()
    before.set_default()


@pytest.mark.usefixtures("_celery")
def test_without_a_worker_the_question_ends_and_leaves_no_answer_behind(redis: Redis, redis_url: str) -> None:
    tasks.new_app(redis_url)

    with pytest.raises(UnavailableError, match=r"No worker answered within 0\.2 s"):
        tasks.explain.ask(*QUESTION, timeout=0.2)

    assert redis.llen(tasks.explain.queue) == 1
    assert redis.keys("celery-task-meta-*") == []
    assert redis.pubsub_channels("celery-task-meta-*") == []


@pytest.mark.usefixtures("_celery")
def test_without_redis_the_question_ends_soon() -> None:
    tasks.new_app("redis://127.0.0.1:1/0")
    began = time.monotonic()

    with pytest.raises(UnavailableError, match="Redis does not answer"):
        tasks.explain.ask(*QUESTION)

    assert time.monotonic() - began < 5


def test_a_question_with_too_few_words_is_a_bug() -> None:
    with pytest.raises(TypeError):
        tasks.explain.ask("/a.mkv")
