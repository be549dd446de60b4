"""The Movie Database: asked by id where one is known, else by title and year."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import requests

from shared.kinds import MediaType, Source
from worker.matching import choose
from worker.providers import tmdb_shapes
from worker.providers.base import Match, Metadata, Wanted
from worker.providers.budget import Budget
from worker.providers.tmdb_client import Json, TmdbClient, garbage, new_session

__all__ = ["TmdbProvider", "new_session"]

_PARTS = ("external_ids", "credits", "videos")
#: TMDB appends no more than this to one answer.
_MOST_PARTS = 20

_EXTERNAL_SOURCES = {Source.IMDB: "imdb_id", Source.TVDB: "tvdb_id"}
_ID_SHAPES = {
    Source.TMDB: re.compile(r"[1-9]\d{0,9}", re.ASCII),
    Source.IMDB: re.compile(r"tt\d{5,12}", re.ASCII),
    Source.TVDB: re.compile(r"[1-9]\d{0,9}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class _Section:
    """One of TMDB's two halves."""

    search: Callable[..., Json | None]
    year_filter: str
    find_results: str
    details: Callable[[str, Wanted, Match], Metadata | None]


class TmdbProvider:
    """Films and shows as TMDB knows them."""

    name = "tmdb"

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str,
        image_base_url: str,
        budget: Budget,
        session: requests.Session,
        timeout: tuple[float, float] = (3.05, 10),
    ) -> None:
        self._client = TmdbClient(api_key, base_url=base_url, budget=budget, session=session, timeout=timeout)
        self._image_base_url = image_base_url
        self._sections = {
            MediaType.MOVIE: _Section(self._client.search_movies, "year", "movie_results", self._movie),
            MediaType.TV_SHOW: _Section(self._client.search_shows, "first_air_date_year", "tv_results", self._show),
        }

    def fetch(self, wanted: Wanted) -> Metadata | None:
        section = self._sections.get(wanted.type)
        if section is None:
            return None
        return self._by_id(section, wanted) or self._by_title(section, wanted)

    def _by_id(self, section: _Section, wanted: Wanted) -> Metadata | None:
        for source, shape in _ID_SHAPES.items():
            given = wanted.ids.get(source)
            if given is None or not shape.fullmatch(given):
                continue
            tmdb_id: str | None = given
            if source in _EXTERNAL_SOURCES:
                answer = self._client.find(given, _EXTERNAL_SOURCES[source])
                tmdb_id = tmdb_shapes.found_id(answer, section.find_results) if answer is not None else None
            if tmdb_id is not None:
                details = section.details(tmdb_id, wanted, Match(score=1.0, parts={"id": source.value}))
                if details is not None:
                    return details
        return None

    def _by_title(self, section: _Section, wanted: Wanted) -> Metadata | None:
        narrowed: list[dict[str, str | int]] = [{section.year_filter: wanted.year}] if wanted.year else []
        for narrowing in (*narrowed, {}):
            answer = section.search(query=wanted.title, **narrowing)
            if answer is None:
                continue
            if not isinstance(answer.get("results"), list):
                raise garbage()
            chosen = choose(wanted.title, wanted.year, tmdb_shapes.candidates(answer))
            if chosen is not None:
                candidate, match = chosen
                return section.details(candidate.external_id, wanted, match)
        return None

    def _movie(self, movie_id: str, _wanted: Wanted, match: Match) -> Metadata | None:
        details = _checked(self._client.movie(movie_id, *_PARTS))
        return tmdb_shapes.movie(details, match, self._image_base_url) if details is not None else None

    def _show(self, show_id: str, wanted: Wanted, match: Match) -> Metadata | None:
        """Ask for a show with as many of its seasons as fit one answer, and for the others in further ones."""
        room = _MOST_PARTS - len(_PARTS)
        first, later = wanted.seasons[:room], wanted.seasons[room:]
        details = _checked(self._client.show(show_id, *_PARTS, *_appended(first)))
        if details is None:
            return None
        parts = dict(details)
        listed = tmdb_shapes.listed_seasons(details)
        later = tuple(number for number in later if number in listed)
        for start in range(0, len(later), _MOST_PARTS):
            more = self._client.show(show_id, *_appended(later[start : start + _MOST_PARTS]))
            parts.update(more or {})
        return tmdb_shapes.show(details, parts, wanted.seasons, match, self._image_base_url)


def _appended(seasons: tuple[int, ...]) -> list[str]:
    return [f"season/{number}" for number in seasons]


def _checked(details: Json | None) -> Json | None:
    if details is not None and tmdb_shapes.tmdb_id(details) is None:
        raise garbage()
    return details
