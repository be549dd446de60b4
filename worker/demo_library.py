"""Make a small library to try the server with: ``python -m worker.demo_library TARGET``.

Films and shows with real, tiny videos, posters and .nfo files, in the shapes that libraries come in. What is there
already stays as it is, so running it again takes no time.
"""

import argparse
import colorsys
import math
import sys
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET
from zlib import crc32

import av
from PIL import Image, ImageDraw, ImageFont

SECONDS, RATE, SAMPLE_RATE, SAMPLES = 4, 12, 48_000, 1024
SIZE = (320, 180)
POSTER, FANART, THUMB = (500, 750), (1280, 720), (400, 225)

#: A file and what writes it.
Item = tuple[Path, Callable[[Path], None]]


@dataclass(frozen=True)
class Film:
    """A film; ``versions`` are what follows its name in its files' names; a loose one has no folder of its own."""

    title: str
    year: int
    plot: str
    genre: str
    imdb: str | None = None
    versions: tuple[str, ...] = (".mp4",)
    loose: bool = False

    @property
    def name(self) -> str:
        return f"{self.title} ({self.year})"


@dataclass(frozen=True)
class Show:
    """A show; its seasons list their episodes' titles, season 0 holds the specials."""

    title: str
    year: int
    plot: str
    seasons: dict[int, tuple[str, ...]]
    #: The season in which one file holds episodes 2 and 3.
    double_in: int | None = None

    @property
    def name(self) -> str:
        return f"{self.title} ({self.year})"


FILMS = (
    Film("Nosferatu", 1922, "A count buys a house in a small port, and brings the plague.", "Horror", "tt0013442"),
    Film(
        "Metropolis",
        1927,
        "The son of a city's master finds those who toil below it.",
        "Science Fiction",
        "tt0017136",
        versions=(" - 1080p.mp4", " - 480p.mkv"),
    ),
    Film("The General", 1926, "An engine driver wants his locomotive back.", "Comedy", "tt0017925", (".mkv",)),
    Film("A Trip to the Moon", 1902, "Astronomers travel in a shell.", "Adventure", "tt0000417", loose=True),
    Film("Safety Last!", 1923, "A shop assistant climbs a tower for publicity.", "Comedy", "tt0014429"),
    Film("Night of the Living Dead", 1968, "Seven people board up a farmhouse.", "Horror", "tt0063350", (".mkv",)),
    Film("2084", 2011, "A clockmaker repairs a town that has run out of time.", "Drama"),
)
#: Who directed a film, and who plays whom in it.
PEOPLE = {
    "Nosferatu": (["F. W. Murnau"], {"Max Schreck": "Count Orlok", "Greta Schröder": "Ellen"}),
    "Metropolis": (["Fritz Lang"], {"Brigitte Helm": "Maria", "Gustav Fröhlich": "Freder"}),
    "The General": (["Buster Keaton", "Clyde Bruckman"], {"Buster Keaton": "Johnnie", "Marion Mack": "Annabelle"}),
    "A Trip to the Moon": (["Georges Méliès"], {"Georges Méliès": "Professor Barbenfouillis"}),
    "Safety Last!": (["Fred C. Newmeyer", "Sam Taylor"], {"Harold Lloyd": "The Boy", "Mildred Davis": "The Girl"}),
    "Night of the Living Dead": (["George A. Romero"], {"Duane Jones": "Ben", "Judith O'Dea": "Barbra"}),
}
SHOWS = (
    Show(
        "Tidewater Station",
        2014,
        "The crew of a lonely signal station hears more than ships.",
        {
            0: ("The Keeper's Log",),
            1: ("High Water", "Fog Bell", "Undertow", "The Far Lamp"),
            2: ("Spring Tide", "Salt and Copper", "Landfall"),
        },
        double_in=1,
    ),
    Show(
        "The Paper Astronomers",
        2019,
        "Three clerks map a sky that nobody else can see.",
        {0: ("How the Map Was Drawn",), 1: ("First Light", "Parallax", "The Red Star"), 2: ("Occultation", "Zenith")},
    ),
)


