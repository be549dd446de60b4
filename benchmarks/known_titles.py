"""Real films and shows, as a stand-in for TMDB knows them: a part of what people have, namesakes and sequels included.

Written down from general knowledge. How well known each is decides what a search answers first; episodes have made-up
titles and are shown once a week, for only their numbers matter here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from tests.tmdb_stand_in import TmdbStandIn

FILMS = Path(__file__).with_name("matching_films.txt")
SHOWS = Path(__file__).with_name("matching_shows.txt")
_FIRST_FILM, _FIRST_SHOW = 10_001, 50_001
#: By how much one step better known is more popular: two steps are three times.
_STEP = 1.8
#: Words that episode titles are made of.
# fmt: off
_ADJECTIVES = (
    "Long", "Last", "Second", "Broken", "Hidden", "Silent", "Perfect", "Dead", "Golden", "Lost", "New", "Wrong", "Cold",
)
_NOUNS = (
    "Night", "Road", "Letter", "House", "Stranger", "Deal", "Game", "Garden", "Witness", "Wedding", "Storm", "Promise",
)
_PLACES = ("Paris", "Winter", "Vienna", "Glass", "Spring", "Berlin", "Snow", "Lisbon", "Motion", "Between", "Oslo")
# fmt: on


@dataclass(frozen=True)
class Title:
    """A film, or a show where it has seasons."""

    id: int
    title: str
    year: int
    known: int
    original: str | None = None
    others: tuple[str, ...] = ()
    country: str = ""
    #: How many episodes each season has.
    seasons: dict[int, int] = field(default_factory=dict)
    #: ``anime`` or ``daily``, where its files are named otherwise.
    named: str = ""

    @property
    def popularity(self) -> float:
        return _STEP**self.known

    def begun(self, season: int) -> date:
        return date(self.year + max(season - 1, 0), 1, 20)

    def aired(self, season: int, episode: int) -> date:
        return self.begun(season) + timedelta(weeks=episode - 1)

    @cached_property
    def episode_titles(self) -> dict[tuple[int, int], str]:
        random = Random(self.id)
        return {
            (season, episode): _episode_title(random)
            for season, size in sorted(self.seasons.items())
            for episode in range(1, size + 1)
        }

    def absolute(self, season: int, episode: int) -> int:
        return sum(size for number, size in self.seasons.items() if 0 < number < season) + episode


def films() -> list[Title]:
    return list(_films())


def shows() -> list[Title]:
    return list(_shows())


def fill(tmdb: TmdbStandIn, titles: list[Title]) -> None:
    """Make the stand-in know them all."""
    for each in titles:
        others = [{"iso_3166_1": "US", "title": title, "type": ""} for title in each.others]
        more: dict[str, Any] = {"popularity": each.popularity}
        if each.seasons:
            episodes = {
                (season, episode): {"name": title, "air_date": each.aired(season, episode).isoformat()}
                for (season, episode), title in each.episode_titles.items()
            }
            tmdb.add_show(
                each.id,
                each.title,
                each.year,
                each.seasons,
                begun={season: each.begun(season).isoformat() for season in each.seasons},
                original_name=each.original or each.title,
                origin_country=[each.country],
                alternative_titles={"id": each.id, "results": others},
                episodes=episodes,
                **more,
            )
        else:
            tmdb.add_movie(
                each.id,
                each.title,
                each.year,
                original_title=each.original or each.title,
                alternative_titles={"id": each.id, "titles": others},
                **more,
            )


def _films() -> Iterator[Title]:
    for number, (title, year, known, *names) in enumerate(_lines(FILMS), start=_FIRST_FILM):
        original, others = _names(names)
        yield Title(number, title, int(year), int(known), original, others)


def _shows() -> Iterator[Title]:
    for number, (title, year, country, known, sizes, *more) in enumerate(_lines(SHOWS), start=_FIRST_SHOW):
        named, *names = more or [""]
        original, others = _names(names)
        seasons: dict[int, int] = {}
        for at, size in enumerate(sizes.split(","), start=1):
            seasons |= {0: int(size[2:])} if size.startswith("0:") else {at: int(size)}
        yield Title(number, title, int(year), int(known), original, others, country, seasons, named)


def _names(names: list[str]) -> tuple[str | None, tuple[str, ...]]:
    original, *others = names or [""]
    return original or None, tuple(others)


def _lines(file: Path) -> Iterator[list[str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("|")


def _episode_title(random: Random) -> str:
    title = f"{random.choice(_ADJECTIVES)} {random.choice(_NOUNS)}"
    how = random.random()
    if how < 0.3:
        return f"The {title}"
    if how < 0.5:
        return f"{title} in {random.choice(_PLACES)}"
    return f"{title}, Part {random.randint(1, 2)}" if how < 0.55 else title
