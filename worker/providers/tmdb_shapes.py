"""TMDB's JSON, read as metadata. Every field may be missing, null or of another type than documented."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from shared.kinds import Role, Source
from worker.matching import Candidate
from worker.providers.base import Credit, EpisodeMetadata, Match, Metadata, SeasonMetadata, in_billing_order

Json = dict[str, Any]

_PATH = re.compile(r"(?:/[\w.-]+)+", re.ASCII)
_IMDB_ID = re.compile(r"tt\d{5,12}", re.ASCII)
_VIDEO_KEY = re.compile(r"[\w-]{5,20}", re.ASCII)
_BEST_RATING = 10.0
_MOST = 2**31 - 1
#: What of a crew is told, in TMDB's words for their jobs.
_WRITTEN = ("Writer", "Co-Writer", "Screenplay", "Teleplay", "Scenario Writer", "Adaptation", "Story", "Original Story")
_WRITTEN_BEFORE = ("Short Story", "Author", "Novel", "Book", "Theatre Play", "Comic Book")
_JOBS = {"Director": Role.DIRECTOR, **dict.fromkeys((*_WRITTEN, *_WRITTEN_BEFORE), Role.WRITER)}


def candidates(answer: Json) -> list[Candidate]:
    """Read what a search found, in TMDB's order."""
    return [
        Candidate(
            external_id=str(found_id),
            title=title,
            original_title=_original_title(found),
            year=released.year if (released := _release_date(found)) else None,
            popularity=_number(found.get("popularity")) or 0.0,
        )
        for found in _objects(answer.get("results"))
        if (found_id := tmdb_id(found)) is not None and (title := _title(found)) is not None
    ]


def tmdb_id(found: Json) -> int | None:
    return _whole(found.get("id")) or None


def found_id(answer: Json, results: str) -> str | None:
    """Read the id of the first thing that a /find knows by somebody else's id."""
    return next((str(number) for found in _objects(answer.get(results)) if (number := tmdb_id(found))), None)


def movie(details: Json, match: Match, image_base_url: str) -> Metadata:
    return Metadata(
        provider="tmdb",
        match=match,
        title=_title(details),
        original_title=_original_title(details),
        description=_text(details.get("overview")),
        release_date=_release_date(details),
        rating=_rating(details),
        genres=tuple(dict.fromkeys(_names(details.get("genres")))),
        ids=_ids(details),
        poster=_picture(image_base_url, "w500", details.get("poster_path")),
        backdrop=_picture(image_base_url, "w1280", details.get("backdrop_path")),
        duration=_whole(details.get("runtime")) or None,
        trailer_url=_trailer(details),
        credits=in_billing_order(_credits(details)),
    )


def show(details: Json, parts: Json, held: Iterable[int], match: Match, image_base_url: str) -> Metadata:
    """Read a show; ``parts`` holds its seasons as they were appended, under ``season/1`` and so on."""
    listed = {
        number: summary for summary in _objects(details.get("seasons")) if (number := season_number(summary)) >= 0
    }
    seasons: list[SeasonMetadata] = []
    episodes: list[EpisodeMetadata] = []
    for number in sorted(set(held)):
        part = _object(parts.get(f"season/{number}"))
        if not isinstance(part.get("episodes"), list):
            part = {}
        known = {**listed.get(number, {}), **{name: value for name, value in part.items() if value}}
        if known:
            seasons.append(_season(number, known, image_base_url))
            episodes.extend(_episodes(number, part, image_base_url))
    runtimes = details.get("episode_run_time")
    return Metadata(
        provider="tmdb",
        match=match,
        title=_title(details),
        original_title=_original_title(details),
        description=_text(details.get("overview")),
        release_date=_release_date(details),
        rating=_rating(details),
        genres=tuple(dict.fromkeys(_names(details.get("genres")))),
        ids=_ids(details),
        poster=_picture(image_base_url, "w500", details.get("poster_path")),
        backdrop=_picture(image_base_url, "w1280", details.get("backdrop_path")),
        duration=_whole(runtimes[0]) or None if isinstance(runtimes, list) and runtimes else None,
        trailer_url=_trailer(details),
        creator=", ".join(_names(details.get("created_by"))) or None,
        network=next(_names(details.get("networks")), None),
        credits=in_billing_order(_credits(details)),
        seasons=tuple(seasons),
        episodes=tuple(episodes),
    )


def season_number(summary: Json) -> int:
    """Read the number of a season in a show's list; -1 where there is none."""
    number = _whole(summary.get("season_number"))
    return -1 if number is None else number


