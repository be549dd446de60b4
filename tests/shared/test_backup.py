"""Backups: whole or none, of one moment, and restorable into either kind of database."""

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from shared import migrate, settings, vault
from shared.backup import archive, tables
from shared.backup.archive import ArchiveError
from shared.backup.making import make
from shared.backup.restoring import restore
from shared.database import Database
from shared.images import ImageStore
from shared.models import Base, Library, Media, Setting, TitleCount
from shared.providers import Change, change
from tests.builders import (
    a_credit,
    a_file,
    a_library,
    a_migrated_database,
    a_movie,
    a_new_database_url,
    a_scan_job,
    a_season,
    a_show,
    an_episode,
)

all_shapes = tables.shapes

ODD = "Amélie — “Ünïcode” 🎬 \\ ' \" % \t\n 百"
KEY = "0123456789abcdef0123456789abcdef"
PICTURE = b"a picture"


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


@pytest.fixture
def filled(database: Database, images: ImageStore) -> Database:
    """Fill a database with rows of many kinds, and the cache with a picture."""
    with database.begin() as session:
        library = a_library(session, "Films", path="/media/films", providers=["nfo"])
        # It comes before the one that it belongs to.
        child = a_library(session, "Collection", path="/media/collection")
        child.id, child.parent_id = "00000000-0000-0000-0000-000000000000", library.id
        movie = a_movie(
            session,
            ODD,
            library=library,
            genres=["Drama"],
            external_ids={"TMDB": "603"},
            rating=7.3,
            release_date=date(1999, 3, 31),
            duration=136,
        )
        a_file(session, "/media/films/Heat.mkv", movie=movie, size=2**40)
        show = a_show(session, "The Wire", library=library)
        an_episode(session, a_season(session, show), 1, ODD)
        a_credit(session, movie.media_id, "Keanu Reeves")
        a_scan_job(session, library)
        session.add_all([Setting(key="firstRun", value=False), Setting(key="nothing", value=None)])
        change(session, "tmdb", Change(config={"apiKey": KEY}))
    images.put_rendition(images.put(PICTURE, "jpg"), 185, b"small")
    return database


def contents(database: Database) -> dict[str, list[Any]]:
    """Return everything that a backup holds, as the archive spells it, without what is sealed."""
    with database.begin() as session:
        found = {
            shape.name: sorted(json.dumps(row) for row in map(json.loads, tables.lines(session.connection(), shape)))
            for shape in tables.shapes()
        }
    del found["providers"]
    return found


def titles(database: Database) -> dict[str, int]:
    """Return what the triggers have counted."""
    with database.read() as session:
        counted: dict[str, int] = {}
        for row in session.scalars(select(TitleCount)):
            counted[row.counted] = counted.get(row.counted, 0) + row.titles
    return {name: count for name, count in counted.items() if count}


