"""What a name says, before anybody was asked."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from shared.kinds import ExtraType, Source


class Kind(StrEnum):
    """What a video file is within its library."""

    MOVIE = "movie"
    EPISODE = "episode"
    EXTRA = "extra"


_OUTWARDS = ("file", "folder", "parent")


class Guess(NamedTuple):
    """What a path under its library root says about the video file there.

    ``title`` and ``year`` are those of the film or the show, never of an episode, and ``title`` is never empty.
    ``season`` is 0 for specials and None where the name does not say: then ``episodes`` may count through all seasons.
    ``sources`` says for each field that was filled where it came from: ``file``, ``folder`` or ``parent``.
    """

    kind: Kind
    title: str
    year: int | None = None
    #: What else the path could mean the title to be, likeliest first: its other language's, the file's where the
    #: folder's was taken.
    other_titles: tuple[str, ...] = ()
    season: int | None = None
    episodes: tuple[int, ...] = ()
    #: When the episode was first shown, where the name has a date in place of a number.
    air_date: date | None = None
    episode_title: str | None = None
    #: Ids of the film or the show, such as ``{Source.TMDB: "603"}``; an IMDb id keeps its ``tt``.
    ids: Mapping[Source, str] = MappingProxyType({})
    edition: str | None = None
    part: int | None = None
    #: How the picture is in 3D: ``3D``, ``SBS``, ``HSBS``, ``OU``, ``HOU`` or ``MVC``.
    three_d: str | None = None
    extra: ExtraType | None = None
    sources: Mapping[str, str] = MappingProxyType({})

    @property
    def is_year_of_shelf(self) -> bool:
        """Whether only a folder further out than the title's has a year: ``2023/Heat`` may have come there then."""
        if "year" not in self.sources:
            return False
        return _OUTWARDS.index(self.sources["year"]) > _OUTWARDS.index(self.sources["title"])
