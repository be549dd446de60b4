"""A video file as a scan finds it: what its name says, whose it is, and which episodes it holds. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from shared.catalogue.normal import normalised
from shared.kinds import ExtraType, MediaType, Source
from worker.naming import Guess, Kind, guess_file
from worker.naming.seasons import is_season_folder
from worker.placing import held_in
from worker.providers.base import HeldEpisode
from worker.walk import Passed, VideoFile


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A video file, and what its name says of it."""

    folder_id: str
    #: Absolute.
    path: str
    size: int
    modified_at: datetime
    type: MediaType
    #: See ``name_key``.
    key: str
    #: The folder that is its title's own, or that several titles share.
    title_folder: str
    guess: Guess
    #: The episodes that it holds, at the places that its name gives them; none of a film or an extra.
    episodes: Sequence[HeldEpisode] = ()
    #: See ``worker.subtitles.beside``.
    subtitles: Sequence[Mapping[str, Any]] = ()

    @property
    def extra_type(self) -> ExtraType | None:
        """What it is beside its title; an episode of which nobody can tell which one is found there, too."""
        if self.guess.kind is Kind.EXTRA:
            return self.guess.extra or ExtraType.OTHER
        return ExtraType.OTHER if self.is_unplaced else None

    @property
    def is_unplaced(self) -> bool:
        """Whether it is an episode, and the name does not say which."""
        return self.guess.kind is Kind.EPISODE and not self.episodes


def unplaced(found: Iterable[FoundFile]) -> list[Passed]:
    """Return a problem for each episode of which nobody can tell which one it is."""
    why = "The name does not say which episode this is; it is listed among the show's extras."
    return [Passed(file.path, "episode-unknown", why) for file in found if file.is_unplaced]


def found_file(
    video: VideoFile,
    *,
    folder_id: str,
    root: PurePosixPath,
    media_type: MediaType,
    subtitles: Sequence[Mapping[str, Any]] = (),
) -> FoundFile:
    """Read the name of a file in a library of this type, whose folder is ``root``."""
    guess, title_folder = _read(video.path, root, media_type)
    return FoundFile(
        folder_id=folder_id,
        path=video.path,
        size=video.size,
        modified_at=video.modified_at,
        type=media_type,
        key=name_key(media_type, guess.title, guess.year, guess.ids, title_folder),
        title_folder=title_folder,
        guess=guess,
        episodes=held_in(Path(video.path), guess) if guess.kind is Kind.EPISODE else (),
        subtitles=subtitles,
    )


def key_of(path: str, root: str, media_type: MediaType) -> str:
    """Return the name by which a file in a library's folder goes, see ``name_key``."""
    guess, title_folder = _read(path, PurePosixPath(root), media_type)
    return name_key(media_type, guess.title, guess.year, guess.ids, title_folder)


def name_key(media_type: MediaType, title: str, year: int | None, ids: Mapping[Source, str], folder: str) -> str:
    """Spell what makes two files within a library the same title, as far as their names tell.

    An id settles it; else title and year. A film's title alone could be anything, so without a year its folder counts:
    `Heat/a.mkv` and `Heat/b.mkv` are versions of one film, `Old/Heat.mkv` and `New/Heat.mkv` wait for a provider.
    """
    for source in Source:
        if source in ids:
            return f"{source}:{ids[source]}"
    plain = normalised(title)
    if year is not None:
        return f"{plain or title}:{year}"
    return f"{plain or title}:" if media_type is MediaType.TV_SHOW else f"{plain or title}::{folder}"


def _read(path: str, root: PurePosixPath, media_type: MediaType) -> tuple[Guess, str]:
    folder, _, name = path.rpartition("/")
    within = _within(folder, root)
    guess = guess_file(within / name, media_type)
    return guess, _title_folder(within, root, guess.kind, media_type)


@lru_cache(maxsize=16)
def _within(folder: str, root: PurePosixPath) -> PurePosixPath:
    return PurePosixPath(folder or "/").relative_to(root)


@lru_cache(maxsize=64)
def _title_folder(folder: PurePosixPath, root: PurePosixPath, kind: Kind, media_type: MediaType) -> str:
    """Climb out of folders that hold extras or a season: ``Show/Season 1/Trailers`` is in ``Show``."""
    if kind is Kind.EXTRA:
        while folder.name and guess_file(folder / "x.mkv", media_type).kind is Kind.EXTRA:
            folder = folder.parent
    if media_type is MediaType.TV_SHOW:
        while folder.name and is_season_folder(folder.name):
            folder = folder.parent
    return str(root / folder)
