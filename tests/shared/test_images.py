"""The picture cache, as one process writes it and another reads it."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from shared.images import ImageStore

MASTER = b"a master"
IMAGE_ID = sha256(MASTER).hexdigest()[:32]


def a_store(root: Path) -> ImageStore:
    store = ImageStore(root)
    store.put(MASTER, "png")
    store.put_rendition(IMAGE_ID, 185, b"narrow")
    store.put_rendition(IMAGE_ID, 342, b"wide")
    return store


def test_a_picture_is_named_by_its_content(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)

    assert store.put(MASTER, "jpg") == IMAGE_ID
    store.put_rendition(IMAGE_ID, 342, b"wide")

    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {f"{IMAGE_ID[:2]}/{IMAGE_ID}.jpg", f"{IMAGE_ID[:2]}/{IMAGE_ID}-342.jpg"}


@pytest.mark.parametrize(
    ("width", "content"),
    [(None, MASTER), (1, b"narrow"), (185, b"narrow"), (186, b"wide"), (342, b"wide"), (343, MASTER), (9999, MASTER)],
)
def test_the_smallest_rendition_that_is_wide_enough_is_found(tmp_path: Path, width: int | None, content: bytes) -> None:
    found = a_store(tmp_path).find(IMAGE_ID, width)

    assert found is not None
    assert found.read_bytes() == content


@pytest.mark.parametrize(
    ("width", "lacking"), [(None, None), (1, None), (185, None), (186, 300), (342, None), (343, 780), (9999, None)]
)
def test_it_is_known_which_rendition_would_serve_better(tmp_path: Path, width: int | None, lacking: int | None) -> None:
    assert a_store(tmp_path).lacking(IMAGE_ID, width) == lacking


@pytest.mark.parametrize(
    "image_id",
    [
        "",
        "0" * 32,
        IMAGE_ID[:31],
        IMAGE_ID + "0",
        IMAGE_ID.upper(),
        IMAGE_ID + "\n",
        f"{IMAGE_ID}-185",
        "../" + IMAGE_ID[:29],
        "/" + IMAGE_ID[:31],
        "٣" * 32,
    ],
)
def test_what_is_no_id_finds_nothing(tmp_path: Path, image_id: str) -> None:
    store = a_store(tmp_path / "cache")
    (tmp_path / f"{IMAGE_ID[:29]}.jpg").write_bytes(b"outside")

    assert store.find(image_id, None) is None
    assert store.find(image_id, 185) is None


def test_an_empty_cache_finds_nothing(tmp_path: Path) -> None:
    assert ImageStore(tmp_path / "missing").find(IMAGE_ID, 185) is None


def test_what_is_stored_stays_as_it_is(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    store.put(MASTER, "png")
    store.put_rendition(IMAGE_ID, 185, b"another")

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_many_may_store_the_same_picture_at_once(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    large = b"x" * 1_000_000

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: store.put(large, "jpg"), range(32)))

    assert len(ids) == 1
    assert [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()] == [1_000_000]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ImageStore(tmp_path)

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(OSError, match="No space"):
        store.put(MASTER, "jpg")

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("suffix", ["gif", "../x"])
def test_what_could_never_be_found_is_not_stored(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ValueError, match="never be found"):
        ImageStore(tmp_path).put(MASTER, suffix)


def test_a_width_that_nobody_could_ask_for_is_not_stored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="never be found"):
        a_store(tmp_path).put_rendition(IMAGE_ID, 200, b"no such width")
