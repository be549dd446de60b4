"""What the API process holds open, for whoever handles a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from flask import current_app
from redis import Redis

from api.answers import Answers
from api.gathering import Gathered
from api.guard_state import GuardState
from api.login_limits import LoginLimits
from shared import scan_jobs, tasks
from shared.catalogue import details, libraries, search
from shared.catalogue.details import Details
from shared.catalogue.search import Asked, Found
from shared.catalogue.search_answers import Begun
from shared.catalogue.views import MovieView
from shared.config import Config
from shared.database import Database
from shared.database_state import DatabaseState
from shared.images import ImageStore
from shared.kinds import MediaType
from shared.redis_client import connect
from shared.scan_options import ScanOptions

#: How long a request waits for Redis, in seconds.
REDIS_WITHIN = 1.0


@dataclass(frozen=True, slots=True)
class Context:
    """One API process's connections; each opens when it is first used."""

    config: Config
    database: Database
    redis: Redis
    images: ImageStore
    guards: GuardState
    login_limits: LoginLimits
    answers: Answers
    #: The details of films that are asked for at once.
    movies: Gathered[str, Details[MovieView] | None]
    #: What is searched for at once, or what is known of it where more has to be asked.
    searches: Gathered[Asked, Found | Begun]
    #: What of `/ready` this process has seen fail, and since when.
    failing_since: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Config) -> "Context":
        redis = connect(config.redis_url, REDIS_WITHIN)
        database = Database(config.database_url)
        images = ImageStore(config.images_dir)
        answers = Answers(DatabaseState(database.engine))
        limits = LoginLimits(config.redis_url)
        movies = Gathered(partial(_movies, database), details.MOST_AT_ONCE)
        searches = Gathered(partial(_searches, database), search.MOST_AT_ONCE)
        return cls(config, database, redis, images, GuardState(database), limits, answers, movies, searches)

    def warm_up(self) -> None:
        """Open the connections that the first request would otherwise wait for."""
        with self.database.begin() as session:
            library, _ = libraries.at_path(session, Path("/warm-up"), MediaType.MOVIE)
            scan_jobs.request(session, library, "/warm-up", ScanOptions())
            # The route's own queries, and nothing of them kept.
            session.rollback()
        # Something has to be sent for the queues to be declared; the sweeper is never wrong.
        tasks.sweep.send()


def _movies(database: Database, movie_ids: Sequence[str]) -> Mapping[str, Details[MovieView] | None]:
    with database.look() as rows:
        found = details.movies(rows, movie_ids)
    return {each: found.get(each) for each in movie_ids}


def _searches(database: Database, asked: Sequence[Asked]) -> Mapping[Asked, Found | Begun]:
    with database.read() as session:
        return search.searches(session, asked)


def context() -> Context:
    """Return the context of the app that handles this request."""
    return cast("Context", current_app.extensions["dester"])


def database() -> Database:
    """Return the database of the app that handles this request."""
    return context().database
