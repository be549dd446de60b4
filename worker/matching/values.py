"""What is chosen from, and what comes of it."""

from dataclasses import dataclass

from shared.kinds import Source
from worker.providers.base import EpisodeMetadata, Match


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a provider offers: somebody's film or show under one id."""

    external_id: str
    title: str
    original_title: str | None = None
    other_titles: tuple[str, ...] = ()
    year: int | None = None
    popularity: float = 0.0
    #: Where it is from, as ISO 3166 has it, such as ``US`` and ``GB``.
    countries: tuple[str, ...] = ()
    #: The seasons of a show, and how many episodes each has; empty where that is not known.
    seasons: tuple[tuple[int, int], ...] = ()
    #: Those of its episodes that were asked for: their places, titles and dates.
    episodes: tuple[EpisodeMetadata, ...] = ()
    #: Of a film, in minutes.
    duration: int | None = None
    #: Whose id it is.
    source: Source = Source.TMDB


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a name means. Where nobody is near enough, ``match`` has the best score and names the candidates."""

    candidate: Candidate | None
    match: Match
    #: Nobody's title and year could be nearer: to search on by other words is of no use.
    is_final: bool = False

    @property
    def is_sure(self) -> bool:
        return self.candidate is not None and not self.match.is_doubtful
