"""The questions that the providers are asked: what names and files say of a batch of titles."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os.path import commonpath
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.kinds import MediaType, Source
from shared.models import ExternalId, Library, Media, MediaFile, Movie
from worker.naming import Guess
from worker.naming.seasons import is_season_folder
from worker.providers.base import Match, Wanted
from worker.record import guesses
from worker.record.episodes import ShowFile, files_of_shows

#: Other titles that are tried; the names of a long show's files may mean many.
_MOST_OTHER_TITLES = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked of a title, and who is to be asked."""

    media: Media
    wanted: Wanted
    #: The names of the providers that its library wants asked, in their order; None: those in force.
    order: Sequence[str] | None = None
    #: The ids by which it is known already.
    known: Mapping[Source, str] = field(default_factory=dict)

    def for_details(self) -> Wanted:
        """Ask for the rest of what an earlier answer said in brief."""
        detail = self.media.match_detail
        match = Match(
            score=self.media.match_score or 0.0,
            parts=detail.get("parts", {}),
            runners_up=tuple(detail.get("runnersUp", ())),
            is_doubtful=self.media.is_doubtful,
        )
        ids = {**self.known, **self.wanted.ids} if self.wanted.is_chosen else {**self.wanted.ids, **self.known}
        return replace(self.wanted, ids=ids, match=match)


def questions(session: Session, media_ids: Sequence[str]) -> dict[str, Question]:
    """Return the question for each of these titles, in a few queries for all of them."""
    media = {row.id: row for row in session.scalars(select(Media).where(Media.id.in_(media_ids)))}
    films = _files_of_films(session, media_ids)
    shared_folders = _shared_folders(session, {file.folder_id for files in films.values() for file in files})
    shows = {
        media_id: [file for file in files.values() if not file.is_missing]
        for media_id, files in files_of_shows(session, media_ids).items()
    }
    libraries = {library.id: library for library in session.scalars(select(Library))}
    known = _known(session, media_ids)
    asked = {}
    for media_id, row in media.items():
        if MediaType(row.type) is MediaType.MOVIE:
            wanted = _film(row, films[media_id], shared_folders)
        else:
            wanted = _show(row, shows[media_id], libraries)
        library_ids = [*(file.library_id for file in films[media_id]), *(file.library_id for file in shows[media_id])]
        library = libraries.get(library_ids[0]) if library_ids else None
        asked[media_id] = Question(row, wanted, library.providers if library else None, known[media_id])
    return asked


def _film(media: Media, files: Sequence[MediaFile], shared_folders: set[str]) -> Wanted:
    return replace(
        _named(media, [guesses.from_json(file.guess) for file in files]),
        files=tuple(Path(file.path) for file in files),
        folder=_film_folder(files, shared_folders),
        duration=_running_time(files),
    )


def _show(media: Media, files: Sequence[ShowFile], libraries: Mapping[str, Library]) -> Wanted:
    held = [held for file in files for held in file.held]
    root = libraries[files[0].library_id].library_path if files else None
    return replace(
        _named(media, [file.guess for file in files]),
        folder=_show_folder(files, Path(root or "/")),
        episodes=tuple(sorted(held, key=lambda one: (one.season, one.episode, one.file))),
    )


def _named(media: Media, said: Iterable[Guess | None]) -> Wanted:
    """Ask by what the user chose, else by the name."""
    kept = [guess for guess in said if guess]
    chosen = media.chosen.get("externalId")
    ids = {media.chosen["source"]: chosen} if chosen else media.guessed_ids
    return Wanted(
        type=MediaType(media.type),
        title=media.guessed_title,
        year=media.guessed_year,
        is_year_of_shelf=bool(kept) and all(guess.is_year_of_shelf for guess in kept),
        ids={Source(source): value for source, value in ids.items()},
        is_chosen=chosen is not None,
        other_titles=other_titles(media.guessed_title, kept),
    )


def other_titles(title: str, guesses: Iterable[Guess]) -> tuple[str, ...]:
    """Return what else its files call a title, what more of them say first."""
    titles = Counter(name for guess in guesses for name in dict.fromkeys((guess.title, *guess.other_titles)))
    titles.pop(title, None)
    return tuple(name for name, _ in titles.most_common(_MOST_OTHER_TITLES))


def _known(session: Session, media_ids: Sequence[str]) -> defaultdict[str, dict[Source, str]]:
    known: defaultdict[str, dict[Source, str]] = defaultdict(dict)
    for row in session.scalars(select(ExternalId).where(ExternalId.media_id.in_(media_ids))):
        known[row.media_id][Source(row.source)] = row.external_id
    return known


def _files_of_films(session: Session, media_ids: Sequence[str]) -> defaultdict[str, list[MediaFile]]:
    files: defaultdict[str, list[MediaFile]] = defaultdict(list)
    rows = session.execute(
        select(Movie.media_id, MediaFile)
        .join(MediaFile, MediaFile.movie_id == Movie.id)
        .where(Movie.media_id.in_(media_ids), MediaFile.missing_since.is_(None))
        .order_by(MediaFile.path)
    )
    for media_id, file in rows:
        files[media_id].append(file)
    return files


def _shared_folders(session: Session, folder_ids: Iterable[str | None]) -> set[str]:
    """Return those folders whose files are of more than one film."""
    return {
        folder_id
        for folder_id in session.scalars(
            select(MediaFile.folder_id)
            .where(MediaFile.folder_id.in_([id_ for id_ in folder_ids if id_]), MediaFile.missing_since.is_(None))
            .group_by(MediaFile.folder_id)
            .having(func.count(MediaFile.movie_id.distinct()) > 1)
        )
        if folder_id is not None
    }


def _film_folder(files: Sequence[MediaFile], shared_folders: set[str]) -> Path | None:
    """Return the film's own folder; a folder that several films share is nobody's."""
    return next((Path(file.path).parent for file in files if file.folder_id not in shared_folders), None)


def _show_folder(files: Sequence[ShowFile], root: Path) -> Path | None:
    """Return the show's own folder: the one that holds all its seasons."""
    inside = [str(file.path.parent) for file in files if file.path.is_relative_to(root)]
    if not inside:
        return None
    folder = Path(commonpath(inside))
    while folder != root and is_season_folder(folder.name):
        folder = folder.parent
    return folder if folder != root else None


def _running_time(files: Sequence[MediaFile]) -> int | None:
    """Return how long a film is, in minutes: that of its first file, or of all its parts together."""
    parts: list[float] = [file.probe.get("duration") or 0.0 for file in files if file.part is not None]
    if parts:
        return minutes(sum(parts)) if all(parts) else None
    return minutes(next((file.probe["duration"] for file in files if file.probe.get("duration")), None))


def minutes(seconds: float | None) -> int | None:
    """Round to minutes; what is shorter than half a one says nothing."""
    return round(seconds / 60) or None if seconds else None
