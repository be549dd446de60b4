"""TVmaze: shows alone, in English alone, and without a key; asked by id where one is known, else by title."""

import re
from collections.abc import Iterator
from dataclasses import replace

import requests

from shared.kinds import MediaType, Source
from worker.matching import Candidate, Choice, choose, finalists, searches
from worker.providers import tvmaze_shapes
from worker.providers.base import Match, Metadata, Wanted
from worker.providers.budget import Budget
from worker.providers.fields import Json, mapping
from worker.providers.json_client import JsonClient

#: A search finds titles that are misspelled, and other titles of a show, so that few are needed beside those for what
#: else the name could mean; nor looks it at years.
_MOST_SEARCHES = 2
_PARTS = ["episodes", "seasons", "cast"]
#: What decides between candidates.
_DECIDING = ["akas", "episodes", "seasons"]
_ID = re.compile(r"[1-9]\d{0,9}", re.ASCII)
#: Whose ids TVmaze can look up, by which parameter and of which shape.
_LOOKUPS = {Source.IMDB: ("imdb", re.compile(r"tt\d{5,12}", re.ASCII)), Source.TVDB: ("thetvdb", _ID)}


class TvmazeProvider:
    """Shows as TVmaze knows them."""

    name = "tvmaze"
    is_online = True
    types = frozenset({MediaType.TV_SHOW})

    def __init__(
        self,
        *,
        base_url: str,
        budget: Budget,
        session: requests.Session,
        timeout: tuple[float, float] = (3.05, 10),
    ) -> None:
        self._client = JsonClient("TVmaze", base_url=base_url, budget=budget, session=session, timeout=timeout)

    def signature(self, _wanted: Wanted) -> str:
        """Return what is always the same: TVmaze knows no other language."""
        return ""

    def fetch(self, wanted: Wanted, *, brief: bool) -> Metadata | None:
        if wanted.type not in self.types:
            return None
        known = self._by_id(wanted)
        return known if known is not None or wanted.is_chosen else self._by_title(wanted, brief=brief)

    def _by_id(self, wanted: Wanted) -> Metadata | None:
        for source, show_id in self._known_ids(wanted):
            by_id = Match(score=1.0, parts={"id": source.value})
            match = wanted.match or by_id if source is Source.TVMAZE else by_id
            if (show := self._show(show_id, wanted, match)) is not None:
                return show
        return None

    def _known_ids(self, wanted: Wanted) -> Iterator[tuple[Source, str]]:
        own = wanted.ids.get(Source.TVMAZE)
        if own is not None and _ID.fullmatch(own):
            yield Source.TVMAZE, own
        for source, (parameter, shape) in _LOOKUPS.items():
            given = wanted.ids.get(source)
            if given is not None and shape.fullmatch(given):
                location = self._client.location("lookup/shows", {parameter: given})
                if (show_id := tvmaze_shapes.id_in(location)) is not None:
                    yield source, show_id

    def _by_title(self, wanted: Wanted, *, brief: bool) -> Metadata | None:
        """Search; where nobody is surely meant, what TVmaze knows more of those that come nearest decides."""
        shows: dict[str, Json] = {}
        choice: Choice | None = None
        asked = dict.fromkeys(search.words for search in searches(wanted))
        for words in list(asked)[: _MOST_SEARCHES + len(wanted.other_titles)]:
            answer = self._client.get("search/shows", {"q": words})
            if not isinstance(answer, list):
                raise self._client.garbage()
            shows = {str(tvmaze_shapes.show_id(show)): show for show in tvmaze_shapes.found(answer)} | shows
            choice = choose(wanted, map(tvmaze_shapes.candidate, shows.values()))
            if choice is not None and (choice.candidate is not None or choice.is_final):
                break
        if choice is not None and not choice.is_sure:
            choice = choose(wanted, self._told_more(wanted, shows)) or choice
        if choice is None:
            return None
        if choice.candidate is None:
            return Metadata(provider=self.name, match=choice.match)
        if brief and choice.is_sure:
            return replace(tvmaze_shapes.show(shows[choice.candidate.external_id], choice.match), is_brief=True)
        return self._show(choice.candidate.external_id, wanted, choice.match)

    def _told_more(self, wanted: Wanted, shows: dict[str, Json]) -> list[Candidate]:
        candidates = {show_id: tvmaze_shapes.candidate(show) for show_id, show in shows.items()}
        for nearest in finalists(wanted, candidates.values()):
            details = self._client.get(f"shows/{nearest.external_id}", {"embed[]": _DECIDING})
            candidates[nearest.external_id] = tvmaze_shapes.told_more(nearest, mapping(details))
        return list(candidates.values())

    def _show(self, show_id: str, wanted: Wanted, match: Match) -> Metadata | None:
        details = self._client.get(f"shows/{show_id}", {"embed[]": _PARTS})
        if details is None:
            return None
        if not isinstance(details, dict) or tvmaze_shapes.show_id(details) is None:
            raise self._client.garbage()
        seasons = tvmaze_shapes.seasons(details)
        episodes = tvmaze_shapes.episodes(details, wanted.episodes, seasons)
        if any(held.season == 0 and held.title for held in wanted.episodes):
            listed = self._client.get(f"shows/{show_id}/episodes", {"specials": 1})
            episodes += tvmaze_shapes.specials(listed, wanted.episodes)
        return replace(tvmaze_shapes.show(details, match), seasons=seasons, episodes=episodes)
