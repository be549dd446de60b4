"""Scans that a test runs within its own process, step by step, on real rows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared import config, providers, scan_jobs
from shared.catalogue import libraries
from shared.catalogue.extras import is_extra_of
from shared.database import Database
from shared.kinds import MediaType
from shared.migrate import migrate
from shared.models import Failure, Media, MediaFile, ScanJob
from shared.scan_options import ScanOptions
from tests.builders import a_new_postgres_database
from tests.installation import a_tvmaze_that_knows_nothing
from tests.tmdb_stand_in import TmdbStandIn
from worker import growing
from worker.app import app, resources
from worker.tasks.artwork import paint
from worker.tasks.metadata import fetch
from worker.tasks.scan import discover, look_into, register


@contextmanager
def own_worker(data_dir: Path, redis_url: str, environ: Mapping[str, str]) -> Iterator[Database]:
    """Give this process's worker a database and a Redis of its own."""
    data_dir.mkdir()
    own = {"DATA_DIR": str(data_dir), "REDIS_URL": redis_url, "TVMAZE_BASE_URL": a_tvmaze_that_knows_nothing()}
    resources.__dict__.clear()
    resources.config = config.load({**own, **environ})
    app.conf.broker_url = redis_url
    Redis.from_url(redis_url).flushdb()
    migrate(resources.database)
    # What tests write is always young, and complete.
    growing.QUIET_SECONDS = 0.0
    yield resources.database
    resources.database.engine.dispose()


@contextmanager
def worker_that_asks(
    tmdb: TmdbStandIn, data_dir: Path, redis_url: str, postgres_url: str | None, per_second: int = 0
) -> Iterator[Database]:
    """Give this process's worker a TMDB to ask as well; its database is SQLite's where no PostgreSQL is named."""
    environ = {"TMDB_BASE_URL": tmdb.url, "TMDB_IMAGE_BASE_URL": tmdb.url, "TMDB_RATE_LIMIT": str(per_second)}
    if postgres_url is not None:
        environ["DATABASE_URL"] = a_new_postgres_database(postgres_url)
    with own_worker(data_dir, redis_url, environ) as own:
        with own.begin() as session:
            providers.set_tmdb_key(session, tmdb.key)
        yield own


def a_scan(database: Database, folder: Path, media_type: MediaType = MediaType.MOVIE, **options: Any) -> str:
    """Ask for a scan of a folder, and return the job's id."""
    with database.begin() as session:
        library, _ = libraries.at_path(session, folder, media_type)
        return scan_jobs.request(session, library, str(folder), ScanOptions(**options))[0].id


def run_to_the_end(scan_job_id: str) -> None:
    """Take each step of a small scan; who is known in brief is asked about twice, and some pictures follow it."""
    for body in (discover, register, look_into, fetch, fetch, paint, paint):
        body(scan_job_id)


def causes(database: Database, scan_job_id: str) -> list[tuple[str, str]]:
    """Return what a scan could not do: causes and paths."""
    with database.read() as session:
        rows = session.scalars(select(Failure).where(Failure.scan_job_id == scan_job_id).order_by(Failure.path))
        return [(failure.cause, failure.path) for failure in rows]


def extras_of(session: Session, media_id: str) -> Sequence[MediaFile]:
    """Return the extras of a title, by their paths."""
    title = select(Media.id).where(Media.id == media_id).scalar_subquery()
    return session.scalars(select(MediaFile).where(is_extra_of(title)).order_by(MediaFile.path)).all()


def status_of(database: Database, scan_job_id: str) -> str:
    with database.read() as session:
        return session.get_one(ScanJob, scan_job_id).status


def dwell(session: Session) -> None:
    """Stay in a transaction as long as others need to come to where they wait; on SQLite they wait to begin one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_sleep(0.5)"))
