"""Small libraries on disk, for real processes to scan."""

from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from worker.demo_library import make


@cache
def a_video() -> bytes:
    """Return a real, tiny video."""
    with TemporaryDirectory() as folder:
        make(Path(folder))
        return min(Path(folder).rglob("*.mkv"), key=lambda path: path.stat().st_size).read_bytes()


def a_long_video(minutes: int) -> bytes:
    """Return a video that lasts so long and has two frames."""
    content = BytesIO()
    with av.open(content, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=1)
        stream.width = stream.height = 16
        for second in (0, minutes * 60 - 1):
            frame = av.VideoFrame(16, 16, "yuv420p")
            frame.pts, frame.time_base = second, Fraction(1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return content.getvalue()


def a_file(path: Path, content: bytes | None = None) -> Path:
    """Write a file with all folders above it; a video where nothing else is said."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(a_video() if content is None else content)
    return path


def films(root: Path, count: int, *, called: str = "Journey Picture") -> list[str]:
    """Make so many films, each in a folder of its own; return their titles.

    No provider is asked for those that are in the catalogue already: what must take its time needs titles of its own.
    """
    titles = [f"{called} {number:03d}" for number in range(count)]
    for number, title in enumerate(titles):
        name = f"{title} ({1960 + number % 50})"
        a_file(root / name / f"{name}.mkv")
    return titles


def a_show(root: Path, name: str, seasons: dict[int, int]) -> None:
    """Make a show with so many episodes in each of these seasons; 0 are its specials."""
    for season, episodes in seasons.items():
        folder = root / name / ("Specials" if season == 0 else f"Season {season:02d}")
        for episode in range(1, episodes + 1):
            a_file(folder / f"{name} - S{season:02d}E{episode:02d}.mkv")
