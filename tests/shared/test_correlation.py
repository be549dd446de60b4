"""What a thread is at stands in its log lines, goes with the tasks that it sends, and to threads that work for it."""

import json
import logging

from redis import Redis

from shared import correlation, logs, tasks


def test_threads_that_work_for_another_are_at_what_it_is_at() -> None:
    with correlation.Threads(2) as threads:
        correlation.begin(requestId="from-a-client", taskId=None)
        try:
            found = list(threads.map(lambda _: correlation.at_hand(), range(4)))
        finally:
            correlation.end()
        afterwards = threads.submit(correlation.at_hand).result()

    assert found == [{"requestId": "from-a-client"}] * 4
    assert afterwards == {}


def test_a_task_carries_the_id_of_the_request_on_whose_behalf_it_is_sent(redis: Redis, redis_url: str) -> None:
    tasks.new_app(redis_url)
    correlation.begin(requestId="from-a-client")
    try:
        tasks.fetch.send(None)
    finally:
        correlation.end()
    tasks.fetch.send(None)

    of_nobody, of_client = (json.loads(message)["headers"] for message in redis.lrange(tasks.fetch.list, 0, 1))
    assert of_client[correlation.REQUEST_ID] == "from-a-client"
    assert correlation.REQUEST_ID not in of_nobody


def test_a_log_line_says_what_its_thread_is_at() -> None:
    record = logging.makeLogRecord({"msg": "Hello.", "levelno": logging.INFO})
    correlation.begin(requestId="from-a-client", task="scan.probe")
    try:
        meta = logs.described(record, "scan", correlation.at_hand())["meta"]
    finally:
        correlation.end()

    assert meta == {"source": "scan", "requestId": "from-a-client", "task": "scan.probe"}
