"""What a worker process holds open: made when first used, so that a child shares nothing with its parent."""

from functools import cached_property
from pathlib import Path

import requests
from redis import Redis

from shared import correlation
from shared.config import Config
from shared.database import Database
from shared.images import ImageStore
from shared.opening import Opener, only
from shared.paths import is_allowed
from shared.redis_client import connect
from worker.providers.budget import Budget
from worker.providers.json_client import new_session
from worker.public_web import place_of, public_session

#: Requests that one process has under way at once. They wait for the network, not for the processor.
REQUESTS_AT_ONCE = 24
#: TVmaze lets one address send 20 requests in 10 seconds.
TVMAZE_RATE_LIMIT = 2
#: Folders whose names one task reads, and folders whose files it looks into.
REGISTER_BATCH, PROBE_BATCH = 100, 100
#: Titles that one task asks the providers about, or takes the colours of; and of which it caches all other pictures,
#: which may be hundreds for a show.
TITLES_AT_ONCE, PICTURED_AT_ONCE = 48, 8


class Resources:
    """One process's connections."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def database(self) -> Database:
        return Database(self.config.database_url, prepares=False)

    @cached_property
    def redis(self) -> Redis:
        return connect(self.config.redis_url, 5)

    @cached_property
    def heartbeat_redis(self) -> Redis:
        """A connection that keeps the worker's own loop waiting only for a moment when Redis is away."""
        return connect(self.config.redis_url, 1)

    @cached_property
    def session(self) -> requests.Session:
        return new_session(REQUESTS_AT_ONCE)

    @cached_property
    def pictures_session(self) -> requests.Session:
        """Asks wherever a provider says that a picture is; within a private network only where the settings say so."""
        named = (self.config.tmdb_base_url, self.config.tmdb_image_base_url, self.config.tvmaze_base_url)
        return public_session(REQUESTS_AT_ONCE, {place_of(url) for url in named})

    @cached_property
    def threads(self) -> correlation.Threads:
        return correlation.Threads(REQUESTS_AT_ONCE, thread_name_prefix="requests")

    @cached_property
    def tmdb_budget(self) -> Budget:
        return Budget(self.redis, "tmdb", self.config.tmdb_rate_limit)

    @cached_property
    def tvmaze_budget(self) -> Budget:
        return Budget(self.redis, "tvmaze", TVMAZE_RATE_LIMIT)

    @cached_property
    def images(self) -> ImageStore:
        return ImageStore(self.config.images_dir)

    @cached_property
    def opener(self) -> Opener:
        """Opens media for reading, and nothing else."""
        return only(self.may_read)

    def may_read(self, path: Path | str) -> bool:
        """Whether a path without symbolic links lies where media may be."""
        return is_allowed(self.config, path)
