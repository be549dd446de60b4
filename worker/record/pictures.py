"""Record what became of a title's pictures."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import Episode, Media, Season, TVShow
from shared.models.base import now


@dataclass(frozen=True, slots=True)
class Painted:
    """The pictures of one title that are now in the image cache."""

    media_id: str
    #: The id in the image cache for each source that was fetched.
    images: dict[str, str] = field(default_factory=dict)
    #: The four colours of the poster.
    palette: tuple[str, ...] = ()
    poster_failed: bool = False


def painted(session: Session, result: Painted) -> None:
    """Note where the pictures lie. A source that changed meanwhile keeps none: its own picture is on the way."""
    media = session.get(Media, result.media_id)
    if media is None:
        return
    if media.poster_source in result.images:
        media.poster_image, media.palette = result.images[media.poster_source], list(result.palette)
    media.poster_failed_at = now() if result.poster_failed else None
    if media.backdrop_source in result.images:
        media.backdrop_image = result.images[media.backdrop_source]
    for season in seasons_with_poster(session, media.id):
        season.poster_image = result.images.get(season.poster_source or "", season.poster_image)
    for episode in episodes_with_still(session, media.id):
        episode.still_image = result.images.get(episode.still_source or "", episode.still_image)


def seasons_with_poster(session: Session, media_id: str) -> list[Season]:
    """Return a show's seasons of which a poster is known."""
    query = select(Season).join(TVShow, TVShow.id == Season.tv_show_id).where(TVShow.media_id == media_id)
    return list(session.scalars(query.where(Season.poster_source.is_not(None))))


def episodes_with_still(session: Session, media_id: str) -> list[Episode]:
    """Return a show's episodes of which a still is known."""
    query = select(Episode).join(Season).join(TVShow).where(TVShow.media_id == media_id)
    return list(session.scalars(query.where(Episode.still_source.is_not(None))))
