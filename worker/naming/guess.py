"""What a name says, before anybody was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.kinds import Source


class Kind(StrEnum):
    """What a video file is within its library."""

    MOVIE = "movie"
    EPISODE = "episode"
    EXTRA = "extra"


class ExtraType(StrEnum):
    """What an extra is; extras stay out of the catalogue."""

    TRAILER = "trailer"
    SAMPLE = "sample"
    FEATURETTE = "featurette"
    BEHIND_THE_SCENES = "behindthescenes"
    DELETED_SCENE = "deleted"
    INTERVIEW = "interview"
    SCENE = "scene"
    SHORT = "short"
    THEME = "theme"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a path under its library root says about the video file there.

    ``title`` and ``year`` are those of the film or the show, never of an episode, and ``title`` is never empty.
    ``season`` is 0 for specials and None where the name does not say. ``sources`` says for each field that was
    filled where it came from: ``file``, ``folder`` or ``parent``.
    """

    kind: Kind
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    episode_title: str | None = None
    #: Ids of the film or the show, such as ``{Source.TMDB: "603"}``; an IMDb id keeps its ``tt``.
    ids: Mapping[Source, str] = field(default_factory=dict)
    edition: str | None = None
    part: int | None = None
    extra: ExtraType | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