def a_backup(database: Database, images: ImageStore, folder: Path, *, with_keys: bool = False) -> Path:
    make(folder / "backup.tar", database, images, "0.2.0", quiet, with_keys=with_keys)
    return folder / "backup.tar"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_restores_everything_into_either_kind_of_database(
    filled: Database, images: ImageStore, tmp_path: Path, postgres_url: str, kind: str
) -> None:
    path = a_backup(filled, images, tmp_path)
    other = Database(a_new_database_url(kind, postgres_url, tmp_path))
    other_images = ImageStore(tmp_path / "other")

    restore(path, other, other_images, quiet, replace=False)

    assert contents(other) == contents(filled)
    assert titles(other) == titles(filled)
    assert [path.read_bytes() for _, path in other_images.files()] == [b"small", PICTURE]
    with other.read() as session:
        assert settings.tmdb_key(session) == KEY
        assert [found.title for found in session.scalars(select(Media).where(Media.title == ODD))] == [ODD]
        assert session.scalars(select(Library.parent_id).where(Library.parent_id.is_not(None))).one()
    with other.begin() as session:
        # New rows get numbers of their own, and what refers to nothing is refused.
        a_movie(session, "Another")
    with pytest.raises(IntegrityError), other.begin() as session:
        session.execute(text("INSERT INTO media_genres (genre, media_id) VALUES ('x', 'nothing')"))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_backup_is_of_one_moment_though_others_write_meanwhile(
    filled: Database, images: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, lines = contents(filled), tables.lines

    def while_somebody_writes(connection: Any, shape: tables.Shape) -> Any:
        with filled.begin() as session:
            a_movie(session, f"Written while {shape.name} is read", genres=["New"])
        return lines(connection, shape)

    monkeypatch.setattr(tables, "lines", while_somebody_writes)
    path = a_backup(filled, images, tmp_path)
    monkeypatch.setattr(tables, "lines", lines)
    other = Database(a_new_database_url("sqlite", "", tmp_path))

    restore(path, other, images, quiet, replace=False)

    assert contents(other) == before


def test_a_database_that_holds_something_is_only_replaced_when_that_is_said(
    filled: Database, images: ImageStore, tmp_path: Path
) -> None:
    path = a_backup(filled, images, tmp_path)
    other = a_migrated_database("sqlite", "", tmp_path)
    with other.begin() as session:
        a_movie(session, "Mine", library=a_library(session, "Mine"))
    before = contents(other)

    with pytest.raises(ArchiveError, match="not empty; --replace removes"):
        restore(path, other, images, quiet, replace=False)
    assert contents(other) == before

    restore(path, other, images, quiet, replace=True)
    assert contents(other) == contents(filled)


def test_a_new_installation_counts_as_empty(filled: Database, images: ImageStore, tmp_path: Path) -> None:
    other = a_migrated_database("sqlite", "", tmp_path)

    restore(a_backup(filled, images, tmp_path), other, images, quiet, replace=False)

    assert contents(other) == contents(filled)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-15_000])


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(PICTURE)] ^= 1
    path.write_bytes(data)


def no_archive(path: Path) -> None:
    path.write_bytes(b"words" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with tarfile.open(path) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    change(files)
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def climb_out(path: Path) -> None:
    rewrite(path, lambda files: files.update({"../../evil": b"x"}))


def leave_out(path: Path) -> None:
    rewrite(path, lambda files: files.pop("tables/media.jsonl.gz"))


def add_one(path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        manifest = files.pop(archive.MANIFEST)
        files["images/ab/ab" + "0" * 30 + ".jpg"] = b"x"
        files[archive.MANIFEST] = manifest

    rewrite(path, change)


def come_from_the_future(path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files[archive.MANIFEST]) | {"revision": "9999"}
        files[archive.MANIFEST] = json.dumps(manifest).encode()

    rewrite(path, change)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (cut_short, "cut short|can't be read"),
        (flip_a_bit, "damaged"),
        (no_archive, "can't be read as a backup"),
        (empty, "can't be read as a backup|no manifest"),
        (climb_out, "which no backup has"),
        (leave_out, "damaged"),
        (add_one, "damaged"),
        (come_from_the_future, "newer version"),
    ],
)
def test_what_is_no_whole_backup_is_refused_before_anything_is_written(
    filled: Database, images: ImageStore, tmp_path: Path, damage: Callable[[Path], None], why: str
) -> None:
    path = a_backup(filled, images, tmp_path)
    damage(path)
    other = a_migrated_database("sqlite", "", tmp_path)
    with other.begin() as session:
        a_movie(session, "Mine", library=a_library(session, "Mine"))
    before, other_images = contents(other), ImageStore(tmp_path / "other")

    with pytest.raises(ArchiveError, match=why):
        restore(path, other, other_images, quiet, replace=True)

    assert contents(other) == before
    assert list(other_images.files()) == []


