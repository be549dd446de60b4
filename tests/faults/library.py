"""The library that is scanned while things break: films and episodes with seeded names, each file another one.

Beside some lie .nfo files and pictures.
"""

import hashlib
import os
import random
from pathlib import Path

from PIL import Image

from tests.trees import a_file, a_video

#: An element of Matroska that means nothing: 8 bytes that make one file differ from another.
_VOID = b"\xec\x88"
_WORDS = [
    "amber",
    "atlas",
    "birch",
    "cinder",
    "coral",
    "delta",
    "ember",
    "fable",
    "garnet",
    "harbour",
    "island",
    "jasper",
    "kestrel",
    "lantern",
    "meadow",
    "nectar",
    "ocean",
    "pepper",
    "quarry",
    "raven",
    "saffron",
    "timber",
    "umber",
    "velvet",
    "willow",
    "yarrow",
    "zephyr",
]
_EPISODES_PER_SEASON, _SEASONS = 10, 3
#: Every so many films has a second version, and every so many lies loose in a folder with others.
_SECOND_VERSION, _LOOSE = 25, 10
#: Every so many films has an .nfo, and every so many pictures of its own.
_NFO, _PICTURES = 7, 9


class Library:
    """Two folders, ``films`` and ``tv``, that together hold so many items."""

    def __init__(self, root: Path, items: int, seed: int) -> None:
        self.films, self.tv = root / "films", root / "tv"
        self._random = random.Random(seed)
        per_show = _EPISODES_PER_SEASON * _SEASONS
        shows = max(1, items * 3 // 10 // per_show)
        self._make_films(items - shows * per_show)
        for number in range(shows):
            self._make_show(f"The {self._name()} {number}")

    @property
    def roots(self) -> dict[str, Path]:
        """The folders by the type of their media."""
        return {"movie": self.films, "tv": self.tv}

    def folders(self) -> list[Path]:
        """Return the folders that hold videos, sorted."""
        return sorted({path.parent for root in self.roots.values() for path in root.rglob("*.mkv")})

    def digest(self) -> str:
        """Digest all names, sizes, times and contents: what nobody may change."""
        digest = hashlib.blake2b(digest_size=16)
        for root in self.roots.values():
            for path in sorted(root.rglob("*")):
                status = path.stat()
                times = f"{status.st_mtime_ns} {status.st_mode}"
                digest.update(f"{path}\0{times}\0".encode())
                if path.is_file():
                    digest.update(path.read_bytes())
        return digest.hexdigest()

    def _make_films(self, files: int) -> None:
        made = 0
        while made < files:
            title, year = f"{self._name()} {made}", self._random.randint(1950, 2020)
            name = f"{title} ({year})"
            folder = self.films / ("Loose" if made % _LOOSE == 0 else name)
            self._add(folder / f"{name}.mkv")
            if folder.name != "Loose" and made % _NFO == 0:
                self._tell(folder / "movie.nfo", "movie", title, year)
            if folder.name != "Loose" and made % _PICTURES == 0:
                self._draw(folder / "poster.jpg", (100, 150))
                self._draw(folder / "fanart.jpg", (160, 90))
            made += 1
            if made % _SECOND_VERSION == 0 and made < files and folder.name != "Loose":
                self._add(folder / f"{name} - 1080p.mkv")
                made += 1

    def _make_show(self, name: str) -> None:
        self._tell(self.tv / name / "tvshow.nfo", "tvshow", name, self._random.randint(1950, 2020))
        self._draw(self.tv / name / "poster.jpg", (100, 150))
        for season in range(1, _SEASONS + 1):
            for episode in range(1, _EPISODES_PER_SEASON + 1):
                self._add(self.tv / name / f"Season {season:02d}" / f"{name} - S{season:02d}E{episode:02d}.mkv")

    def _add(self, path: Path) -> None:
        a_file(path, a_video() + _VOID + self._random.randbytes(8))
        os.utime(path, (1.7e9, 1.7e9 + self._random.randint(0, 10**6)))

    def _tell(self, path: Path, kind: str, title: str, year: int) -> None:
        """Write an .nfo that says something else than the provider."""
        plot = f"What happens to {self._name()}."
        told = f"<title>{title}</title><year>{year}</year><plot>{plot}</plot><genre>{self._name()}</genre>"
        a_file(path, f"<{kind}>{told}</{kind}>".encode())

    def _draw(self, path: Path, size: tuple[int, int]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = self._random.randrange(256), self._random.randrange(256), self._random.randrange(256)
        Image.new("RGB", size, colour).save(path)

    def _name(self) -> str:
        return " ".join(word.capitalize() for word in self._random.sample(_WORDS, 2))
