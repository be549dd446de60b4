"""A film whose file was replaced under a name that says another title, until a provider knows better."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models import Media, MediaFile, Movie
from tests.scans import a_scan, run_to_the_end, worker_that_asks
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, a_video


@pytest.fixture
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn() as stand_in:
        yield stand_in


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str, tmdb: TmdbStandIn) -> Iterator[Database]:
    postgres_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with worker_that_asks(tmdb, tmp_path / "data", redis_url, postgres_url) as own:
        yield own


def test_a_better_version_that_only_the_provider_knows_for_the_same_film_keeps_film_file_and_date(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    tmdb.add_movie(949, "Heat", 1995)
    tmdb.add_movie(600, "Other", 1987)
    a_file(root / "Other (1987)" / "Other (1987).mkv", a_video() + b"other")
    old = a_file(root / "Heat (1995)" / "Heat (1995).mkv")
    run_to_the_end(a_scan(database, root))
    with database.begin() as session:
        before = session.scalars(select(MediaFile).where(MediaFile.path == str(old))).one()
        heat = session.scalars(select(Media).join(Movie).where(Movie.id == before.movie_id)).one()
        heat.locked_fields, heat.title = ["title"], "My Heat"
    old.unlink()
    old.parent.rmdir()
    new = a_file(root / "H34t {tmdb-949}" / "H34t {tmdb-949} 2160p.mkv", a_video() + b"better")

    run_to_the_end(a_scan(database, root))

    with database.read() as session:
        after = session.scalars(select(MediaFile).where(MediaFile.path == str(new))).one()
        titles = {media.title for media in session.scalars(select(Media))}
        files = len(session.scalars(select(MediaFile)).all())
    assert (after.id, after.movie_id, after.created_at) == (before.id, before.movie_id, before.created_at)
    assert after.missing_since is None
    assert (titles, files) == ({"My Heat", "Other"}, 2)