def test_rows_that_can_not_be_restored_leave_the_database_as_it_was(
    filled: Database, images: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_backup(filled, images, tmp_path)
    other = a_migrated_database("sqlite", "", tmp_path)
    with other.begin() as session:
        a_movie(session, "Mine", library=a_library(session, "Mine"))
    before, insert = contents(other), tables.insert

    def failing(connection: Any, shape: tables.Shape, read: Any) -> int:
        if shape.name == "media_files":
            raise OSError("The disk is full.")
        return insert(connection, shape, read)

    monkeypatch.setattr(tables, "insert", failing)
    with pytest.raises((OSError, ArchiveError)):
        restore(path, other, images, quiet, replace=True)

    assert contents(other) == before


def test_a_file_that_is_there_is_not_written_over_and_a_backup_that_fails_leaves_none(
    filled: Database, images: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_backup(filled, images, tmp_path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        a_backup(filled, images, tmp_path)
    assert path.read_bytes() == before
    path.unlink()

    def failing(*_: object) -> Any:
        raise OSError("The disk is full.")

    monkeypatch.setattr(tables, "lines", failing)
    with pytest.raises(OSError, match="full"):
        a_backup(filled, images, tmp_path)

    assert not [left for left in tmp_path.iterdir() if left.name.startswith((".backup", "backup"))]


@pytest.mark.parametrize("with_keys", [False, True])
def test_secrets_stay_sealed_and_the_key_goes_along_only_when_that_is_said(
    filled: Database,
    images: ImageStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    with_keys: bool,
) -> None:
    key = vault.keys_at_hand()[0]
    path = a_backup(filled, images, tmp_path, with_keys=with_keys)
    assert KEY.encode() not in path.read_bytes()
    assert (key.encode() in path.read_bytes()) is with_keys
    monkeypatch.setenv("SECRETS_KEY", "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
    own = vault.seal("mine")
    other = Database(a_new_database_url("sqlite", "", tmp_path))
    told: list[str] = []

    restore(path, other, images, told.append, replace=False)

    with other.read() as session:
        assert settings.tmdb_key(session) == (KEY if with_keys else None)
    assert any("can't be opened here. Put back the SECRETS_KEY" in line for line in told) is not with_keys
    assert vault.unseal(own) == "mine"
    assert (tmp_path / "elsewhere" / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_where_nothing_was_sealed_there_are_no_keys_to_restore_and_the_first_secret_makes_one(
    filled: Database, images: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRETS_KEY", "")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "here"))
    path = a_backup(filled, images, tmp_path, with_keys=True)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))

    restore(path, Database(a_new_database_url("sqlite", "", tmp_path)), images, quiet, replace=False)

    assert vault.unseal(vault.seal("mine")) == "mine"


def shapes_of(older: Database) -> list[tables.Shape]:
    """Return the tables and columns that an older version had."""
    found = inspect(older.engine)
    columns = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
    return [
        replace(shape, columns=tuple(column for column in shape.columns if column[0] in columns[shape.name]))
        for shape in all_shapes()
        if shape.name in columns
    ]


def test_a_backup_of_an_older_version_is_restored_and_migrated(
    images: ImageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Database(a_new_database_url("sqlite", "", tmp_path))
    with older.begin() as session:
        migrate.upgrade(session.connection(), "0011")
        session.execute(
            text("UPDATE providers SET config = :config WHERE name = 'tmdb'"),
            {"config": json.dumps({"apiKey": KEY})},
        )
    monkeypatch.setattr(migrate, "known_revisions", lambda: ["0011"])
    monkeypatch.setattr(tables, "shapes", lambda: shapes_of(older))
    path = a_backup(older, images, tmp_path)
    monkeypatch.undo()
    other = Database(a_new_database_url("sqlite", "", tmp_path))

    restore(path, other, images, quiet, replace=False)

    with other.read() as session:
        assert migrate.revision_of(session.connection()) == migrate.known_revisions()[0]
        assert settings.tmdb_key(session) == KEY
        raw = session.scalar(text("SELECT config FROM providers WHERE name = 'tmdb'"))
    assert vault.SEALED in raw


def test_a_database_of_a_newer_version_is_not_replaced(filled: Database, images: ImageStore, tmp_path: Path) -> None:
    path = a_backup(filled, images, tmp_path)
    newer = a_migrated_database("sqlite", "", tmp_path)
    with newer.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ArchiveError, match=r"newer version \(9999\).* restore into an empty database"):
        restore(path, newer, images, quiet, replace=True)


def test_a_database_of_another_version_is_not_backed_up(images: ImageStore, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="The database is at nothing"):
        a_backup(Database(a_new_database_url("sqlite", "", tmp_path)), images, tmp_path)


def test_every_table_is_backed_up_but_what_triggers_keep() -> None:
    assert {shape.name for shape in all_shapes()} == set(Base.metadata.tables) - {"title_counts"}
