"""The questions that the providers are asked: what names and files say of a batch of titles."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from os.path import commonpath
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.kinds import MediaType, Source
from shared.models import Episode, Library, Media, MediaFile, Movie, Season, TVShow, episode_files
from worker.naming.seasons import is_season_folder
from worker.providers.base import HeldEpisode, Wanted


def wanted_for(session: Session, media_ids: Sequence[str]) -> dict[str, Wanted]:
    """Return the question for each of these titles, in a few queries for all of them."""
    media = {row.id: row for row in session.scalars(select(Media).where(Media.id.in_(media_ids)))}
    films = _files_of_films(session, media_ids)
    episodes, roots = _episodes_of_shows(session, media_ids)
    shared_folders = _shared_folders(session, {file.folder_id for files in films.values() for file in files})
    wanted = {}
    for media_id, row in media.items():
        files = films.get(media_id, [])
        held = episodes.get(media_id, [])
        own_folder = _film_folder(files, shared_folders) if files else _show_folder(held, roots.get(media_id))
        wanted[media_id] = Wanted(
            type=MediaType(row.type),
            title=row.guessed_title,
            year=row.guessed_year,
            ids={Source(source): value for source, value in row.guessed_ids.items()},
            files=tuple(Path(file.path) for file in files),
            folder=own_folder,
            episodes=tuple(held),
            duration=_minutes(files),
        )
    return wanted


def _files_of_films(session: Session, media_ids: Sequence[str]) -> dict[str, list[MediaFile]]:
    files: dict[str, list[MediaFile]] = defaultdict(list)
    rows = session.execute(
        select(Movie.media_id, MediaFile)
        .join(MediaFile, MediaFile.movie_id == Movie.id)
        .where(Movie.media_id.in_(media_ids), MediaFile.missing_since.is_(None))
        .order_by(MediaFile.path)
    )
    for media_id, file in rows:
        files[media_id].append(file)
    return files


def _episodes_of_shows(
    session: Session, media_ids: Sequence[str]
) -> tuple[dict[str, list[HeldEpisode]], dict[str, Path]]:
    """Return the episodes that are held of each show, and the root of the library that holds them."""
    episodes: dict[str, list[HeldEpisode]] = defaultdict(list)
    roots: dict[str, Path] = {}
    rows = session.execute(
        select(TVShow.media_id, Season.season_number, Episode.episode_number, MediaFile.path, Library.library_path)
        .join(Season, Season.tv_show_id == TVShow.id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(TVShow.media_id.in_(media_ids), MediaFile.missing_since.is_(None))
        .order_by(Season.season_number, Episode.episode_number, MediaFile.path)
    )
    for media_id, season, episode, path, library_path in rows:
        episodes[media_id].append(HeldEpisode(season, episode, Path(path)))
        roots.setdefault(media_id, Path(library_path or "/"))
    return episodes, roots


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


def _show_folder(held: Sequence[HeldEpisode], root: Path | None) -> Path | None:
    """Return the show's own folder: the one that holds all its seasons."""
    inside = [str(episode.file.parent) for episode in held if root and episode.file.is_relative_to(root)]
    if root is None or not inside:
        return None
    folder = Path(commonpath(inside))
    while folder != root and is_season_folder(folder.name):
        folder = folder.parent
    return folder if folder != root else None


def _minutes(files: Sequence[MediaFile]) -> int | None:
    seconds = next((file.probe["duration"] for file in files if file.probe.get("duration")), None)
    return round(seconds / 60) if seconds else None
