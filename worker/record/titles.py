"""Record titles as names have them: each name within a library means one title."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.catalogue.indexing import index_titles
from shared.catalogue.normal import normalised
from shared.dialects import insert_for, insert_new, insert_rows
from shared.kinds import MatchStatus, MediaType
from shared.models import Episode, Media, MediaFile, MediaName, Movie, Season, TVShow, episode_files
from shared.models.base import new_id, now
from worker.found import FoundFile
from worker.record import episodes


def titles_of(session: Session, library_id: str, found: Sequence[FoundFile]) -> tuple[dict[str, str], set[str]]:
    """Return for the name of each file the title that it means, made if need be, and which titles are new."""
    by_key = {file.key: file for file in found}
    titles = named(session, library_id, list(by_key))
    missing = sorted(by_key.keys() - titles.keys())
    made = {key: new_id() for key in missing}
    if missing:
        instant = now()
        insert_rows(
            session, insert_for(session, Media), [_media_row(made[key], by_key[key], instant) for key in missing]
        )
        # Another worker may be naming the same title at this moment: the name decides whose it is.
        insert_new(
            session, MediaName, [{"library_id": library_id, "key": key, "media_id": made[key]} for key in missing]
        )
        titles |= named(session, library_id, missing)
        lost = [made[key] for key in missing if titles[key] != made[key]]
        if lost:
            session.execute(delete(Media).where(Media.id.in_(lost)))
        kept = {titles[key]: by_key[key].type for key in missing if titles[key] == made[key]}
        _add_kind_rows(session, kept)
        index_titles(session, kept)
    return titles, set(made.values()) & set(titles.values())


def named(session: Session, library_id: str, keys: Collection[str]) -> dict[str, str]:
    """Return the titles that go by these names in a library already."""
    rows = session.execute(
        select(MediaName.key, MediaName.media_id).where(MediaName.library_id == library_id, MediaName.key.in_(keys))
    )
    return {key: media_id for key, media_id in rows}  # noqa: C416 - dict() loses the types of rows


def name(session: Session, library_id: str, names: Iterable[tuple[str, str]]) -> None:
    """Have titles go by names, unless another one does."""
    rows = [{"library_id": library_id, "key": key, "media_id": media_id} for key, media_id in sorted(set(names))]
    insert_new(session, MediaName, rows)


def guess_of(file: FoundFile) -> dict[str, Any]:
    """Return what a title's row keeps of the name of a file of it."""
    guess = file.guess
    return {
        "guessed_title": guess.title,
        "guessed_year": guess.year,
        "guessed_ids": {str(source): value for source, value in guess.ids.items()},
    }


def titles_by_file(session: Session, file_ids: Collection[str]) -> dict[str, str]:
    """Return the title that each of these files belongs to; an extra belongs to none by itself."""
    films = (
        select(MediaFile.id, Movie.media_id)
        .join(Movie, Movie.id == MediaFile.movie_id)
        .where(MediaFile.id.in_(file_ids))
    )
    shows = (
        select(episode_files.c.file_id, TVShow.media_id)
        .join(Episode, Episode.id == episode_files.c.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .join(TVShow, TVShow.id == Season.tv_show_id)
        .where(episode_files.c.file_id.in_(file_ids))
    )
    return {file_id: media_id for file_id, media_id in session.execute(films.union(shows))}  # noqa: C416 - see above


def take_out(session: Session, files: Sequence[MediaFile]) -> set[str]:
    """Take files out of their titles; return which these are: see ``shared.catalogue.emptied``."""
    if not files:
        return set()
    owners = titles_by_file(session, [file.id for file in files])
    for file in files:
        file.movie_id = None
    session.flush()
    episodes.let_go(session, [file.id for file in files])
    return set(owners.values())


def _media_row(media_id: str, file: FoundFile, instant: datetime) -> dict[str, Any]:
    return {
        "id": media_id,
        "type": file.type,
        "title": file.guess.title,
        "search_title": normalised(file.guess.title),
        "match_status": MatchStatus.PENDING,
        "match_detail": {},
        "genres": [],
        "palette": [],
        "created_at": instant,
        "updated_at": instant,
        **guess_of(file),
    }


def _add_kind_rows(session: Session, types: Mapping[str, MediaType]) -> None:
    films = [{"id": new_id(), "media_id": media_id} for media_id, kind in types.items() if kind is MediaType.MOVIE]
    shows = [{"id": new_id(), "media_id": media_id} for media_id, kind in types.items() if kind is MediaType.TV_SHOW]
    insert_new(session, Movie, films)
    insert_new(session, TVShow, shows)
