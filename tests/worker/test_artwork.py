"""Pictures of titles: posters and colours with the scan, all others after it, smaller ones when somebody asks."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from redis import Redis
from sqlalchemy import select, update

from shared import enrichments, tasks
from shared.database import Database
from shared.models import Enrichment, Media, ScanJob
from shared.scan_states import EnrichmentStatus, JobStatus
from tests.builders import a_scan_job
from tests.scans import a_scan, causes, status_of, worker_that_asks
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, films
from worker.app import resources
from worker.tasks.artwork import paint, scale
from worker.tasks.metadata import fetch
from worker.tasks.scan import discover, look_into, register
from worker.tasks.upkeep import sweep


@pytest.fixture
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn(auto=True) as stand_in:
        yield stand_in


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str, tmdb: TmdbStandIn) -> Iterator[Database]:
    postgres_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with worker_that_asks(tmdb, tmp_path / "data", redis_url, postgres_url) as own:
        yield own


def a_scan_but_for_pictures(database: Database, folder: Path) -> str:
    scan_job_id = a_scan(database, folder)
    for body in (discover, register, look_into, fetch, fetch):
        body(scan_job_id)
    return scan_job_id


def statuses(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Enrichment.status)))


def pictures(database: Database) -> list[tuple[bool, bool, int]]:
    """Return for each title whether its poster and its backdrop are cached, and how many colours it has."""
    with database.read() as session:
        rows = session.execute(select(Media.poster_image, Media.backdrop_image, Media.palette))
        return [(bool(poster), bool(backdrop), len(palette)) for poster, backdrop, palette in rows]


def test_a_scan_waits_for_posters_and_their_colours_and_the_other_pictures_follow(
    database: Database, tmp_path: Path
) -> None:
    films(tmp_path / "films", 2)
    scan_job_id = a_scan_but_for_pictures(database, tmp_path / "films")

    paint(scan_job_id)

    assert status_of(database, scan_job_id) == "COMPLETED"
    assert pictures(database) == [(True, False, 4)] * 2
    assert statuses(database) == {EnrichmentStatus.PICTURES}

    paint(None)

    assert pictures(database) == [(True, True, 4)] * 2
    assert statuses(database) == {EnrichmentStatus.SETTLED}


def test_pictures_that_lie_beside_the_files_come_with_the_scan(database: Database, tmp_path: Path) -> None:
    (title,) = films(tmp_path / "films", 1)
    fanart = BytesIO()
    Image.new("RGB", (64, 36), "red").save(fanart, "JPEG")
    a_file(tmp_path / "films" / f"{title} (1960)" / "fanart.jpg", fanart.getvalue())
    scan_job_id = a_scan_but_for_pictures(database, tmp_path / "films")

    paint(scan_job_id)

    assert pictures(database) == [(True, True, 4)]
    assert statuses(database) == {EnrichmentStatus.SETTLED}


def test_other_pictures_wait_while_any_scan_runs_unless_somebody_looks_at_their_title(
    database: Database, tmp_path: Path
) -> None:
    films(tmp_path / "films", 2)
    paint(a_scan_but_for_pictures(database, tmp_path / "films"))
    with database.begin() as session:
        a_scan_job(session, status="IN_PROGRESS")
        first = session.scalars(select(Enrichment.media_id).order_by(Enrichment.media_id)).first()

    paint(None)
    nobody_looked = pictures(database)
    with database.begin() as session:
        opened = enrichments.go_first(session, first or "")
    paint(None)

    assert nobody_looked == [(True, False, 4)] * 2
    assert opened is not None
    assert opened[0] is EnrichmentStatus.PICTURES
    assert sorted(pictures(database)) == [(True, False, 4), (True, True, 4)]


def test_the_sweeper_sends_for_pictures_once_no_scan_runs(database: Database, tmp_path: Path, redis_url: str) -> None:
    films(tmp_path / "films", 1)
    paint(a_scan_but_for_pictures(database, tmp_path / "films"))
    queues = Redis.from_url(redis_url)
    with database.begin() as session:
        running = a_scan_job(session, status="IN_PROGRESS").id

    sent = []
    for status in (JobStatus.IN_PROGRESS, JobStatus.FAILED):
        with database.begin() as session:
            session.execute(update(ScanJob).where(ScanJob.id == running).values(status=status))
        queues.flushdb()
        sweep()
        sent.append(queues.llen(tasks.paint.list))

    assert sent == [0, 1]


def test_a_picture_that_cannot_be_had_is_noted_in_its_scan_though_that_has_ended(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    films(tmp_path / "films", 1)
    scan_job_id = a_scan_but_for_pictures(database, tmp_path / "films")
    paint(scan_job_id)
    tmdb.fail_next(404)

    paint(None)

    assert [cause for cause, _ in causes(database, scan_job_id)] == ["picture-missing"]
    assert statuses(database) == {EnrichmentStatus.SETTLED}


def test_a_picture_is_made_smaller_once_for_who_asks(database: Database, tmp_path: Path) -> None:
    films(tmp_path / "films", 1)
    paint(a_scan_but_for_pictures(database, tmp_path / "films"))
    with database.read() as session:
        image_id = session.scalars(select(Media.poster_image)).one() or ""

    scale(image_id, "185")
    made = resources.images.find(image_id, 185)
    assert made is not None
    written = made.stat().st_mtime_ns
    scale(image_id, "185")
    scale("0" * 32, "185")

    assert Image.open(made).size == (185, 278)
    assert made.stat().st_mtime_ns == written
