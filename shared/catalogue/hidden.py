"""What is not shown any more: titles and episodes of which every file has been missing for longer than the user set.

Nothing is written for that: what comes back is shown again at once, and so is everything when the setting changes. It
costs as much as there are files that have been missing for long.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from shared import settings
from shared.models import Episode, MediaFile, Movie, Season, TVShow, episode_files
from shared.models.base import now


def hidden_before(session: Session) -> datetime:
    """Return the instant by which a file must have been missing to be hidden now."""
    days: int = settings.read(session)["missing_grace_days"]
    return now() - timedelta(days=days)


def is_shown(file: MediaFile, before: datetime) -> bool:
    """Whether a file is still shown."""
    return file.missing_since is None or file.missing_since > before


def shown(file: type[MediaFile], before: datetime) -> ColumnElement[bool]:
    """Whether a file is still shown, for the database to say."""
    return or_(file.missing_since.is_(None), file.missing_since > before)


def hidden_titles(before: datetime) -> CompoundSelect[str]:
    """Select the media ids of the titles that are not shown."""
    other = aliased(MediaFile)
    films = (
        select(Movie.media_id)
        .join(MediaFile, MediaFile.movie_id == Movie.id)
        .where(MediaFile.missing_since <= before, ~exists().where(other.movie_id == Movie.id, shown(other, before)))
    )
    of_shows = (
        select(Season.tv_show_id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id)
        .where(MediaFile.missing_since <= before)
    )
    is_left = (
        exists()
        .where(
            Season.tv_show_id == TVShow.id,
            Episode.season_id == Season.id,
            episode_files.c.episode_id == Episode.id,
            other.id == episode_files.c.file_id,
            shown(other, before),
        )
        .correlate(TVShow)
    )
    return union_all(films, select(TVShow.media_id).where(TVShow.id.in_(of_shows), ~is_left))


def hidden_episodes(before: datetime) -> Select[str]:
    """Select the ids of the episodes that are not shown."""
    link, other = aliased(episode_files), aliased(MediaFile)
    is_left = exists().where(
        link.c.episode_id == episode_files.c.episode_id, other.id == link.c.file_id, shown(other, before)
    )
    return (
        select(episode_files.c.episode_id)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id)
        .where(MediaFile.missing_since <= before, ~is_left)
    )
