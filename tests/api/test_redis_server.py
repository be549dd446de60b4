"""The embedded Redis, wherever its data are."""

from pathlib import Path

import pytest
from redis import Redis

from api.redis_server import RedisServer


@pytest.mark.parametrize("name", ["plain", "my films", 'Ada\'s "films" #1 \\ é'], ids=["plain", "blank", "quotes"])
def test_it_starts_in_any_folder_and_keeps_its_data_there(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "redis"
    server = RedisServer(folder)

    server.start()
    with Redis.from_url(server.url) as client:
        client.set("key", "value")
    server.stop()
    server.start()
    with Redis.from_url(server.url) as client:
        kept = client.get("key")
    server.stop()

    assert kept == b"value"
    assert {path.name for path in folder.iterdir()} == {"redis.conf", "redis.log", "dump.rdb"}
