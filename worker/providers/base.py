"""What every metadata provider speaks: a question, an answer, an error. To add a provider, copy a neighbour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from shared.kinds import MediaType, Role, Source

T = TypeVar("T", "SeasonMetadata", "EpisodeMetadata")

#: A candidate that was not taken: ``{"source", "externalId", "title", "year", "score"}``.
RunnerUp: TypeAlias = Mapping[str, str | int | float | None]
#: How many of them a match names.
MOST_RUNNERS_UP = 5


class ProviderError(Exception):
    """A provider did not answer.

    ``permanent`` is all that a retry needs to know. ``retry_after`` is in seconds, where the provider named a time.
    ``cause`` is a short stable word by which failures are grouped, such as ``tmdb-unauthorized``.
    """

    def __init__(self, message: str, *, cause: str, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong beside an answer, and did not keep it from being given; the words are a ProviderError's."""

    cause: str
    message: str


@dataclass(frozen=True, slots=True)
class HeldEpisode:
    """An episode of which there is a file, at the place that the file's name gives it.

    Where the name has a date, ``air_date`` is it, ``season`` its year and ``episode`` its month and day, as 315 for
    March 15: a place for it until a provider knows a better one. Where the name says no season, ``season`` is 1 and
    ``is_absolute``: the number may count through all seasons.
    """

    season: int
    episode: int
    file: Path
    air_date: date | None = None
    is_absolute: bool = False
    #: What the file's name calls it. Which episode it is, it says only where numbers and dates don't.
    title: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The question: what a title's name and files say of it."""

    type: MediaType
    title: str
    year: int | None = None
    #: The year is none of the name's but that of a shelf that it stands on: it may say when the film came there.
    is_year_of_shelf: bool = False
    ids: Mapping[Source, str] = field(default_factory=dict)
    #: The ids are what the user said it is: nothing else will do.
    is_chosen: bool = False
    #: The film's files, best first; for a show see ``episodes``.
    files: tuple[Path, ...] = ()
    #: The folder that is the title's own: a film's folder or the show's; None for a loose file in the library's root.
    folder: Path | None = None
    episodes: tuple[HeldEpisode, ...] = ()
    #: Minutes, where a file of the film was probed.
    duration: int | None = None
    #: What else the name could mean the title to be, likeliest first.
    other_titles: tuple[str, ...] = ()
    #: How it was matched, where an earlier answer was brief and ``ids`` are those of that match.
    match: "Match | None" = None

    @property
    def seasons(self) -> tuple[int, ...]:
        """The numbers of the seasons of which there are files, in order."""
        return tuple(sorted({held.season for held in self.episodes}))


@dataclass(frozen=True, slots=True)
class Match:
    """Why this answer: a score from 0 to 1, the parts it is made of, and who came next."""

    score: float
    parts: Mapping[str, float | str] = field(default_factory=dict)
    #: Best first. Where nothing was taken, the candidates.
    runners_up: tuple[RunnerUp, ...] = ()
    #: Another title was as near: somebody should look.
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class EpisodeMetadata:
    """One episode; ``runtime`` in minutes, ``still`` a picture's URL (https: or file:)."""

    season: int
    episode: int
    title: str | None = None
    overview: str | None = None
    air_date: date | None = None
    runtime: int | None = None
    still: str | None = None


