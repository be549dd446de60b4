"""What is opened is judged by where it lies, whatever links led there, and whatever they lead to by then."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared import opening
from shared.opening import RefusedError, only, refuse_outside
from tests.swapped import point, swapping


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "film.mkv").write_bytes(b"film")
    return tmp_path / "inside"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "film.mkv").write_bytes(b"secret")
    return tmp_path / "outside"


@pytest.fixture
def allowed(inside: Path) -> Callable[[str], bool]:
    return lambda real: f"{real}/".startswith(f"{inside}/")


def read(path: Path, allowed: Callable[[str], bool]) -> bytes:
    with open(path, "rb", opener=only(allowed)) as file:
        return file.read()


def test_a_link_is_followed_where_it_stays_inside_and_refused_where_it_does_not(
    inside: Path, outside: Path, allowed: Callable[[str], bool]
) -> None:
    (inside / "good.mkv").symlink_to(inside / "film.mkv")
    (inside / "bad.mkv").symlink_to(outside / "film.mkv")
    (inside / "folder").symlink_to(outside)

    assert read(inside / "good.mkv", allowed) == b"film"
    for refused in (inside / "bad.mkv", inside / "folder" / "film.mkv", inside / ".." / "outside" / "film.mkv"):
        with pytest.raises(RefusedError, match="outside the folders of media"):
            read(refused, allowed)


def test_what_was_opened_is_judged_although_the_link_leads_elsewhere_by_then(
    inside: Path, outside: Path, allowed: Callable[[str], bool]
) -> None:
    link = inside / "link.mkv"
    link.symlink_to(outside / "film.mkv")

    def too_late(real: str) -> bool:
        point(link, inside / "film.mkv")
        return allowed(real)

    with pytest.raises(RefusedError):
        read(link, too_late)
    assert read(link, allowed) == b"film"


@pytest.mark.parametrize("swapped", ["file", "folder"])
def test_a_link_that_is_swapped_all_the_time_never_leads_outside(
    inside: Path, outside: Path, allowed: Callable[[str], bool], swapped: str
) -> None:
    link = inside / "link"
    targets = [inside / "film.mkv", outside / "film.mkv"] if swapped == "file" else [inside, outside]
    link.symlink_to(targets[0])
    path = link if swapped == "file" else link / "film.mkv"
    contents: set[bytes] = set()
    refused = 0

    with swapping(link, *targets):
        while not (contents and refused):
            try:
                contents.add(read(path, allowed))
            except RefusedError:
                refused += 1

    assert contents == {b"film"}


def test_a_folder_is_judged_by_where_it_lies(inside: Path, outside: Path, allowed: Callable[[str], bool]) -> None:
    (inside / "good").symlink_to(inside)
    (inside / "bad").symlink_to(outside)

    with opening.folder(str(inside / "good"), allowed) as descriptor:
        assert "film.mkv" in os.listdir(descriptor)  # noqa: PTH208 - a descriptor is no path
    with pytest.raises(RefusedError), opening.folder(str(inside / "bad"), allowed):
        pass


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"]
)
def test_only_a_regular_file_is_opened_and_nobody_waits_for_another(inside: Path, make: Callable[[Path], None]) -> None:
    make(inside / "odd.mkv")

    with pytest.raises(RefusedError, match="not a regular file"):
        read(inside / "odd.mkv", lambda _: True)


def test_where_a_path_leads_is_seen_without_opening_it(
    inside: Path, outside: Path, allowed: Callable[[str], bool]
) -> None:
    os.mkfifo(inside / "pipe")
    (inside / "bad").symlink_to(outside / "film.mkv")
    (inside / "gone").symlink_to(inside / "nothing")

    refuse_outside(str(inside / "pipe"), allowed)
    with pytest.raises(RefusedError):
        refuse_outside(str(inside / "bad"), allowed)
    with pytest.raises(FileNotFoundError):
        refuse_outside(str(inside / "gone"), allowed)


def test_nothing_that_was_refused_stays_open(inside: Path, outside: Path, allowed: Callable[[str], bool]) -> None:
    (inside / "bad").symlink_to(outside)
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(10):
        with pytest.raises(RefusedError):
            read(inside / "bad" / "film.mkv", allowed)
        with pytest.raises(RefusedError):
            read(inside, allowed)
        with pytest.raises(RefusedError), opening.folder(str(inside / "bad"), allowed):
            pass

    assert len(list(Path("/proc/self/fd").iterdir())) == before
