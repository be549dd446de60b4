"""Record the files of folders: named, browsable and playable before any provider has answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from shared import enrichments
from shared.catalogue.normal import normalised
from shared.dialects import insert_for, insert_new
from shared.kinds import MatchStatus, MediaType, Source
from shared.models import (
    Episode,
    LibraryMedia,
    Media,
    MediaFile,
    MediaName,
    Movie,
    ScanJob,
    Season,
    TVShow,
    episode_files,
)
from shared.models.base import new_id, now
from worker.record.search import index_episodes, index_titles


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A video file, and what its name says of it."""

    folder_id: str
    path: str
    size: int
    modified_at: datetime
    type: MediaType
    #: See ``name_key``.
    key: str
    title: str
    year: int | None
    ids: Mapping[Source, str]
    edition: str | None = None
    part: int | None = None
    season: int = 1
    #: Numbers and provisional titles.
    episodes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """What a batch of folders came to."""

    media_ids: frozenset[str]
    new_media_ids: frozenset[str]


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


def register(
    session: Session, scan_job: ScanJob, folder_ids: Sequence[str], found: Sequence[FoundFile], gone: Collection[str]
) -> Registered:
    """Put the files of a batch of folders into the catalogue.

    1. Files that are known keep their title; what changed about them is noted.
    2. New files get the title that goes by their name, or a new one.
    3. Files that are ``gone`` from these folders are marked missing.
    4. Their titles are sent to the providers: something about their folders is new.
    """
    known = _known_files(session, scan_job.library_id, folder_ids, [file.path for file in found])
    fresh = [file for file in found if file.path not in known]
    _refresh(session, known, found)
    _mark_missing(session, [known[path].id for path in gone if path in known])

    titles, new_titles = _titles(session, scan_job.library_id, fresh)
    insert_new(
        session,
        LibraryMedia,
        [{"library_id": scan_job.library_id, "media_id": media_id} for media_id in sorted(set(titles.values()))],
    )
    _add_files(session, scan_job.library_id, fresh, titles)

    touched = set(titles.values()) | media_of(session, [row.id for row in known.values()])
    enrichments.fetch(session, touched, scan_job.id)
    return Registered(frozenset(touched), frozenset(new_titles))


