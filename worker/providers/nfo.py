"""What lies beside the films and shows themselves: Kodi's .nfo files and pictures."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.kinds import MediaType, Role
from shared.opening import Opener, at_once
from worker.providers.base import (
    EpisodeMetadata,
    HeldEpisode,
    Match,
    Metadata,
    Problem,
    SeasonMetadata,
    Wanted,
)
from worker.providers.nfo_text import BrokenNfoError, Entry, decoded, ids_in, parsed

#: An .nfo is a page of text; whatever is longer is no .nfo.
MOST_BYTES = 1024 * 1024

#: The cause of the problem that nobody knows what lies beside a title: its disk is away, or may not be read.
UNREADABLE = "nfo-unreadable"

_PICTURES = ("jpg", "jpeg", "png", "webp")
_KEPT = (".nfo", *(f".{extension}" for extension in _PICTURES))
_POSTERS = ("poster", "folder", "cover")
_BACKDROPS = ("fanart", "backdrop", "background")


class NfoProvider:
    """Answers from the title's own folder; pictures without a word are an answer too, for others to fill."""

    name = "nfo"
    is_online = False
    types = frozenset({MediaType.MOVIE, MediaType.TV_SHOW})

    def __init__(self, opener: Opener = at_once) -> None:
        self._opener = opener

    def signature(self, wanted: Wanted) -> str:
        """Return names, sizes and times of change of the .nfo files and pictures that may be the title's."""
        names: dict[Path, set[str]] = {wanted.folder: set()} if wanted.folder else {}
        for file in (*wanted.files, *(held.file for held in wanted.episodes)):
            names.setdefault(file.parent, set()).add(_folded(file.stem))
        return "\n".join(
            line
            for folder in sorted(names)
            for line in _kept(folder, None if folder == wanted.folder else names[folder])
        )

    def fetch(self, wanted: Wanted, *, brief: bool) -> Metadata | None:  # noqa: ARG002 - a file is read as a whole
        kinds: dict[MediaType, Callable[[Wanted, _Shelf], Metadata]] = {
            MediaType.MOVIE: _movie,
            MediaType.TV_SHOW: _show,
        }
        if wanted.type not in kinds:
            return None
        answer = kinds[wanted.type](wanted, _Shelf(self._opener))
        return answer if answer != _answer(None) else None


def _kept(folder: Path, stems: set[str] | None) -> Iterator[str]:
    """Say what of a folder is read: what begins with one of these stems; without stems, everything."""
    try:
        with os.scandir(folder) as listing:
            items = sorted((item for item in listing if item.name.lower().endswith(_KEPT)), key=lambda item: item.name)
    except OSError:
        return
    for item in items:
        stem = _folded(item.name.rpartition(".")[0])
        if stems is not None and stem not in stems and stem.rpartition("-")[0] not in stems:
            continue
        with suppress(OSError):
            status = item.stat()
            yield f"{item.path}:{status.st_size}:{status.st_mtime_ns}"


@dataclass(slots=True)
class _Shelf:
    """The folders of one fetch, each listed once, and what could not be read in them."""

    opener: Opener
    problems: list[Problem] = field(default_factory=list)
    _folders: dict[Path, dict[str, Path]] = field(default_factory=dict)

    def find(self, folder: Path, name: str) -> Path | None:
        """Find a file by its name, however its letters are written."""
        if folder not in self._folders:
            self._folders[folder] = self._listed(folder)
        path = self._folders[folder].get(_folded(name))
        return path if path is not None and self._is_file(path) else None

    def picture(self, folder: Path, names: Iterable[str]) -> str | None:
        paths = (self.find(folder, f"{name}.{extension}") for name in names for extension in _PICTURES)
        return next((path.as_uri() for path in paths if path is not None), None)

    def entries(self, folder: Path, name: str, root: str) -> list[Entry]:
        """Read the entries of one kind from an .nfo; a mere address becomes an entry that has only ids."""
        path = self.find(folder, name)
        if path is None:
            return []
        try:
            with open(path, "rb", opener=self.opener) as file:
                data = file.read(MOST_BYTES)
        except OSError:
            self._note(UNREADABLE, f"The file “{_readable(path)}” could not be read.")
            return []
        text = decoded(data)
        try:
            found = parsed(text)
        except BrokenNfoError:
            self._note("nfo-broken", f"The file “{_readable(path)}” is not well-formed XML.")
            found = []
        if not found and (ids := ids_in(text, root)):
            return [Entry(root=root, ids=ids)]
        return [entry for entry in found if entry.root == root]

    def _listed(self, folder: Path) -> dict[str, Path]:
        try:
            names = sorted(path.name for path in folder.absolute().iterdir())
        except OSError:
            self._note(UNREADABLE, f"The folder “{_readable(folder)}” could not be listed.")
            return {}
        if not names:
            # It holds the title's files: where a disk is away, its mount point is an empty folder.
            self._note(UNREADABLE, f"The folder “{_readable(folder)}” is empty.")
        return {_folded(name): folder.absolute() / name for name in names if name.lower().endswith(_KEPT)}

    def _is_file(self, path: Path) -> bool:
        try:
            return stat.S_ISREG(path.stat().st_mode)
        except OSError:
            # A link that leads nowhere is just no file; anything else was listed a moment ago.
            if not path.is_symlink():
                self._note(UNREADABLE, f"The file “{_readable(path)}” could not be read.")
            return False

    def _note(self, cause: str, message: str) -> None:
        self.problems.append(Problem(cause=cause, message=message))


