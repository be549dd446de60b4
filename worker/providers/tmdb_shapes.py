"""TMDB's JSON, read as metadata. Every field may be missing, null or of another type than documented."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from shared.kinds import Role, Source
from worker.providers import tmdb_genres
from worker.providers.base import (
    Collection,
    Credit,
    EpisodeMetadata,
    Match,
    Metadata,
    SeasonMetadata,
)
from worker.providers.billing import in_billing_order
from worker.providers.fields import Json, day, mapping, mappings, number, text, whole
from worker.providers.tmdb_candidates import original_title, release_date, title, tmdb_id
from worker.providers.tmdb_groups import ABSOLUTE, in_order
from worker.providers.tmdb_regions import film_certification, show_certification, translated

_PATH = re.compile(r"(?:/[\w.-]+)+", re.ASCII)
_IMDB_ID = re.compile(r"tt\d{5,12}", re.ASCII)
_SEASON = re.compile(r"season/(\d{1,9})", re.ASCII)
_VIDEO_KEY = re.compile(r"[\w-]{5,20}", re.ASCII)
_BEST_RATING = 10.0
_LAST = 2**31
#: What of a crew is told, in TMDB's words for their jobs.
_WRITTEN = ("Writer", "Co-Writer", "Screenplay", "Teleplay", "Scenario Writer", "Adaptation", "Story", "Original Story")
_WRITTEN_BEFORE = ("Short Story", "Author", "Novel", "Book", "Theatre Play", "Comic Book")
_JOBS = {"Director": Role.DIRECTOR, **dict.fromkeys((*_WRITTEN, *_WRITTEN_BEFORE), Role.WRITER)}


@dataclass(frozen=True, slots=True)
class Shapes:
    """Reads answers for one language (BCP 47) and one country (ISO 3166)."""

    image_base_url: str
    language: str
    country: str

    def brief(self, found: Json, match: Match) -> Metadata:
        """Read what a search says of a film or a show."""
        return replace(self._common(found, match), genres=tmdb_genres.by_ids(found.get("genre_ids")), is_brief=True)

    def movie(self, details: Json, match: Match) -> Metadata:
        return replace(
            self._full(details, match),
            duration=whole(details.get("runtime")) or None,
            certification=film_certification(details, self.country),
            collection=_collection(details),
        )

    def show(self, details: Json, match: Match) -> Metadata:
        """Read a show with its seasons, of which those that were asked for stand beside it, as ``season/1``."""
        runtimes = details.get("episode_run_time")
        seasons = self.seasons(details)
        return replace(
            self._full(details, match),
            duration=whole(runtimes[0]) or None if isinstance(runtimes, list) and runtimes else None,
            certification=show_certification(details, self.country),
            creator=", ".join(_names(details.get("created_by"))) or None,
            network=next(_names(details.get("networks")), None),
            seasons=seasons,
            absolute=in_order(mapping(details.get(ABSOLUTE))),
            episodes=tuple(episode for season in seasons for episode in self._episodes(season.number, details)),
        )

    def seasons(self, details: Json) -> tuple[SeasonMetadata, ...]:
        """Read all seasons that a show lists, with what those tell that were asked for."""
        known = {
            season: summary
            for summary in mappings(details.get("seasons"))
            if (season := whole(summary.get("season_number"))) is not None
        }
        for name in details:
            if (asked := _SEASON.fullmatch(name)) and (part := _season_part(details, name)):
                season = int(asked[1])
                known[season] = {**known.get(season, {}), **{name: value for name, value in part.items() if value}}
        return tuple(self._season(season, known[season]) for season in sorted(known))

    def _season(self, season: int, known: Json) -> SeasonMetadata:
        return SeasonMetadata(
            number=season,
            name=text(known.get("name")),
            overview=text(known.get("overview")),
            air_date=day(known.get("air_date")),
            poster=self._picture("w342", known.get("poster_path")),
            episodes=whole(known.get("episode_count")) or len(list(mappings(known.get("episodes")))) or None,
        )

    def _episodes(self, season: int, details: Json) -> Iterator[EpisodeMetadata]:
        seen: set[int] = set()
        for episode in mappings(_season_part(details, f"season/{season}").get("episodes")):
            in_season = whole(episode.get("episode_number"))
            if in_season is None or in_season in seen:
                continue
            seen.add(in_season)
            yield EpisodeMetadata(
                season=season,
                episode=in_season,
                title=text(episode.get("name")),
                overview=text(episode.get("overview")),
                air_date=day(episode.get("air_date")),
                runtime=whole(episode.get("runtime")) or None,
                still=self._picture("w300", episode.get("still_path")),
            )

    def _full(self, details: Json, match: Match) -> Metadata:
        words = translated(details, self.language)
        return replace(
            self._common(details, match),
            title=words.title,
            description=words.overview,
            genres=tmdb_genres.named(details.get("genres")),
            trailer_url=_trailer(details, self.language.partition("-")[0]),
            studios=tuple(dict.fromkeys(_names(details.get("production_companies")))),
            credits=in_billing_order(_credits(details)),
        )

    def _common(self, about: Json, match: Match) -> Metadata:
        return Metadata(
            provider="tmdb",
            match=match,
            title=title(about),
            original_title=original_title(about),
            description=text(about.get("overview")),
            release_date=release_date(about),
            rating=_rating(about),
            ids=_ids(about),
            poster=self._picture("w500", about.get("poster_path")),
            backdrop=self._picture("w1280", about.get("backdrop_path")),
        )

    def _picture(self, size: str, path: object) -> str | None:
        if isinstance(path, str) and _PATH.fullmatch(path):
            return f"{self.image_base_url.rstrip('/')}/t/p/{size}{path}"
        return None


def _season_part(details: Json, name: str) -> Json:
    part = mapping(details.get(name))
    return part if isinstance(part.get("episodes"), list) else {}


def _rating(about: Json) -> float | None:
    rating = number(about.get("vote_average"))
    if rating is None or about.get("vote_count") == 0 or not 0 <= rating <= _BEST_RATING:
        return None
    return rating


def _ids(about: Json) -> dict[Source, str]:
    external = mapping(about.get("external_ids"))
    ids: dict[Source, str] = {}
    if (own := tmdb_id(about)) is not None:
        ids[Source.TMDB] = str(own)
    for imdb in (external.get("imdb_id"), about.get("imdb_id")):
        if isinstance(imdb, str) and _IMDB_ID.fullmatch(imdb):
            ids.setdefault(Source.IMDB, imdb)
    if tvdb := whole(external.get("tvdb_id")):
        ids[Source.TVDB] = str(tvdb)
    return ids


def _collection(details: Json) -> Collection | None:
    collection = mapping(details.get("belongs_to_collection"))
    name, own = text(collection.get("name")), tmdb_id(collection)
    return Collection(name, str(own)) if name and own is not None else None


def _trailer(details: Json, language: str) -> str | None:
    trailers = [
        ((video.get("iso_639_1") == language, video.get("official") is True), key)
        for video in mappings(mapping(details.get("videos")).get("results"))
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
    people = mapping(details.get("credits"))
    for person in sorted(mappings(people.get("cast")), key=_billing):
        if name := text(person.get("name")):
            yield Credit(name, Role.ACTOR, text(person.get("character")))
    for person in mappings(people.get("crew")):
        job = person.get("job")
        if isinstance(job, str) and job in _JOBS and (name := text(person.get("name"))):
            yield Credit(name, _JOBS[job])
    for name in _names(details.get("created_by")):
        yield Credit(name, Role.CREATOR)


def _billing(person: Json) -> int:
    """Read where somebody stands in the cast; who has no place comes last."""
    order = whole(person.get("order"))
    return _LAST if order is None else order


def _names(values: object) -> Iterator[str]:
    return (name for value in mappings(values) if (name := text(value.get("name"))) is not None)
