"""Several keepers on one database, and one whose database goes away."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select, text

from shared import tasks, watches
from shared.database import Database
from shared.migrate import migrate
from shared.models import Library, LibraryWatch, ScanJob
from shared.scan_jobs import JobStatus
from shared.scan_options import ScanOptions
from tests.builders import a_library, a_new_database_url
from tests.installation import wait_until
from tests.servers import postgres_cluster
from tests.trees import a_file
from worker.watching.keeper import Keeper

SECONDS = 40.0


@pytest.fixture(autouse=True)
def _app(redis_url: str) -> None:
    tasks.new_app(redis_url)


@contextmanager
def a_keeper(database: Database, redis: Redis) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=Keeper(database, redis, stopping).run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(SECONDS)
        assert not thread.is_alive()


def a_watched_library(database: Database, folder: Path) -> Library:
    folder.mkdir()
    with database.begin() as session:
        return a_library(session, path=folder.resolve(), watch=True)


def jobs(database: Database) -> list[ScanJob]:
    with database.read() as session:
        return list(session.scalars(select(ScanJob).order_by(ScanJob.created_at)))


def end_all(database: Database) -> None:
    with database.begin() as session:
        for scan_job in session.scalars(select(ScanJob)):
            scan_job.status = JobStatus.COMPLETED


def state(database: Database, library: Library) -> str:
    with database.read() as session:
        return watches.standing(session, library, session.get(LibraryWatch, library.id)).state


def test_of_two_processes_one_watches_and_the_other_takes_over(
    database: Database, redis: Redis, tmp_path: Path
) -> None:
    library = a_watched_library(database, tmp_path / "media")
    with a_keeper(database, redis):
        with a_keeper(database, redis):
            wait_until(lambda: jobs(database), SECONDS, "the library is scanned at first")
            end_all(database)

            a_file(tmp_path / "media" / "Heat (1995)" / "Heat (1995).mkv")

            wait_until(lambda: len(jobs(database)) == 2, SECONDS, "what was touched is scanned")
            end_all(database)
        # Whichever of the two had it, one is left: where it has to take over it scans everything once more.
        a_file(tmp_path / "media" / "Alien (1979)" / "Alien (1979).mkv")
        wait_until(lambda: len(jobs(database)) >= 3, SECONDS, "the one that is left notices")
        assert state(database, library) == "events"
    assert state(database, library) == "waiting"
    first, second, *_ = (ScanOptions.from_json(scan_job.options).only for scan_job in jobs(database))
    assert first is None
    assert second is not None
    assert second.trees == ("Heat (1995)",)


def test_a_database_that_is_away_costs_time_and_no_change(
    database: Database, redis: Redis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    a_watched_library(database, tmp_path / "media")
    with a_keeper(database, redis):
        wait_until(lambda: jobs(database), SECONDS, "the library is scanned at first")
        end_all(database)
        rename(database, "library_watches", "library_watches_away")
        try:
            a_file(tmp_path / "media" / "Heat (1995)" / "Heat (1995).mkv")

            wait_until(lambda: "does not answer" in caplog.text, SECONDS, "the keeper says that it waits")
            assert len(jobs(database)) == 1
        finally:
            rename(database, "library_watches_away", "library_watches")

        wait_until(lambda: len(jobs(database)) == 2, SECONDS, "what was touched meanwhile is scanned")


def test_a_postgresql_that_is_killed_costs_time_and_no_change(
    redis: Redis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with postgres_cluster() as cluster, ExitStack() as running:
        running.enter_context(cluster.running(signal.SIGQUIT))
        database = Database(a_new_database_url("postgresql", cluster.url, tmp_path))
        migrate(database)
        library = a_watched_library(database, tmp_path / "media")
        with a_keeper(database, redis):
            wait_until(lambda: jobs(database), SECONDS, "the library is scanned at first")
            end_all(database)
            with database.begin() as session:
                # Tests' servers write commits down a little later.
                session.execute(text("CHECKPOINT"))

            running.close()
            a_file(tmp_path / "media" / "Heat (1995)" / "Heat (1995).mkv")
            wait_until(lambda: "does not answer" in caplog.text, SECONDS, "the keeper says that it waits")
            running.enter_context(cluster.running(signal.SIGQUIT))

            wait_until(lambda: len(jobs(database)) == 2, SECONDS, "what was touched meanwhile is scanned")
            assert state(database, library) == "events"
        database.engine.dispose()


def rename(database: Database, table: str, name: str) -> None:
    """Have a table go away, or come back."""
    with database.begin() as session:
        session.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))
