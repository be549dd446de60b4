"""What a search of TMDB's found, and what its details add, read as candidates for a match."""

import re
from collections.abc import Iterator
from datetime import date

from worker.matching import Candidate
from worker.providers.base import EpisodeMetadata
from worker.providers.fields import Json, day, mapping, mappings, number, text, whole

_SEASON = re.compile(r"season/(\d{1,9})", re.ASCII)


def found(answer: Json, results: str = "results") -> list[Json]:
    """Read what a search found, or a look-up by somebody else's id: what has an id and a title, in TMDB's order."""
    return [each for each in mappings(answer.get(results)) if tmdb_id(each) is not None and title(each) is not None]


def has_more(answer: Json) -> bool:
    return (whole(answer.get("total_pages")) or 0) > 1


def candidate(about: Json) -> Candidate:
    """Read what was found, or its details."""
    released = release_date(about)
    return Candidate(
        external_id=str(tmdb_id(about)),
        title=title(about) or "",
        original_title=original_title(about),
        other_titles=tuple(dict.fromkeys(_other_titles(about))),
        year=released.year if released else None,
        popularity=number(about.get("popularity")) or 0.0,
        countries=tuple(country for country in _list(about.get("origin_country")) if isinstance(country, str)),
        seasons=tuple(_season_sizes(about)),
        episodes=tuple(_episodes(about)),
        duration=whole(about.get("runtime")) or None,
    )


def tmdb_id(about: Json) -> int | None:
    return whole(about.get("id")) or None


def title(about: Json) -> str | None:
    """Films have titles, shows have names."""
    return text(about.get("title")) or text(about.get("name"))


def original_title(about: Json) -> str | None:
    return text(about.get("original_title")) or text(about.get("original_name"))


def release_date(about: Json) -> date | None:
    return day(about.get("release_date")) or day(about.get("first_air_date"))


def _other_titles(about: Json) -> Iterator[str]:
    """Read a film's other titles, which come as ``titles``, or a show's, as ``results``, and those of its languages."""
    others = mapping(about.get("alternative_titles"))
    translations = mappings(mapping(about.get("translations")).get("translations"))
    told = [
        *mappings(others.get("titles")),
        *mappings(others.get("results")),
        *(mapping(translation.get("data")) for translation in translations),
    ]
    return (name for each in told if (name := title(each)) is not None)


def _season_sizes(about: Json) -> Iterator[tuple[int, int]]:
    for season in mappings(about.get("seasons")):
        which, size = whole(season.get("season_number")), whole(season.get("episode_count"))
        if which is not None and size is not None:
            yield which, size


def _episodes(about: Json) -> Iterator[EpisodeMetadata]:
    """Read what may speak for a show of those of its seasons that were asked for."""
    for name, part in about.items():
        if asked := _SEASON.fullmatch(name):
            for episode in mappings(mapping(part).get("episodes")):
                if (number_in_season := whole(episode.get("episode_number"))) is not None:
                    season, told = int(asked[1]), text(episode.get("name"))
                    yield EpisodeMetadata(season, number_in_season, told, air_date=day(episode.get("air_date")))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