def media_of(session: Session, file_ids: Sequence[str]) -> set[str]:
    """Return the titles that these files belong to."""
    films = select(Movie.media_id).join(MediaFile, MediaFile.movie_id == Movie.id).where(MediaFile.id.in_(file_ids))
    shows = (
        select(TVShow.media_id)
        .join(Season, Season.tv_show_id == TVShow.id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .where(episode_files.c.file_id.in_(file_ids))
    )
    return set(session.scalars(films.union(shows)))


def paths_in(session: Session, folder_ids: Sequence[str]) -> set[str]:
    """Return the paths that the catalogue has in these folders."""
    return set(session.scalars(select(MediaFile.path).where(MediaFile.folder_id.in_(folder_ids))))


def _known_files(
    session: Session, library_id: str, folder_ids: Sequence[str], paths: Sequence[str]
) -> dict[str, MediaFile]:
    query = select(MediaFile).where(MediaFile.library_id == library_id)
    rows = [
        *session.scalars(query.where(MediaFile.folder_id.in_(folder_ids))),
        *session.scalars(query.where(MediaFile.path.in_(paths))),
    ]
    return {row.path: row for row in rows}


def _refresh(session: Session, known: Mapping[str, MediaFile], found: Sequence[FoundFile]) -> None:
    for file in found:
        row = known.get(file.path)
        if row is None:
            continue
        if (row.size, row.modified_at) != (file.size, file.modified_at):
            row.size, row.modified_at, row.probe = file.size, file.modified_at, {}
        row.folder_id, row.missing_since = file.folder_id, None
    session.flush()


def _mark_missing(session: Session, file_ids: Sequence[str]) -> None:
    still_there = update(MediaFile).where(MediaFile.id.in_(file_ids), MediaFile.missing_since.is_(None))
    session.execute(still_there.values(missing_since=now()))


def _titles(session: Session, library_id: str, fresh: Sequence[FoundFile]) -> tuple[dict[str, str], set[str]]:
    """Return for each name the title it means, and which titles are new."""
    by_key = {file.key: file for file in fresh}
    titles = _named(session, library_id, list(by_key))
    missing = sorted(by_key.keys() - titles.keys())
    made = {key: new_id() for key in missing}
    if missing:
        instant = now()
        session.execute(insert_for(session, Media), [_media_row(made[key], by_key[key], instant) for key in missing])
        # Another worker may be naming the same title at this moment: the name decides whose it is.
        insert_new(
            session, MediaName, [{"library_id": library_id, "key": key, "media_id": made[key]} for key in missing]
        )
        titles |= _named(session, library_id, missing)
        lost = [made[key] for key in missing if titles[key] != made[key]]
        if lost:
            session.execute(delete(Media).where(Media.id.in_(lost)))
        kept = {titles[key]: by_key[key].type for key in missing if titles[key] == made[key]}
        _add_kind_rows(session, kept)
        index_titles(session, kept)
    return titles, set(made.values()) & set(titles.values())


def _named(session: Session, library_id: str, keys: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(MediaName.key, MediaName.media_id).where(MediaName.library_id == library_id, MediaName.key.in_(keys))
    )
    return {key: media_id for key, media_id in rows}  # noqa: C416 - dict() loses the types of rows


def _media_row(media_id: str, file: FoundFile, instant: datetime) -> dict[str, Any]:
    return {
        "id": media_id,
        "type": file.type,
        "title": file.title,
        "search_title": normalised(file.title),
        "guessed_title": file.title,
        "guessed_year": file.year,
        "guessed_ids": {str(source): value for source, value in file.ids.items()},
        "match_status": MatchStatus.PENDING,
        "match_detail": {},
        "genres": [],
        "palette": [],
        "created_at": instant,
        "updated_at": instant,
    }


def _add_kind_rows(session: Session, types: Mapping[str, MediaType]) -> None:
    films = [{"id": new_id(), "media_id": media_id} for media_id, kind in types.items() if kind is MediaType.MOVIE]
    shows = [{"id": new_id(), "media_id": media_id} for media_id, kind in types.items() if kind is MediaType.TV_SHOW]
    insert_new(session, Movie, films)
    insert_new(session, TVShow, shows)


def _add_files(session: Session, library_id: str, fresh: Sequence[FoundFile], titles: Mapping[str, str]) -> None:
    if not fresh:
        return
    media_ids = sorted(set(titles.values()))
    movies = _ids_by_media(session, Movie, media_ids)
    shows = _ids_by_media(session, TVShow, media_ids)
    instant = now()
    ids = {file.path: new_id() for file in fresh}
    session.execute(
        insert_for(session, MediaFile),
        [
            {
                "id": ids[file.path],
                "library_id": library_id,
                "folder_id": file.folder_id,
                "movie_id": movies.get(titles[file.key]) if file.type is MediaType.MOVIE else None,
                "path": file.path,
                "size": file.size,
                "modified_at": file.modified_at,
                "edition": file.edition,
                "part": file.part,
                "probe": {},
                "created_at": instant,
            }
            for file in fresh
        ],
    )
    held = [
        (shows[titles[file.key]], file.season, number, title, ids[file.path])
        for file in fresh
        if file.type is MediaType.TV_SHOW
        for number, title in file.episodes
    ]
    if held:
        episodes = add_episodes(session, {(show, season, number): title for show, season, number, title, _ in held})
        insert_new(
            session,
            episode_files,
            [
                {"episode_id": episodes[show, season, number], "file_id": file_id}
                for show, season, number, _, file_id in held
            ],
        )


def _ids_by_media(session: Session, table: type[Movie] | type[TVShow], media_ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(select(table.media_id, table.id).where(table.media_id.in_(media_ids)))
    return {media_id: row_id for media_id, row_id in rows}  # noqa: C416 - dict() loses the types of rows


def add_episodes(session: Session, wanted: Mapping[tuple[str, int, int], str]) -> dict[tuple[str, int, int], str]:
    """Make sure of episodes, given as (show, season, number) and a provisional title; return their ids."""
    seasons = sorted({(show, season) for show, season, _ in wanted})
    insert_new(
        session, Season, [{"id": new_id(), "tv_show_id": show, "season_number": season} for show, season in seasons]
    )
    season_ids = {
        (show, number): row_id
        for row_id, show, number in session.execute(
            select(Season.id, Season.tv_show_id, Season.season_number).where(
                tuple_(Season.tv_show_id, Season.season_number).in_(seasons)
            )
        )
    }
    insert_new(
        session,
        Episode,
        [
            {"id": new_id(), "season_id": season_ids[show, season], "episode_number": number, "title": wanted[key]}
            for key in sorted(wanted)
            for show, season, number in [key]
        ],
    )
    rows = session.execute(
        select(Episode.id, Season.tv_show_id, Season.season_number, Episode.episode_number)
        .join(Season, Season.id == Episode.season_id)
        .where(Season.id.in_(season_ids.values()))
    )
    found = {(show, season, number): row_id for row_id, show, season, number in rows}
    index_episodes(session, [found[key] for key in wanted])
    return {key: found[key] for key in wanted}