@dataclass(frozen=True, slots=True)
class SeasonMetadata:
    """One season; ``poster`` a picture's URL, ``episodes`` how many it has by the provider's count."""

    number: int
    name: str | None = None
    overview: str | None = None
    air_date: date | None = None
    poster: str | None = None
    episodes: int | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """The films that a film is one of, by the provider's id."""

    name: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Credit:
    """What somebody did for a title; ``character`` is whom an actor plays."""

    name: str
    role: Role
    character: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """The answer. ``rating`` from 0 to 10, ``duration`` in minutes, pictures as URLs (https: or file:).

    Without a title it is no match: pictures alone, or candidates of which none was near enough.
    """

    provider: str
    match: Match
    title: str | None = None
    original_title: str | None = None
    description: str | None = None
    release_date: date | None = None
    rating: float | None = None
    genres: tuple[str, ...] = ()
    ids: Mapping[Source, str] = field(default_factory=dict)
    poster: str | None = None
    backdrop: str | None = None
    duration: int | None = None
    trailer_url: str | None = None
    creator: str | None = None
    network: str | None = None
    certification: str | None = None
    studios: tuple[str, ...] = ()
    collection: Collection | None = None
    #: In billing order.
    credits: tuple[Credit, ...] = ()
    #: All that the provider lists, whether there are files of them or not.
    seasons: tuple[SeasonMetadata, ...] = ()
    #: Those of the seasons that were asked for.
    episodes: tuple[EpisodeMetadata, ...] = ()
    #: Where the episodes stand that are counted through all seasons, the first one first: season and number.
    absolute: tuple[tuple[int, int], ...] = ()
    #: Only what a search says: enough to show the title by; the rest is to be asked for by its ids.
    is_brief: bool = False
    problems: tuple[Problem, ...] = ()

    def filled_from(self, other: "Metadata") -> "Metadata":
        """Fill what this answer lacks from that of a provider of lower priority.

        Whoever named the title stands as the provider, with the reason why; where nobody did, the candidates of both
        stand together, under whoever has any. Credits are those of the first who has any: two lists of the same people
        make no better one.
        """
        gaps = {
            f.name: getattr(other, f.name)
            for f in fields(self)
            if f.name not in {"ids", "seasons", "episodes", "problems"} and getattr(self, f.name) in (None, ())
        }
        told = next((answer for answer in (self, other) if answer.title is not None), None)
        candidates = _best_of((*self.match.runners_up, *other.match.runners_up))
        named = told or (self if self.match.runners_up or not candidates else other)
        return replace(
            self,
            **gaps,
            provider=named.provider,
            match=named.match if told else replace(named.match, runners_up=candidates),
            ids={**other.ids, **self.ids},
            is_brief=self.is_brief or other.is_brief,
            problems=tuple(dict.fromkeys((*self.problems, *other.problems))),
            seasons=_merged_seasons(self.seasons, other.seasons),
            episodes=_merged_episodes(self.episodes, other.episodes),
        )

    def narrowed(self, wanted: Wanted) -> Wanted:
        """Ask the next provider by what this answer already knows: its title where it has one, and its ids.

        To the ids that a user chose no other is added: nobody knows whether they are of the same.
        """
        return replace(
            wanted,
            ids=wanted.ids if wanted.is_chosen else {**wanted.ids, **self.ids},
            title=self.title or wanted.title,
            year=self.release_date.year if self.title and self.release_date else wanted.year,
        )


class Provider(Protocol):
    """Somebody who knows films and shows."""

    @property
    def name(self) -> str:
        """The name under which the provider is configured, such as ``tmdb``."""
        ...

    @property
    def types(self) -> frozenset[MediaType]:
        """What it knows any of; about the others it isn't asked."""
        ...

    @property
    def is_online(self) -> bool:
        """Whether it is asked over the network; one such answer that names the title is enough."""
        ...

    def signature(self, wanted: Wanted) -> str:
        """Return what else its answer depends on: language and country, or what lies beside the files.

        While it stays, and the question too, what was fetched lately is not fetched again.
        """
        ...

    def fetch(self, wanted: Wanted, *, brief: bool) -> Metadata | None:
        """Answer the question, or None when it knows nothing.

        ``brief``: what a search says is enough where it is sure, and the answer then is brief. An answer without a
        title carries the candidates of which none was near enough.

        Raises:
            ProviderError: the provider could not be asked or did not answer.

        """
        ...


def _best_of(candidates: Iterable[RunnerUp]) -> tuple[RunnerUp, ...]:
    """Put the nearest first, each once, and no more than a few."""
    first: dict[tuple[object, object], RunnerUp] = {}
    for candidate in candidates:
        first.setdefault((candidate.get("source"), candidate.get("externalId")), candidate)
    return tuple(sorted(first.values(), key=_nearness, reverse=True)[:MOST_RUNNERS_UP])


def _nearness(candidate: RunnerUp) -> float:
    score = candidate.get("score")
    return score if isinstance(score, int | float) else 0.0


def _merged_seasons(
    first: tuple[SeasonMetadata, ...], second: tuple[SeasonMetadata, ...]
) -> tuple[SeasonMetadata, ...]:
    merged = {season.number: season for season in second}
    for season in first:
        known = merged.get(season.number)
        merged[season.number] = _filled(season, known) if known else season
    return tuple(merged[number] for number in sorted(merged))


def _merged_episodes(
    first: tuple[EpisodeMetadata, ...], second: tuple[EpisodeMetadata, ...]
) -> tuple[EpisodeMetadata, ...]:
    merged = {(episode.season, episode.episode): episode for episode in second}
    for episode in first:
        key = (episode.season, episode.episode)
        known = merged.get(key)
        merged[key] = _filled(episode, known) if known else episode
    return tuple(merged[key] for key in sorted(merged))


def _filled(first: T, second: T) -> T:
    gaps = {f.name: getattr(second, f.name) for f in fields(first) if getattr(first, f.name) is None}
    return replace(first, **gaps)