def make(target: Path) -> int:
    """Write what is missing; give the number of files written."""
    items = [item for film in FILMS for item in _film(target / "movies", film)]
    items += [item for show in SHOWS for item in _show(target / "tv", show)]
    missing = [(path, write) for path, write in items if not path.exists()]
    if missing:
        for folder in {path.parent for path, _ in missing}:
            folder.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor() as pool:
            list(pool.map(_write_whole, missing, chunksize=4))
    return len(missing)


def _write_whole(item: Item) -> None:
    """Write beside the place and move, so that nothing half-written is taken for done the next time."""
    path, write = item
    draft = path.with_name(f".draft-{path.name}")
    try:
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _film(root: Path, film: Film) -> Iterator[Item]:
    folder = root if film.loose else root / film.name
    prefix = f"{film.name}-" if film.loose else ""
    for version in film.versions:
        yield folder / f"{film.name}{version}", partial(_video, title=film.name)
    nfo = _nfo("movie", {"title": film.title, "year": film.year, "plot": film.plot, "genre": film.genre}, film.imdb)
    yield folder / (f"{film.name}.nfo" if film.loose else "movie.nfo"), partial(_text, text=nfo)
    yield folder / f"{prefix}poster.jpg", partial(_picture, title=film.name, size=POSTER)
    yield folder / f"{prefix}fanart.jpg", partial(_picture, title=film.title, size=FANART)


def _show(root: Path, show: Show) -> Iterator[Item]:
    folder = root / show.name
    nfo = _nfo("tvshow", {"title": show.title, "year": show.year, "plot": show.plot, "genre": "Drama"})
    yield folder / "tvshow.nfo", partial(_text, text=nfo)
    yield folder / "poster.jpg", partial(_picture, title=show.name, size=POSTER)
    yield folder / "fanart.jpg", partial(_picture, title=show.title, size=FANART)
    for season, titles in show.seasons.items():
        season_folder = folder / (f"Season {season:02}" if season else "Specials")
        yield folder / _season_poster(season), partial(_picture, title=f"{show.title} {season}", size=POSTER)
        for first, last in _files(show, season):
            yield from _episodes(season_folder, show, season, dict(enumerate(titles, 1)), range(first, last + 1))


def _season_poster(season: int) -> str:
    return f"season{season:02}-poster.jpg" if season else "season-specials-poster.jpg"


def _files(show: Show, season: int) -> Iterator[tuple[int, int]]:
    """Give the first and the last episode of each file of a season."""
    for number in range(1, len(show.seasons[season]) + 1):
        if season != show.double_in or number not in (2, 3):
            yield number, number
        elif number == 2:  # noqa: PLR2004 - the double file begins here
            yield 2, 3


def _episodes(folder: Path, show: Show, season: int, titles: dict[int, str], numbers: range) -> Iterator[Item]:
    code = f"S{season:02}" + "-".join(f"E{number:02}" for number in numbers)
    name = f"{show.title} - {code} - {' & '.join(titles[number] for number in numbers)}"
    yield folder / f"{name}.{'mkv' if season > 1 else 'mp4'}", partial(_video, title=f"{show.title} {code}")
    # Kodi writes one root element after another where a file holds several episodes.
    nfo = "".join(
        _nfo(
            "episodedetails",
            {
                "title": titles[number],
                "showtitle": show.title,
                "season": season,
                "episode": number,
                "plot": f"{titles[number]}: {show.plot}",
                "aired": f"{show.year + season}-05-{number:02}",
            },
        )
        for number in numbers
    )
    yield folder / f"{name}.nfo", partial(_text, text=nfo)
    if numbers[0] % 2:
        yield folder / f"{name}-thumb.jpg", partial(_picture, title=code, size=THUMB)


