"""Two titles that turn out to be the same become one."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.dialects import insert_new
from shared.kinds import MediaType
from shared.models import Episode, ExternalId, LibraryMedia, Media, MediaFile, MediaName, Movie, Season, TVShow
from shared.models.catalogue import episode_files
from worker.record.episodes import Provisional, hold


def merge(session: Session, media: Media, owner: Media) -> None:
    """Give everything that a title has to its other self, and remove it.

    What a user said of it holds for the other one, too, unless that one has a word of its own.
    """
    if media.type == MediaType.MOVIE:
        ours, theirs = (
            session.scalars(select(Movie.id).where(Movie.media_id == row.id)).one() for row in (media, owner)
        )
        session.execute(update(MediaFile).where(MediaFile.movie_id == ours).values(movie_id=theirs))
    else:
        _give_episodes(session, media.id, owner.id)
    owner.chosen = owner.chosen or media.chosen
    libraries = session.scalars(select(LibraryMedia.library_id).where(LibraryMedia.media_id == media.id)).all()
    insert_new(session, LibraryMedia, [{"library_id": library, "media_id": owner.id} for library in libraries])
    for table in (MediaName, ExternalId):
        session.execute(update(table).where(table.media_id == media.id).values(media_id=owner.id))
    session.flush()
    session.expunge(media)
    session.execute(delete(Media).where(Media.id == media.id).execution_options(synchronize_session=False))


def _give_episodes(session: Session, media_id: str, owner_id: str) -> None:
    theirs = session.scalars(select(TVShow.id).where(TVShow.media_id == owner_id)).one()
    rows = session.execute(
        select(Season.season_number, Episode.episode_number, Episode.title, Episode.air_date, episode_files.c.file_id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .join(TVShow, TVShow.id == Season.tv_show_id)
        .where(TVShow.media_id == media_id)
    )
    hold(
        session,
        [
            (file_id, (theirs, season, number), Provisional(title, air_date))
            for season, number, title, air_date, file_id in rows
        ],
    )
