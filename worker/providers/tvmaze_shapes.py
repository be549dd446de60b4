"""TVmaze's JSON, read as metadata.

Its specials have no numbers, only the season in which they aired. What others number as season 0 is in an order of
their own, so a special is told under the number that a file gives it, and only where both call it the same: a wrong
title is worse than none.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from shared.kinds import Role, Source
from worker.episode_titles import by_title, telling
from worker.matching import Candidate
from worker.placing import seasons_to_ask
from worker.providers.base import (
    Credit,
    EpisodeMetadata,
    HeldEpisode,
    Match,
    Metadata,
    SeasonMetadata,
)
from worker.providers.billing import in_billing_order
from worker.providers.fields import Json, day, mapping, mappings, number, plain, text, whole

_IMDB_ID = re.compile(r"tt\d{5,12}", re.ASCII)
_LOCATION = re.compile(r"(?:https?://[^/?#\s]+)?(?:/[\w.-]+)*/shows/([1-9]\d{0,9})", re.ASCII)
_PICTURE = re.compile(r"https?://[\w.:-]+/[\w./%-]+", re.ASCII)
_BEST_RATING = 10.0


def found(answer: object) -> list[Json]:
    """Read the shows that a search found, likeliest first."""
    shows = (mapping(result.get("show")) for result in mappings(answer))
    return [show for show in shows if show_id(show) is not None and text(show.get("name")) is not None]


def candidate(show: Json) -> Candidate:
    """Read a show that a search found."""
    premiered = day(show.get("premiered"))
    return Candidate(
        external_id=str(show_id(show)),
        title=text(show.get("name")) or "",
        year=premiered.year if premiered else None,
        popularity=number(show.get("weight")) or 0.0,
        source=Source.TVMAZE,
        countries=tuple(dict.fromkeys(_countries(show))),
    )


def told_more(found: Candidate, details: Json) -> Candidate:
    """Add to a candidate what its details know more: its other titles, its seasons and its episodes."""
    embedded = mapping(details.get("_embedded"))
    numbered = ((place, episode) for episode in mappings(embedded.get("episodes")) if (place := _place(episode)))
    akas = (name for aka in mappings(embedded.get("akas")) if (name := text(aka.get("name"))))
    return replace(
        found,
        other_titles=tuple(dict.fromkeys(akas)),
        seasons=tuple((season.number, season.episodes) for season in seasons(details) if season.episodes),
        episodes=tuple(_episode(place, episode) for place, episode in numbered),
    )


def show_id(show: Json) -> int | None:
    return whole(show.get("id")) or None


def id_in(location: str | None) -> str | None:
    """Read the id in the address to which a lookup points."""
    read = _LOCATION.fullmatch(location or "")
    return read[1] if read else None


def show(details: Json, match: Match) -> Metadata:
    """Read a show as a search tells it, without seasons, episodes and people."""
    runtime = whole(details.get("averageRuntime")) or whole(details.get("runtime"))
    return Metadata(
        provider="tvmaze",
        match=match,
        title=text(details.get("name")),
        description=plain(details.get("summary")),
        release_date=day(details.get("premiered")),
        rating=_rating(details),
        genres=tuple(name for genre in _list(details.get("genres")) if (name := text(genre))),
        ids=_ids(details),
        poster=_picture(details),
        duration=runtime or None,
        network=_name(details.get("network")) or _name(details.get("webChannel")),
        credits=in_billing_order(_cast(details)),
    )


def seasons(details: Json) -> tuple[SeasonMetadata, ...]:
    """Read all seasons; one that still runs has as many episodes as are planned for it."""
    embedded = mapping(details.get("_embedded"))
    counted = Counter(place[0] for episode in mappings(embedded.get("episodes")) if (place := _place(episode)))
    listed = {
        season: summary
        for summary in mappings(embedded.get("seasons"))
        if (season := whole(summary.get("number"))) is not None
    }
    return tuple(
        SeasonMetadata(
            number=season,
            name=text(summary.get("name")),
            overview=plain(summary.get("summary")),
            air_date=day(summary.get("premiereDate")),
            poster=_picture(summary),
            episodes=max(whole(summary.get("episodeOrder")) or 0, counted[season]) or None,
        )
        for season in sorted({*listed, *counted})
        for summary in (listed.get(season, {}),)
    )


def episodes(
    details: Json, held: Iterable[HeldEpisode], listed: tuple[SeasonMetadata, ...]
) -> tuple[EpisodeMetadata, ...]:
    """Read the episodes of the seasons of which there are files, each once."""
    wanted = set(seasons_to_ask(held, listed))
    told: dict[tuple[int, int], EpisodeMetadata] = {}
    for episode in mappings(mapping(details.get("_embedded")).get("episodes")):
        place = _place(episode)
        if place is not None and place[0] in wanted:
            told.setdefault(place, _episode(place, episode))
    return tuple(told.values())


def specials(listed: object, held: Iterable[HeldEpisode]) -> tuple[EpisodeMetadata, ...]:
    """Read those specials, of a list of all episodes, of which there are files that are called like them."""
    unnumbered = [episode for episode in mappings(listed) if _place(episode) is None]
    known = by_title(_episode((0, at), episode) for at, episode in enumerate(unnumbered))
    told = {
        each.episode: replace(found, episode=each.episode)
        for each in held
        if each.season == 0 and (found := known.get(telling(each.title) or ""))
    }
    return tuple(told[number_of] for number_of in sorted(told))


def _place(episode: Json) -> tuple[int, int] | None:
    season, in_season = whole(episode.get("season")), whole(episode.get("number"))
    return (season, in_season) if season is not None and in_season is not None else None


def _episode(place: tuple[int, int], episode: Json) -> EpisodeMetadata:
    return EpisodeMetadata(
        season=place[0],
        episode=place[1],
        title=text(episode.get("name")),
        overview=plain(episode.get("summary")),
        air_date=day(episode.get("airdate")),
        runtime=whole(episode.get("runtime")) or None,
        still=_picture(episode),
    )


def _rating(details: Json) -> float | None:
    rating = number(mapping(details.get("rating")).get("average"))
    return rating if rating is not None and 0 < rating <= _BEST_RATING else None


def _ids(details: Json) -> dict[Source, str]:
    external = mapping(details.get("externals"))
    ids: dict[Source, str] = {}
    if (own := show_id(details)) is not None:
        ids[Source.TVMAZE] = str(own)
    imdb = external.get("imdb")
    if isinstance(imdb, str) and _IMDB_ID.fullmatch(imdb):
        ids[Source.IMDB] = imdb
    if tvdb := whole(external.get("thetvdb")):
        ids[Source.TVDB] = str(tvdb)
    return ids


def _picture(pictured: Json) -> str | None:
    url = text(mapping(pictured.get("image")).get("original"))
    return url if url is not None and _PICTURE.fullmatch(url) else None


def _cast(details: Json) -> Iterator[Credit]:
    for part in mappings(mapping(details.get("_embedded")).get("cast")):
        if name := _name(part.get("person")):
            yield Credit(name, Role.ACTOR, _name(part.get("character")))


def _countries(details: Json) -> Iterator[str]:
    for broadcaster in (details.get("network"), details.get("webChannel")):
        if code := text(mapping(mapping(broadcaster).get("country")).get("code")):
            yield code.upper()


def _name(value: object) -> str | None:
    return text(mapping(value).get("name"))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