def _movie(wanted: Wanted, shelf: _Shelf) -> Metadata:
    own = wanted.folder
    places = [(file.parent, file.stem) for file in wanted.files]
    entries: list[Entry] = []
    for folder, name in (*places, *([(own, "movie")] if own else [])):
        entries += shelf.entries(folder, f"{name}.nfo", "movie")
        if entries and entries[-1].title:
            break
    # A release group's .nfo, which at best names an id, must not stand before one that tells the film.
    entry = max(entries, key=lambda entry: entry.title is not None, default=None)

    def picture(names: tuple[str, ...]) -> str | None:
        beside = (shelf.picture(folder, [f"{stem}-{name}" for name in names]) for folder, stem in places)
        found = next((url for url in beside if url is not None), None)
        return found or (shelf.picture(own, names) if own else None)

    poster, backdrop = picture(_POSTERS), picture(_BACKDROPS)
    return _answer(entry, poster=poster, backdrop=backdrop, problems=shelf.problems)


def _show(wanted: Wanted, shelf: _Shelf) -> Metadata:
    own = wanted.folder
    entry = next(iter(shelf.entries(own, "tvshow.nfo", "tvshow")), None) if own else None
    seasons = tuple(_seasons(wanted, entry, shelf))
    episodes = tuple(_episodes(wanted, shelf))
    return _answer(
        entry,
        poster=shelf.picture(own, _POSTERS) if own else None,
        backdrop=shelf.picture(own, _BACKDROPS) if own else None,
        seasons=seasons,
        episodes=episodes,
        problems=shelf.problems,
    )


def _answer(
    entry: Entry | None,
    *,
    poster: str | None = None,
    backdrop: str | None = None,
    seasons: tuple[SeasonMetadata, ...] = (),
    episodes: tuple[EpisodeMetadata, ...] = (),
    problems: Iterable[Problem] = (),
) -> Metadata:
    entry = entry or Entry(root="")
    return Metadata(
        provider=NfoProvider.name,
        match=Match(score=1.0, parts={"nfo": 1.0}) if entry.title else Match(score=0.0),
        title=entry.title,
        original_title=entry.original_title,
        description=entry.plot,
        release_date=entry.released,
        rating=entry.rating,
        genres=entry.genres,
        ids=entry.ids,
        poster=poster,
        backdrop=backdrop,
        duration=entry.minutes,
        trailer_url=entry.trailer_url,
        creator=", ".join(credit.name for credit in entry.credits if credit.role is Role.CREATOR) or None,
        network=next(iter(entry.studios), None) if entry.root == "tvshow" else None,
        certification=entry.certification,
        studios=entry.studios if entry.root == "movie" else (),
        collection=entry.collection,
        credits=entry.credits,
        seasons=seasons,
        episodes=episodes,
        problems=tuple(problems),
    )


def _seasons(wanted: Wanted, entry: Entry | None, shelf: _Shelf) -> Iterator[SeasonMetadata]:
    for number in wanted.seasons:
        name = entry.season_names.get(number) if entry else None
        pictures = [f"season{number:02}-poster", f"season{number}-poster"]
        if number == 0:
            pictures.insert(0, "season-specials-poster")
        poster = shelf.picture(wanted.folder, pictures) if wanted.folder else None
        if name or poster:
            yield SeasonMetadata(number=number, name=name, poster=poster)


def _episodes(wanted: Wanted, shelf: _Shelf) -> Iterator[EpisodeMetadata]:
    by_file: dict[Path, list[HeldEpisode]] = {}
    for held in wanted.episodes:
        by_file.setdefault(held.file, []).append(held)
    for file, episodes in by_file.items():
        entries = shelf.entries(file.parent, f"{file.stem}.nfo", "episodedetails")
        still = shelf.picture(file.parent, [f"{file.stem}-thumb"])
        for held, entry in zip(episodes, _dealt(entries, episodes), strict=True):
            episode = _episode(held, entry or Entry(root="episodedetails"), still)
            if episode != EpisodeMetadata(season=held.season, episode=held.episode):
                yield episode


def _dealt(entries: list[Entry], episodes: list[HeldEpisode]) -> list[Entry | None]:
    """Give each episode of a file its entry: by number, and what is left over in the order of the file."""
    left = list(entries)
    dealt: list[Entry | None] = []
    for held in episodes:
        named = (e for e in left if e.episode == held.episode and e.season in (None, held.season))
        entry = next(named, None)
        if entry is not None:
            left.remove(entry)
        dealt.append(entry)
    return [entry or (left.pop(0) if left else None) for entry in dealt]


def _episode(held: HeldEpisode, entry: Entry, still: str | None) -> EpisodeMetadata:
    return EpisodeMetadata(
        season=held.season,
        episode=held.episode,
        title=entry.title,
        overview=entry.plot,
        air_date=entry.released,
        runtime=entry.minutes,
        still=still,
    )


def _folded(name: str) -> str:
    """Fold case, and the two ways in which file systems write an accented letter."""
    return unicodedata.normalize("NFC", name).casefold()


def _readable(path: Path) -> str:
    """Give the name alone, fit for a message even where its bytes are no text."""
    return path.name.encode("utf-8", "replace").decode()
