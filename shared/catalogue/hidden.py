"""What is not shown any more: titles and episodes of which every file has been missing for longer than the user set.

Nothing is written for that: what comes back is shown again at once, and so is everything when the setting changes. It
costs as much as there are files that have been missing for long: one small question where there are none. A read of one
statement puts it there (``ASKED``), and is done again with conditions if it turns out that something is hidden.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from shared import settings
from shared.database import Reader
from shared.models import Episode, Media, MediaFile, Movie, Season, Setting, TVShow, episode_files
from shared.models.base import now
from shared.wire import camel

#: By when a file must have been missing to be hidden; None where nothing is.
Before = datetime | BindParameter[datetime] | None

_GRACE = "missing_grace_days"
#: How long missing files are shown, if somebody set it, and since when the one is missing that is so longest: what the
#: statement of a read asks besides.
ASKED = (
    select(Setting.value).where(Setting.key == camel(_GRACE)).scalar_subquery().label("grace_days"),
    select(func.min(MediaFile.missing_since)).scalar_subquery().label("missing_longest"),
)
_ASKED_ALONE = select(*ASKED)

#: Stands for the instant in statements that are kept; they are given it when they are executed.
KEPT_BEFORE: BindParameter[datetime] = bindparam("hidden_before", type_=MediaFile.missing_since.type)


def hidden_before(session: Reader) -> datetime | None:
    """Return the instant by which a file must have been missing to be hidden now; None if none has been, as usually."""
    return hidden_by(session.execute(_ASKED_ALONE).one())


def hidden_by(row: Any) -> datetime | None:
    """Return the same by what a row has of ``ASKED``."""
    days = settings.DEFAULTS[_GRACE] if row.grace_days is None else row.grace_days
    before = now() - timedelta(days=days)
    return None if row.missing_longest is None or row.missing_longest > before else before


def given(before: datetime | None, **more: Any) -> dict[str, Any]:
    """Return what a statement that is kept is executed with."""
    return more if before is None else more | {KEPT_BEFORE.key: before}


def is_shown(missing_since: datetime | None, before: datetime | None) -> bool:
    """Whether a file that has been missing since then, if it is, is still shown."""
    return missing_since is None or before is None or missing_since > before


def shown(file: type[MediaFile], before: Before) -> ColumnElement[bool]:
    """Whether a file is still shown, for the database to say."""
    return true() if before is None else or_(file.missing_since.is_(None), file.missing_since > before)


def title_is_shown(before: Before) -> ColumnElement[bool]:
    """Whether a title is still shown."""
    return true() if before is None else Media.id.not_in(hidden_titles(before))


def episode_is_shown(before: Before, episode_id: ColumnElement[str] = Episode.id.expression) -> ColumnElement[bool]:
    """Whether an episode is still shown."""
    return true() if before is None else episode_id.not_in(hidden_episodes(before))


def hidden_titles(before: datetime | BindParameter[datetime]) -> CompoundSelect[str]:
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


def hidden_episodes(before: datetime | BindParameter[datetime]) -> Select[str]:
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
