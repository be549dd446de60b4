"""The demo library, made once and looked at from all sides."""

import subprocess
import sys
from pathlib import Path

import av
import pytest
from defusedxml import ElementTree
from PIL import Image

from worker.demo_library import make
from worker.probe import probe

VIDEOS = (".mp4", ".mkv")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    make(target)
    return target


def videos(library: Path) -> list[Path]:
    return [path for path in library.rglob("*") if path.suffix in VIDEOS]


def test_there_are_films_and_shows_in_all_their_shapes(library: Path) -> None:
    movies, tv = library / "movies", library / "tv"

    assert len([path for path in movies.iterdir() if path.is_dir() or path.suffix in VIDEOS]) >= 6
    assert {path.name for path in (movies / "Metropolis (1927)").iterdir() if path.suffix in VIDEOS} == {
        "Metropolis (1927) - 1080p.mp4",
        "Metropolis (1927) - 480p.mkv",
    }
    assert (movies / "A Trip to the Moon (1902).nfo").is_file()
    assert (movies / "A Trip to the Moon (1902)-poster.jpg").is_file()
    for show in tv.iterdir():
        assert {path.name for path in show.iterdir() if path.is_dir()} == {"Season 01", "Season 02", "Specials"}
        assert (show / "tvshow.nfo").is_file()
    assert len(list(tv.rglob("*S01E02-E03*.mp4"))) == 1
    assert list(tv.rglob("*-thumb.jpg"))


def test_every_video_plays_in_a_browser(library: Path) -> None:
    for path in videos(library):
        found = probe(path)

        assert (found.container, found.video_codec, found.audio_codec) == (path.suffix[1:], "h264", "aac")
        assert found.duration == pytest.approx(4.0, abs=0.1)
        with av.open(str(path)) as container:
            assert container.streams.video[0].pix_fmt == "yuv420p"


def test_every_second_can_be_sought(library: Path) -> None:
    for path in videos(library):
        with av.open(str(path)) as container:
            keyframes = [round(float(p.pts * p.time_base), 1) for p in container.demux(video=0) if p.is_keyframe]

        assert keyframes == [0, 1, 2, 3]


def test_a_browser_need_not_read_to_the_end_of_a_file_first(library: Path) -> None:
    for path in library.rglob("*.mp4"):
        content = path.read_bytes()

        assert content.index(b"moov") < content.index(b"mdat")


def test_no_two_videos_are_alike(library: Path) -> None:
    contents = [path.read_bytes() for path in videos(library)]

    assert len(set(contents)) == len(contents)


def test_pictures_have_the_sizes_that_media_centres_use(library: Path) -> None:
    for pattern, size in {"*poster.jpg": (500, 750), "*fanart.jpg": (1280, 720), "*-thumb.jpg": (400, 225)}.items():
        for path in library.rglob(pattern):
            with Image.open(path) as picture:
                assert picture.size == size


def test_every_nfo_is_xml_with_a_title(library: Path) -> None:
    for path in library.rglob("*.nfo"):
        together = ElementTree.fromstring(f"<all>{path.read_text(encoding='utf-8')}</all>")

        assert len(together) == (2 if "E02-E03" in path.name else 1)
        assert all(root.findtext("title") for root in together)


def test_what_is_there_stays_as_it_is(library: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.rglob("*")}
    lost = next(library.rglob("*.mkv"))
    lost_content = lost.read_bytes()
    lost.unlink()

    ran = subprocess.run(
        [sys.executable, "-m", "worker.demo_library", library], capture_output=True, text=True, check=True
    )

    assert ran.stdout.splitlines() == [f"The demo library in {library} is complete; 1 files are new."]
    after = {path: path.stat().st_mtime_ns for path in library.rglob("*")}
    assert {path for path in after if after[path] != before.get(path)} == {lost, lost.parent}
    assert len(lost.read_bytes()) == pytest.approx(len(lost_content), rel=0.05)
