"""One title's way through the providers: what has been said, by whom, and what of it counts."""

from dataclasses import dataclass, field, replace

from worker.genres import canonical
from worker.placing import places
from worker.providers.base import (
    EpisodeMetadata,
    Match,
    Metadata,
    Problem,
    Provider,
    ProviderError,
    SeasonMetadata,
    Wanted,
)

NO_KEY = Problem(
    "no-tmdb-key", "No TMDB API key is set, or TMDB is disabled; the title is looked up as soon as it can be asked."
)
NOT_FOUND = Problem("not-found", "No provider knows this title well enough.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the providers in force came to."""

    #: None where nobody told anything. Without a title: pictures, and the candidates that were not near enough.
    metadata: Metadata | None
    #: Why there is no title, where there is none.
    reason: Problem | None
    #: Why the answer may be better later: a provider failed, and none that goes before it named the title online.
    error: ProviderError | None
    #: The error is that of a provider that only stands in: one that goes before it was asked and does not know the
    #: title. It is worth another try, and no scan need wait for that.
    may_wait: bool = False


@dataclass(slots=True)
class Inquiry:
    """What has been said of one title so far."""

    wanted: Wanted
    local_artwork_wins: bool
    #: Whether TMDB would be asked if it had a key: a library may want others alone.
    misses_tmdb: bool
    metadata: Metadata | None = None
    #: What lies beside the files, where it waits for the pictures of providers.
    _pictures: Metadata | None = None
    #: Who failed before the title was named online, and whether somebody who goes before them doesn't know it.
    _failures: list[tuple[ProviderError, bool]] = field(default_factory=list)
    _is_named: bool = False
    _is_unknown: bool = False

    def is_for(self, provider: Provider) -> bool:
        """Whether a provider is to be asked: two that are online never tell of one title together."""
        return self.wanted.type in provider.types and not (provider.is_online and self._is_named)

    def is_enough(self) -> bool:
        """Whether nothing that people look at first is missing, so that nobody else need be asked."""
        told = self.metadata
        if told is None or not (told.title and told.description and told.poster):
            return False
        titled = {(episode.season, episode.episode) for episode in told.episodes if episode.title}
        return titled.issuperset(places(self.wanted.episodes, told.seasons, told.episodes, told.absolute).values())

    def question(self) -> Wanted:
        return self.metadata.narrowed(self.wanted) if self.metadata else self.wanted

    def take(self, provider: Provider, answer: Metadata | None) -> None:
        """Take what a provider said, unless it contradicts the ids that a user chose."""
        if answer is not None and self.wanted.is_chosen and not _is_of(answer, self.wanted):
            answer = None
        if provider.is_online:
            self._is_named = answer is not None and answer.title is not None
            self._is_unknown = self._is_unknown or not self._is_named
        elif answer is not None and not self.local_artwork_wins:
            answer, self._pictures = _parted(answer)
        if answer is not None:
            self.metadata = self.metadata.filled_from(answer) if self.metadata else answer

    def fail(self, error: ProviderError) -> None:
        if not self._is_named:
            self._failures.append((error, self._is_unknown))

    def answer(self) -> Answer:
        """Conclude. Of several failures the first that may be over later counts, else the first."""
        metadata = self.metadata
        if metadata is not None:
            metadata = metadata.filled_from(self._pictures) if self._pictures else metadata
            metadata = replace(metadata, genres=canonical(metadata.genres))
        over_later = (failed for failed in self._failures if not failed[0].permanent)
        error, may_wait = next(over_later, (*self._failures, (None, False))[0])
        if metadata is not None and metadata.title is not None:
            return Answer(metadata, None, error, may_wait)
        if error is not None:
            return Answer(metadata, Problem(error.cause, str(error)), error, may_wait)
        return Answer(metadata, NO_KEY if self.misses_tmdb else NOT_FOUND, None)


def _is_of(answer: Metadata, wanted: Wanted) -> bool:
    """Whether an answer is of what the user chose: what names a title must be known by one of the ids."""
    if any(answer.ids.get(source, chosen) != chosen for source, chosen in wanted.ids.items()):
        return False
    return answer.title is None or "id" in answer.match.parts or bool(answer.ids.keys() & wanted.ids.keys())


def _parted(answer: Metadata) -> tuple[Metadata, Metadata]:
    """Part an answer into what it tells and what it shows."""
    told = replace(
        answer,
        poster=None,
        backdrop=None,
        seasons=tuple(replace(season, poster=None) for season in answer.seasons),
        episodes=tuple(replace(episode, still=None) for episode in answer.episodes),
    )
    shown = Metadata(
        provider=answer.provider,
        match=Match(score=0.0),
        poster=answer.poster,
        backdrop=answer.backdrop,
        seasons=tuple(SeasonMetadata(season.number, poster=season.poster) for season in answer.seasons),
        episodes=tuple(
            EpisodeMetadata(episode.season, episode.episode, still=episode.still) for episode in answer.episodes
        ),
    )
    return told, shown
