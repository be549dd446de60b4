"""Whatever users do to their files, in whatever order: a file that is the same one keeps its id, its date, its title.

Seeded sequences of renames, moves between two libraries, replacements, copies, removals and returns, against a model
that only remembers which file is which.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models import Media, MediaFile, Movie
from tests.builders import a_new_postgres_database
from tests.scans import a_scan, own_worker, run_to_the_end
from tests.trees import a_file, a_video

STEPS = 7


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Database]:
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = a_new_postgres_database(request.getfixturevalue("postgres_url"))
    with own_worker(tmp_path / "data", redis_url, environ) as own:
        yield own


@dataclass
class World:
    """Two libraries on disk, and where each file is that the catalogue knows; ``away``: where those are that left."""

    random: Random
    roots: tuple[Path, Path]
    places: dict[int, Path] = field(default_factory=dict)
    away: dict[int, tuple[Path, Path]] = field(default_factory=dict)
    #: Files of which there is another one like them: nobody can tell the two apart when both move.
    alike: set[int] = field(default_factory=set)
    names: int = 0

    def new_path(self, root: Path) -> Path:
        self.names += 1
        name = f"Title {self.names} ({1950 + self.names})"
        return root / name / f"{name}.mkv"

    def add(self, root: Path, content: bytes | None = None) -> int:
        number = len(self.places) + len(self.away)
        path = self.new_path(root)
        a_file(path, content or a_video() + number.to_bytes(2, "big") * 11)
        self.places[number] = path
        return number

    def pick(self) -> int:
        return self.random.choice(sorted(self.places.keys() - self.alike))

    def rename(self) -> None:
        self._put(self.pick(), same_root=True)

    def move(self) -> None:
        self._put(self.pick(), same_root=False)

    def _put(self, number: int, *, same_root: bool) -> None:
        old = self.places[number]
        here, there = self.roots if old.is_relative_to(self.roots[0]) else self.roots[::-1]
        new = self.new_path(here if same_root else there)
        new.parent.mkdir(parents=True)
        old.rename(new)
        old.parent.rmdir()
        self.places[number] = new

    def replace(self) -> None:
        path = self.places[self.pick()]
        path.write_bytes(path.read_bytes() + b"better")

    def replace_under_another_name(self) -> None:
        number = self.pick()
        old = self.places[number]
        new = old.with_name(f"{old.parent.name} - {self.random.randrange(10**6)}p.mkv")
        new.write_bytes(old.read_bytes() + b"better by far")
        old.unlink()
        self.places[number] = new

    def copy(self) -> None:
        number = self.pick()
        copied = self.add(self.random.choice(self.roots), self.places[number].read_bytes())
        self.alike |= {number, copied}

    def remove(self) -> None:
        number = self.pick()
        path = self.places.pop(number)
        kept = self.roots[0].parent / "away" / str(number)
        kept.parent.mkdir(exist_ok=True)
        path.parent.rename(kept)
        self.away[number] = (path, kept)

    def bring_back(self) -> None:
        if self.away:
            number = self.random.choice(sorted(self.away))
            path, kept = self.away.pop(number)
            kept.rename(path.parent)
            self.places[number] = path


def scan_both(database: Database, world: World) -> None:
    for root in world.random.sample(world.roots, 2):
        run_to_the_end(a_scan(database, root))


def known(database: Database) -> dict[str, tuple[str, object, str | None, bool]]:
    """Return for each path the file's id and date, its film, and whether it is missing."""
    with database.read() as session:
        return {
            file.path: (file.id, file.created_at, file.movie_id, file.missing_since is not None)
            for file in session.scalars(select(MediaFile))
        }


@pytest.mark.parametrize("seed", range(3))
def test_a_file_keeps_its_identity_whatever_is_done_to_it(database: Database, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    world = World(random, (tmp_path / "one", tmp_path / "two"))
    for root in world.roots:
        for _ in range(4):
            world.add(root)
    scan_both(database, world)
    before = {number: known(database)[str(path)] for number, path in world.places.items()}
    deeds = [world.rename, world.move, world.replace, world.replace_under_another_name, world.copy, world.remove]
    done = []

    for _ in range(STEPS):
        deed = random.choice([*deeds, world.bring_back])
        deed()
        done.append(deed.__name__)
        scan_both(database, world)

        now_known = known(database)
        after = {number: now_known[str(path)] for number, path in world.places.items()}
        kept = before.keys() & after.keys()
        assert {number: after[number][:3] for number in kept} == {number: before[number][:3] for number in kept}, done
        assert not any(is_missing for *_, is_missing in after.values()), done
        gone = {now_known[str(path)] for path, _ in world.away.values()}
        assert all(is_missing for *_, is_missing in gone), done
        assert len(now_known) == len(after) + len(gone), done
        before = after | {number: before[number] for number in world.away if number in before}

    with database.read() as session:
        films = session.scalars(select(Movie.id)).all()
        assert len(films) == len(session.scalars(select(Media.id)).all()) == len({row[2] for row in before.values()})
    shutil.rmtree(tmp_path / "away", ignore_errors=True)
