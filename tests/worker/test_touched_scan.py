"""Scans of touched folders, step by step on real rows: they see these, and let all others be."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.kinds import MediaType
from shared.models import MediaFile, ScanFolder, ScanJob
from shared.scan_jobs import JobStatus
from shared.scan_options import ScanOptions
from shared.scan_scope import Scope
from tests.builders import a_new_postgres_database
from tests.scans import a_scan, causes, own_worker, run_to_the_end, status_of
from tests.trees import a_file, a_show, films
from worker.walk import WalkedFolder, walk

NAMES = [f"Journey Picture {number:03d} ({1960 + number})" for number in range(4)]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


def missing(database: Database) -> list[str]:
    with database.read() as session:
        gone = select(MediaFile.path).where(MediaFile.missing_since.is_not(None)).order_by(MediaFile.path)
        return [Path(path).parent.name for path in session.scalars(gone)]


def scan(database: Database, root: Path, *, folders: tuple[str, ...] = (), trees: tuple[str, ...] = ()) -> str:
    scan_job_id = a_scan(database, root, only=Scope.of(folders, trees))
    run_to_the_end(scan_job_id)
    return scan_job_id


def walked(root: Path, only: Scope | None) -> dict[str, str]:
    found = walk(root, ScanOptions(only=only), lambda _: True)
    return {str(Path(item.path).relative_to(root)): item.signature for item in found if isinstance(item, WalkedFolder)}


def test_touched_folders_are_seen_as_a_walk_of_everything_sees_them(tmp_path: Path) -> None:
    a_show(tmp_path, "Harbour Lights", {1: 1, 2: 1})
    a_show(tmp_path, "Other Lights", {1: 1})
    a_file(tmp_path / "Loose (1999).mkv")
    a_file(tmp_path / "Harbour Lights" / "tvshow.nfo", b"<tvshow/>")
    everything = walked(tmp_path, None)

    season = walked(tmp_path, Scope.of(["Harbour Lights/Season 02"]))
    show = walked(tmp_path, Scope.of(trees=["Harbour Lights"]))
    loose = walked(tmp_path, Scope.of([""]))

    assert season == {name: everything[name] for name in ["Harbour Lights/Season 02"]}
    assert show == {name: everything[name] for name in ["Harbour Lights/Season 01", "Harbour Lights/Season 02"]}
    assert loose == {name: everything[name] for name in ["."]}


def test_what_is_gone_from_touched_folders_is_missing_and_from_others_is_not_looked_for(
    database: Database, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    films(root, 4)
    run_to_the_end(a_scan(database, root))
    for name in NAMES[:3]:
        shutil.rmtree(root / name)

    scan_job_id = scan(database, root, folders=(NAMES[0],), trees=(NAMES[1],))

    assert status_of(database, scan_job_id) == JobStatus.COMPLETED
    assert missing(database) == NAMES[:2]
    assert causes(database, scan_job_id) == []


def test_an_empty_root_says_nothing_about_what_was_touched(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    films(root, 2)
    run_to_the_end(a_scan(database, root))
    shutil.rmtree(root)
    root.mkdir()

    scan(database, root, folders=(NAMES[0],))

    assert missing(database) == []


def test_a_file_that_moved_between_two_touched_folders_is_the_same_file(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    films(root, 1)
    other = a_file(root / "Elsewhere (1999)" / "Elsewhere (1999).mkv")
    other.write_bytes(other.read_bytes() + b"other")
    run_to_the_end(a_scan(database, root))
    with database.read() as session:
        before = session.scalars(select(MediaFile).where(MediaFile.path == str(other))).one()
    moved = root / "Shelf" / other.name
    moved.parent.mkdir()
    other.rename(moved)

    scan(database, root, folders=("Elsewhere (1999)",), trees=("Shelf",))

    with database.read() as session:
        after = session.get_one(MediaFile, before.id)
    assert (after.path, after.missing_since) == (str(moved), None)


def test_folders_that_were_not_touched_keep_the_scan_that_saw_them(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "films"
    films(root, 3)
    first = a_scan(database, root)
    run_to_the_end(first)
    a_file(root / NAMES[0] / f"{NAMES[0]} - 480p.mkv", b"no video, but a file")

    second = scan(database, root, folders=(NAMES[0],))

    with database.read() as session:
        saw = {Path(row.path).name: row.scan_job_id for row in session.scalars(select(ScanFolder))}
        assert session.get_one(ScanJob, second).totals["folders"] == 1
    assert saw == {NAMES[0]: second, NAMES[1]: first, NAMES[2]: first}


def test_a_library_of_shows_is_scanned_where_it_was_touched(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "shows"
    a_show(root, "Harbour Lights", {1: 1})
    run_to_the_end(a_scan(database, root, MediaType.TV_SHOW))
    a_show(root, "Harbour Lights", {2: 2})
    a_show(root, "Unseen Lights", {1: 1})

    scan_job_id = a_scan(database, root, MediaType.TV_SHOW, only=Scope.of(trees=["Harbour Lights/Season 02"]))
    run_to_the_end(scan_job_id)

    with database.read() as session:
        paths = session.scalars(select(MediaFile.path)).all()
    assert sorted({str(Path(path).parent.relative_to(root)) for path in paths}) == [
        "Harbour Lights/Season 01",
        "Harbour Lights/Season 02",
    ]