def _nfo(kind: str, facts: dict[str, str | int], imdb: str | None = None) -> str:
    root = ET.Element(kind)
    for tag, value in facts.items():
        ET.SubElement(root, tag).text = str(value)
    if imdb is not None:
        ET.SubElement(root, "uniqueid", type="imdb", default="true").text = imdb
    directors, cast = PEOPLE.get(str(facts["title"]), ([], {}))
    for director in directors:
        ET.SubElement(root, "director").text = director
    for name, character in cast.items():
        actor = ET.SubElement(root, "actor")
        ET.SubElement(actor, "name").text = name
        ET.SubElement(actor, "role").text = character
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _picture(path: Path, title: str, size: tuple[int, int]) -> None:
    hue = _hue(title)
    shade = Image.linear_gradient("L").rotate(hue * 360, expand=False).resize(size)
    ends = zip(_colour(hue), _colour(hue + 0.4, 0.25), strict=True)
    picture = Image.merge("RGB", [shade.point(_ramp(start, end)) for start, end in ends])
    draw = ImageDraw.Draw(picture)
    draw.ellipse((size[0] * 0.3, size[1] * 0.45, size[0] * 0.9, size[1] * 0.85), fill=_colour(hue + 0.55))
    draw.multiline_text(
        (size[0] * 0.08, size[1] * 0.08), title.replace(" ", "\n"), "white", ImageFont.load_default(size[1] / 12)
    )
    picture.save(path, "JPEG", quality=85)


def _video(path: Path, title: str) -> None:
    """Encode what every browser plays and can seek in to the second: H.264 and AAC, a keyframe each second."""
    container_format = "matroska" if path.suffix == ".mkv" else "mp4"
    options = {"movflags": "+faststart"} if container_format == "mp4" else {}
    with av.open(str(path), "w", format=container_format, container_options=options) as output:
        video = output.add_stream(
            "libx264", RATE, options={"preset": "veryfast", "crf": "30", "x264-params": f"keyint={RATE}:scenecut=0"}
        )
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p"
        video.codec_context.thread_count = 1
        audio = output.add_stream("aac", SAMPLE_RATE, layout="mono")
        for second in range(SECONDS):
            for image in _images(title, second):
                output.mux(video.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call]
        output.mux(video.encode())
        for frame in _tone(220 + 220 * _hue(title)):
            output.mux(audio.encode(frame))
        output.mux(audio.encode())


def _images(title: str, second: int) -> Iterator[Image.Image]:
    width, height = SIZE
    font = ImageFont.load_default(20)
    for number in range(second * RATE, (second + 1) * RATE):
        image = Image.new("RGB", SIZE, _colour(_hue(title) + number / RATE / SECONDS / 2, 0.5))
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, height - 12, width * number / RATE / SECONDS, height), fill="white")
        draw.text((width / 2, height / 2), f"{title}\n{second} s", "white", font, anchor="mm", align="center")
        yield image


def _tone(pitch: float) -> Iterator[av.AudioFrame]:
    for start in range(0, SECONDS * SAMPLE_RATE, SAMPLES):
        wave = (0.1 * math.sin(math.tau * pitch * (start + sample) / SAMPLE_RATE) for sample in range(SAMPLES))
        frame = av.AudioFrame("fltp", "mono", SAMPLES)
        frame.planes[0].update(array("f", wave).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        yield frame


def _hue(title: str) -> float:
    return crc32(title.encode()) % 256 / 256


def _colour(hue: float, value: float = 0.8) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, 0.7, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _ramp(start: int, end: int) -> list[int]:
    return [round(start + (end - start) * value / 255) for value in range(256)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m worker.demo_library", description="Make a small demo library.")
    parser.add_argument("target", type=Path, help="the folder in which movies/ and tv/ are made")
    target = parser.parse_args().target
    sys.stdout.write(f"The demo library in {target} is complete; {make(target)} files are new.\n")


if __name__ == "__main__":
    main()