def listed_seasons(details: Json) -> set[int]:
    return {season_number(summary) for summary in _objects(details.get("seasons"))}


def _season(number: int, known: Json, image_base_url: str) -> SeasonMetadata:
    return SeasonMetadata(
        number=number,
        name=_text(known.get("name")),
        overview=_text(known.get("overview")),
        air_date=_date(known.get("air_date")),
        poster=_picture(image_base_url, "w342", known.get("poster_path")),
    )


def _episodes(season: int, part: Json, image_base_url: str) -> Iterator[EpisodeMetadata]:
    seen: set[int] = set()
    for episode in _objects(part.get("episodes")):
        number = _whole(episode.get("episode_number"))
        if number is None or number in seen:
            continue
        seen.add(number)
        yield EpisodeMetadata(
            season=season,
            episode=number,
            title=_text(episode.get("name")),
            overview=_text(episode.get("overview")),
            air_date=_date(episode.get("air_date")),
            runtime=_whole(episode.get("runtime")) or None,
            still=_picture(image_base_url, "w300", episode.get("still_path")),
        )


def _title(found: Json) -> str | None:
    """Films have titles, shows have names."""
    return _text(found.get("title")) or _text(found.get("name"))


def _original_title(found: Json) -> str | None:
    return _text(found.get("original_title")) or _text(found.get("original_name"))


def _release_date(found: Json) -> date | None:
    return _date(found.get("release_date")) or _date(found.get("first_air_date"))


def _rating(details: Json) -> float | None:
    rating = _number(details.get("vote_average"))
    if rating is None or details.get("vote_count") == 0 or not 0 <= rating <= _BEST_RATING:
        return None
    return rating


def _ids(details: Json) -> dict[Source, str]:
    external = _object(details.get("external_ids"))
    ids: dict[Source, str] = {}
    if (number := tmdb_id(details)) is not None:
        ids[Source.TMDB] = str(number)
    for imdb in (external.get("imdb_id"), details.get("imdb_id")):
        if isinstance(imdb, str) and _IMDB_ID.fullmatch(imdb):
            ids.setdefault(Source.IMDB, imdb)
    if tvdb := _whole(external.get("tvdb_id")):
        ids[Source.TVDB] = str(tvdb)
    return ids


def _trailer(details: Json) -> str | None:
    trailers = [
        (video.get("official") is True, key)
        for video in _objects(_object(details.get("videos")).get("results"))
        if video.get("site") == "YouTube"
        and video.get("type") == "Trailer"
        and isinstance(key := video.get("key"), str)
        and _VIDEO_KEY.fullmatch(key)
    ]
    if not trailers:
        return None
    # The first among equals: max keeps TMDB's order.
    _, key = max(trailers, key=lambda trailer: trailer[0])
    return f"https://www.youtube.com/watch?v={key}"


def _credits(details: Json) -> Iterator[Credit]:
    """Read who plays, in TMDB's order, who directed and wrote, and, of a show, who created it."""
    people = _object(details.get("credits"))
    for person in sorted(_objects(people.get("cast")), key=_billing):
        if name := _text(person.get("name")):
            yield Credit(name, Role.ACTOR, _text(person.get("character")))
    for person in _objects(people.get("crew")):
        job = person.get("job")
        if isinstance(job, str) and job in _JOBS and (name := _text(person.get("name"))):
            yield Credit(name, _JOBS[job])
    for name in _names(details.get("created_by")):
        yield Credit(name, Role.CREATOR)


def _billing(person: Json) -> int:
    """Read where somebody stands in the cast; who has no place comes last."""
    order = _whole(person.get("order"))
    return _MOST if order is None else order


def _picture(image_base_url: str, size: str, path: object) -> str | None:
    if isinstance(path, str) and _PATH.fullmatch(path):
        return f"{image_base_url.rstrip('/')}/t/p/{size}{path}"
    return None


def _names(values: object) -> Iterator[str]:
    return (name for value in _objects(values) if (name := _text(value.get("name"))) is not None)


def _text(value: object) -> str | None:
    """Read a text as any database can store it: no NUL, no half of a surrogate pair, and not empty."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").encode("utf-8", "ignore").decode().strip() or None


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= _MOST and math.isfinite(value) else None


def _whole(value: object) -> int | None:
    """Read a whole number that is not negative and fits any database."""
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(values: object) -> Iterator[Json]:
    return (value for value in values if isinstance(value, dict)) if isinstance(values, list) else iter(())
