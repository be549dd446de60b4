"""The Movie Database: asked by id where one is known, else by title and year."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests

from shared.kinds import MediaType, Source
from worker.matching import Choice, Search, choose, finalists, searches
from worker.placing import seasons_to_ask
from worker.providers import tmdb_candidates
from worker.providers.base import Match, Metadata, Wanted
from worker.providers.budget import Budget
from worker.providers.fields import Json, mapping, text
from worker.providers.tmdb_client import TmdbClient
from worker.providers.tmdb_fallback import filled, lacking
from worker.providers.tmdb_groups import ABSOLUTE, absolute_group, in_order
from worker.providers.tmdb_shapes import Shapes

_PARTS = ("external_ids", "credits", "videos")
#: What decides between candidates.
_TITLES = ("alternative_titles", "translations")
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
    details: Callable[..., Json | None]
    certifications: str
    read: Callable[[Json, Wanted, Match], Metadata]


class TmdbProvider:
    """Films and shows as TMDB knows them.

    ``language`` (BCP 47) is that of titles and overviews, ``country`` (ISO 3166) that of certifications.
    """

    name = "tmdb"
    is_online = True

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str,
        image_base_url: str,
        budget: Budget,
        session: requests.Session,
        language: str = "en-US",
        country: str = "US",
        timeout: tuple[float, float] = (3.05, 10),
    ) -> None:
        self._client = client = TmdbClient(
            api_key, base_url=base_url, budget=budget, session=session, language=language, timeout=timeout
        )
        self._shapes = Shapes(image_base_url, language, country)
        self._sections = {
            MediaType.MOVIE: _Section(
                client.search_movies, "year", "movie_results", client.movie, "release_dates", self._movie
            ),
            MediaType.TV_SHOW: _Section(
                client.search_shows, "first_air_date_year", "tv_results", client.show, "content_ratings", self._show
            ),
        }
        self.types = frozenset(self._sections)

    def signature(self, _wanted: Wanted) -> str:
        return f"{self._shapes.language} {self._shapes.country}"

    def fetch(self, wanted: Wanted, *, brief: bool) -> Metadata | None:
        """Answer by id, else by title.

        1. An id is decisive; ids that the user chose are the only way.
        2. Searches go on until one found what is surely meant. In brief that is the answer.
        3. Where nothing is sure, what TMDB knows more of the nearest few decides.
        """
        section = self._sections.get(wanted.type)
        if section is None:
            return None
        known = self._by_id(section, wanted, brief=brief)
        return known if known is not None or wanted.is_chosen else self._by_title(section, wanted, brief=brief)

    def _by_id(self, section: _Section, wanted: Wanted, *, brief: bool) -> Metadata | None:
        for source, shape in _ID_SHAPES.items():
            given = wanted.ids.get(source)
            if given is None or not shape.fullmatch(given):
                continue
            match = Match(score=1.0, parts={"id": source.value})
            if source in _EXTERNAL_SOURCES:
                answer = self._client.find(given, _EXTERNAL_SOURCES[source]) or {}
                found = next(iter(tmdb_candidates.found(answer, section.find_results)), None)
                if found is None:
                    continue
                if brief:
                    return self._shapes.brief(found, match)
                given = str(tmdb_candidates.tmdb_id(found))
            else:
                match = wanted.match or match
            if (details := self._details(section, given, wanted)) is not None:
                return section.read(details, wanted, match)
        return None

    def _by_title(self, section: _Section, wanted: Wanted, *, brief: bool) -> Metadata | None:
        choice, found = self._searched(section, wanted)
        if choice is None:
            return None
        told: dict[str, Json] = {}
        if not choice.is_sure:
            told = self._told_more(section, wanted, found)
            choice = choose(wanted, map(tmdb_candidates.candidate, (found | told).values())) or choice
        if choice.candidate is None:
            return Metadata(provider=self.name, match=choice.match)
        chosen = choice.candidate.external_id
        if brief and not told:
            return self._shapes.brief(found[chosen], choice.match)
        details = told.get(chosen) or self._details(section, chosen, wanted)
        return section.read(details, wanted, choice.match) if details is not None else None

    def _searched(self, section: _Section, wanted: Wanted) -> tuple[Choice | None, dict[str, Json]]:
        """Search on until it is sure who is meant; return also all that was found, by its id."""
        found: dict[str, Json] = {}
        choice: Choice | None = None
        for search in searches(wanted):
            for results in self._pages(section, search):
                found = {str(tmdb_candidates.tmdb_id(result)): result for result in results} | found
                choice = choose(wanted, map(tmdb_candidates.candidate, found.values()))
                if choice is not None and (choice.is_sure or choice.is_final):
                    return choice, found
        return choice, found

    def _pages(self, section: _Section, search: Search) -> Iterator[list[Json]]:
        """Search, and turn one page where a common word finds more than fits on the first."""
        narrowing = {section.year_filter: search.year} if search.year else {}
        answer = section.search(query=search.words, **narrowing)
        if answer is None:
            return
        if not isinstance(answer.get("results"), list):
            raise self._client.garbage()
        yield tmdb_candidates.found(answer)
        if tmdb_candidates.has_more(answer):
            yield tmdb_candidates.found(section.search(query=search.words, page=2, **narrowing) or {})

    def _told_more(self, section: _Section, wanted: Wanted, found: dict[str, Json]) -> dict[str, Json]:
        """Return the details of the nearest few with all of their titles, by their ids."""
        nearest = finalists(wanted, map(tmdb_candidates.candidate, found.values()))
        told = {each.external_id: self._details(section, each.external_id, wanted, *_TITLES) for each in nearest}
        return {known: self._with_seasons(details, wanted) for known, details in told.items() if details is not None}

    def _details(self, section: _Section, tmdb_id: str, wanted: Wanted, *more: str) -> Json | None:
        """Ask for details, of a show with those held seasons that fit one answer."""
        words = () if self._shapes.language.startswith("en") else ("translations",)
        groups = ("episode_groups",) if any(held.is_absolute for held in wanted.episodes) else ()
        parts = tuple(dict.fromkeys((*_PARTS, section.certifications, *words, *groups, *more)))
        seasons = sorted({held.season for held in wanted.episodes if held.air_date is None})
        details = section.details(tmdb_id, *parts, *_appended(seasons[: _MOST_PARTS - len(parts)]))
        if details is not None and tmdb_candidates.tmdb_id(details) is None:
            raise self._client.garbage()
        return details

    def _movie(self, details: Json, _wanted: Wanted, match: Match) -> Metadata:
        return self._shapes.movie(details, match)

    def _show(self, details: Json, wanted: Wanted, match: Match) -> Metadata:
        """Read a show; what the language lacks of its episodes in English, or else in the original language."""
        show = self._shapes.show(self._with_seasons(details, wanted), match)
        for language in self._fallbacks(details):
            if lacks := lacking(show, wanted.episodes):
                show_id = str(tmdb_candidates.tmdb_id(details))
                other = self._client.show(show_id, *_appended(lacks[:_MOST_PARTS]), language=language)
                show = filled(show, self._shapes.show(other or {}, match))
        return show

    def _fallbacks(self, details: Json) -> list[str]:
        own, original = self._shapes.language.partition("-")[0], text(details.get("original_language"))
        return [] if own == "en" else [code for code in dict.fromkeys(("en", original)) if code and code != own]

    def _with_seasons(self, details: Json, wanted: Wanted) -> Json:
        """Ask for what else of a show's seasons is needed; a film has none."""
        listed = self._shapes.seasons(details)
        if (group := absolute_group(details)) is not None and ABSOLUTE not in details:
            details = details | {ABSOLUTE: self._client.episode_group(group) or {}}
        absolute = in_order(mapping(details.get(ABSOLUTE)))
        needed = _appended(seasons_to_ask(wanted.episodes, listed, absolute))
        later = [part for part in needed if part not in details]
        parts: Json = {part: {} for part in later}
        for start in range(0, len(later), _MOST_PARTS):
            show_id = str(tmdb_candidates.tmdb_id(details))
            parts |= self._client.show(show_id, *later[start : start + _MOST_PARTS]) or {}
        return parts | details


def _appended(seasons: list[int]) -> list[str]:
    return [f"season/{number}" for number in seasons]
