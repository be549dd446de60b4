"""The yardstick of matching: what guessit reads, and the first that a search finds.

Provider ids go before titles; where a title's year finds nothing, it is searched again without.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import requests
from guessit import guessit

from benchmarks.known_titles import Title
from benchmarks.naming_styles import Named
from shared.kinds import MediaType
from tests.tmdb_stand_in import TmdbStandIn

EXTRAS = {"Sample", "Trailer", "Extras", "Bonus", "Proof"}
IDS = {
    "tmdb": re.compile(r"tmdb(?:id)?[-=](\d+)", re.IGNORECASE),
    "imdb_id": re.compile(r"(tt\d{5,})"),
    "tvdb_id": re.compile(r"tvdb(?:id)?[-=](\d+)", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a file was taken for: a title's id, or none; and the episodes it holds."""

    title_id: int | None = None
    episodes: frozenset[tuple[int, int]] = frozenset()
    is_extra: bool = False


def read_by_guessit(asked: tuple[str, MediaType]) -> dict[str, Any]:
    path, media_type = asked
    found = guessit(path, {"type": "movie" if media_type is MediaType.MOVIE else "episode", "no_user_config": True})
    return {name: found.get(name) for name in ("title", "year", "season", "episode", "date", "other")}


class Yardstick:
    """The first search result for what guessit reads."""

    def __init__(self, tmdb: TmdbStandIn) -> None:
        self._tmdb = tmdb
        self._session = requests.Session()
        self._answers: dict[tuple[str, str], Any] = {}

    def answer(self, named: Named, read: Mapping[str, Any], titles: Mapping[int, Title], kind: MediaType) -> Answer:
        section = "movie" if kind is MediaType.MOVIE else "tv"
        others = read["other"] if isinstance(read["other"], list) else [read["other"]]
        if EXTRAS.intersection(others):
            return Answer(is_extra=True)
        title_id = self._by_id(section, named.path) or self._first(section, read)
        return Answer(title_id, _episodes(read, titles.get(title_id or 0)))

    def _by_id(self, section: str, path: str) -> int | None:
        for source, pattern in IDS.items():
            if found := pattern.search(path):
                if source == "tmdb":
                    return int(found[1])
                results = self._get(f"find/{found[1]}", external_source=source)[f"{section}_results"]
                if results:
                    return int(results[0]["id"])
        return None

    def _first(self, section: str, read: Mapping[str, Any]) -> int | None:
        title = read["title"][0] if isinstance(read["title"], list) else read["title"]
        year = "year" if section == "movie" else "first_air_date_year"
        for narrowing in ({year: str(read["year"])}, {}) if read["year"] else ({},):
            if title and (results := self._get(f"search/{section}", query=title, **narrowing)["results"]):
                return int(results[0]["id"])
        return None

    def _get(self, path: str, **params: str) -> Any:
        key = (path, str(params))
        if key not in self._answers:
            asked = {**params, "api_key": self._tmdb.key}
            self._answers[key] = self._session.get(f"{self._tmdb.url}/3/{path}", params=asked, timeout=10).json()
        return self._answers[key]


def _episodes(read: Mapping[str, Any], title: Title | None) -> frozenset[tuple[int, int]]:
    """Take the numbers that guessit reads; a date and a number through all seasons are looked up in the seasons."""
    if title is None:
        return frozenset()
    if isinstance(day := read["date"], date):
        return frozenset(place for place in title.episode_titles if place[0] and title.aired(*place) == day)
    numbers = read["episode"] if isinstance(read["episode"], list) else [read["episode"]]
    season = read["season"][0] if isinstance(read["season"], list) else read["season"]
    if season is not None:
        return frozenset((season, number) for number in numbers if number is not None)
    through = {title.absolute(*place): place for place in title.episode_titles if place[0]}
    return frozenset(through[number] for number in numbers if number in through)
